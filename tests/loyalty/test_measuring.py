"""SCH-2 and SCH-3: what is counted over which window, and which scheme that reaches."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import Daily, Downgrade, Metric, Progression, Term, Upgrade
from memberlogic.calendar import Days
from memberlogic.loyalty.measuring import measure
from memberlogic.loyalty.progression import DayTotals
from memberlogic.loyalty.reaching import reached
from memberlogic.loyalty.windowing import window_before
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

MAY = Days(date(2026, 5, 1), date(2026, 6, 1))
TOTALS = (
    DayTotals(date(2026, 4, 30), purchases=1, spent=999, earned=9),
    DayTotals(date(2026, 5, 1), purchases=2, spent=1_050, earned=10),
    DayTotals(date(2026, 5, 31), purchases=1, spent=400, earned=0),
    DayTotals(date(2026, 6, 1), purchases=5, spent=77_777, earned=777),
)
SCHEMES = ("base", "silver", "gold", "platinum")


def progression(window: Term) -> Progression:
    """A progression with this window."""
    return Progression(
        metric=Metric.MONEY_SPENT,
        window=window,
        upgrade=Upgrade.AT_REVIEW,
        downgrade=Downgrade.TO_REACHED,
        review=Daily(),
    )


@pytest.mark.rule("SCH-2")
@pytest.mark.parametrize(
    ("metric", "measured"),
    [(Metric.POINTS_EARNED, 10), (Metric.MONEY_SPENT, 1_450), (Metric.PURCHASES, 3), (Metric.VISITS, 2)],
)
def test_a_metric_counts_the_days_of_its_half_open_window(metric, measured):
    assert measure(metric, MAY, TOTALS) == measured
    assert measure(metric, MAY, tuple(reversed(TOTALS))) == measured
    assert measure(metric, MAY, ()) == 0


@pytest.mark.rule("SCH-2")
@given(
    days=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(0, 9)), unique_by=lambda each: each[0]),
    start=st.integers(0, 60),
    length=st.integers(0, 60),
    metric=st.sampled_from(Metric),
)
def test_a_metric_is_what_its_days_come_to(days, start, length, metric):
    first = date(2026, 1, 1)
    totals = [DayTotals(first + timedelta(days=day), 1, spent, earned) for day, spent, earned in days]
    inside = [each for each in days if start <= each[0] < start + length]
    expected = {
        Metric.POINTS_EARNED: sum(earned for _, _, earned in inside),
        Metric.MONEY_SPENT: sum(spent for _, spent, _ in inside),
        Metric.PURCHASES: len(inside),
        Metric.VISITS: len(inside),
    }
    window = Days(first + timedelta(days=start), first + timedelta(days=start + length))
    assert measure(metric, window, totals) == expected[metric]


@pytest.mark.rule("SCH-2")
@pytest.mark.parametrize(
    ("window", "start"),
    [
        (Term.of_days(90), date(2017, 11, 3)),
        (Term.of_months(1), date(2018, 1, 1)),
        (Term.of_months(12), date(2017, 2, 1)),
        (Term.of_years(1), date(2017, 2, 1)),
    ],
)
def test_a_rolling_window_ends_before_the_review_day(window, start):
    day = date(2018, 2, 1)
    world = World(MemoryStorage(), progression=progression(window))
    found = window_before(world.club, world.org.loyalty.account(world.account()), day)
    assert found == Days(start, day)
    assert day not in found


@pytest.mark.rule("SCH-3")
@pytest.mark.parametrize(
    ("measured", "scheme"),
    [
        (0, "base"),
        (24_999, "base"),
        (25_000, "silver"),
        (74_999, "silver"),
        (75_000, "gold"),
        (149_999, "gold"),
        (150_000, "platinum"),
        (10**9, "platinum"),
    ],
)
def test_the_reached_scheme_is_the_highest_whose_threshold_is_not_above_the_metric(journey, measured, scheme):
    assert reached(journey, measured) == scheme


@pytest.fixture
def journey():
    """The club of The Complete Journey."""
    return World(MemoryStorage(), schemes=ladder()).club


def ladder():
    """Base, Silver, Gold, Platinum at 0, 250, 750, 1,500 dollars."""
    from memberlogic import Scheme

    thresholds = (0, 25_000, 75_000, 150_000)
    return [Scheme(code=code, name=code, threshold=each) for code, each in zip(SCHEMES, thresholds, strict=True)]
