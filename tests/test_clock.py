"""COM-2: the clock is the host's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from memberlogic.clock import FixedClock, SystemClock
from memberlogic.storing import Present

pytestmark = pytest.mark.rule("COM-2")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_fixed_clock_stands_still_until_it_is_moved():
    clock = FixedClock(NOON.astimezone(ZoneInfo("Asia/Tokyo")))
    assert clock.now() == clock.now() == NOON
    assert clock.now().tzinfo is UTC
    clock.forward(timedelta(hours=1))
    assert clock.now() == NOON + timedelta(hours=1)
    clock.set(NOON - timedelta(days=1))
    assert clock.now() == NOON - timedelta(days=1)


def test_the_systems_clock_is_in_utc():
    assert SystemClock().now().tzinfo is UTC
    assert SystemClock().now() <= SystemClock().now()


@pytest.mark.rule("COM-8")
def test_the_present_is_read_once_and_never_precedes_what_took_effect():
    clock = FixedClock(NOON)
    present = Present(clock)
    assert present.now == NOON
    clock.forward(timedelta(hours=1))
    assert present.now == NOON
    present.not_before(NOON - timedelta(days=1))
    assert present.now == NOON
    present.not_before(NOON + timedelta(days=1))
    assert present.now == NOON + timedelta(days=1)
