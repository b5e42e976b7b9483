"""PTS-14: what staff adjusted, counted: against a limit, and for the report."""

from __future__ import annotations

from attrs import field, frozen

from memberlogic.amounts import POINTS, Unit
from memberlogic.calendar import Days, OverDays
from memberlogic.ids import ClubId
from memberlogic.inputs import an_id, code, whole
from memberlogic.ledger.model import Adjustment
from memberlogic.outcomes import Because, Explanation

__all__ = ["AdjustmentsReport", "Alone", "OfDays", "PageOfWaiting", "StaffTotal", "WaitingPage"]


@frozen
class Alone:
    """What a member of staff adjusted alone on a business day: how many times, and how many points."""

    times: int
    points: int


@frozen(kw_only=True)
class StaffTotal:
    """What somebody adjusted: how many times, points added, and points taken (both above zero)."""

    actor: str
    adjustments: int
    up: int
    down: int


@frozen(kw_only=True)
class OfDays(OverDays):
    """A unit of a club over business days."""

    club: ClubId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))


@frozen(kw_only=True)
class AdjustmentsReport:
    """Adjustments by who made them; what a second person approved is its asker's."""

    club: ClubId
    unit: Unit
    days: Days
    staff: tuple[StaffTotal, ...]

    def explain(self) -> Explanation:
        """A line for each."""
        return Explanation(
            f"{sum(each.adjustments for each in self.staff)} adjustments of {self.unit}.",
            tuple(
                Because(
                    "PTS-14",
                    "adjustments.by_staff",
                    {"actor": each.actor, "adjustments": each.adjustments, "up": each.up, "down": each.down},
                )
                for each in self.staff
            ),
        )


@frozen(kw_only=True)
class PageOfWaiting:
    """The next adjustments that wait in a club."""

    club: ClubId = field(validator=an_id)
    unit: Unit = field(default=POINTS, validator=code("a unit"))
    after: Adjustment | None = None
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen
class WaitingPage:
    """Some adjustments that wait, in order."""

    adjustments: tuple[Adjustment, ...]
