"""PTS-2, PTS-3, PTS-8: recording a purchase. It is settled, decided and in effect as of its own instant; what points
pay is redeemed first, and earns nothing; then the rest earns, at the scheme the account is in.

The till's id is a natural key for ever (COM-9): the same purchase answers the first result.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from operator import itemgetter
from typing import Any, ClassVar

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS
from memberlogic.calendar import Days, local_day
from memberlogic.changing import changed
from memberlogic.errors import Conflict, InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import OfItself
from memberlogic.ids import AccountId, EntryId, ExternalId, MemberId, NewId, PurchaseId
from memberlogic.inputs import an_id, an_instant, checked, code, instance, optional, to_utc_or_none, whole
from memberlogic.ledger import holding
from memberlogic.ledger.backdating import living_again
from memberlogic.ledger.consuming import take
from memberlogic.ledger.crediting import require_room
from memberlogic.ledger.model import AccountState, Entry, EntryKind, Hold, Move, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.ledger.refusals import AccountNotOpen
from memberlogic.loyalty import backdating, earning, progressing, redeeming, withholding
from memberlogic.loyalty.backdating import Late
from memberlogic.loyalty.earning import Earned, Occasion
from memberlogic.loyalty.grounding import circumstances, grounds, happened_since, lived_on, lives_until, told_late
from memberlogic.loyalty.measuring import spent
from memberlogic.loyalty.model import Club
from memberlogic.loyalty.programme import currency_problem
from memberlogic.loyalty.purchases import (
    EarnedLot,
    Purchase,
    PurchaseLine,
    checked_lines,
    lots_of,
    soonest_expiry,
    written,
)
from memberlogic.loyalty.redeeming import REDEEMING, OtherCurrency, RedeemBlocks, RedeemingFacts
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.withholding import Part
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "RECORDING",
    "PurchaseRecorded",
    "RecordPurchase",
    "Recorded",
    "RecordingFacts",
    "as_result",
    "capped_days",
    "happened",
    "lapsed",
    "record",
]

_MOST = 2**53 - 1
_AMOUNT, _DISCOUNT = itemgetter(1), itemgetter(3)
_encoded = json.JSONEncoder(separators=(",", ":")).encode


@frozen(kw_only=True)
class RecordPurchase:
    """Record a purchase of an account; ``holder`` is the member who pays with points, where staff acts for one."""

    afterwards: ClassVar[bool] = False
    """Whether it was made without the card and is credited afterwards (PTS-3)."""
    account: AccountId = field(validator=an_id)
    purchase: ExternalId = field(validator=instance(ExternalId, "an ExternalId"))
    lines: tuple[PurchaseLine, ...] = field(converter=checked_lines)
    currency: str = field(validator=checked(currency_problem))
    at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    redeem: int = field(default=0, validator=whole(least=0))
    paid_with_stored_value: int = field(default=0, validator=whole(least=0))
    holder: MemberId | None = field(default=None, validator=optional(an_id))
    total: int = field(init=False)
    """What the lines come to, after discounts and before any payment."""

    def __attrs_post_init__(self) -> None:
        total = sum(map(_AMOUNT, self.lines)) - sum(map(_DISCOUNT, self.lines))
        object.__setattr__(self, "total", total)
        if total > _MOST:
            raise InvalidInput(path="lines", expected=f"a total of at most {_MOST}", got=str(total))
        if self.paid_with_stored_value > total:
            raise InvalidInput(
                path="paid_with_stored_value",
                expected=f"at most the total of {total}",
                got=str(self.paid_with_stored_value),
            )

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallet moves."""
        return (Move(WalletId(self.account, POINTS), takes=self.redeem),)

    @property
    def fingerprint(self) -> str:
        """What the content comes to, but for its instant, which a repeat may leave out."""
        head = _encoded(
            [
                self.account.hex,
                self.purchase.source,
                self.purchase.value,
                self.currency,
                self.studio,
                self.redeem,
                self.paid_with_stored_value,
            ]
        )
        # One flat list: every line has the same fields.
        content = f"{head[:-1]},{written(self.lines)}]" if self.lines else head
        return hashlib.sha256(content.encode()).hexdigest()


@frozen(kw_only=True)
class PurchaseRecorded:
    """A purchase was recorded: what points paid of it, and what the rest earned.

    ``available`` is what the account could spend after it; ``expires_at`` is until when the first of what was earned
    lives; ``lots`` are the points that were earned and did not settle debt, each since when and until when.
    """

    purchase: PurchaseId
    account: AccountId
    external_id: ExternalId
    at: datetime
    business_day: date
    scheme: str
    currency: str
    total: int
    eligible: int
    redeemed_points: int
    redeemed_value: int
    earned: int
    settled_debt: int
    expires_at: datetime | None
    available: int
    because: tuple[Because, ...]
    lots: tuple[EarnedLot, ...] = ()

    @property
    def pending(self) -> int:
        """How many of the points were held back."""
        return sum(lot.points for lot in self.lots if lot.available_at is not None)

    def explain(self) -> Explanation:
        """Which rules gave what on which lines."""
        return Explanation(
            f"{self.redeemed_points} points paid {self.redeemed_value} of {self.total}; {self.earned} were earned.",
            self.because,
        )


@frozen(kw_only=True)
class RecordingFacts:
    """What recording looks at; the wallet is as it was loaded, not settled."""

    wanted: RecordPurchase
    wallet: Wallet
    club: Club
    at: datetime
    """The instant of the purchase."""
    now: datetime
    asking: MemberId | None
    earned: Mapping[date, int]
    """What purchases earned on each business day that the club's caps look at."""
    unverified_may_spend: bool
    standing: Standing | None = None
    """The account among the schemes, if the purchase may find a review due or upgrade it at once."""
    policy: RedeemBlocks | None = None
    """How an import redeems; None if the purchase says itself."""
    late: Late | None = None
    """What the account was at the instant of a purchase before its last effective instant; its standing is there, and
    the wallet comes with all its lots.
    """
    day: date = field(init=False)
    """The club's business day of the purchase."""
    blocked: bool = field(init=False)
    """Whether it earns nothing, as the account or everybody who holds it is blocked."""

    @day.default
    def _local_day(self) -> date:
        return local_day(self.at, self.club.zone)

    @blocked.default
    def _nobody_takes_part(self) -> bool:
        if self.state is AccountState.BLOCKED:
            return True
        return not any(holder.state.takes_part for holder in self.wallet.holders)

    @property
    def state(self) -> AccountState:
        """The state of the account, at the purchase's own instant."""
        if self.late is None or self.standing is None:
            return self.wallet.state
        return backdating.state_at(self.standing.account, self.at)


@frozen(kw_only=True)
class Recorded:
    """What a recorded purchase leaves: the wallet after it, and the purchase with its lines."""

    wallet: Wallet
    purchase: Purchase
    lines: tuple[PurchaseLine, ...]
    lapsed: tuple[Hold, ...]
    """The holds that ran out before it."""
    standing: Standing | None = None
    """The account among the schemes after it, if it was looked at."""


class PurchaseInTheFuture(RuleViolation):
    """It has not happened yet."""

    code = "purchase.in_the_future"
    rule = "COM-8"
    sentence = "The purchase is of {at}, and it is {now}."


class PurchaseBeforeAccount(RuleViolation):
    """There was no account yet."""

    code = "purchase.before_account"
    rule = "COM-21"
    sentence = "The purchase is of {at}; the account was opened at {opened_at}."


class PurchaseDiffers(Conflict):
    """The same id, another content."""

    code = "purchase.differs"
    rule = "COM-9"
    sentence = "The purchase {source}:{value} was recorded before, with another content or for another account."


@policy("PTS-2", "A purchase has happened.")
def must_have_happened(r: RecordingFacts) -> MemberLogicError | None:
    """Its instant is not after now."""
    if r.at <= r.now:
        return None
    return PurchaseInTheFuture(at=r.at.isoformat(), now=r.now.isoformat())


@policy("PTS-1", "A closed account has no purchases.")
def must_not_be_closed(r: RecordingFacts) -> MemberLogicError | None:
    """A blocked one has: they earn nothing and are recorded."""
    if r.wallet.state is not AccountState.CLOSED:
        return None
    return AccountNotOpen(account=str(r.wallet.id.account), state=r.wallet.state.value)


@policy("COM-6", "A purchase is in the club's currency.")
def must_be_in_the_clubs_currency(r: RecordingFacts) -> MemberLogicError | None:
    """Mixed currencies are refused."""
    if r.wanted.currency == r.club.currency:
        return None
    return OtherCurrency(expected=r.club.currency, currency=r.wanted.currency)


@policy("COM-21", "A purchase that is recorded late took place while the account was there.")
def must_not_precede_the_account(r: RecordingFacts) -> MemberLogicError | None:
    """There is nothing to decide it by before that."""
    if r.late is None or r.standing is None or r.at >= r.standing.account.opened_at:
        return None
    return PurchaseBeforeAccount(at=r.at.isoformat(), opened_at=r.standing.account.opened_at.isoformat())


RECORDING: Policies[RecordingFacts] = Policies(
    must_have_happened, must_not_be_closed, must_be_in_the_clubs_currency, must_not_precede_the_account
)
"""What must be true of a purchase; if points pay, :data:`~memberlogic.loyalty.redeeming.REDEEMING` speaks after it."""


def capped_days(club: Club, at: datetime) -> Days | None:
    """The days that the club's caps look at; None without such caps."""
    return earning.capped_days(club, local_day(at, club.zone)) if club.earning.caps else None


def as_result(purchase: Purchase) -> PurchaseRecorded:
    """What the caller is told of a purchase."""
    return PurchaseRecorded(
        purchase=purchase.id,
        account=purchase.account,
        external_id=purchase.external_id,
        at=purchase.at,
        business_day=purchase.business_day,
        scheme=purchase.scheme,
        currency=purchase.currency,
        total=purchase.total,
        eligible=purchase.eligible,
        redeemed_points=purchase.redeemed_points,
        redeemed_value=purchase.redeemed_value,
        earned=purchase.earned,
        settled_debt=purchase.settled_debt,
        expires_at=purchase.expires_at,
        available=purchase.available,
        because=purchase.because,
        lots=purchase.lots,
    )


def record(
    facts: RecordingFacts, actor: Actor, new_id: NewId
) -> Outcome[tuple[Recorded, ...], Entry, PurchaseRecorded]:
    """Record a purchase: settle to its instant, redeem, earn.

    Raises:
        RuleViolation: the first of :data:`RECORDING` that refuses; where points pay, then of ``REDEEMING``.
    """
    recorded, entries = decide(facts, actor, new_id)
    return Outcome((recorded,), entries, as_result(recorded.purchase))


def lapsed(recorded: Sequence[Recorded]) -> tuple[Hold, ...]:
    """The holds that ran out before these purchases."""
    return tuple(hold for each in recorded for hold in each.lapsed)


def happened(recorded: Sequence[Recorded]) -> tuple[OfItself, ...]:
    """What happened beside the entries."""
    return tuple(event for each in recorded for event in holding.lapses(each.wallet, each.lapsed))


def decide(facts: RecordingFacts, actor: Actor, new_id: NewId) -> tuple[Recorded, tuple[Entry, ...]]:
    """The decision itself, for one purchase or for one of many (PTS-19)."""
    RECORDING.require(facts)
    facts, wallet, spendable, entries, ran_out, standing = grounds(facts, new_id)
    wanted, club, late = facts.wanted, facts.club, facts.late
    redeemed = _redeemed(facts, spendable, actor, new_id)
    value = 0
    if redeemed is not None:
        if late is not None:
            wallet, again = living_again(wallet, late.past, redeemed, actor.label, wanted.purchase.value, new_id)
            entries += again
            wallet = posted(wallet, *again)
        entries.append(redeemed)
        wallet = posted(wallet, redeemed, **told_late(facts, wallet))
        assert club.redeeming is not None
        value = club.redeeming.worth(-redeemed.amount)
    reckoned = _reckoned(facts, wallet.scheme, value)
    points, capped = _granted(facts, reckoned)
    require_room(wallet, points)
    parts = withholding.split(points, reckoned.shares, facts.day)
    held_back = withholding.why(parts, facts.day)
    because = (*circumstances(facts), *_paid(redeemed, value), *reckoned.because, *capped, *held_back)
    earned = _earned(facts, wallet, points, parts, because, actor, new_id)
    if earned is not None:
        entries, wallet = [*entries, earned], posted(wallet, earned, **told_late(facts, wallet))
    if late is not None:
        wallet, since = happened_since(facts, wallet, entries, new_id)
        entries += since
    if late is None and wallet.effective_at != facts.at:
        wallet = changed(wallet, effective_at=facts.at)
    purchase = _purchase(facts, wallet, reckoned, redeemed, value, earned, because, PurchaseId(new_id()), actor)
    if late is not None:
        assert standing is not None, "the account of a late purchase is looked at"
        wallet = changed(wallet, scheme=standing.account.scheme)
        standing, wallet = backdating.after_late_purchase(standing, club, wallet, late, purchase, facts.now, new_id)
    elif standing is not None:
        standing, wallet = progressing.after_purchase(standing, club, wallet, purchase, actor, facts.now, new_id)
    return (
        Recorded(wallet=wallet, purchase=purchase, lines=wanted.lines, lapsed=ran_out, standing=standing),
        tuple(entries),
    )


def _redeemed(facts: RecordingFacts, wallet: Wallet, actor: Actor, new_id: NewId) -> Entry | None:
    """The entry of what points pay; None if they pay nothing."""
    wanted, policy = facts.wanted, facts.policy
    if not wanted.redeem and (policy is None or wallet.available < policy.points):
        return None
    asked = RedeemingFacts(
        wallet=wallet,
        club=facts.club,
        points=wanted.redeem,
        total=wanted.total,
        left_to_pay=wanted.total - wanted.paid_with_stored_value,
        asking=facts.asking,
        unverified_may_spend=facts.unverified_may_spend,
    )
    if policy is not None:
        points = redeeming.blocks(asked, policy)
        if not points:
            return None
    else:
        points = wanted.redeem
        REDEEMING.require(asked)
    slices = tuple(slice_ for slice_, _ in take(wallet, points))
    why = (Because("PTS-8", "redeem.paid", {"points": points, "lots": len(slices)}),)
    return _entry(facts, wallet, EntryKind.REDEEM, -points, why, actor, new_id, slices=slices)


def _reckoned(facts: RecordingFacts, scheme: str, value: int) -> Earned:
    """What the lines earn of what is left of them in a scheme, before caps."""
    wanted, club = facts.wanted, facts.club
    left = earning.left_to_earn(wanted.lines, value, wanted.paid_with_stored_value, club.earning)
    programme = earning.programme_of(club, scheme)
    return programme.earn(lambda: Occasion.of(club, facts.at, wanted.studio, wanted.total), wanted.lines, left)


def _granted(facts: RecordingFacts, reckoned: Earned) -> tuple[int, tuple[Because, ...]]:
    """The points that are earned: none while blocked, and no more than the caps leave."""
    if facts.blocked:
        return 0, (Because("PTS-3", "earning.blocked", {"lost": reckoned.points}),)
    return earning.capped(facts.club, facts.day, reckoned.points, facts.earned)


def _paid(redeemed: Entry | None, value: int) -> tuple[Because, ...]:
    if redeemed is None:
        return ()
    return (Because("PTS-3", "earning.paid_with_points", {"points": -redeemed.amount, "value": value}),)


def _earned(
    facts: RecordingFacts,
    wallet: Wallet,
    points: int,
    parts: Sequence[Part],
    because: tuple[Because, ...],
    actor: Actor,
    new_id: NewId,
) -> Entry | None:
    """The entry of what was earned; None if nothing was."""
    if not points:
        return None
    debt, new = withholding.opened_by(wallet, parts, facts.at, partial(lives_until, facts), facts.day, new_id)
    return _entry(facts, wallet, EntryKind.EARN, points, because, actor, new_id, debt=debt, opened=lived_on(facts, new))


def _entry(
    facts: RecordingFacts,
    wallet: Wallet,
    kind: EntryKind,
    amount: int,
    because: tuple[Because, ...],
    actor: Actor,
    new_id: NewId,
    **parts: Any,
) -> Entry:
    return Entry(
        id=EntryId(new_id()),
        wallet=wallet.id,
        club=wallet.club,
        scheme=wallet.scheme,
        kind=kind,
        amount=amount,
        business_day=facts.day,
        effective_at=facts.at,
        recorded_at=facts.now,
        actor=actor.label,
        reference=facts.wanted.purchase.value,
        because=because,
        **parts,
    )


def _purchase(
    facts: RecordingFacts,
    wallet: Wallet,
    reckoned: Earned,
    redeemed: Entry | None,
    value: int,
    earned: Entry | None,
    because: tuple[Because, ...],
    id: PurchaseId,
    actor: Actor,
) -> Purchase:
    wanted, club = facts.wanted, facts.club
    stored = wanted.paid_with_stored_value
    return Purchase(
        id=id,
        account=wanted.account,
        club=club.id,
        club_version=club.version,
        scheme=wallet.scheme,
        external_id=wanted.purchase,
        at=facts.at,
        business_day=facts.day,
        recorded_at=facts.now,
        studio=wanted.studio,
        currency=wanted.currency,
        total=wanted.total,
        eligible=reckoned.eligible,
        stored_value=stored,
        redeemed_points=-redeemed.amount if redeemed else 0,
        redeemed_value=value,
        earned=earned.amount if earned else 0,
        settled_debt=earned.debt if earned else 0,
        spent=0 if facts.blocked else spent(wanted.total, stored, wanted.lines, club.earning.stored_value),
        counted=not facts.blocked,
        expires_at=soonest_expiry(earned.opened) if earned else None,
        available=wallet.available,
        redeem_entry=redeemed.id if redeemed else None,
        earn_entry=earned.id if earned else None,
        fingerprint=wanted.fingerprint,
        because=because,
        actor=actor.label,
        lots=lots_of(earned.opened) if earned else (),
    )
