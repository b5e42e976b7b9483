"""CARE-2, CARE-3: when a schedule fires, and that time stands still while a run is paused."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.care.drawing import ZONES, calendar_delays, delays, hours, instants, pauses

from memberlogic.calendar import instant_of, local_day
from memberlogic.care.flows import After, DelayUnit
from memberlogic.care.model import Pause, united
from memberlogic.care.timing import due

BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from(ZONES)


def at(month, day, hour=9, minute=0):
    return instant_of(date(2026, month, day), time(hour, minute), BERLIN)


def days(length, at=None):
    return After(length=length, unit=DelayUnit.DAYS, at=at)


def paused(since, until):
    return Pause(since=since, until=until)


@pytest.mark.rule("CARE-3")
def test_three_days_from_1_march_paused_on_the_3rd_and_resumed_on_the_8th_are_over_on_9_march():
    assert due(days(3), at(3, 1), [paused(at(3, 3, 0), at(3, 8, 0))], BERLIN) == at(3, 9)


@pytest.mark.rule("CARE-2", "CARE-3")
@pytest.mark.parametrize(
    ("delay", "anchor", "stands_still", "expected"),
    [
        (days(3), at(3, 1), [], at(3, 4)),
        (days(0), at(3, 1), [], at(3, 1)),
        (After(length=2, unit=DelayUnit.WEEKS), at(3, 1), [], at(3, 15)),
        (After(length=1, unit=DelayUnit.MONTHS), at(1, 31), [], at(2, 28)),
        # The time of day on the day that is meant; one that has passed is the next such time.
        (days(3, time(18)), at(3, 1), [], at(3, 4, 18)),
        (days(0, time(18)), at(3, 1), [], at(3, 1, 18)),
        (days(0, time(8)), at(3, 1), [], at(3, 2, 8)),
        (days(0, time(9)), at(3, 1), [], at(3, 1)),
        # The night in which 02:30 is missing: the first instant after it.
        (days(1, time(2, 30)), at(3, 28), [], at(3, 29, 3)),
        # Days are counted on the calendar, hours as they elapse: that night has 23.
        (days(1), at(3, 28, 12), [], at(3, 29, 12)),
        (After(length=24, unit=DelayUnit.HOURS), at(3, 28, 12), [], at(3, 29, 13)),
        # What begins when it is due, or later, does not move it.
        (days(3), at(3, 1), [paused(at(3, 4), at(3, 8))], at(3, 4)),
        (days(3), at(3, 1), [paused(at(3, 4, 8), at(3, 8, 8))], at(3, 8)),
        # What was over before does not, either.
        (days(3), at(3, 1), [paused(at(2, 1), at(3, 1))], at(3, 4)),
        # Moved by one pause into another.
        (days(3), at(3, 1), [paused(at(3, 3, 0), at(3, 8, 0)), paused(at(3, 9, 0), at(3, 11, 0))], at(3, 11)),
        # Time goes on after the time of day: at once, or at the next such time where one was asked for.
        (days(3), at(3, 1), [paused(at(3, 4, 8), at(3, 8, 15))], at(3, 8, 15)),
        (days(3, time(9)), at(3, 1), [paused(at(3, 4, 8), at(3, 8, 15))], at(3, 9)),
        # From inside a pause it counts from the day on which time goes on, at the anchor's time of day.
        (days(3), at(3, 3, 10), [paused(at(3, 3, 0), at(3, 8, 0))], at(3, 11, 10)),
        (After(length=1, unit=DelayUnit.MONTHS), at(1, 20), [paused(at(1, 10), at(1, 31, 0))], at(2, 28)),
        (After(length=5, unit=DelayUnit.HOURS), at(3, 3, 10), [paused(at(3, 3, 0), at(3, 8, 0))], at(3, 8, 5)),
        (After(length=5, unit=DelayUnit.HOURS), at(3, 3, 10), [paused(at(3, 3, 12), at(3, 8, 12))], at(3, 8, 15)),
        # Nobody knows when.
        (days(3), at(3, 1), [paused(at(3, 3), None)], None),
        (days(3), at(3, 1), [paused(at(2, 1), None)], None),
        (After(length=0, unit=DelayUnit.HOURS), at(3, 1), [paused(at(2, 1), None)], None),
        (days(3), at(3, 1), [paused(at(3, 4), None)], at(3, 4)),
    ],
)
def test_a_schedule_fires_when_the_rule_says(delay, anchor, stands_still, expected):
    assert due(delay, anchor, stands_still, BERLIN) == expected


@pytest.mark.rule("CARE-3")
@given(hours, instants, pauses(), zones)
def test_hours_are_the_time_that_elapsed_outside_of_pauses(delay, anchor, stands_still, zone):
    end = due(delay, anchor, stands_still, zone)
    assume(end is not None)
    stood = sum(
        (min(p.until or end, end) - max(p.since, anchor) for p in stands_still if _meet(p, anchor, end)), timedelta()
    )
    assert end - anchor - stood == timedelta(hours=delay.length)


def _meet(pause, since, until):
    return max(pause.since, since) < min(pause.until or until, until)


@pytest.mark.rule("CARE-3")
@given(delays, instants, pauses(), zones)
def test_nothing_falls_due_while_time_stands_still_nor_before_what_it_counts_from(delay, anchor, stands_still, zone):
    end = due(delay, anchor, stands_still, zone)
    if end is None:
        assert stands_still[-1].until is None
        return
    assert end >= anchor
    assert not any(pause.since < end and end in pause for pause in stands_still)


@pytest.mark.rule("CARE-3")
@given(delays, instants, pauses(), pauses(most=1), zones)
def test_a_further_pause_never_makes_anything_due_earlier(delay, anchor, stands_still, more, zone):
    before = due(delay, anchor, stands_still, zone)
    after = due(delay, anchor, united([*stands_still, *more]), zone)
    assert after is None or (before is not None and after >= before) or before is None


@pytest.mark.rule("CARE-3")
@given(calendar_delays.filter(lambda each: each.unit is DelayUnit.DAYS and each.at is None), instants, pauses(), zones)
def test_days_move_by_the_local_days_paused(delay, anchor, stands_still, zone):
    """Told once more, day by day: each local day from the anchor's on counts unless time stood still when it began."""
    whole_days = [
        Pause(since=_midnight(p.since, zone), until=p.until and _midnight(p.until, zone)) for p in stands_still
    ]
    stands_still = united(p for p in whole_days if p.until is None or p.since < p.until)
    assume(not any(anchor in each for each in stands_still))
    end = due(delay, anchor, stands_still, zone)
    assume(end is not None)
    left, day = delay.length, local_day(anchor, zone)
    while left:
        here = _start(day, zone)
        left -= not any(here in each for each in stands_still if each.since >= anchor or here > anchor)
        day += timedelta(days=1)
    while any(
        _start(day, zone) in each
        for each in stands_still
        if each.since < instant_of(day, anchor.astimezone(zone).time(), zone)
    ):
        day += timedelta(days=1)
    assert local_day(end, zone) == day


def _start(day, zone):
    return instant_of(day, time(), zone)


def _midnight(instant, zone):
    return _start(local_day(instant, zone), zone)


@pytest.mark.rule("CARE-2")
@given(calendar_delays.filter(lambda each: each.at is not None), instants, pauses(), zones)
def test_a_time_of_day_is_kept_but_where_the_clocks_pass_it_by(delay, anchor, stands_still, zone):
    end = due(delay, anchor, stands_still, zone)
    assume(end is not None)
    local = end.astimezone(zone)
    passed_by = instant_of(local.date(), delay.at, zone) == end
    assert local.time() == delay.at or passed_by


def test_a_local_time_that_comes_twice_is_the_first():
    assert instant_of(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_day_that_a_place_never_had_is_the_first_instant_after_it():
    apia = ZoneInfo("Pacific/Apia")
    assert instant_of(date(2011, 12, 30), time(9), apia) == instant_of(date(2011, 12, 31), time(0), apia)
