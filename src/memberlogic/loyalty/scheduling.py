"""SCH-6: when an account is reviewed: daily, monthly, yearly or on its anniversary, at the start of the business day
in the club's zone. Each account knows its next review.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import assert_never

from memberlogic.calendar import (
    first_day_after,
    local_day,
    next_anniversary,
    next_day_of_month,
    next_day_of_year,
    start_of_day,
)
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Daily, Monthly, OnAnniversary, Review, Yearly

__all__ = ["first_review", "next_review", "review_day_after"]


def review_day_after(review: Review, opened_on: date, day: date) -> date:
    """The first review day after a day.

    >>> review_day_after(Monthly(31), date(2026, 1, 5), date(2026, 1, 31))
    datetime.date(2026, 2, 28)
    """
    match review:
        case Daily():
            return first_day_after(day)
        case Monthly(day=number):
            return next_day_of_month(number, day)
        case Yearly(month=month, day=number):
            return next_day_of_year(month, number, day)
        case OnAnniversary():
            return next_anniversary(opened_on, day)
        case _:  # pragma: no cover
            assert_never(review)


def first_review(club: Club, opened_at: datetime) -> datetime | None:
    """The start of the first review day after the business day on which an account is opened; None if the club has no
    reviews.
    """
    return _review_after(club, opened_at, opened_at)


def next_review(club: Club, account: Account, held: datetime) -> datetime | None:
    """The start of the review day after the one whose review was held."""
    return _review_after(club, account.opened_at, held)


def _review_after(club: Club, opened_at: datetime, instant: datetime) -> datetime | None:
    if club.progression is None:
        return None
    opened_on, day = local_day(opened_at, club.zone), local_day(instant, club.zone)
    return start_of_day(review_day_after(club.progression.review, opened_on, day), club.zone)
