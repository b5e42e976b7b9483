"""All date arithmetic, once (COM-3, COM-4, COM-5).

Intervals are half-open. Months are anchored: the n-th month is computed from the anchor, never from the month before.
A day starts at its first instant in its place's zone, also where midnight is missing or comes twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from attrs import field, frozen
from dateutil.relativedelta import relativedelta

from memberlogic.errors import InvalidInput
from memberlogic.inputs import a_date, describe, require_whole, whole

__all__ = [
    "LAST_DAY",
    "LONGEST_MONTHS",
    "CalendarPeriod",
    "Days",
    "OverDays",
    "Term",
    "birthdays_kept_on",
    "first_day_after",
    "first_day_before",
    "first_day_of",
    "first_days_of_months",
    "instant_of",
    "kept_in",
    "local_day",
    "next_anniversary",
    "next_day_of_month",
    "next_day_of_year",
    "start_of_day",
    "year_of",
]


@frozen
class Term:
    """A length of time in whole days or whole months; make it with :meth:`of_days`, :meth:`of_months`,
    :meth:`of_years`.

    >>> Term.of_months(1).after(date(2026, 1, 31)), Term.of_months(1).after(date(2026, 1, 31), times=2)
    (datetime.date(2026, 2, 28), datetime.date(2026, 3, 31))
    """

    days: int = field(default=0, validator=whole(least=0, most=36_600))
    months: int = field(default=0, validator=whole(least=0, most=1_200))

    def __attrs_post_init__(self) -> None:
        if bool(self.days) == bool(self.months):
            raise InvalidInput(
                path="term",
                expected="days or months, one of them above 0",
                got=f"{self.days} days, {self.months} months",
            )

    @classmethod
    def of_days(cls, days: int) -> Term:
        """So many days."""
        return cls(days=days)

    @classmethod
    def of_months(cls, months: int) -> Term:
        """So many calendar months."""
        return cls(months=months)

    @classmethod
    def of_years(cls, years: int) -> Term:
        """So many calendar years: 29 February plus one year is 28 February."""
        require_whole(years, "years", least=1, most=100)
        return cls(months=12 * years)

    def after(self, anchor: date, times: int = 1) -> date:
        """``anchor`` plus ``times`` terms, in one addition from the anchor, clamped to the month's end.

        A day beyond year 9998 is answered as the last day of 9998: the calendar ends there.
        """
        try:
            if self.months:
                moved = _months_later(anchor, self.months * times)
            else:
                moved = anchor + timedelta(days=self.days * times)
        except (OverflowError, ValueError):
            return LAST_DAY
        return min(moved, LAST_DAY)

    def before(self, anchor: date) -> date:
        """``anchor`` less one term, clamped to the month's end and to the year 1."""
        try:
            if self.months:
                return _months_later(anchor, -self.months)
            return anchor - timedelta(days=self.days)
        except (OverflowError, ValueError):
            return date.min

    def __str__(self) -> str:
        if self.days:
            return f"{self.days} day" + "s" * (self.days != 1)
        if self.months % 12 == 0:
            return f"{self.months // 12} year" + "s" * (self.months != 12)
        return f"{self.months} month" + "s" * (self.months != 1)


@lru_cache(maxsize=8192)
def _months_later(day: date, months: int) -> date:
    """A day so many months later, clamped to the month's end. A contract's course asks for the same few again and
    again.
    """
    return day + relativedelta(months=months)


LAST_DAY = date(9998, 12, 31)
"""Where the calendar ends."""

LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""How many days each month has at most."""


@frozen
class Days:
    """A half-open span of days, ``[start, end)``."""

    start: date
    end: date

    @property
    def last_day(self) -> date:
        """The inclusive end, for people."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


@frozen(kw_only=True)
class OverDays:
    """Business days that are asked for, ``[since, until)``; at least one."""

    since: date = field(validator=a_date)
    until: date = field(validator=a_date)

    def __attrs_post_init__(self) -> None:
        if self.since.year < 1000:
            raise InvalidInput(path="since", expected="a day from the year 1000 on", got=self.since.isoformat())
        if self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())

    @property
    def days(self) -> Days:
        """The days."""
        return Days(self.since, self.until)


class CalendarPeriod(Enum):
    """A period of the calendar; weeks run from Monday to Sunday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def containing(self, day: date) -> Days:
        """The period of this kind that contains a day."""
        match self:
            case CalendarPeriod.DAY:
                return Days(day, day + timedelta(days=1))
            case CalendarPeriod.WEEK:
                start = day - timedelta(days=day.weekday())
                return Days(start, start + timedelta(days=7))
            case CalendarPeriod.MONTH:
                start, months = day.replace(day=1), 1
            case CalendarPeriod.QUARTER:
                start, months = day.replace(month=day.month - (day.month - 1) % 3, day=1), 3
            case CalendarPeriod.YEAR:
                start, months = day.replace(month=1, day=1), 12
        return Days(start, start + relativedelta(months=months))


def zone(name: str, path: str = "zone") -> ZoneInfo:
    """A time zone of the IANA database by name.

    Raises:
        InvalidInput: if there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError):
        raise InvalidInput(path=path, expected="a time zone such as Europe/Berlin", got=describe(name)) from None


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The business day of an instant in a place: its local calendar date (COM-3)."""
    return instant.astimezone(zone).date()


@lru_cache(maxsize=4096)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a business day, in UTC.

    Where midnight is missing the day starts when the clocks jump; where it comes twice, at the first; a day that a
    place never had (Apia, 30 December 2011) starts where the next one does.
    """
    return instant_of(day, time(), zone)


def instant_of(day: date, local: time, zone: ZoneInfo, *, again: bool = False) -> datetime:
    """The instant, in UTC, at which the clocks of a place show a local time on a day.

    A time that is missing is the first instant after the gap, also where a whole day is missing. One that comes twice
    is the first, or with ``again`` the second.
    """
    shown = datetime.combine(day, local)
    instant = shown.replace(tzinfo=zone, fold=int(again)).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == shown:
        return instant
    before, after = instant - timedelta(days=2), instant + timedelta(days=2)
    while after - before > timedelta(microseconds=1):
        between = before + (after - before) / 2
        if between.astimezone(zone).replace(tzinfo=None) >= shown:
            after = between
        else:
            before = between
    return after


def first_day_after(day: date) -> date:
    """The next day."""
    return day + timedelta(days=1)


def first_day_of(days: int, last: date) -> date:
    """The first of so many days of which a day is the last.

    >>> first_day_of(7, date(2026, 1, 7))
    datetime.date(2026, 1, 1)
    """
    return last - timedelta(days=days - 1)


def first_day_before(day: date) -> date:
    """The day before."""
    return day - timedelta(days=1)


def first_days_of_months(days: Days) -> Sequence[date]:
    """The first day of every month of which some day is among these, in order; of none, if they are none.

    >>> first_days_of_months(Days(date(2025, 12, 31), date(2026, 1, 2)))
    [datetime.date(2025, 12, 1), datetime.date(2026, 1, 1)]
    """
    if days.end <= days.start:
        return []
    last = days.last_day
    months = range(days.start.year * 12 + days.start.month - 1, last.year * 12 + last.month)
    return [date(each // 12, each % 12 + 1, 1) for each in months]


@lru_cache(maxsize=4096)
def next_day_of_month(number: int, after: date) -> date:
    """The first day after ``after`` that is the ``number``-th of its month, the last where the month is shorter."""
    first = after.replace(day=1)
    return next(day for months in (0, 1) if (day := first + relativedelta(months=months, day=number)) > after)


@lru_cache(maxsize=4096)
def next_day_of_year(month: int, number: int, after: date) -> date:
    """The first day after ``after`` that is this day of its year; 29 February is the 28th in common years."""
    return next(day for years in (0, 1) if (day := after + relativedelta(years=years, month=month, day=number)) > after)


@lru_cache(maxsize=4096)
def next_anniversary(anchor: date, after: date) -> date:
    """The first anniversary of a day after ``after``, computed from the anchor (COM-5)."""
    years = max(1, after.year - anchor.year)
    return next(day for more in (0, 1) if (day := anchor + relativedelta(years=years + more)) > after)


@lru_cache(maxsize=4096)
def year_of(anchor: date, day: date) -> Days:
    """The year from one anniversary of a day to the next that contains a day, computed from the anchor (COM-5)."""
    years = day.year - anchor.year
    start = anchor + relativedelta(years=years)
    if start > day:
        years -= 1
        start = anchor + relativedelta(years=years)
    return Days(start, anchor + relativedelta(years=years + 1))


def kept_in(birthday: date, year: int) -> date:
    """The day on which a birthday is kept in a year: one on 29 February on the 28th in common years (PTS-4).

    >>> kept_in(date(2004, 2, 29), 2026), kept_in(date(2004, 2, 29), 2028)
    (datetime.date(2026, 2, 28), datetime.date(2028, 2, 29))
    """
    return birthday + relativedelta(year=year)


def birthdays_kept_on(day: date) -> tuple[tuple[int, int], ...]:
    """The birthdays, as (month, day of the month), that are kept on a day; two of them on 28 February of common years.

    >>> birthdays_kept_on(date(2026, 2, 28)), birthdays_kept_on(date(2028, 2, 28))
    (((2, 28), (2, 29)), ((2, 28),))
    """
    leap = date(2004, 2, 29)
    own = (day.month, day.day)
    return (own, (2, 29)) if own == (2, 28) and kept_in(leap, day.year) == day else (own,)
