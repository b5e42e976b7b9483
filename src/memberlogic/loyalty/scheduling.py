"""SCH-5 to SCH-7: when an account is reviewed: daily, monthly, yearly or on its anniversary, at the start of the
business day in the club's zone; beside these at the beginning of each year that the club counts by, and when a minimum
stay, a grace or a pin ends. Each account knows its next review.
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
from memberlogic.ledger.model import AccountState
from memberlogic.loyalty.footing import end_of_stay
from memberlogic.loyalty.model import Account, Club
from memberlogic.loyalty.progression import Daily, Monthly, OnAnniversary, PinKind, Pinned, Review, Yearly
from memberlogic.loyalty.windowing import year_after

__all__ = ["first_review", "next_review", "pin_without_term", "review_day_after"]


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


def first_review(club: Club, account: Account) -> datetime | None:
    """The start of the first review day after the business day on which an account is opened; None if the club has no
    reviews.
    """
    return next_review(club, account, account.opened_at)


def next_review(club: Club, account: Account, after: datetime) -> datetime | None:
    """The start of the first day after an instant on which the account is reviewed: the club's review, the beginning of
    a year of the window, the end of the minimum stay, of a grace, or of a pin; None if the club has no reviews.
    """
    if club.progression is None or account.state is AccountState.CLOSED:
        return None
    opened_on, day = local_day(account.opened_at, club.zone), local_day(after, club.zone)
    others = (
        year_after(club, account, day),
        end_of_stay(club, account),
        None if account.grace is None else account.grace.until,
        None if account.pin is None else account.pin.until,
    )
    coming = [review_day_after(club.progression.review, opened_on, day)]
    coming += [each for each in others if each is not None and each > day]
    return start_of_day(min(coming), club.zone)


def pin_without_term(club: Club, account: Account, at: datetime) -> Pinned | None:
    """How a move into an account's scheme holds that staff did not pin (SCH-7): nothing takes it lower until the end of
    the minimum stay, or the next yearly review where the club has no minimum stay; None where it has neither, so that
    its next review decides.
    """
    if club.progression is None:
        return None
    opened_on, day = local_day(account.opened_at, club.zone), local_day(at, club.zone)
    review = club.progression.review
    if club.progression.minimum_stay is not None:
        until = club.progression.minimum_stay.after(day)
    elif (year := year_after(club, account, day)) is not None:
        until = year
    elif isinstance(review, Yearly | OnAnniversary):
        until = review_day_after(review, opened_on, day)
    else:
        return None
    return Pinned(kind=PinKind.FLOOR, scheme=account.scheme, until=until)
