"""Visits (CON-15), as data: everybody who came to the door of a studio, whether they were let in or not."""

from __future__ import annotations

from datetime import date, datetime

from attrs import field, frozen

from memberlogic.calendar import OverDays
from memberlogic.ids import ContractId, MemberId, NoteId, PassId, VisitId
from memberlogic.inputs import a_day, an_id, code, optional, whole

__all__ = ["OfVisit", "OfVisits", "PageOfVisits", "Tally", "Visit", "VisitTold", "VisitsPage"]


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


@frozen(kw_only=True)
class OfVisit:
    """A visit is asked for."""

    visit: VisitId = field(validator=an_id)


@frozen(kw_only=True)
class VisitTold:
    """A visit, and what staff noted when they let somebody in; None if they did not, or what they noted was erased."""

    visit: Visit
    note: str | None


@frozen(kw_only=True)
class PageOfVisits:
    """The next visits at a studio on a business day, the latest first; today, if none is given."""

    studio: str = field(validator=code("a studio's code"))
    on: date | None = field(default=None, validator=optional(a_day))
    after: tuple[datetime, VisitId] | None = None
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen
class VisitsPage:
    """Some visits, the latest first."""

    visits: tuple[Visit, ...]
