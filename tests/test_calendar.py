"""COM-3, COM-4, COM-5: business days, half-open spans, anchored months; in zones where midnight is missing, comes
twice, or a whole day was never there.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.calendar import (
    CalendarPeriod,
    Days,
    Term,
    first_day_after,
    first_days_of_months,
    instant_of,
    local_day,
    start_of_day,
    zone,
)
from memberlogic.errors import InvalidInput

BERLIN, NEW_YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
TICK = timedelta(microseconds=1)

# Zones with midnight gaps, half hours, both ends of the day, and changes of the date line.
ZONES = st.sampled_from(
    [
        "Africa/Cairo",
        "America/Asuncion",
        "America/Havana",
        "America/New_York",
        "America/Santiago",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Asia/Beirut",
        "Asia/Gaza",
        "Asia/Kathmandu",
        "Asia/Tehran",
        "Atlantic/Azores",
        "Australia/Lord_Howe",
        "Etc/GMT+12",
        "Europe/Berlin",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Pacific/Kwajalein",
        "UTC",
    ]
).map(ZoneInfo)
DAYS = st.dates(date(1980, 1, 1), date(2060, 12, 31))


def exists(day, place):
    """Whether a place ever had this day."""
    return any(
        local_day(datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours), place) == day
        for hours in range(-15, 40)
    )


@pytest.mark.rule("COM-3")
@given(day=DAYS, place=ZONES)
def test_a_day_starts_at_its_first_instant(day, place):
    start = start_of_day(day, place)
    assert start.tzinfo is UTC
    assert local_day(start - TICK, place) < day
    if exists(day, place):
        assert local_day(start, place) == day


@pytest.mark.rule("COM-3")
@given(day=DAYS, place=ZONES)
def test_days_start_one_after_the_other(day, place):
    start, end = start_of_day(day, place), start_of_day(first_day_after(day), place)
    assert start <= end
    assert (start < end) == exists(day, place)
    assert end - start <= timedelta(hours=48)


@pytest.mark.rule("COM-3")
@given(at=st.datetimes(datetime(1980, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)), place=ZONES)
def test_an_instant_is_inside_its_business_day(at, place):
    day = local_day(at, place)
    assert start_of_day(day, place) <= at < start_of_day(first_day_after(day), place)


@pytest.mark.rule("COM-3")
@pytest.mark.parametrize(
    ("place", "day", "start"),
    [
        (BERLIN, date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (BERLIN, date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        # São Paulo's clocks jumped from 00:00 to 01:00: midnight was missing.
        (ZoneInfo("America/Sao_Paulo"), date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # Havana's clocks go back from 01:00 to 00:00: midnight comes twice, the day starts at the first.
        (ZoneInfo("America/Havana"), date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
        # Samoa went from 29 to 31 December 2011: the 30th starts where the 31st does.
        (APIA, date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
        (APIA, date(2011, 12, 31), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_where_midnight_is_missing_or_comes_twice(place, day, start):
    assert start_of_day(day, place) == start


@pytest.mark.rule("COM-3")
def test_new_year_is_where_one_is():
    at = datetime(2027, 1, 1, 4, 1, tzinfo=UTC)
    assert local_day(at, NEW_YORK) == date(2026, 12, 31)
    assert local_day(at, BERLIN) == date(2027, 1, 1)


@pytest.mark.rule("COM-5")
@given(anchor=DAYS, months=st.integers(1, 60), times=st.integers(1, 20))
def test_months_are_counted_from_the_anchor(anchor, months, times):
    after = Term.of_months(months).after(anchor, times)
    total = anchor.year * 12 + anchor.month - 1 + months * times
    assert (after.year, after.month) == (total // 12, total % 12 + 1)
    assert after.day == anchor.day or (after.day < anchor.day and first_day_after(after).day == 1)


@pytest.mark.rule("COM-5")
def test_a_month_never_drifts():
    anchor, month = date(2026, 1, 31), Term.of_months(1)
    assert [month.after(anchor, n) for n in (1, 2, 3)] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]
    assert month.after(month.after(anchor)) == date(2026, 3, 28) != month.after(anchor, 2)


@pytest.mark.rule("COM-5")
def test_a_leap_day_is_kept_on_the_28th():
    assert Term.of_years(1).after(date(2024, 2, 29)) == date(2025, 2, 28)
    assert Term.of_years(4).after(date(2024, 2, 29)) == date(2028, 2, 29)


@pytest.mark.rule("COM-5")
def test_the_calendar_ends_where_it_does():
    assert Term.of_years(100).after(date(9950, 1, 1)) == date(9998, 12, 31)
    assert Term.of_days(36_600).after(date(9998, 12, 30), times=10**6) == date(9998, 12, 31)
    assert Term.of_years(100).before(date(50, 1, 1)) == date.min
    assert Term.of_days(1).before(date.min) == date.min


@pytest.mark.rule("COM-5")
@given(anchor=DAYS, days=st.integers(1, 36_600))
def test_days_go_forth_and_back(anchor, days):
    assert Term.of_days(days).before(Term.of_days(days).after(anchor)) == anchor


@pytest.mark.rule("COM-4")
@given(day=DAYS, kind=st.sampled_from(CalendarPeriod))
def test_a_period_is_half_open_and_meets_the_next(day, kind):
    period = kind.containing(day)
    assert day in period
    assert period.end not in period
    assert period.last_day == period.end - timedelta(days=1)
    assert kind.containing(period.last_day) == kind.containing(period.start) == period
    assert kind.containing(period.end).start == period.end


@pytest.mark.rule("COM-4")
@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        (CalendarPeriod.DAY, date(2026, 5, 14), date(2026, 5, 15)),
        (CalendarPeriod.WEEK, date(2026, 5, 11), date(2026, 5, 18)),
        (CalendarPeriod.MONTH, date(2026, 5, 1), date(2026, 6, 1)),
        (CalendarPeriod.QUARTER, date(2026, 4, 1), date(2026, 7, 1)),
        (CalendarPeriod.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_periods_of_the_calendar(kind, start, end):
    assert kind.containing(date(2026, 5, 14)) == Days(start, end)


@pytest.mark.rule("COM-5")
@pytest.mark.parametrize(("days", "months"), [(0, 0), (1, 1), (-1, 0), (0, 1201), (True, 0), (1.0, 0), (36_601, 0)])
def test_a_term_is_days_or_months(days, months):
    with pytest.raises(InvalidInput):
        Term(days=days, months=months)


@pytest.mark.rule("COM-5")
@pytest.mark.parametrize(
    ("term", "words"),
    [
        (Term.of_days(1), "1 day"),
        (Term.of_days(90), "90 days"),
        (Term.of_months(1), "1 month"),
        (Term.of_months(18), "18 months"),
        (Term.of_years(1), "1 year"),
        (Term.of_years(2), "2 years"),
    ],
)
def test_a_term_reads_as_people_say_it(term, words):
    assert str(term) == words


@pytest.mark.rule("COM-3")
@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe", None, 7])
def test_a_zone_is_one_of_the_database(name):
    with pytest.raises(InvalidInput) as caught:
        zone(name)
    assert caught.value.path == "zone"
    assert zone("Europe/Berlin") is not None


@pytest.mark.rule("COM-4", "COM-5")
@given(st.dates(), st.integers(0, 900))
def test_months_of_days_are_those_of_each_day(start, days):
    """Half-open: the month that begins with the end is not among them."""
    end = min(date.max, start + timedelta(days=min(days, (date.max - start).days)))
    months = {(start + timedelta(days=each)).replace(day=1) for each in range((end - start).days)}
    assert list(first_days_of_months(Days(start, end))) == sorted(months)


@given(day=DAYS, local=st.times(), place=ZONES)
def test_a_local_time_is_the_first_instant_that_shows_it_or_the_first_after_a_gap(day, local, place):
    """Shown exactly, or what comes before shows less; the second time is never before the first."""
    local = local.replace(fold=0)
    wanted = datetime.combine(day, local)
    first, second = instant_of(day, local, place), instant_of(day, local, place, again=True)
    shown = first.astimezone(place).replace(tzinfo=None)
    assert shown >= wanted
    assert first <= second <= first + timedelta(hours=2)
    if shown > wanted:
        assert (first - TICK).astimezone(place).replace(tzinfo=None) < wanted
        assert first == second
    else:
        assert (second.astimezone(place).replace(tzinfo=None)) == wanted


def test_a_time_that_comes_twice_and_one_that_is_missing():
    assert instant_of(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant_of(date(2026, 10, 25), time(2, 30), BERLIN, again=True) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert instant_of(date(2026, 3, 29), time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert instant_of(date(2011, 12, 30), time(12), APIA) == datetime(2011, 12, 30, 10, tzinfo=UTC)
