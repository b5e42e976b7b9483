"""PTS-14: adjusting points up or down, for a reason; beyond a member of staff's limit for the day a second person
approves. Nothing is edited: an adjustment is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import evolve, field, frozen

from memberlogic.actors import Actor, ActorKind
from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import local_day
from memberlogic.errors import IllegalTransition, InvalidInput, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import AccountId, AdjustmentId, EntryId, NewId
from memberlogic.inputs import a_key, an_id, an_instant, code, optional, to_utc_or_none, whole
from memberlogic.ledger.adjusted import Alone
from memberlogic.ledger.consuming import take
from memberlogic.ledger.crediting import must_be_open, opened_by, require_room, some_holder_must_take_part
from memberlogic.ledger.entering import entered
from memberlogic.ledger.events import AdjustmentApproved, AdjustmentRejected, AdjustmentRequested
from memberlogic.ledger.expiring import expires_at
from memberlogic.ledger.lifecycle import ADJUSTMENT_STATES
from memberlogic.ledger.model import (
    Adjustment,
    AdjustmentState,
    Entry,
    EntryKind,
    Lot,
    Move,
    Slice,
    Wallet,
    WalletId,
)
from memberlogic.ledger.posting import posted
from memberlogic.ledger.refusals import InsufficientPoints
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "ADJUSTING",
    "APPROVING",
    "REJECTING",
    "Adjust",
    "Adjusted",
    "AdjustingFacts",
    "Decided",
    "OfAdjustment",
    "ResolvingFacts",
    "adjust",
    "approve",
    "limited_day",
    "reject",
]


@frozen(kw_only=True)
class Adjust:
    """Add points to an account, or take some (below zero), for a reason."""

    account: AccountId = field(validator=an_id)
    points: int = field(validator=whole())
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    reason: str = field(validator=code("a reason"))
    reference: str | None = field(default=None, validator=optional(a_key))
    expires_at: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))
    """Instead of what the club's policy says."""

    def __attrs_post_init__(self) -> None:
        if not self.points:
            raise InvalidInput(path="points", expected="a whole number above or below 0", got="0")
        if self.points < 0 and self.expires_at is not None:
            raise InvalidInput(path="expires_at", expected="nothing where points are taken", got="an instant")

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallet moves."""
        return (Move(WalletId(self.account, self.unit), takes=max(0, -self.points)),)


@frozen(kw_only=True)
class OfAdjustment:
    """Approve or reject this adjustment, or look it up."""

    adjustment: AdjustmentId = field(validator=an_id)


@frozen(kw_only=True)
class Adjusted:
    """Points were adjusted (``POSTED``), or wait for a second person (``WAITING``: no ``entry``, nothing moved).

    ``expires_at`` is until when what was added lives, None if for ever or if all of it settled debt.
    """

    adjustment: AdjustmentId
    state: AdjustmentState
    entry: EntryId | None
    account: AccountId
    unit: Unit
    points: int
    settled_debt: int
    expires_at: datetime | None
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """Why it was posted, or has to wait."""
        done = "were adjusted" if self.state is AdjustmentState.POSTED else "wait for a second person"
        return Explanation(f"{self.points:+d} {self.unit} {done}; {self.available} are available.", self.because)


@frozen(kw_only=True)
class AdjustingFacts:
    """What the rules of adjusting look at; the wallet is settled."""

    wanted: Adjust
    wallet: Wallet
    waiting: Sequence[Adjustment]
    """What waits for a second person on the wallet."""
    alone: Alone
    """What the member of staff adjusted alone today."""
    actor: Actor

    @property
    def points(self) -> int:
        """How many, signed."""
        return self.wanted.points


@frozen(kw_only=True)
class ResolvingFacts:
    """What the rules of approving and rejecting look at; the wallet is settled."""

    adjustment: Adjustment
    wallet: Wallet
    actor: Actor
    now: datetime

    @property
    def points(self) -> int:
        """How many, signed."""
        return self.adjustment.points


@frozen(kw_only=True)
class Decided:
    """What is to be written beside the entry: the wallet, the adjustment, and what happened."""

    wallet: Wallet
    adjustment: Adjustment
    happened: tuple[Event, ...]


class AdjustmentAlreadyWaiting(RuleViolation):
    """The same was asked for before, and waits."""

    code = "adjustment.already_waiting"
    rule = "PTS-14"
    sentence = "The same adjustment of {points} {unit} waits for a second person already: {adjustment}."


class AdjustmentAlreadyPosted(IllegalTransition):
    """It is in the ledger."""

    code = "adjustment.already_posted"
    rule = "PTS-14"
    sentence = "This adjustment was posted already; it cannot be {action}."


class AdjustmentAlreadyRejected(IllegalTransition):
    """It was rejected."""

    code = "adjustment.already_rejected"
    rule = "PTS-14"
    sentence = "This adjustment was rejected already; it cannot be {action}."


class AdjustmentOfOnesOwn(RuleViolation):
    """The second person is another one."""

    code = "adjustment.own"
    rule = "PTS-14"
    sentence = "A second person approves an adjustment, not who asked for it."


class AdjustmentNeedsAPerson(RuleViolation):
    """A machine is no second person."""

    code = "adjustment.needs_staff"
    rule = "PTS-14"
    sentence = "A member of staff approves an adjustment, not the {actor}."


class AdjustmentExpiryPassed(RuleViolation):
    """It waited for too long."""

    code = "adjustment.expiry_passed"
    rule = "PTS-14"
    sentence = "The points were to live until {expires_at}, which has passed; reject it and ask anew."


_RESOLVED: Mapping[AdjustmentState, type[IllegalTransition]] = {
    AdjustmentState.POSTED: AdjustmentAlreadyPosted,
    AdjustmentState.REJECTED: AdjustmentAlreadyRejected,
}


def _must_take(adjustment: Adjustment, action: str, done: str) -> MemberLogicError | None:
    allowed = ADJUSTMENT_STATES.allowed(adjustment.state)
    if action in allowed:
        return None
    refusal = _RESOLVED[adjustment.state]
    return refusal(machine="adjustment", state=adjustment.state.value, action=done, allowed=allowed)


@policy("PTS-14", "An adjustment is approved once, while it waits.")
def must_wait_to_be_approved(r: ResolvingFacts) -> MemberLogicError | None:
    """What was posted or rejected stays so, each with its own code."""
    return _must_take(r.adjustment, "approve", "approved")


@policy("PTS-14", "An adjustment is rejected once, while it waits.")
def must_wait_to_be_rejected(r: ResolvingFacts) -> MemberLogicError | None:
    """What was posted or rejected stays so, each with its own code."""
    return _must_take(r.adjustment, "reject", "rejected")


@policy("PTS-14", "A member of staff approves.")
def a_person_must_approve(r: ResolvingFacts) -> MemberLogicError | None:
    """The system may do everything, but it is no second person."""
    return None if r.actor.kind is ActorKind.STAFF else AdjustmentNeedsAPerson(actor=r.actor.kind.value)


@policy("PTS-14", "Nobody approves their own adjustment.")
def must_be_somebody_elses(r: ResolvingFacts) -> MemberLogicError | None:
    """Rejecting one's own is taking it back, and allowed."""
    return AdjustmentOfOnesOwn() if r.actor.label == r.adjustment.asked_by else None


@policy("PTS-1", "An account that is not open does not move.")
def account_must_be_open(a: AdjustingFacts | ResolvingFacts) -> MemberLogicError | None:
    """BLOCKED and CLOSED accounts are not adjusted."""
    return must_be_open.refuses(a.wallet)


@policy("PTS-1", "Points are received unless every holder is blocked.")
def somebody_must_receive(a: AdjustingFacts | ResolvingFacts) -> MemberLogicError | None:
    """Points are taken from them all the same."""
    return some_holder_must_take_part.refuses(a.wallet) if a.points > 0 else None


@policy("PTS-14", "What waits is not asked for again.")
def must_not_wait_already(a: AdjustingFacts) -> MemberLogicError | None:
    """The same points, reason and reference on the same wallet."""
    wanted = (a.wanted.points, a.wanted.reason, a.wanted.reference)
    for each in a.waiting:
        if (each.points, each.reason, each.reference) == wanted:
            return AdjustmentAlreadyWaiting(points=each.points, unit=each.wallet.unit, adjustment=str(each.id))
    return None


@policy("PTS-14", "Down, not beyond what is available.")
def must_be_available(a: AdjustingFacts | ResolvingFacts) -> MemberLogicError | None:
    """What is held is not available, nor is anything while in debt."""
    if -a.points <= a.wallet.available:
        return None
    return InsufficientPoints(asked=-a.points, available=a.wallet.available, unit=a.wallet.id.unit)


@policy("PTS-14", "A named expiry has not passed when it is approved.")
def must_still_live(r: ResolvingFacts) -> MemberLogicError | None:
    """Points that would be gone at once help nobody."""
    named = r.adjustment.expires_at
    return None if named is None or named > r.now else AdjustmentExpiryPassed(expires_at=named.isoformat())


ADJUSTING: Policies[AdjustingFacts] = Policies(
    account_must_be_open, somebody_must_receive, must_not_wait_already, must_be_available
)
APPROVING: Policies[ResolvingFacts] = Policies(
    must_wait_to_be_approved,
    account_must_be_open,
    a_person_must_approve,
    must_be_somebody_elses,
    somebody_must_receive,
    must_still_live,
    must_be_available,
)
REJECTING: Policies[ResolvingFacts] = Policies(must_wait_to_be_rejected)


def limited_day(wallet: Wallet, actor: Actor, now: datetime) -> date | None:
    """The business day over which a limit counts what an actor adjusts alone; None where no limit does. The system has
    none.
    """
    if wallet.terms.adjusting.limit is None or actor.kind is not ActorKind.STAFF:
        return None
    return local_day(now, wallet.terms.zone)


def adjust(facts: AdjustingFacts, now: datetime, new_id: NewId) -> Outcome[Decided, Entry, Adjusted]:
    """Adjust a settled wallet, or leave a request where it would go beyond the limit.

    Raises:
        InvalidInput: if an expiry is named that is not after now.
        RuleViolation: the first of :data:`ADJUSTING` that refuses, or that the wallet cannot hold so much.
    """
    ADJUSTING.require(facts)
    wanted, wallet, actor = facts.wanted, facts.wallet, facts.actor
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise InvalidInput(path="expires_at", expected="an instant after now", got="one that has passed")
    require_room(wallet, wanted.points)
    limit = wallet.terms.adjusting.limit if limited_day(wallet, actor, now) else None
    waits = limit is not None and facts.alone.points + abs(wanted.points) > limit
    why = _limit_seen(facts, limit, waits)
    adjustment = Adjustment(
        id=AdjustmentId(new_id()),
        wallet=wallet.id,
        club=wallet.club,
        points=wanted.points,
        reason=wanted.reason,
        reference=wanted.reference,
        expires_at=wanted.expires_at,
        state=AdjustmentState.WAITING if waits else AdjustmentState.POSTED,
        asked_by=actor.label,
        asked_at=now,
        business_day=local_day(now, wallet.terms.zone),
        turn=facts.alone.times + 1 if limit is not None and not waits else None,
    )
    if waits:
        requested = AdjustmentRequested(**_told(wallet, adjustment))
        decided = Decided(wallet=wallet, adjustment=adjustment, happened=(requested,))
        return Outcome(decided, (), _result(adjustment, wallet, None, why))
    return _posted(adjustment, wallet, why, now, new_id)


def _limit_seen(facts: AdjustingFacts, limit: int | None, waits: bool) -> tuple[Because, ...]:
    if limit is None:
        return ()
    code_ = "adjustment.above_limit" if waits else "adjustment.within_limit"
    return (Because("PTS-14", code_, {"limit": limit, "alone_before": facts.alone.points, "asked": abs(facts.points)}),)


def approve(facts: ResolvingFacts, new_id: NewId) -> Outcome[Decided, Entry, Adjusted]:
    """Post what waited, as of now; it is its asker's adjustment, and the approval is an event of its own.

    Raises:
        IllegalTransition, RuleViolation: the first of :data:`APPROVING` that refuses, or a full wallet.
    """
    APPROVING.require(facts)
    require_room(facts.wallet, facts.points)
    adjustment = evolve(
        facts.adjustment,
        state=ADJUSTMENT_STATES.after(facts.adjustment.state, "approve"),
        business_day=local_day(facts.now, facts.wallet.terms.zone),
        resolved_by=facts.actor.label,
        resolved_at=facts.now,
    )
    why = (Because("PTS-14", "adjustment.approved", {"by": facts.actor.label, "adjustment": str(adjustment.id)}),)
    outcome = _posted(adjustment, facts.wallet, why, facts.now, new_id)
    approved = AdjustmentApproved(**_told(facts.wallet, adjustment))
    return Outcome(evolve(outcome.facts, happened=(approved,)), outcome.events, outcome.result)


def reject(facts: ResolvingFacts) -> Outcome[Adjustment, Event, Adjustment]:
    """What waited will not be made; nothing moves.

    Raises:
        IllegalTransition: unless it waits.
    """
    REJECTING.require(facts)
    rejected = evolve(
        facts.adjustment,
        state=ADJUSTMENT_STATES.after(facts.adjustment.state, "reject"),
        resolved_by=facts.actor.label,
        resolved_at=facts.now,
    )
    return Outcome(rejected, (AdjustmentRejected(**_told(facts.wallet, rejected)),), rejected)


def _posted(
    adjustment: Adjustment, wallet: Wallet, why: tuple[Because, ...], now: datetime, new_id: NewId
) -> Outcome[Decided, Entry, Adjusted]:
    """The entry of an adjustment, and what it leaves."""
    day, terms = local_day(now, wallet.terms.zone), wallet.terms
    expires = adjustment.expires_at or expires_at(terms.expiry, day, terms.zone)
    slices, opened, debt = _parts(adjustment, wallet, expires, now, new_id)
    if adjustment.points > 0:
        named = "expiry.named" if adjustment.expires_at else "expiry.by_policy"
        why = (*why, Because("PTS-6", named, {"expires_at": expires.isoformat() if expires else "never"}))
    else:
        why = (*why, Because("PTS-7", "points.taken_in_order", {"lots": len(slices)}))
    entry = entered(
        wallet,
        EntryKind.ADJUST,
        adjustment.points,
        why,
        actor=adjustment.asked_by,
        at=now,
        new_id=new_id,
        debt=debt,
        slices=slices,
        opened=opened,
        reason=adjustment.reason,
        reference=adjustment.reference,
    )
    after, done = posted(wallet, entry), evolve(adjustment, entry=entry.id)
    return Outcome(Decided(wallet=after, adjustment=done, happened=()), (entry,), _result(done, after, entry, why))


def _parts(
    adjustment: Adjustment, wallet: Wallet, expires: datetime | None, now: datetime, new_id: NewId
) -> tuple[tuple[Slice, ...], tuple[Lot, ...], int]:
    """What it takes from lots, what it opens, and what settles debt."""
    if adjustment.points < 0:
        return tuple(slice_ for slice_, _ in take(wallet, -adjustment.points)), (), 0
    settled, named = min(adjustment.points, wallet.debt), adjustment.expires_at is not None
    return (), opened_by(wallet, adjustment.points, now, expires, new_id, named=named), settled


def _result(adjustment: Adjustment, wallet: Wallet, entry: Entry | None, why: tuple[Because, ...]) -> Adjusted:
    return Adjusted(
        adjustment=adjustment.id,
        state=adjustment.state,
        entry=adjustment.entry,
        account=adjustment.wallet.account,
        unit=adjustment.wallet.unit,
        points=adjustment.points,
        settled_debt=entry.debt if entry else 0,
        expires_at=entry.opened[0].expires_at if entry and entry.opened else None,
        available=wallet.available,
        because=why,
    )


def _told(wallet: Wallet, adjustment: Adjustment) -> dict[str, Any]:
    return {
        "members": tuple(holder.member for holder in wallet.holders),
        "adjustment": adjustment.id,
        "account": adjustment.wallet.account,
        "club": adjustment.club,
        "unit": adjustment.wallet.unit,
        "points": adjustment.points,
        "reason": adjustment.reason,
    }
