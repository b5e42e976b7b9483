"""Visits (CON-15), as data: everybody who came to the door of a studio, whether they were let in or not."""

from __future__ import annotations

from datetime import date, datetime

from attrs import field, frozen

from memberlogic.calendar import OverDays
from memberlogic.ids import ContractId, MemberId, NoteId, PassId, VisitId
from memberlogic.inputs import an_id

__all__ = ["OfVisits", "Tally", "Visit"]


@frozen(kw_only=True)
class Visit:
    """Somebody came, once."""

    id: VisitId
    member: MemberId
    studio: str
    service: str | None
    at: datetime
    day: date
    """The studio's business day."""
    recorded_at: datetime
    actor: str
    allowed: bool
    contract: ContractId | None = None
    """The contract that let them in."""
    visitor_pass: PassId | None = None
    """The visitor pass that let them in."""
    told: tuple[str, ...] = ()
    """The codes of what was told at the door."""
    overridden: bool = False
    """Whether staff let them in although nothing else did."""
    note: NoteId | None = None
    """What staff noted when they did."""
    undone_at: datetime | None = None
    undone_for: str | None = None

    @property
    def counts(self) -> bool:
        """Whether it is a visit: somebody was let in, and it was no mistake."""
        return self.allowed and self.undone_at is None


@frozen(kw_only=True)
class Tally:
    """How many visits a member made on a day, by a contract, for a service."""

    contract: ContractId | None
    service: str | None
    day: date
    visits: int


@frozen(kw_only=True)
class OfVisits(OverDays):
    """What was written down of a member on some days."""

    member: MemberId = field(validator=an_id)
