"""PTS-9: hold, capture, release.

A hold reserves points, as slices of lots, until a deadline. Capturing takes at most what is held and releases the
rest; releasing, or the deadline by the clock alone, frees all of it. A lot that expires while it is held can still be
captured; what is freed after it expired is gone at the instant it is freed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.amounts import POINTS, Unit
from memberlogic.errors import IllegalTransition, InvalidInput, MemberLogicError, NotFound, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import AccountId, EntryId, HoldId, MemberId, NewId
from memberlogic.inputs import a_key, an_id, an_instant, code, optional, to_utc, whole
from memberlogic.ledger.acting import somebody_may_send, taking_no_part
from memberlogic.ledger.consuming import figures, first, position, take
from memberlogic.ledger.entering import entered
from memberlogic.ledger.events import PointsHeld, PointsReleased
from memberlogic.ledger.expiring import expire
from memberlogic.ledger.lifecycle import HOLD_STATES
from memberlogic.ledger.model import (
    AccountState,
    Entry,
    EntryKind,
    Hold,
    HoldState,
    Move,
    Slice,
    Wallet,
    WalletId,
)
from memberlogic.ledger.owing import settle_debt
from memberlogic.ledger.posting import held, posted, resolved
from memberlogic.ledger.refusals import AccountNotOpen, InsufficientPoints
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "CAPTURING",
    "HOLDING",
    "RELEASING",
    "Capture",
    "Captured",
    "Changed",
    "Held",
    "HoldFacts",
    "HoldPoints",
    "OfHold",
    "Release",
    "Released",
    "ResolvingFacts",
    "capture",
    "hold",
    "lapse",
    "lapses",
    "release",
    "released",
    "seen",
]


@frozen(kw_only=True)
class HoldPoints:
    """Reserve points until a deadline; ``holder`` is the member who asks, where staff acts for one."""

    account: AccountId = field(validator=an_id)
    points: int = field(validator=whole(least=1))
    until: datetime = field(converter=to_utc, validator=an_instant)
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    holder: MemberId | None = field(default=None, validator=optional(an_id))
    reason: str | None = field(default=None, validator=optional(code("a reason")))
    reference: str | None = field(default=None, validator=optional(a_key))

    @property
    def moves(self) -> Sequence[Move]:
        """Which wallet moves."""
        return (Move(WalletId(self.account, self.unit), takes=self.points),)


@frozen(kw_only=True)
class Capture:
    """Take points that are held: all of them unless ``points`` says fewer."""

    hold: HoldId = field(validator=an_id)
    points: int | None = field(default=None, validator=optional(whole(least=1)))
    reason: str | None = field(default=None, validator=optional(code("a reason")))
    reference: str | None = field(default=None, validator=optional(a_key))


@frozen(kw_only=True)
class Release:
    """Let go of what is held."""

    hold: HoldId = field(validator=an_id)


@frozen(kw_only=True)
class OfHold:
    """A hold by id."""

    hold: HoldId = field(validator=an_id)


@frozen(kw_only=True)
class Held:
    """Points are reserved while ``now`` is before ``until``; ``available`` is what can still be spent."""

    hold: HoldId
    account: AccountId
    unit: Unit
    points: int
    until: datetime
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """Which lots are reserved, and until when."""
        return Explanation(
            f"{self.points} {self.unit} are held until {self.until.isoformat()}; {self.available} are left to spend.",
            self.because,
        )


@frozen(kw_only=True)
class Captured:
    """``points`` of a hold were taken, and the rest ``released``; of what was released ``expired`` was gone at once."""

    entry: EntryId
    hold: HoldId
    account: AccountId
    unit: Unit
    points: int
    released: int
    expired: int
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """What was taken and what became of the rest."""
        return Explanation(
            f"{self.points} {self.unit} were captured, {self.released} released; {self.available} are left to spend.",
            self.because,
        )


@frozen(kw_only=True)
class Released:
    """All ``points`` of a hold are free again; ``expired`` of them were gone at once."""

    hold: HoldId
    account: AccountId
    unit: Unit
    points: int
    expired: int
    available: int
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """What became of the points."""
        return Explanation(
            f"{self.points} {self.unit} were released; {self.available} are left to spend.", self.because
        )


@frozen(kw_only=True)
class Changed:
    """What is to be written beside the entries: the hold as it is now, and what happened."""

    wallet: Wallet
    hold: Hold
    happened: tuple[Event, ...]


@frozen(kw_only=True)
class HoldFacts:
    """What the rules of holding look at; the wallet is settled."""

    wanted: HoldPoints
    spending: Wallet
    asking: MemberId | None
    unverified_may_spend: bool


@frozen(kw_only=True)
class ResolvingFacts:
    """What the rules of capturing and releasing look at; the wallet is settled, the hold as it is now."""

    hold: Hold
    points: int | None
    spending: Wallet
    asking: MemberId | None
    unverified_may_spend: bool


class HoldAlreadyCaptured(IllegalTransition):
    """The hold was captured before."""

    code = "hold.already_captured"
    rule = "PTS-9"
    sentence = "This hold was captured already; it cannot {action}."


class HoldAlreadyReleased(IllegalTransition):
    """The hold was released before."""

    code = "hold.already_released"
    rule = "PTS-9"
    sentence = "This hold was released already; it cannot {action}."


class HoldLapsed(IllegalTransition):
    """The hold's deadline passed."""

    code = "hold.lapsed"
    rule = "PTS-9"
    sentence = "This hold's deadline has passed and freed it; it cannot {action}."


class CaptureAboveHold(RuleViolation):
    """More than is held."""

    code = "hold.capture_above_held"
    rule = "PTS-9"
    sentence = "{asked} {unit} were asked for, and {held} are held."


_RESOLVED: Mapping[HoldState, type[IllegalTransition]] = {
    HoldState.CAPTURED: HoldAlreadyCaptured,
    HoldState.RELEASED: HoldAlreadyReleased,
    HoldState.LAPSED: HoldLapsed,
}


def _must_take(hold: Hold, action: str) -> MemberLogicError | None:
    allowed = HOLD_STATES.allowed(hold.state)
    if action in allowed:
        return None
    return _RESOLVED[hold.state](machine="hold", state=hold.state.value, action=f"be {action}d", allowed=allowed)


@policy("PTS-9", "A hold that is captured, released or lapsed is not captured.")
def hold_must_be_open_to_capture(r: ResolvingFacts) -> MemberLogicError | None:
    """Resolving twice is refused, each case with its own code."""
    return _must_take(r.hold, "capture")


@policy("PTS-9", "A hold that is captured, released or lapsed is not released.")
def hold_must_be_open_to_release(r: ResolvingFacts) -> MemberLogicError | None:
    """Resolving twice is refused, each case with its own code."""
    return _must_take(r.hold, "release")


@policy("PTS-1", "On an account that is not open nothing is held or captured.")
def account_must_be_open(t: HoldFacts | ResolvingFacts) -> MemberLogicError | None:
    """BLOCKED and CLOSED accounts do not move."""
    if t.spending.state is AccountState.OPEN:
        return None
    return AccountNotOpen(account=str(t.spending.id.account), state=t.spending.state.value)


@policy("PTS-1", "A holder who is blocked does not act.")
def asker_must_not_be_blocked(r: ResolvingFacts) -> MemberLogicError | None:
    """Releasing moves nothing: the account's state does not matter, nor whether anybody is verified."""
    asking = r.spending.holder(r.asking) if r.asking is not None else None
    return None if asking is None else taking_no_part(asking, r.spending)


@policy("PTS-9", "Not more than is available.")
def must_be_available(t: HoldFacts) -> MemberLogicError | None:
    """What another hold reserves is not available, nor is anything while in debt."""
    available = t.spending.available
    if t.wanted.points <= available:
        return None
    return InsufficientPoints(asked=t.wanted.points, available=available, unit=t.wanted.unit)


@policy("PTS-9", "Capture takes at most the hold.")
def must_not_exceed_the_hold(r: ResolvingFacts) -> MemberLogicError | None:
    """Fewer points leave the rest free."""
    if r.points is None or r.points <= r.hold.points:
        return None
    return CaptureAboveHold(asked=r.points, held=r.hold.points, unit=r.hold.wallet.unit)


HOLDING: Policies[HoldFacts] = Policies(account_must_be_open, somebody_may_send, must_be_available)
CAPTURING: Policies[ResolvingFacts] = Policies(
    hold_must_be_open_to_capture, account_must_be_open, somebody_may_send, must_not_exceed_the_hold
)
RELEASING: Policies[ResolvingFacts] = Policies(hold_must_be_open_to_release, asker_must_not_be_blocked)


def seen(hold: Hold, wallet: Wallet, actor: Actor, now: datetime) -> Hold:
    """The hold as it is now: one whose deadline has passed has lapsed, whoever wrote that down.

    Raises:
        NotFound: for a member who does not hold the account; it does not exist for them (COM-11).
    """
    if actor.member_id is not None and wallet.holder(actor.member_id) is None:
        raise NotFound(kind="hold", id=hold.id)
    return _lapsed(hold) if hold.state is HoldState.OPEN and hold.until <= now else hold


def hold(facts: HoldFacts, actor: Actor, now: datetime, new_id: NewId) -> Outcome[Changed, Entry, Held]:
    """Reserve points of a settled wallet, in the order in which they would be used up (PTS-7).

    Raises:
        InvalidInput: unless the deadline is after now.
        RuleViolation: the first of :data:`HOLDING` that refuses.
    """
    HOLDING.require(facts)
    wanted, wallet = facts.wanted, facts.spending
    if wanted.until <= now:
        raise InvalidInput(path="until", expected="an instant after now", got="one that has passed")
    made = Hold(
        id=HoldId(new_id()),
        wallet=wallet.id,
        slices=tuple(Slice(slice_.lot, -slice_.points) for slice_, _ in take(wallet, wanted.points)),
        until=wanted.until,
        held_at=now,
        actor=actor.label,
        reason=wanted.reason,
        reference=wanted.reference,
    )
    after = held(wallet, made)
    event = PointsHeld(
        members=tuple(holder.member for holder in wallet.holders),
        hold=made.id,
        account=wallet.id.account,
        club=wallet.club,
        unit=wallet.id.unit,
        points=made.points,
        until=made.until,
        reason=made.reason,
        reference=made.reference,
    )
    why = (Because("PTS-7", "points.held_in_order", figures(wallet, len(made.slices))),)
    result = Held(
        hold=made.id,
        account=wanted.account,
        unit=wanted.unit,
        points=made.points,
        until=made.until,
        available=after.available,
        because=why,
    )
    return Outcome(Changed(wallet=after, hold=made, happened=(event,)), (), result)


def capture(
    facts: ResolvingFacts, wanted: Capture, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Changed, Entry, Captured]:
    """Take points that a settled wallet holds, in the order of PTS-7, and release the rest.

    Raises:
        IllegalTransition, RuleViolation: the first of :data:`CAPTURING` that refuses.
    """
    CAPTURING.require(facts)
    wallet, before = facts.spending, facts.hold
    points = before.points if wanted.points is None else wanted.points
    rest = before.points - points
    lots = {lot.id: lot for lot in wallet.lots}
    place = position(wallet.terms.order)
    reserved = sorted(before.slices, key=lambda each: place(lots[each.lot]))
    taken = first([(each.lot, each.points) for each in reserved], points)
    done = evolve(before, state=HOLD_STATES.after(before.state, "capture"), captured=points, resolved_at=now)
    why = (
        Because(
            "PTS-9", "hold.captured", {"hold": str(before.id), "held": before.points, "taken": points, "released": rest}
        ),
    )
    entry = entered(
        wallet,
        EntryKind.CAPTURE,
        -points,
        why,
        actor=actor.label,
        at=now,
        new_id=new_id,
        slices=tuple(Slice(lot, -part) for lot, part in taken),
        reason=wanted.reason or before.reason,
        reference=wanted.reference or before.reference,
    )
    freed = _freed(posted(resolved(wallet, done), entry), actor, now, new_id)
    result = Captured(
        entry=entry.id,
        hold=before.id,
        account=wallet.id.account,
        unit=wallet.id.unit,
        points=points,
        released=rest,
        expired=-sum(each.amount for each in freed.events),
        available=freed.facts.available,
        because=why,
    )
    happened = (released(wallet, done, rest, "captured"),) if rest else ()
    return Outcome(Changed(wallet=freed.facts, hold=done, happened=happened), (entry, *freed.events), result)


def release(
    facts: ResolvingFacts, actor: Actor, now: datetime, new_id: NewId, cause: str = "released"
) -> Outcome[Changed, Entry, Released]:
    """Free everything that a settled wallet holds by a hold; what expired meanwhile is gone now.

    Raises:
        IllegalTransition, RuleViolation: the first of :data:`RELEASING` that refuses.
    """
    RELEASING.require(facts)
    wallet, before = facts.spending, facts.hold
    done = evolve(before, state=HOLD_STATES.after(before.state, "release"), resolved_at=now)
    freed = _freed(resolved(wallet, done), actor, now, new_id)
    expired = -sum(each.amount for each in freed.events)
    result = Released(
        hold=before.id,
        account=wallet.id.account,
        unit=wallet.id.unit,
        points=before.points,
        expired=expired,
        available=freed.facts.available,
        because=(Because("PTS-9", "hold.released", {"points": before.points, "expired": expired}),),
    )
    happened = (released(wallet, done, before.points, cause),)
    return Outcome(Changed(wallet=freed.facts, hold=done, happened=happened), freed.events, result)


def _freed(wallet: Wallet, actor: Actor, now: datetime, new_id: NewId) -> Outcome[Wallet, Entry, None]:
    """The wallet after what a hold freed: what expired meanwhile is gone now, what lives settles debt (PTS-10)."""
    expired = expire(wallet, now, new_id, now, freed_at=now)
    settled = settle_debt(expired.facts, now, new_id, now, actor=actor.label)
    return Outcome(settled.facts, (*expired.events, *settled.events), None)


def lapse(wallet: Wallet, hold: Hold) -> tuple[Wallet, Hold]:
    """The wallet and the hold after its deadline freed it."""
    done = _lapsed(hold)
    return resolved(wallet, done), done


def _lapsed(hold: Hold) -> Hold:
    return evolve(hold, state=HOLD_STATES.after(hold.state, "lapse"), resolved_at=hold.until)


def lapses(wallet: Wallet, holds: Sequence[Hold]) -> tuple[OfItself, ...]:
    """The events of holds that ran out, each in effect since its deadline."""
    return tuple(OfItself(released(wallet, each, each.points, "lapsed"), each.until) for each in holds)


def released(wallet: Wallet, hold: Hold, points: int, cause: str) -> PointsReleased:
    """The event of points that are not reserved any more."""
    return PointsReleased(
        members=tuple(holder.member for holder in wallet.holders),
        hold=hold.id,
        account=wallet.id.account,
        club=wallet.club,
        unit=wallet.id.unit,
        points=points,
        cause=cause,
    )
