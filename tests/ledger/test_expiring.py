"""PTS-6 and PTS-12: until when points live, and the entries that say they are gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, CalendarPeriod, Never, Term
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput
from memberlogic.ledger.expiring import expires_at
from memberlogic.ledger.model import EntryKind

pytestmark = pytest.mark.rule("PTS-6")
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def local(expiry, day, zone=BERLIN):
    """Where the day begins on which points are gone, on that place's clocks."""
    return expires_at(expiry, day, zone).astimezone(zone).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("expiry", "earned_on", "gone_from"),
    [
        (After(Term.of_days(90)), date(2026, 1, 1), datetime(2026, 4, 1)),
        (After(Term.of_months(1)), date(2026, 1, 31), datetime(2026, 2, 28)),
        (After(Term.of_months(1)), date(2028, 1, 31), datetime(2028, 2, 29)),
        (After(Term.of_years(1)), date(2028, 2, 29), datetime(2029, 2, 28)),
        (After(Term.of_months(6), CalendarPeriod.MONTH), date(2026, 1, 15), datetime(2026, 8, 1)),
        (After(Term.of_months(6), CalendarPeriod.MONTH), date(2026, 1, 31), datetime(2026, 8, 1)),
        (After(Term.of_days(30), CalendarPeriod.QUARTER), date(2026, 3, 1), datetime(2026, 4, 1)),
        (After(Term.of_days(31), CalendarPeriod.QUARTER), date(2026, 3, 1), datetime(2026, 7, 1)),
        (After(Term.of_years(2), CalendarPeriod.YEAR), date(2026, 12, 31), datetime(2029, 1, 1)),
        (After(Term.of_years(2), CalendarPeriod.YEAR), date(2027, 1, 1), datetime(2030, 1, 1)),
    ],
)
def test_points_are_gone_from_the_start_of_a_day(expiry, earned_on, gone_from):
    assert local(expiry, earned_on) == gone_from


def test_points_that_never_expire_never_do():
    assert expires_at(Never(), date(2026, 1, 1), BERLIN) is None


@pytest.mark.rule("COM-3")
def test_the_day_begins_in_the_clubs_zone():
    assert expires_at(After(Term.of_days(1)), date(2026, 3, 28), BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert expires_at(After(Term.of_days(1)), date(2026, 3, 29), BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert expires_at(After(Term.of_days(90)), date(2017, 1, 1), NEW_YORK) == datetime(2017, 4, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize("period", [CalendarPeriod.DAY, CalendarPeriod.WEEK])
def test_expiry_is_rounded_to_months_quarters_or_years_only(period):
    with pytest.raises(InvalidInput) as refusal:
        After(Term.of_days(1), period)
    assert refusal.value.path == "to_end_of"


@given(
    earned_on=st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    days=st.integers(1, 800),
    zone=st.sampled_from(["Pacific/Kiritimati", "Pacific/Apia", "Asia/Kathmandu", "America/Sao_Paulo", "Etc/GMT+12"]),
    period=st.sampled_from([None, CalendarPeriod.MONTH, CalendarPeriod.QUARTER, CalendarPeriod.YEAR]),
)
def test_rounding_up_never_shortens_a_life(earned_on, days, zone, period):
    plain = expires_at(After(Term.of_days(days)), earned_on, ZoneInfo(zone))
    rounded_up = expires_at(After(Term.of_days(days), period), earned_on, ZoneInfo(zone))
    assert plain <= rounded_up <= plain + timedelta(days=367)
    instant = plain.astimezone(ZoneInfo(zone))
    assert instant.date() >= earned_on + timedelta(days=days)
    assert (plain - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < instant.date()


def test_points_can_be_spent_until_the_instant_they_expire(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account = world.account(credits=[10])
    expires = world.wallet(account).lots[0].expires_at
    world.clock.set(expires - timedelta(microseconds=1))
    assert world.available(account) == 10
    world.clock.set(expires)
    assert world.available(account) == 0


def test_a_later_change_of_time_of_day_leaves_issued_lots_alone(make_world):
    """The instant is stamped on the lot at award."""
    world = make_world(at=datetime(2026, 1, 1, 22, 59, tzinfo=UTC), expiry=After(Term.of_days(1)))
    early = world.account(credits=[1])
    world.wait(minutes=1)  # midnight in Berlin
    late = world.account(credits=[1])
    assert world.wallet(late).lots[0].expires_at - world.wallet(early).lots[0].expires_at == timedelta(days=1)


@pytest.mark.rule("PTS-12")
def test_the_job_writes_one_entry_for_each_instant_and_nothing_when_run_again(make_world):
    world = make_world()
    account = world.account()
    soon, later = world.clock.now() + timedelta(days=1), world.clock.now() + timedelta(days=2)
    for expires in (soon, soon, later):
        world.org.ledger.credit(account, 4, reason="welcome", expires_at=expires)
    world.wait(days=30)
    world.ml.run_jobs()
    world.ml.run_jobs()
    expired = [entry for entry in world.entries(account) if entry.kind is EntryKind.EXPIRE]
    assert [(entry.amount, entry.effective_at, len(entry.slices)) for entry in expired] == [
        (-8, soon, 2),
        (-4, later, 1),
    ]
    conserved(world, account)


@pytest.mark.rule("PTS-12", "COM-8")
def test_whether_the_job_ran_makes_no_difference(make_world):
    told = []
    for runs in ((), (1,), (1, 2, 5, 9)):
        world = make_world(expiry=After(Term.of_days(3)))
        account = world.account(credits=[10])
        for day in range(10):
            world.wait(days=1)
            if day in runs:
                world.ml.run_jobs()
            if day == 4:
                world.org.ledger.credit(account, 7, reason="welcome")
        world.ml.run_jobs()
        told.append([(e.kind, e.amount, e.effective_at) for e in world.entries(account)])
    assert told[0] == told[1] == told[2]


@pytest.mark.rule("PTS-12")
def test_expired_points_stay_visible_for_ever(world):
    account = world.account()
    expires = world.clock.now() + timedelta(days=1)
    world.org.ledger.credit(account, 9, reason="welcome", expires_at=expires)
    world.wait(days=1000)
    world.org.ledger.credit(account, 1, reason="welcome")
    assert [(e.kind, e.amount) for e in world.entries(account)] == [
        (EntryKind.CREDIT, 9),
        (EntryKind.EXPIRE, -9),
        (EntryKind.CREDIT, 1),
    ]
