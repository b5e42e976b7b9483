"""PTS-6 and PTS-12: until when points live, and the entries that say they are gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, CalendarPeriod, FixedDay, Never, Term, WalletId
from memberlogic.certification.base import conserved
from memberlogic.errors import IdempotencyConflict, InvalidInput
from memberlogic.ledger.expiring import expires_at
from memberlogic.ledger.model import EntryKind

pytestmark = pytest.mark.rule("PTS-6")
UTC_ZONE = ZoneInfo("UTC")
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


HALF_A_YEAR = Term.of_months(6)


@pytest.mark.parametrize(
    ("month", "day", "life", "earned_on", "gone_from"),
    [
        (1, 1, HALF_A_YEAR, date(2026, 6, 30), datetime(2027, 1, 1)),  # 30 December 2026, and then New Year
        (1, 1, HALF_A_YEAR, date(2026, 7, 1), datetime(2028, 1, 1)),  # 1 January 2027: the first one *after* it
        (1, 1, Term.of_days(1), date(2026, 12, 30), datetime(2027, 1, 1)),
        (1, 1, Term.of_days(1), date(2026, 12, 31), datetime(2028, 1, 1)),
        (3, 31, HALF_A_YEAR, date(2026, 1, 15), datetime(2027, 3, 31)),
        (2, 29, Term.of_days(1), date(2026, 1, 1), datetime(2026, 2, 28)),
        (2, 29, Term.of_days(1), date(2027, 2, 27), datetime(2028, 2, 29)),  # the 28th is not after the 28th
        (2, 29, Term.of_days(1), date(2027, 2, 26), datetime(2027, 2, 28)),
        (2, 29, Term.of_years(1), date(2027, 2, 27), datetime(2028, 2, 29)),
        (2, 29, Term.of_years(1), date(2028, 2, 29), datetime(2030, 2, 28)),  # 28 February 2029, and then the next
        (12, 31, Term.of_months(1), date(2027, 1, 31), datetime(2027, 12, 31)),
    ],
)
def test_points_are_gone_all_together_on_a_day_of_the_year(month, day, life, earned_on, gone_from):
    assert local(FixedDay(month=month, day=day, minimum_life=life), earned_on) == gone_from


@pytest.mark.rule("COM-3")
def test_a_fixed_day_begins_where_midnight_is_missing_when_the_clocks_jump():
    """In Havana 8 March 2026 begins at one o'clock."""
    havana = ZoneInfo("America/Havana")
    policy = FixedDay(month=3, day=8, minimum_life=Term.of_days(30))
    assert local(policy, date(2026, 1, 1), havana) == datetime(2026, 3, 8, 1)


def test_a_fixed_day_lies_within_the_calendar():
    """Nothing is computed beyond its end."""
    policy = FixedDay(month=12, day=31, minimum_life=Term.of_years(100))
    assert expires_at(policy, date(9998, 6, 1), UTC_ZONE) == datetime(9998, 12, 31, tzinfo=UTC)


@given(
    earned_on=st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    days=st.integers(1, 800),
    month=st.integers(1, 12),
    day=st.integers(1, 31),
    zone=st.sampled_from(["Pacific/Kiritimati", "America/Havana", "Asia/Kathmandu", "America/Sao_Paulo"]),
)
def test_a_fixed_day_is_the_first_such_day_after_the_minimum_life(earned_on, days, month, day, zone):
    """Against a plain walk through the calendar."""
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}.get(month, 31)
    day = min(day, longest)
    expected = earned_on + timedelta(days=days + 1)
    while not (expected.month == month and expected.day == day) and not (
        (month, day) == (2, 29) and (expected.month, expected.day) == (2, 28) and expected.year % 4
    ):
        expected += timedelta(days=1)
    gone = expires_at(FixedDay(month=month, day=day, minimum_life=Term.of_days(days)), earned_on, ZoneInfo(zone))
    assert gone.astimezone(ZoneInfo(zone)).date() == expected
    assert (gone - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < expected


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"month": 2, "day": 30, "minimum_life": HALF_A_YEAR}, "day"),
        ({"month": 4, "day": 31, "minimum_life": HALF_A_YEAR}, "day"),
        ({"month": 13, "day": 1, "minimum_life": HALF_A_YEAR}, "month"),
        ({"month": 1, "day": 0, "minimum_life": HALF_A_YEAR}, "day"),
        ({"month": 1, "day": 1, "minimum_life": 30}, "minimum_life"),
    ],
)
def test_a_fixed_day_is_a_day_of_the_calendar(said, path):
    with pytest.raises(InvalidInput) as refusal:
        FixedDay(**said)
    assert refusal.value.path == path


def test_everything_of_a_year_is_gone_on_one_day(make_world):
    """What has not lived for its minimum stays for the next one."""
    world = make_world(
        at=datetime(2026, 6, 30, 21, 59, tzinfo=UTC), expiry=FixedDay(month=1, day=1, minimum_life=HALF_A_YEAR)
    )
    account = world.account(credits=[10, 20])
    world.wait(minutes=1)  # 1 July in Berlin
    world.org.ledger.credit(account, 5, reason="welcome")
    world.clock.set(datetime(2026, 12, 31, 22, 59, tzinfo=UTC))
    assert world.available(account) == 35
    world.wait(minutes=1)
    assert world.available(account) == 5
    world.ml.run_jobs()
    (expired,) = [entry for entry in world.entries(account) if entry.kind is EntryKind.EXPIRE]
    assert (expired.amount, expired.business_day) == (-30, date(2027, 1, 1))
    assert world.org.ledger.balance(account).next_expiry == datetime(2027, 12, 31, 23, tzinfo=UTC)
    conserved(world, account)


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


@pytest.mark.rule("COM-9")
@pytest.mark.parametrize("service", ["ledger", "loyalty"])
def test_settling_takes_a_key(make_world, service):
    world = make_world(expiry=After(Term.of_days(3)))
    account = world.account(credits=[10])
    world.wait(days=3)
    settle = getattr(world.org, service).settle
    first = settle([WalletId(account)], idempotency_key="K1")
    assert (first.wallets, first.entries) == (1, 1)
    world.org.ledger.credit(account, 5, reason="welcome")
    world.wait(days=3)
    assert settle([WalletId(account)], idempotency_key="K1") == first
    assert world.wallet(account).remaining == 5
    with pytest.raises(IdempotencyConflict):
        settle([WalletId(account)], as_of=world.clock.now(), idempotency_key="K1")
    assert settle([WalletId(account)], idempotency_key="K2").entries == 1
