"""CON-5: what the rules of freezing look at: a contract, its course without it, and the days asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from attrs import frozen

from memberlogic.calendar import Days, Term, year_of
from memberlogic.contracts.lifecycle import over_on
from memberlogic.contracts.model import Contract
from memberlogic.contracts.rates import FreezePolicy
from memberlogic.contracts.renewing import Course, Frozen

__all__ = ["FreezeFacts", "whole_months"]

_MONTH = Term.of_months(1)


@frozen(kw_only=True)
class FreezeFacts:
    """What the rules of freezing look at: a contract that is settled, its course without the freeze, and its days."""

    contract: Contract
    course: Course
    today: date
    since: date
    until: date | None

    @property
    def policy(self) -> FreezePolicy:
        """What the rate in force on the first day allows."""
        return self.course.rate_on(self.since).terms.freezes

    @property
    def first_day(self) -> date:
        """Where the contract begins; after a transfer, where it took over."""
        return max(self.contract.start_on, self.contract.begins_on or self.contract.start_on)

    @property
    def over(self) -> date | None:
        """When the contract is over."""
        return over_on(self.course)

    @property
    def counted_end(self) -> date | None:
        """Where its days end that count: with the term where they do not extend it."""
        ends = (self.until, None if self.policy.extends else self.over)
        return min((each for each in ends if each is not None), default=None)

    def frozen_in(self, year: Days) -> int:
        """How many days of a contract year are frozen otherwise, as far as the contract is not over."""
        end = year.end if self.over is None else min(self.over, year.end)
        return sum(each.days_until(end) - each.days_until(min(year.start, end)) for each in self.course.frozen)

    def overfull_year(self) -> tuple[Days, int] | None:
        """The first contract year that would have more frozen days than the rate allows, and how many are left."""
        most = self.policy.most_days_a_year
        if most is None:
            return None
        for year, many in self._by_year():
            left = max(0, most - self.frozen_in(year))
            if many > left:
                return year, left
        return None

    def _by_year(self) -> Iterator[tuple[Days, int]]:
        """The contract years in which it has days, and how many; of one without an end its first day only, as it ends
        by itself when a limit is reached.
        """
        start, end = self.since, self.since + timedelta(days=1) if self.until is None else self.counted_end
        while end is not None and start < end:
            year = year_of(self.contract.start_on, start)
            yield year, (min(end, year.end) - start).days
            start = year.end

    @property
    def begun_this_year(self) -> int:
        """How many freezes begin in the contract year in which it would begin."""
        year, over = year_of(self.contract.start_on, self.since), self.over
        return sum(each.since in year and (over is None or each.since < over) for each in self.course.frozen)

    @property
    def overlapped(self) -> Sequence[Frozen]:
        """The freezes that it would overlap; after one without an end there is room for none."""
        return [
            each
            for each in self.course.frozen
            if (self.until is None or each.since < self.until) and (each.until is None or self.since < each.until)
        ]

    @property
    def free_from(self) -> date | None:
        """The first day after those that it would overlap; None if one has no end."""
        ends = [each.until for each in self.overlapped]
        return None if None in ends else max(each for each in ends if each is not None)

    @property
    def days(self) -> int | None:
        """How many days it has; None without an end."""
        return None if self.until is None else (self.until - self.since).days


def whole_months(since: date, until: date) -> int | None:
    """How many months lead from a day to another, if it is whole ones."""
    many = (until.year - since.year) * 12 + until.month - since.month
    return many if many > 0 and _MONTH.after(since, many) == until else None
