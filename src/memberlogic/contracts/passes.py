"""Visitor passes (CON-15), as data: who may come in without a contract, when, and how often."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from attrs import frozen

from memberlogic.contracts.services import EVERYTHING, Usable
from memberlogic.ids import MemberId, PassId

__all__ = ["PassKind", "VisitorPass"]


class PassKind(Enum):
    """Why somebody may come in without a contract."""

    DAY = "day"
    GUEST = "guest"
    """The guest of a member."""
    TRIAL = "trial"
    AGGREGATOR = "aggregator"
    """Sent by a network that pays for visits."""


@frozen(kw_only=True)
class VisitorPass:
    """A person may come in on the days ``[since, until)``, as often as it says. It makes no member of them."""

    id: PassId
    member: MemberId
    """Who may come in."""
    kind: PassKind
    since: date
    until: date
    """Days are those of the studio that is visited."""
    visits: int | None = None
    """How many visits; as many as they like if None."""
    used: int = 0
    """How many of them were made."""
    studios: tuple[str, ...] = ()
    """Where; everywhere if none is named."""
    services: Usable = EVERYTHING
    host: MemberId | None = None
    """Whose guest the person is."""
    issued_at: datetime
    ended_at: datetime | None = None
    """When it was taken back."""

    @property
    def left(self) -> int | None:
        """How many visits are left; None if there is no limit."""
        return None if self.visits is None else self.visits - self.used

    def covers(self, day: date, at: datetime, studio: str, service: str | None) -> bool:
        """Whether it is for this day, studio and service; it may be used up all the same."""
        return (
            self.since <= day < self.until
            and (self.ended_at is None or at < self.ended_at)
            and (not self.studios or studio in self.studios)
            and self.services.includes(service)
        )
