"""PTS-17: month by month, what a club issued, what was redeemed, what expired, and what was left at the end of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import OverDays, first_days_of_months, local_day
from memberlogic.errors import InvalidInput
from memberlogic.ids import ClubId
from memberlogic.inputs import an_id, code
from memberlogic.ledger.model import EntryKind
from memberlogic.ledger.outstanding import KindTotal, OfClubsUnit, OfKinds, OutstandingFacts, left_free

__all__ = ["DayOfKind", "MonthMovements", "Movements", "MovementsFacts", "MovementsOf", "movements"]

_MOST_YEARS = 100


@frozen(kw_only=True)
class MovementsOf(OverDays):
    """A unit of a club over business days, ``[since, until)``."""

    club: ClubId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))

    def __attrs_post_init__(self) -> None:
        OverDays.__attrs_post_init__(self)
        if self.until.year - self.since.year > _MOST_YEARS:
            raise InvalidInput(path="until", expected=f"at most {_MOST_YEARS} years later", got=self.until.isoformat())

    @property
    def of_unit(self) -> OfClubsUnit:
        """The unit of the club."""
        return OfClubsUnit(club=self.club, unit=self.unit)


@frozen
class DayOfKind:
    """All entries of a kind on a business day: how many, and their signed points."""

    day: date
    kind: EntryKind
    entries: int
    points: int


@frozen(kw_only=True)
class MovementsFacts:
    """What is counted of a club."""

    wanted: MovementsOf
    present: OutstandingFacts
    """What is there now; what has expired and nobody wrote down among it."""
    days: Sequence[DayOfKind]
    """What was written before ``until``."""


@frozen(kw_only=True)
class MonthMovements(OfKinds):
    """A month, or the part of it that was asked for: every kind of entry, and what was outstanding at its end."""

    month: date
    """Its first day."""
    outstanding: int

    @property
    def other(self) -> int:
        """What came (above zero) or went otherwise: transfers, adjustments, corrections."""
        return sum(each.points for each in self.kinds) - self.issued + self.redeemed + self.expired


@frozen(kw_only=True)
class Movements:
    """A club month by month, every month from the first to the last one asked for, also those in which nothing moved.
    ``opening`` is what was outstanding before; each month adds up to the next.
    """

    club: ClubId
    unit: Unit
    since: date
    until: date
    opening: int
    months: tuple[MonthMovements, ...]


def movements(facts: MovementsFacts, now: datetime) -> Movements:
    """The months, with expiry by the clock: what has expired counts as expired, whoever writes it down."""
    wanted = facts.wanted
    entries: Counter[tuple[date, EntryKind]] = Counter()
    points: Counter[tuple[date, EntryKind]] = Counter()
    opening = 0
    for each in (*facts.days, *_gone(facts, now)):
        key = each.day.replace(day=1), each.kind
        if each.day < wanted.since:
            opening += each.points
        else:
            entries[key] += each.entries
            points[key] += each.points
    months, outstanding = [], opening
    for month in first_days_of_months(wanted.days):
        kinds = [
            KindTotal(kind, entries[month, kind], points[month, kind]) for kind in EntryKind if (month, kind) in points
        ]
        outstanding += sum(each.points for each in kinds)
        months.append(MonthMovements(month=month, kinds=tuple(kinds), outstanding=outstanding))
    return Movements(
        club=wanted.club,
        unit=wanted.unit,
        since=wanted.since,
        until=wanted.until,
        opening=opening,
        months=tuple(months),
    )


def _gone(facts: MovementsFacts, now: datetime) -> list[DayOfKind]:
    """What has expired before the end of the span and nobody wrote down: points, and no entries yet."""
    left, zone = left_free(facts.present), facts.present.terms.zone
    due = [(local_day(at, zone), each) for at, each in left if at is not None and at <= now and each]
    return [DayOfKind(day, EntryKind.EXPIRE, 0, -each) for day, each in due if day < facts.wanted.until]
