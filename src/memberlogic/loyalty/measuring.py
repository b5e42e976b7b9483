"""SCH-2: the metric of a club over a window, from the daily totals of an account's purchases."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from itertools import accumulate
from typing import Protocol, assert_never

from attrs import evolve, frozen

from memberlogic.calendar import Days
from memberlogic.loyalty.programme import StoredValue
from memberlogic.loyalty.progression import DayTotals, Metric
from memberlogic.loyalty.purchases import Purchase, PurchaseLine

__all__ = ["Known", "Measured", "Tally", "measure", "spent", "with_award", "with_purchase"]


def counts(metric: Metric, totals: DayTotals) -> int:
    """What the purchases of one business day add to a metric."""
    match metric:
        case Metric.POINTS_EARNED:
            return totals.earned
        case Metric.MONEY_SPENT:
            return totals.spent
        case Metric.PURCHASES:
            return totals.purchases - totals.returned
        case Metric.VISITS:
            return 1 if totals.purchases else 0
        case _:  # pragma: no cover
            assert_never(metric)


@frozen
class Tally:
    """An account's metric, ready to be asked for any window: its days in order, and what all days before each come
    to.
    """

    days: tuple[date, ...]
    before: tuple[int, ...]

    @classmethod
    def of(cls, metric: Metric, totals: Sequence[DayTotals]) -> Tally:
        """Each day once, in any order."""
        ordered = sorted(totals, key=lambda each: each.day)
        sums = accumulate((counts(metric, each) for each in ordered), initial=0)
        return cls(tuple(each.day for each in ordered), tuple(sums))

    def over(self, window: Days) -> int:
        """The metric over a half-open window; never below 0."""
        start, end = bisect_left(self.days, window.start), bisect_left(self.days, window.end)
        return max(0, self.before[end] - self.before[start])


class Measured(Protocol):
    """An account's metric, to be asked for a window."""

    def over(self, window: Days) -> int:
        """The metric over a half-open window; never below 0."""
        ...


@frozen
class Known:
    """An account's metric of which only one window is known, and only that is asked for."""

    window: Days
    figure: int

    def over(self, window: Days) -> int:
        """What it came to."""
        assert window == self.window, "what is not known is not asked for"
        return self.figure


def measure(metric: Metric, window: Days, totals: Sequence[DayTotals]) -> int:
    """The metric over a window."""
    return Tally.of(metric, totals).over(window)


def with_purchase(totals: Sequence[DayTotals], purchase: Purchase) -> tuple[DayTotals, ...]:
    """The totals with one more purchase; one that does not count, as while the account was blocked, adds nothing."""
    if not purchase.counted:
        return tuple(totals)
    day = purchase.business_day
    # The last day is the one asked for nearly always; of any other day the totals are looked for.
    at = next((index for index in range(len(totals) - 1, -1, -1) if totals[index].day == day), None)
    if at is None:
        return (*totals, DayTotals(day, 1, purchase.spent, purchase.earned))
    known = totals[at]
    spent, earned = known.spent + purchase.spent, known.earned + purchase.earned
    after = DayTotals(day, known.purchases + 1, spent, earned, known.returned)
    return (*totals[:at], *totals[at + 1 :], after)


def spent(total: int, stored_value: int, lines: Sequence[PurchaseLine], counts: StoredValue) -> int:
    """What a purchase counts as money spent (SCH-2): of stored value either the selling or the spending, never both, by
    what earns; ``stored_value`` is what it paid of the total.
    """
    match counts:
        case StoredValue.BOUGHT:
            return total - stored_value
        case StoredValue.SPENT:
            return total - sum([line[1] - line[3] for line in lines if line[6]])
        case _:  # pragma: no cover
            assert_never(counts)


def with_award(totals: Sequence[DayTotals], day: date, points: int) -> tuple[DayTotals, ...]:
    """The totals with the points of one more event other than a purchase: they are earned, and nothing else counts."""
    before = next((each for each in totals if each.day == day), None) or DayTotals(day, 0, 0, 0)
    after = evolve(before, earned=before.earned + points)
    return (*(each for each in totals if each.day != day), after)
