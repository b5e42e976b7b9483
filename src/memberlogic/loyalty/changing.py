"""SCH-8: each change of scheme is an event with everything that decided it, starts a new since, and stays in the
account's history, so that the scheme on any past day is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar

from attrs import frozen

from memberlogic.calendar import Days, local_day
from memberlogic.errors import InvalidInput
from memberlogic.events import Event
from memberlogic.ids import AccountId, ClubId, MemberId, NewId, SchemeChangeId
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Cause, Metric, Pin, SchemeChange

__all__ = ["GraceBegan", "GraceEnded", "SchemeChanged", "as_event", "changed", "scheme_on"]


@frozen(kw_only=True)
class SchemeChanged(Event):
    """An account went up or down, in effect since the start of the review day or the movement that reached it."""

    type: ClassVar[str] = "scheme.changed"
    account: AccountId
    club: ClubId
    from_scheme: str
    to_scheme: str
    cause: Cause
    metric: Metric | None
    measured: int
    window: Days
    thresholds: Mapping[str, int]
    reason: str | None = None
    pin: Pin | None = None


@frozen(kw_only=True)
class GraceBegan(Event):
    """A review found an account below its scheme and lets it stay until a business day of the club (SCH-5)."""

    type: ClassVar[str] = "scheme.grace_began"
    account: AccountId
    club: ClubId
    scheme: str
    until: date
    measured: int
    window: Days
    threshold: int


@frozen(kw_only=True)
class GraceEnded(Event):
    """A review found an account at its scheme again (SCH-5)."""

    type: ClassVar[str] = "scheme.grace_ended"
    account: AccountId
    club: ClubId
    scheme: str


def changed(
    account: AccountId,
    club: Club,
    metric: Metric | None,
    *,
    from_scheme: str,
    to_scheme: str,
    measured: int,
    window: Days,
    at: datetime,
    now: datetime,
    actor: str,
    new_id: NewId,
) -> SchemeChange:
    """A change of scheme that takes effect at an instant and is written down now."""
    rank, before = club.rank(to_scheme), club.rank(from_scheme)
    return SchemeChange(
        id=SchemeChangeId(new_id()),
        account=account,
        club=club.id,
        from_scheme=from_scheme,
        to_scheme=to_scheme,
        cause=Cause.UPGRADE if rank > before else Cause.DOWNGRADE if rank < before else Cause.KEPT,
        metric=metric,
        measured=measured,
        window=window,
        thresholds=club.thresholds,
        day=local_day(at, club.zone),
        effective_at=at,
        recorded_at=now,
        actor=actor,
    )


def as_event(change: SchemeChange, members: Sequence[MemberId]) -> SchemeChanged:
    """The event that a change is; ``members`` hold the account."""
    return SchemeChanged(
        members=tuple(members),
        account=change.account,
        club=change.club,
        from_scheme=change.from_scheme,
        to_scheme=change.to_scheme,
        cause=change.cause,
        metric=change.metric,
        measured=change.measured,
        window=change.window,
        thresholds=change.thresholds,
        reason=change.reason,
        pin=change.pin,
    )


def scheme_on(account: Account, club: Club, changes: Sequence[SchemeChange], day: date, now: datetime) -> str:
    """The scheme in which a business day of the club ended, or in which today stands now.

    Raises:
        InvalidInput: for a day before the account was opened, or one that is still to come.
    """
    if day > local_day(now, club.zone):
        raise InvalidInput(path="day", expected="a day up to today", got="one that is still to come")
    if day < local_day(account.opened_at, club.zone):
        raise InvalidInput(path="day", expected="a day since the account was opened", got="one before it")
    later = next((change for change in changes if change.day > day), None)
    return later.from_scheme if later is not None else account.scheme
