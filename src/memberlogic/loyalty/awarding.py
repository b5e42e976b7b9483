"""PTS-4: events other than purchases earn points by fixed rules, each with a limit for each member and period.

The host's id of an event is a natural key for ever (COM-9). What no rule gives, because a limit is reached or for any
other reason, is recorded as an award of nothing, with its explanation: the host reports what happened, and the club
decides what it is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import birthdays_kept_on, local_day
from memberlogic.errors import Conflict, MemberLogicError, NotFound, RuleViolation
from memberlogic.events import OfItself
from memberlogic.ids import AccountId, AwardId, ClubId, EntryId, ExternalId, MemberId, NewId
from memberlogic.inputs import a_date, an_id, an_instant, code, instance, optional, to_utc_or_none
from memberlogic.ledger import holding, settling
from memberlogic.ledger.crediting import opened_by, require_room
from memberlogic.ledger.expiring import expires_at
from memberlogic.ledger.model import AccountState, Entry, EntryKind, Hold, Move, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.ledger.refusals import AccountNotOpen
from memberlogic.loyalty import progressing
from memberlogic.loyalty.awards import Award
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.programme import AwardRule, MostOften
from memberlogic.loyalty.standing import Standing
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "AWARDING",
    "Awarded",
    "AwardingFacts",
    "BirthdaysKept",
    "BornOn",
    "GiveAward",
    "Given",
    "OfBirthdays",
    "award",
    "birthdays",
    "concerned",
    "happened",
    "lapsed",
    "limited",
    "once",
]


@frozen(kw_only=True)
class GiveAward:
    """Something happened that may earn points: ``member`` is whom it concerns, the account's owner if left out."""

    account: AccountId = field(validator=an_id)
    event: str = field(validator=code("an event's code"))
    reference: ExternalId = field(validator=instance(ExternalId, "an ExternalId"))
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    member: MemberId | None = field(default=None, validator=optional(an_id))

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallet moves."""
        return (Move(WalletId(self.account, POINTS)),)


@frozen(kw_only=True)
class OfBirthdays:
    """A club, and a day of it; today if None."""

    club: ClubId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_date))


@frozen
class BornOn:
    """A day on which somebody was born, without the year."""

    month: int
    day: int


@frozen(kw_only=True)
class BirthdaysKept:
    """Whose birthday is kept on a day: who was born on one of these."""

    day: date
    born: tuple[BornOn, ...]


@frozen(kw_only=True)
class Awarded:
    """What an event earned, 0 with its explanation if nothing; ``expires_at`` is until when that lives."""

    award: AwardId
    entry: EntryId | None
    account: AccountId
    member: MemberId
    event: str
    unit: Unit
    points: int
    settled_debt: int
    expires_at: datetime | None
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """Which rules gave what, and why the others gave nothing."""
        return Explanation(f"The event {self.event} earned {self.points} {self.unit}.", self.because)


@frozen(kw_only=True)
class AwardingFacts:
    """What awarding looks at; the wallet is as it was loaded, not settled."""

    wanted: GiveAward
    wallet: Wallet
    club: Club
    member: MemberId
    times: Mapping[str, int]
    """How often each rule with a limit gave points to the member in the period that the limit looks at."""
    standing: Standing | None
    """The account among the schemes, if a review is due or the award may upgrade it at once."""
    now: datetime

    @property
    def at(self) -> datetime:
        """When the event took place."""
        return self.wanted.at or self.now

    @property
    def day(self) -> date:
        """The club's business day of the event."""
        return local_day(self.at, self.club.zone)

    @property
    def rules(self) -> Sequence[AwardRule]:
        """What the club says of the event."""
        return [rule for rule in self.club.earning.awards if rule.event == self.wanted.event]

    @property
    def blocked(self) -> bool:
        """Whether it earns nothing, as the account or everybody who holds it is blocked."""
        if self.wallet.state is AccountState.BLOCKED:
            return True
        return not any(holder.state.takes_part for holder in self.wallet.holders)


@frozen(kw_only=True)
class Given:
    """What an award leaves."""

    wallet: Wallet
    award: Award
    lapsed: tuple[Hold, ...]
    standing: Standing | None


class AwardInTheFuture(RuleViolation):
    """It has not happened yet."""

    code = "award.in_the_future"
    rule = "PTS-4"
    sentence = "The event is of {at}, and it is {now}."


class EventUnknown(RuleViolation):
    """The club has no rule for it: a mistake in a code would otherwise earn nothing for ever, unseen."""

    code = "award.event_unknown"
    rule = "PTS-4"
    sentence = "The club has no award for the event {event}; it has awards for {events}."


class AwardDiffers(Conflict):
    """The same id, another content."""

    code = "award.differs"
    rule = "COM-9"
    sentence = "The event {source}:{value} was awarded before, with another content."


@policy("PTS-1", "A closed account earns nothing.")
def must_not_be_closed(a: AwardingFacts) -> MemberLogicError | None:
    """On a blocked one events are recorded, and earn nothing."""
    if a.wallet.state is not AccountState.CLOSED:
        return None
    return AccountNotOpen(account=str(a.wallet.id.account), state=a.wallet.state.value)


@policy("PTS-4", "The club has a rule for the event.")
def event_must_be_known(a: AwardingFacts) -> MemberLogicError | None:
    """Whether the rule gives anything this time is another question."""
    if a.rules:
        return None
    return EventUnknown(event=a.wanted.event, events=sorted({rule.event for rule in a.club.earning.awards}))


@policy("PTS-4", "An event has happened.")
def must_have_happened(a: AwardingFacts) -> MemberLogicError | None:
    """Its instant is not after now."""
    if a.at <= a.now:
        return None
    return AwardInTheFuture(at=a.at.isoformat(), now=a.now.isoformat())


AWARDING: Policies[AwardingFacts] = Policies(must_not_be_closed, event_must_be_known, must_have_happened)


def concerned(wanted: GiveAward, account: Account) -> MemberId:
    """Whom an event concerns.

    Raises:
        NotFound: if a member is named who does not hold the account: there is no such holder.
    """
    if wanted.member is not None and wanted.member not in account.holders:
        raise NotFound(kind="holder", id=wanted.member)
    return wanted.member or account.owner


def limited(club: Club, event: str) -> Sequence[tuple[AwardRule, MostOften]]:
    """The rules for an event of which somebody has to count how often they gave."""
    return [(rule, rule.most) for rule in club.earning.awards if rule.event == event and rule.most is not None]


def once(
    wanted: GiveAward, known: Award | None, decide: Callable[[], Outcome[tuple[Given, ...], Entry, Awarded]]
) -> Outcome[tuple[Given, ...], Entry, Awarded]:
    """Decide, unless the event is known: then nothing happens, and the first result is answered.

    Raises:
        AwardDiffers: if the content is another one.
    """
    if known is None:
        return decide()
    if not known.same(wanted.account, wanted.event, wanted.member, wanted.at):
        raise AwardDiffers(source=wanted.reference.source, value=wanted.reference.value)
    return Outcome((), (), as_result(known))


def as_result(award: Award) -> Awarded:
    """What the caller is told of an award."""
    return Awarded(
        award=award.id,
        entry=award.entry,
        account=award.account,
        member=award.member,
        event=award.event,
        unit=POINTS,
        points=award.points,
        settled_debt=award.settled_debt,
        expires_at=award.expires_at,
        available=award.available,
        because=award.because,
    )


def _verdict(facts: AwardingFacts, rule: AwardRule, scheme: str) -> Because:
    """Why a rule gives points, or not."""
    offers = {offer.code: offer.days for offer in facts.club.earning.offers}
    for days in (rule.days, offers.get(rule.offer or "")):
        if days is not None and facts.day not in days:
            return Because("PTS-4", "award.not_on_this_day", {"rule": rule.key, "day": facts.day.isoformat()})
    if rule.schemes and scheme not in rule.schemes:
        return Because("PTS-4", "award.not_in_this_scheme", {"rule": rule.key, "scheme": scheme})
    if rule.most is not None and facts.times[rule.key] >= rule.most.times:
        per = rule.most.per.value if rule.most.per else "life"
        return Because("PTS-4", "award.limit_reached", {"rule": rule.key, "times": rule.most.times, "per": per})
    return Because("PTS-4", "award.given", {"rule": rule.key, "points": rule.points})


def award(facts: AwardingFacts, actor: Actor, new_id: NewId) -> Outcome[tuple[Given, ...], Entry, Awarded]:
    """Settle, then give what the rules for the event give.

    Raises:
        RuleViolation: the first of :data:`AWARDING` that refuses, or that the wallet cannot hold so much.
    """
    AWARDING.require(facts)
    settled = settling.settle(facts.wallet, facts.now, new_id)
    wallet, entries, standing = settled.facts, list(settled.events), facts.standing
    if standing is not None:
        standing = progressing.reviewed(standing, facts.club, facts.now, facts.now, new_id)
        wallet = progressing.after_reviews(wallet, standing)
        entries = [progressing.in_scheme(each, standing.changes) for each in entries]
    verdicts = [(rule, _verdict(facts, rule, wallet.scheme)) for rule in facts.rules]
    because = tuple(why for _, why in verdicts)
    given = {rule.key: rule.points for rule, why in verdicts if why.code == "award.given"}
    if facts.blocked:
        because, given = (Because("PTS-1", "award.blocked", {"lost": sum(given.values())}),), {}
    scheme, points = wallet.scheme, sum(given.values())
    require_room(wallet, points)
    entry = _entry(facts, wallet, points, because, actor, new_id) if points else None
    if entry is not None:
        entries.append(entry)
        wallet = posted(wallet, entry)
        if standing is not None:
            standing, wallet = progressing.after_award(standing, facts.club, wallet, points, actor, facts.now, new_id)
    made = Award(
        id=AwardId(new_id()),
        account=wallet.id.account,
        club=facts.club.id,
        member=facts.member,
        event=facts.wanted.event,
        external_id=facts.wanted.reference,
        at=facts.at,
        business_day=facts.day,
        earned_on=local_day(facts.now, facts.club.zone),
        recorded_at=facts.now,
        scheme=scheme,
        given=given,
        points=points,
        settled_debt=entry.debt if entry else 0,
        expires_at=entry.opened[0].expires_at if entry and entry.opened else None,
        available=wallet.available,
        entry=entry.id if entry else None,
        because=because,
    )
    done = Given(wallet=wallet, award=made, lapsed=settled.result, standing=standing)
    return Outcome((done,), tuple(entries), as_result(made))


def _entry(
    facts: AwardingFacts, wallet: Wallet, points: int, because: tuple[Because, ...], actor: Actor, new_id: NewId
) -> Entry:
    today, terms = local_day(facts.now, wallet.terms.zone), wallet.terms
    expires = expires_at(terms.expiry, today, terms.zone)
    return Entry(
        id=EntryId(new_id()),
        wallet=wallet.id,
        club=wallet.club,
        scheme=wallet.scheme,
        kind=EntryKind.AWARD,
        amount=points,
        debt=min(points, wallet.debt),
        opened=opened_by(wallet, points, facts.now, expires, new_id),
        business_day=today,
        effective_at=facts.now,
        recorded_at=facts.now,
        actor=actor.label,
        reason=facts.wanted.event,
        reference=facts.wanted.reference.value,
        because=because,
    )


def lapsed(given: Sequence[Given]) -> tuple[Hold, ...]:
    """The holds that ran out before an award."""
    return tuple(hold for each in given for hold in each.lapsed)


def happened(given: Sequence[Given]) -> tuple[OfItself, ...]:
    """What happened beside the entries."""
    return tuple(event for each in given for event in holding.lapses(each.wallet, each.lapsed))


def birthdays(wanted: OfBirthdays, club: Club, now: datetime) -> BirthdaysKept:
    """Whose birthday is kept on a day of a club: one on 29 February on the 28th in common years."""
    day = wanted.on or local_day(now, club.zone)
    return BirthdaysKept(day=day, born=tuple(BornOn(*each) for each in birthdays_kept_on(day)))
