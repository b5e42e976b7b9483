"""PTS-11: transfer between two accounts of one club and unit.

Both sides move in one transaction. What arrives keeps the expiry and the earned date of what left, or is new by the
club's policy. This file is the pattern for every rule of the house: the input, the refusals in their order, the pure
decision, the result that explains itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Rounding, Unit, rounded, spread
from memberlogic.calendar import Days, local_day
from memberlogic.changing import changed
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.ids import AccountId, EntryId, LotId, MemberId, NewId
from memberlogic.inputs import a_key, an_id, code, optional, whole
from memberlogic.ledger.acting import somebody_may_send
from memberlogic.ledger.consuming import figures, take
from memberlogic.ledger.crediting import RECEIVING, require_room
from memberlogic.ledger.expiring import expires_at
from memberlogic.ledger.idling import lives_by
from memberlogic.ledger.model import AccountState, Arrivals, Entry, EntryKind, Lot, Move, Wallet, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.ledger.refusals import (
    AccountNotOpen,
    InsufficientPoints,
    WalletInDebt,
)
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "TRANSFERRING",
    "Arrival",
    "Transfer",
    "TransferCheck",
    "Transferred",
    "check",
    "limited_days",
    "transfer",
]


@frozen(kw_only=True)
class Transfer:
    """Move points from one account to another; ``holder`` is the member who asks, where staff acts for one."""

    source: AccountId = field(validator=an_id)
    target: AccountId = field(validator=an_id)
    points: int = field(validator=whole(least=1))
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    holder: MemberId | None = field(default=None, validator=optional(an_id))
    reason: str | None = field(default=None, validator=optional(code("a reason")))
    reference: str | None = field(default=None, validator=optional(a_key))

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallets move: out of the first, into the second."""
        return (
            Move(WalletId(self.source, self.unit), takes=self.points),
            Move(WalletId(self.target, self.unit)),
        )


@frozen
class Arrival:
    """Points that arrived together; spendable while ``now`` is before ``expires_at``, for ever if None."""

    points: int
    expires_at: datetime | None


@frozen(kw_only=True)
class Transferred:
    """Points went from one account to another.

    ``points`` left the source, ``received`` arrived at the target (they differ by the club's factor), in
    ``arrivals``; ``available`` is what the source can spend now.
    """

    out: EntryId
    into: EntryId
    source: AccountId
    target: AccountId
    unit: Unit
    points: int
    received: int
    arrivals: tuple[Arrival, ...]
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """Which rules decided what arrived and until when it lives."""
        return Explanation(
            f"{self.points} {self.unit} left, {self.received} arrived; {self.available} are left to spend.",
            self.because,
        )


@frozen(kw_only=True)
class TransferCheck:
    """What would refuse a transfer; nothing, if it may be done."""

    refusals: tuple[MemberLogicError, ...]
    because: tuple[Because, ...]

    @property
    def allowed(self) -> bool:
        """Whether the transfer would be done."""
        return not self.refusals

    def explain(self) -> Explanation:
        """Every rule looked at, with its verdict."""
        summary = "The transfer may be done." if self.allowed else "The transfer would be refused."
        return Explanation(summary, self.because)


@frozen(kw_only=True)
class TransferFacts:
    """What the rules of a transfer look at; both wallets are settled."""

    wanted: Transfer
    source: Wallet
    target: Wallet
    asking: MemberId | None
    """The member who asks; None if staff acts for the account as a whole."""
    sent: int
    """Points that left by transfer in the period that a maximum looks at."""
    unverified_may_spend: bool

    @property
    def spending(self) -> Wallet:
        """Where the points come from."""
        return self.source

    @property
    def arriving(self) -> int:
        """What would arrive: the points by the club's factor, floored."""
        return rounded(self.wanted.points * self.source.terms.transfer.factor, Rounding.FLOOR)


class TransferNotAllowed(RuleViolation):
    """The club has no transfers."""

    code = "transfer.not_allowed"
    rule = "PTS-11"
    sentence = "This club does not allow transfers."


class TransferToItself(RuleViolation):
    """Source and target are one account."""

    code = "transfer.to_itself"
    rule = "PTS-11"
    sentence = "A transfer goes to another account, not from {account} to itself."


class TransferBetweenClubs(RuleViolation):
    """The accounts are of two clubs."""

    code = "transfer.between_clubs"
    rule = "PTS-11"
    sentence = "A transfer stays within one club; the accounts {source} and {target} are of two."


class TransferBelowMinimum(RuleViolation):
    """Too few points."""

    code = "transfer.below_minimum"
    rule = "PTS-11"
    sentence = "{asked} {unit} were asked for; a transfer moves at least {minimum}."


class TransferNotInMultiples(RuleViolation):
    """Not in the club's steps."""

    code = "transfer.not_in_multiples"
    rule = "PTS-11"
    sentence = "{asked} {unit} were asked for; a transfer moves multiples of {multiples}."


class TransferAboveMaximum(RuleViolation):
    """More than an account may send in a period."""

    code = "transfer.above_maximum"
    rule = "PTS-11"
    sentence = "{asked} {unit} were asked for; {left} of {maximum} for this {per} are left."


class NothingWouldArrive(RuleViolation):
    """The club's factor leaves nothing."""

    code = "transfer.nothing_would_arrive"
    rule = "PTS-11"
    sentence = "Of {asked} {unit} nothing would arrive at the club's factor of {factor}."


@policy("PTS-11", "Only if the club allows transfers.")
def club_must_allow_it(t: TransferFacts) -> MemberLogicError | None:
    """A club can do without transfers."""
    return None if t.source.terms.transfer.allowed else TransferNotAllowed()


@policy("PTS-11", "Not to itself.")
def must_go_to_another_account(t: TransferFacts) -> MemberLogicError | None:
    """Source and target differ."""
    return TransferToItself(account=str(t.wanted.source)) if t.wanted.source == t.wanted.target else None


@policy("PTS-11", "Between two accounts of one club.")
def must_stay_in_the_club(t: TransferFacts) -> MemberLogicError | None:
    """Another club is refused; another organization is not found at all."""
    if t.source.club == t.target.club:
        return None
    return TransferBetweenClubs(source=str(t.wanted.source), target=str(t.wanted.target))


@policy("PTS-11", "Not from accounts that are not open.")
def source_must_be_open(t: TransferFacts) -> MemberLogicError | None:
    """BLOCKED and CLOSED accounts send nothing."""
    if t.source.state is AccountState.OPEN:
        return None
    return AccountNotOpen(account=str(t.source.id.account), state=t.source.state.value)


@policy("PTS-11", "Not to accounts that are not open, nor to ones that nobody may receive on.")
def target_must_receive(t: TransferFacts) -> MemberLogicError | None:
    """The target receives as it would receive a credit (PTS-1)."""
    return next(iter(RECEIVING.refusals(t.target)), None)


@policy("PTS-11", "Not while in debt.")
def source_must_not_owe(t: TransferFacts) -> MemberLogicError | None:
    """What is owed is settled first."""
    if not t.source.debt:
        return None
    return WalletInDebt(account=str(t.source.id.account), debt=t.source.debt, unit=t.wanted.unit)


@policy("PTS-11", "At least the club's minimum.")
def must_reach_the_minimum(t: TransferFacts) -> MemberLogicError | None:
    """The minimum counts what leaves."""
    minimum = t.source.terms.transfer.minimum
    if t.wanted.points >= minimum:
        return None
    return TransferBelowMinimum(asked=t.wanted.points, unit=t.wanted.unit, minimum=minimum)


@policy("PTS-11", "In the club's multiples.")
def must_be_a_multiple(t: TransferFacts) -> MemberLogicError | None:
    """The step counts what leaves."""
    multiples = t.source.terms.transfer.multiples
    if t.wanted.points % multiples == 0:
        return None
    return TransferNotInMultiples(asked=t.wanted.points, unit=t.wanted.unit, multiples=multiples)


@policy("PTS-11", "At most the club's maximum per account and period.")
def must_stay_below_the_maximum(t: TransferFacts) -> MemberLogicError | None:
    """The period is one of the calendar, by the club's business day; what was sent before in it counts."""
    maximum = t.source.terms.transfer.maximum
    if maximum is None or t.sent + t.wanted.points <= maximum.points:
        return None
    return TransferAboveMaximum(
        asked=t.wanted.points,
        unit=t.wanted.unit,
        left=max(0, maximum.points - t.sent),
        maximum=maximum.points,
        per=maximum.per.value,
    )


@policy("PTS-11", "Refused if nothing would arrive.")
def something_must_arrive(t: TransferFacts) -> MemberLogicError | None:
    """floor(points x factor) is at least 1."""
    if t.arriving:
        return None
    factor = str(t.source.terms.transfer.factor)
    return NothingWouldArrive(asked=t.wanted.points, unit=t.wanted.unit, factor=factor)


@policy("PTS-11", "Not more than is available.")
def must_be_available(t: TransferFacts) -> MemberLogicError | None:
    """Held and expired points are not available."""
    if t.wanted.points <= t.source.available:
        return None
    return InsufficientPoints(asked=t.wanted.points, available=t.source.available, unit=t.wanted.unit)


TRANSFERRING: Policies[TransferFacts] = Policies(
    club_must_allow_it,
    must_go_to_another_account,
    must_stay_in_the_club,
    source_must_be_open,
    somebody_may_send,
    target_must_receive,
    source_must_not_owe,
    must_reach_the_minimum,
    must_be_a_multiple,
    must_stay_below_the_maximum,
    something_must_arrive,
    must_be_available,
)


def limited_days(wallet: Wallet, now: datetime) -> Days | None:
    """The business days over which the club's maximum counts; None without a maximum."""
    maximum = wallet.terms.transfer.maximum
    return maximum.per.containing(local_day(now, wallet.terms.zone)) if maximum else None


def check(facts: TransferFacts) -> TransferCheck:
    """All refusals at once, and every rule with its verdict."""
    verdicts = [(each, each.refuses(facts)) for each in TRANSFERRING]
    return TransferCheck(
        refusals=tuple(refusal for _, refusal in verdicts if refusal is not None),
        because=tuple(
            Because(each.rule.id, each.name, {"refused": refusal.code} if refusal else {"passed": True})
            for each, refusal in verdicts
        ),
    )


def transfer(
    facts: TransferFacts, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[tuple[Wallet, Wallet], Entry, Transferred]:
    """Move points between two settled wallets.

    Raises:
        RuleViolation: the first of :data:`TRANSFERRING` that refuses, or that the target cannot hold so much.
    """
    TRANSFERRING.require(facts)
    require_room(facts.target, facts.arriving)
    wanted, source, target = facts.wanted, facts.source, facts.target
    taken = take(source, wanted.points)
    lots, why = _arriving_lots(facts, [(-slice_.points, lot) for slice_, lot in taken], now, new_id)
    settled_debt, opened = _after_debt(target.debt, lots)
    out_id, into_id = EntryId(new_id()), EntryId(new_id())
    day = local_day(now, source.terms.zone)
    out = Entry(
        id=out_id,
        wallet=source.id,
        club=source.club,
        scheme=source.scheme,
        kind=EntryKind.TRANSFER_OUT,
        amount=-wanted.points,
        slices=tuple(slice_ for slice_, _ in taken),
        business_day=day,
        effective_at=now,
        recorded_at=now,
        actor=actor.label,
        reason=wanted.reason,
        reference=wanted.reference,
        counterpart=wanted.target,
        because=why,
    )
    into = Entry(
        id=into_id,
        wallet=target.id,
        club=target.club,
        scheme=target.scheme,
        kind=EntryKind.TRANSFER_IN,
        amount=facts.arriving,
        debt=settled_debt,
        opened=opened,
        business_day=day,
        effective_at=now,
        recorded_at=now,
        actor=actor.label,
        reason=wanted.reason,
        reference=wanted.reference,
        counterpart=wanted.source,
        because=why,
    )
    after = posted(source, out), posted(target, into)
    return Outcome(
        after,
        (out, into),
        Transferred(
            out=out_id,
            into=into_id,
            source=wanted.source,
            target=wanted.target,
            unit=wanted.unit,
            points=wanted.points,
            received=facts.arriving,
            arrivals=tuple(Arrival(lot.remaining, lot.expires_at) for lot in opened),
            available=after[0].available,
            because=why,
        ),
    )


def _arriving_lots(
    facts: TransferFacts, taken: Sequence[tuple[int, Lot]], now: datetime, new_id: NewId
) -> tuple[tuple[Lot, ...], tuple[Because, ...]]:
    """The lots that arrive before any debt is settled, in the order of what was taken."""
    terms = facts.source.terms
    match terms.transfer.arrivals:
        case Arrivals.NEW:
            expires = expires_at(terms.expiry, local_day(now, terms.zone), terms.zone)
            kinds = [(facts.arriving, now, *lives_by(facts.target, expires))]
        case Arrivals.KEEP:
            parts = spread(facts.arriving, [points for points, _ in taken])
            kinds = [
                (part, lot.earned_at, lot.idle, lot.expires_at) for part, (_, lot) in zip(parts, taken, strict=True)
            ]
    lots = tuple(
        Lot(id=LotId(new_id()), amount=points, remaining=points, earned_at=earned_at, expires_at=expires, idle=idle)
        for points, earned_at, idle, expires in kinds
        if points
    )
    why = [Because("PTS-7", "points.taken_in_order", figures(facts.source, len(taken)))]
    if terms.transfer.factor != 1:
        why.append(Because("PTS-11", "transfer.factor", {"factor": str(terms.transfer.factor)}))
    why.append(Because("PTS-11", f"transfer.expiry_{terms.transfer.arrivals.value}", {"lots": len(lots)}))
    return lots, tuple(why)


def _after_debt(debt: int, lots: Sequence[Lot]) -> tuple[int, tuple[Lot, ...]]:
    """What arrives settles the receiver's debt first, from the lots that come first in the order of PTS-7."""
    opened = []
    owed = debt
    for lot in lots:
        settled = min(owed, lot.amount)
        owed -= settled
        if settled < lot.amount:
            left = lot.amount - settled
            opened.append(changed(lot, amount=left, remaining=left))
    return debt - owed, tuple(opened)
