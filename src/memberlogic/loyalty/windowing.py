"""SCH-2, SCH-5: the window of a review of an account. It always ends before the review day. Where a club counts by
years, the year that contains the day before the review decides, and only a review on the first day of a year may lower.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import assert_never

from memberlogic.calendar import (
    Days,
    first_day_after,
    local_day,
    next_anniversary,
    next_day_of_year,
    start_of_day,
    year_of,
)
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import AnniversaryYear, CalendarYear, Rolling, SinceChange

__all__ = ["common_window", "counts_since", "may_lower", "window_before", "window_of_tomorrow", "year_after"]

_NEW_YEAR = date(2000, 1, 1)


def window_before(club: Club, account: Account, day: date) -> Days:
    """The window of a review of an account on a day: half-open, it ends before that day."""
    assert club.progression is not None
    window = club.progression.window
    match window:
        case Rolling(term=term):
            return Days(term.before(day), day)
        case CalendarYear() | AnniversaryYear():
            return Days(_year_before(club, _anchor(club, account) or _NEW_YEAR, day).start, day)
        case SinceChange():
            return Days(min(counts_since(club, account), day), day)
        case _:  # pragma: no cover
            assert_never(window)


def window_of_tomorrow(club: Club, account: Account, at: datetime) -> Days:
    """The window that a review on the day after an instant would use: it contains today."""
    return window_before(club, account, first_day_after(local_day(at, club.zone)))


def common_window(club: Club, at: datetime) -> Days | None:
    """The same, where it is one for all accounts of a club; None if each has its own."""
    assert club.progression is not None
    day, window = first_day_after(local_day(at, club.zone)), club.progression.window
    match window:
        case Rolling(term=term):
            return Days(term.before(day), day)
        case CalendarYear():
            return Days(_year_before(club, _NEW_YEAR, day).start, day)
        case _:
            return None


def counts_since(club: Club, account: Account) -> date:
    """The first business day since the last change of scheme: what led to a change does not count again. Before an
    account was opened there was nothing, so the day of opening counts while its scheme has not changed.
    """
    return account.counts_from or local_day(account.opened_at, club.zone)


def may_lower(club: Club, account: Account, day: date) -> bool:
    """Whether a review on a day may lower: within a calendar or anniversary year it may raise only."""
    anchor = _anchor(club, account)
    return anchor is None or _begins(club, anchor, day)


def year_after(club: Club, account: Account, day: date) -> date | None:
    """The first day after a day on which a year of the window begins, which is always a review; None if the window is
    no year.
    """
    assert club.progression is not None
    match club.progression.window:
        case CalendarYear():
            return next_day_of_year(1, 1, day)
        case AnniversaryYear():
            return next_anniversary(local_day(account.opened_at, club.zone), day)
        case _:
            return None


def _anchor(club: Club, account: Account) -> date | None:
    """A day on which a year of the window began; None if the window is no year."""
    assert club.progression is not None
    match club.progression.window:
        case CalendarYear():
            return _NEW_YEAR
        case AnniversaryYear():
            return local_day(account.opened_at, club.zone)
        case _:
            return None


def _begins(club: Club, anchor: date, day: date) -> bool:
    """Whether a year begins on a day: on its first instant, also where a place skipped the first day itself."""
    first = year_of(anchor, day).start
    return first == day or start_of_day(first, club.zone) == start_of_day(day, club.zone)


def _year_before(club: Club, anchor: date, day: date) -> Days:
    """The year that contains the day before a review; the whole one that has ended, where another begins."""
    year = year_of(anchor, day)
    return year_of(anchor, year.start - timedelta(days=1)) if _begins(club, anchor, day) else year
