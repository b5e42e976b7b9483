"""SCH-6: when reviews are, and that each account knows its next one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import Daily, Downgrade, Metric, Monthly, OnAnniversary, Progression, Term, Upgrade, Yearly
from memberlogic.errors import InvalidInput
from memberlogic.loyalty.scheduling import review_day_after

pytestmark = pytest.mark.rule("SCH-6")

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
REVIEWS = st.one_of(
    st.just(Daily()),
    st.builds(Monthly, st.integers(1, 31)),
    st.builds(Yearly, st.integers(1, 12), st.integers(1, 28)),
    st.just(OnAnniversary()),
)


def progression(review, **said) -> Progression:
    """A progression with this review."""
    rest = {
        "metric": Metric.MONEY_SPENT,
        "window": Term.of_days(90),
        "upgrade": Upgrade.AT_REVIEW,
        "downgrade": Downgrade.TO_REACHED,
    }
    return Progression(review=review, **(rest | said))


@pytest.mark.parametrize(
    ("review", "after", "next_day"),
    [
        (Daily(), date(2026, 2, 28), date(2026, 3, 1)),
        (Monthly(1), date(2026, 1, 15), date(2026, 2, 1)),
        (Monthly(15), date(2026, 1, 14), date(2026, 1, 15)),
        (Monthly(15), date(2026, 1, 15), date(2026, 2, 15)),
        (Monthly(31), date(2026, 1, 31), date(2026, 2, 28)),
        (Monthly(31), date(2026, 2, 28), date(2026, 3, 31)),
        (Monthly(30), date(2024, 2, 28), date(2024, 2, 29)),
        (Yearly(1, 1), date(2026, 1, 1), date(2027, 1, 1)),
        (Yearly(3, 31), date(2026, 1, 15), date(2026, 3, 31)),
        (Yearly(2, 29), date(2026, 1, 1), date(2026, 2, 28)),
        (Yearly(2, 29), date(2027, 2, 28), date(2028, 2, 29)),
        (OnAnniversary(), date(2024, 2, 29), date(2025, 2, 28)),
        (OnAnniversary(), date(2027, 2, 28), date(2028, 2, 29)),
    ],
)
def test_reviews_are_daily_monthly_yearly_or_on_the_anniversary(review, after, next_day):
    assert review_day_after(review, date(2024, 2, 29), after) == next_day


@given(review=REVIEWS, opened_on=DAYS, days=st.integers(0, 4000))
def test_the_next_review_day_is_the_first_one_after(review, opened_on, days):
    day = opened_on + timedelta(days=days)
    following = review_day_after(review, opened_on, day)
    assert day < following
    # Nothing lies between: from any day before it, the same one follows.
    between = day + (following - day) / 2
    assert review_day_after(review, opened_on, between) == following


@pytest.mark.parametrize(
    ("review", "starts"),
    [
        # The account is opened at noon in Berlin on 15 January 2026; reviews are at midnight there.
        (Daily(), datetime(2026, 1, 15, 23, tzinfo=UTC)),
        (Monthly(1), datetime(2026, 1, 31, 23, tzinfo=UTC)),
        (Monthly(15), datetime(2026, 2, 14, 23, tzinfo=UTC)),
        (Yearly(7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC)),
        (OnAnniversary(), datetime(2027, 1, 14, 23, tzinfo=UTC)),
    ],
)
def test_each_account_knows_its_next_review_at_the_start_of_the_clubs_day(make_world, review, starts):
    world = make_world(at=datetime(2026, 1, 15, 11, tzinfo=UTC), progression=progression(review))
    account = world.org.loyalty.account(world.account())
    assert account.next_review == starts
    assert account.scheme_since == account.opened_at


def test_a_club_without_progression_has_no_reviews(world):
    assert world.org.loyalty.account(world.account()).next_review is None


def test_the_days_zone_is_the_clubs(make_world):
    # 23:30 on 31 December in New York is 1 January in Berlin.
    at = datetime(2026, 1, 1, 4, 30, tzinfo=UTC)
    world = make_world(at=at, zone=ZoneInfo("America/New_York"), progression=progression(Monthly(1)))
    assert world.org.loyalty.account(world.account()).next_review == datetime(2026, 1, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: Monthly(0), "day"),
        (lambda: Monthly(32), "day"),
        (lambda: Monthly(1.0), "day"),
        (lambda: Yearly(13, 1), "month"),
        (lambda: Yearly(4, 31), "day"),
        (lambda: Yearly(2, 30), "day"),
        (lambda: progression("monthly"), "review"),
        (lambda: progression(Daily(), metric="spent"), "metric"),
        (lambda: progression(Daily(), window=90), "window"),
        (lambda: progression(Daily(), upgrade=True), "upgrade"),
        (lambda: progression(Daily(), downgrade=None), "downgrade"),
    ],
)
def test_what_is_no_progression_is_refused_by_field(make, path):
    with pytest.raises(InvalidInput) as refusal:
        make()
    assert refusal.value.path == path
