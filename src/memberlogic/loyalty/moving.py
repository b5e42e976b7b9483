"""SCH-7: staff move an account by hand, for a reason, and may pin it until a day: FIXED, so that nothing automatic
changes it, or FLOOR, so that nothing automatic takes it lower. Without a pin a move holds as a FLOOR until the end of
the minimum stay or the next yearly review, whichever the club has; where it has neither, its next review decides.
"""

from __future__ import annotations

from datetime import date, datetime

from attrs import evolve, field, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import Days, local_day
from memberlogic.errors import MemberLogicError, RuleViolation
from memberlogic.ids import AccountId, NewId, SchemeChangeId
from memberlogic.inputs import an_id, code, instance, optional
from memberlogic.ledger.model import AccountState, Wallet
from memberlogic.ledger.refusals import AccountNotOpen
from memberlogic.loyalty.measuring import measure
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.opening import SchemeUnknown
from memberlogic.loyalty.progression import Cause, DayTotals, Pin, Pinned, SchemeChange
from memberlogic.loyalty.scheduling import next_review, pin_without_term
from memberlogic.loyalty.standing import Standing
from memberlogic.loyalty.windowing import window_of_tomorrow
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = ["MOVING", "MoveScheme", "Moved", "MovingFacts", "in_wallet", "move", "moved_since"]


@frozen(kw_only=True)
class MoveScheme:
    """Move an account to a scheme for a reason, given as a code."""

    account: AccountId = field(validator=an_id)
    scheme: str = field(validator=code("a scheme code"))
    reason: str = field(validator=code("a reason"))
    pin: Pin | None = field(default=None, validator=optional(instance(Pin, "a pin")))


@frozen(kw_only=True)
class Moved:
    """An account was moved by hand: from where to where, and how long the move holds.

    ``pin`` is what keeps it there, also where staff named none; None if the next review decides. ``next_review`` is
    when the account is looked at next, None if never.
    """

    account: AccountId
    from_scheme: str
    to_scheme: str
    reason: str
    effective_at: datetime
    pin: Pinned | None
    next_review: datetime | None
    because: tuple[Because, ...]

    def explain(self) -> Explanation:
        """Why it holds for as long as it does."""
        return Explanation(f"Moved from {self.from_scheme} to {self.to_scheme}: {self.reason}.", self.because)


@frozen(kw_only=True)
class MovingFacts:
    """What the rules of a manual move look at; the account is settled."""

    wanted: MoveScheme
    account: Account
    club: Club
    totals: tuple[DayTotals, ...]
    """What the account's purchases come to, since :func:`moved_since`."""
    now: datetime


class PinIsOver(RuleViolation):
    """It would hold nothing."""

    code = "scheme.pin_over"
    rule = "SCH-7"
    sentence = "A pin until {until} holds until the day before it, and today is {today}."


@policy("SCH-11", "A closed account is not moved.")
def must_not_be_closed(m: MovingFacts) -> MemberLogicError | None:
    """A blocked one is: staff know why."""
    if m.account.state is not AccountState.CLOSED:
        return None
    return AccountNotOpen(account=str(m.account.id), state=m.account.state.value)


@policy("SCH-1", "An account is moved to a scheme of its club.")
def scheme_must_be_the_clubs(m: MovingFacts) -> MemberLogicError | None:
    """Also to the one that it is in: that starts a new since, and the new pin takes the place of the old one."""
    codes = [scheme.code for scheme in m.club.schemes]
    return None if m.wanted.scheme in codes else SchemeUnknown(asked=m.wanted.scheme, schemes=codes)


@policy("SCH-7", "A pin is until a day that is still to come.")
def pin_must_hold_today(m: MovingFacts) -> MemberLogicError | None:
    """Until is half-open."""
    pin, today = m.wanted.pin, local_day(m.now, m.club.zone)
    if pin is None or today < pin.until:
        return None
    return PinIsOver(until=pin.until.isoformat(), today=today.isoformat())


MOVING: Policies[MovingFacts] = Policies(must_not_be_closed, scheme_must_be_the_clubs, pin_must_hold_today)


def moved_since(club: Club, account: Account, now: datetime) -> date:
    """The first day whose purchases a move names in the history."""
    return local_day(now, club.zone) if club.progression is None else _window(club, account, now).start


def move(facts: MovingFacts, actor: Actor, new_id: NewId) -> Outcome[Standing, SchemeChange, Moved]:
    """The account in its new scheme, with a new since and its pin; a grace is over.

    Raises:
        RuleViolation: the first of :data:`MOVING` that refuses.
    """
    MOVING.require(facts)
    wanted, club, now = facts.wanted, facts.club, facts.now
    change = _change(facts, actor, new_id)
    arrived = evolve(facts.account, scheme=wanted.scheme, scheme_since=now, counts_from=change.window.end, grace=None)
    pin = _pinned(club, arrived, wanted.pin, now)
    held = evolve(arrived, pin=pin)
    after = evolve(held, next_review=next_review(club, held, now), effective_at=max(held.effective_at, now))
    moved = Moved(
        account=after.id,
        from_scheme=change.from_scheme,
        to_scheme=change.to_scheme,
        reason=wanted.reason,
        effective_at=now,
        pin=pin,
        next_review=after.next_review,
        because=(_because(wanted.pin, pin),),
    )
    standing = Standing(account=after, totals=facts.totals, stored=facts.account, changes=(change,))
    return Outcome(standing, (change,), moved)


def in_wallet(wallet: Wallet, account: Account) -> Wallet:
    """A wallet of an account that was moved."""
    return evolve(
        wallet,
        scheme=account.scheme,
        next_review=account.next_review,
        effective_at=max(wallet.effective_at, account.effective_at),
    )


def _pinned(club: Club, arrived: Account, pin: Pin | None, now: datetime) -> Pinned | None:
    if pin is None:
        return pin_without_term(club, arrived, now)
    return Pinned(kind=pin.kind, scheme=arrived.scheme, until=pin.until)


def _because(asked: Pin | None, pin: Pinned | None) -> Because:
    if pin is None:
        return Because("SCH-7", "scheme.next_review_decides")
    said = "scheme.holds" if asked is None else "scheme.pinned"
    return Because("SCH-7", said, {"pin": pin.kind.value, "scheme": pin.scheme, "until": pin.until.isoformat()})


def _window(club: Club, account: Account, now: datetime) -> Days:
    """What the history names beside a move: what a review tomorrow would look at; no day where nothing is counted."""
    if club.progression is None:
        return Days(local_day(now, club.zone), local_day(now, club.zone))
    return window_of_tomorrow(club, account, now)


def _change(facts: MovingFacts, actor: Actor, new_id: NewId) -> SchemeChange:
    club, account, progression = facts.club, facts.account, facts.club.progression
    window = _window(club, account, facts.now)
    return SchemeChange(
        id=SchemeChangeId(new_id()),
        account=account.id,
        club=club.id,
        from_scheme=account.scheme,
        to_scheme=facts.wanted.scheme,
        cause=Cause.MANUAL,
        metric=None if progression is None else progression.metric,
        measured=0 if progression is None else measure(progression.metric, window, facts.totals),
        window=window,
        thresholds=club.thresholds,
        day=local_day(facts.now, club.zone),
        effective_at=facts.now,
        recorded_at=facts.now,
        actor=actor.label,
        reason=facts.wanted.reason,
        pin=facts.wanted.pin,
    )
