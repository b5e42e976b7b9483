"""SCH-9, SCH-5: holders are told that their account will fall, through the public service, on every store."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loyalty.test_staying import LADDER, buy, moves, until

from memberlogic import (
    CalendarYear,
    Daily,
    Downgrade,
    ExternalId,
    Monthly,
    Pin,
    PinKind,
    PurchaseLine,
    Term,
    Upgrade,
    WalletId,
    Yearly,
    converting,
)
from memberlogic.calendar import local_day, start_of_day
from memberlogic.certification.rising import OPENED, progressions
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.loyalty.progression import Progression
from memberlogic.relaying import RelayRun
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("SCH-9")

MONTH, WEEK = Term.of_days(30), Term.of_days(7)
LEADS = (MONTH, WEEK)
YEARS = {"window": CalendarYear(), "upgrade": Upgrade.AT_ONCE, "review": Yearly(1, 1), "warnings": LEADS}
FALLS = date(2018, 1, 1)
"""When gold that was reached in 2016, where the year 2017 does not reach it, is lost."""


def here(make, **said):
    """A world at noon of the day on which its accounts are opened."""
    at = datetime(OPENED.year, OPENED.month, OPENED.day, 12, tzinfo=UTC)
    return make(at=at, schemes=LADDER, progression=moves(**(YEARS | said)))


@pytest.fixture
def world(make_world):
    return here(make_world)


@pytest.fixture
def golden(world):
    """An account that is in gold since 2016."""
    world.member_of_it = world.member()
    account = world.account(member=world.member_of_it)
    buy(world, account, 340)
    return account


def told(world, *kinds):
    """What is sent now to this world's members: stores may be shared."""
    notifier = RecordingNotifier()
    world.ml.relay(notifier)
    return [each for each in notifier.sent if each.kind in (kinds or ("scheme.falling",)) and is_here(world, each)]


def is_here(world, message):
    try:
        return world.org.members.get(message.member).id == message.member
    except NotFound:
        return False


def run(world, *kinds, **by):
    """Run the jobs, then send: day, lead and missing of what is sent."""
    world.ml.run_jobs(**by)
    sent = told(world, *kinds)
    return [(each.figures["day"], each.figures.get("lead"), each.figures["missing"]) for each in sent]


def settled(world, *accounts):
    """How many warnings the jobs would queue for these accounts; queued."""
    return world.org.loyalty.settle([WalletId(account) for account in accounts]).warnings


@pytest.mark.rule("COM-17", "COM-10")
def test_each_lead_time_gives_one_message_that_says_what_is_missing_and_by_when(world, golden):
    """Gold of 2016 and 260 in 2017: 40 are missing on 2 December, 15 a week before."""
    until(world, date(2017, 3, 1))
    buy(world, golden, 260)
    assert run(world) == []
    until(world, date(2017, 12, 1), 23)
    assert run(world) == []
    until(world, date(2017, 12, 2), 0)
    assert world.ml.run_jobs().warnings >= 1
    (message,) = told(world)
    assert (message.kind, message.member, message.service) == ("scheme.falling", world.member_of_it, False)
    assert message.figures == {
        "account": str(golden),
        "day": "2018-01-01",
        "lead": "30 days",
        "scheme": "gold",
        "falls_to": "silver",
        "metric": "money_spent",
        "threshold": 300,
        "missing": 40,
        "by": "2017-12-31",
    }
    assert run(world) == []
    buy(world, golden, 25)
    until(world, date(2017, 12, 25))
    assert run(world) == [("2018-01-01", "7 days", 15)]
    for days in (1, 5):
        world.wait(days=days)
        assert run(world) == []
    until(world, FALLS)
    assert run(world) == []
    assert world.org.loyalty.account(golden).scheme == "silver"


def test_who_has_reached_the_scheme_meanwhile_is_not_told(world, golden):
    until(world, date(2017, 6, 1))
    buy(world, golden, 300)
    until(world, date(2017, 12, 26))
    assert run(world) == []
    until(world, date(2018, 12, 2))
    assert run(world) == [("2019-01-01", "30 days", 300)]


def test_late_only_the_shortest_lead_that_is_due(world, golden):
    until(world, date(2017, 12, 28))
    assert run(world) == [("2018-01-01", "7 days", 300)]
    world.wait(days=1)
    assert run(world) == []


@pytest.mark.rule("SCH-6", "COM-18")
def test_after_an_outage_nobody_is_told_what_would_have_been_said_then(world, golden):
    """The jobs are run as of each missed day; what is told is of now, and the fall of the year before is over."""
    until(world, date(2017, 3, 1))
    buy(world, golden, 100)
    assert run(world) == []
    until(world, date(2017, 12, 28))
    asked = [run(world, as_of=world.clock.now() - timedelta(days=days)) for days in (60, 20, 10, 0)]
    assert asked == [[], [("2018-01-01", "7 days", 200)], [], []]
    until(world, date(2018, 12, 28))
    as_of = datetime(2017, 12, 30, tzinfo=UTC)
    assert (run(world, as_of=as_of), run(world)) == ([], [("2019-01-01", "7 days", 100)])


def test_a_lead_of_one_review_is_told_by_the_review_that_lowered(make_world):
    """From gold to silver on 1 July: the message that base comes a month later comes with it."""
    world = here(
        make_world,
        window=Term.of_months(1),
        review=Monthly(1),
        downgrade=Downgrade.ONE_RANK,
        warnings=[Term.of_months(1)],
    )
    account = world.account()
    buy(world, account, 340)
    day = local_day(world.clock.now(), world.club.zone)
    found = world.org.loyalty.progress(account).keep
    assert (found.falls_on > day, found.falls_to) == (True, "silver")
    until(world, found.falls_on, 3)
    coming = Term.of_months(1).after(found.falls_on).isoformat()
    assert run(world) == [(coming, "1 month", 100)]
    world.wait(days=1)
    assert run(world) == []


def test_what_is_bought_shortly_before_puts_the_message_off_and_does_not_lose_it(make_world):
    """Daily reviews of the last 60 days: a day that comes to lie between two leads is told at its own."""
    world = here(make_world, window=Term.of_days(60), review=Daily())
    account = world.account()
    buy(world, account, 300)
    first = world.org.loyalty.progress(account).keep.falls_on
    until(world, first - timedelta(days=12))
    assert [day for day, _, _ in run(world)] == [first.isoformat()]
    buy(world, account, 300)
    second = world.org.loyalty.progress(account).keep.falls_on
    assert second > first
    days = []
    while local_day(world.clock.now(), world.club.zone) < second:
        world.wait(days=1)
        days += [(local_day(world.clock.now(), world.club.zone), *each) for each in run(world)]
    assert days == [
        (second - timedelta(days=30), second.isoformat(), "30 days", 300),
        (second - timedelta(days=7), second.isoformat(), "7 days", 300),
    ]


@pytest.mark.rule("PTS-10")
def test_a_return_that_lets_it_fall_earlier_is_told(make_world):
    world = here(make_world, window=Term.of_days(60), review=Daily())
    account = world.account()
    buy(world, account, 300)
    world.wait(days=50)
    given = ExternalId("till", f"{account}-late")
    lines = (PurchaseLine("item", 300),)
    world.org.loyalty.record_purchase(account=account, purchase=given, lines=lines, currency="EUR")
    assert run(world) == []
    before = world.org.loyalty.progress(account).keep.falls_on
    world.org.loyalty.return_purchase(purchase=given, receipt=ExternalId("till", f"{account}-back"))
    after = world.org.loyalty.progress(account).keep.falls_on
    assert after < before
    world.wait(days=5)
    assert run(world) == [(after.isoformat(), "7 days", 300)]


@pytest.mark.rule("PTS-1", "COM-17")
def test_every_holder_who_is_not_blocked_is_told(world, golden):
    joined, blocked = world.member(), world.member()
    for member in (joined, blocked):
        world.org.loyalty.join_account(golden, member)
    world.org.members.block(blocked, reason="abuse")
    until(world, date(2017, 12, 2))
    assert settled(world, golden) == 2
    messages = told(world)
    assert {each.member for each in messages} == {world.member_of_it, joined}
    assert len({each.id for each in messages}) == 2


@pytest.mark.rule("COM-17")
def test_what_may_have_changed_is_looked_at_again_when_it_is_sent(world, golden):
    """More was bought; it was reached; it moved; one left; one is blocked."""
    left, blocked = world.member(), world.member()
    reached, moved = world.account(), world.account()
    for account in (reached, moved):
        buy(world, account, 340)
    for member in (left, blocked):
        world.org.loyalty.join_account(golden, member)
    until(world, date(2017, 12, 2))
    assert settled(world, golden, reached, moved) == 5
    buy(world, golden, 10)
    buy(world, reached, 300)
    world.org.loyalty.move_scheme(moved, "silver", reason="goodwill")
    world.org.loyalty.leave_account(golden, left)
    world.org.members.block(blocked, reason="abuse")
    notifier = RecordingNotifier()
    assert world.ml.relay(notifier) == RelayRun(sent=1, withheld=4)
    assert [(each.member, each.figures["missing"]) for each in notifier.sent] == [(world.member_of_it, 290)]


@pytest.mark.rule("SCH-11", "COM-17")
def test_closed_accounts_are_told_of_nothing(world, golden):
    until(world, date(2017, 12, 2))
    assert settled(world, golden) == 1
    world.org.loyalty.close_account(golden)
    assert world.org.loyalty.account(golden).next_warning is None
    assert told(world) == []
    until(world, date(2017, 12, 28))
    assert run(world) == []


def test_a_club_that_names_no_lead_times_and_one_that_never_lowers_tell_nobody(make_world):
    for said in ({"warnings": ()}, {"downgrade": Downgrade.NEVER}):
        world = here(make_world, **said)
        account = world.account()
        buy(world, account, 340)
        assert world.org.loyalty.account(account).next_warning is None
        until(world, date(2017, 12, 28))
        assert run(world) == []


@pytest.mark.rule("SCH-7")
def test_a_pin_puts_off_what_is_told(world, golden):
    pin = Pin(PinKind.FIXED, date(2018, 6, 1))
    world.org.loyalty.move_scheme(golden, "gold", reason="goodwill", pin=pin)
    until(world, date(2017, 12, 28))
    assert run(world) == []
    day = world.org.loyalty.progress(golden).keep.falls_on
    until(world, day - timedelta(days=30))
    assert [each[:2] for each in run(world)] == [(day.isoformat(), "30 days")]


@pytest.mark.rule("SCH-5")
def test_the_beginning_of_a_grace_is_told_with_the_review_that_began_it(make_world):
    """Also by a club that names no lead times; once; not where the grace is over when the review is written down."""
    world = here(make_world, window=Term.of_days(60), review=Daily(), grace=Term.of_days(20), warnings=())
    member = world.member()
    account = world.account(member=member)
    buy(world, account, 300)
    day = world.org.loyalty.progress(account).keep.falls_on
    until(world, day - timedelta(days=20))
    world.ml.run_jobs()
    (message,) = told(world, "scheme.grace")
    assert (message.member, message.figures["day"], message.figures["missing"]) == (member, day.isoformat(), 300)
    assert world.org.loyalty.account(account).grace.until == day
    assert run(world, "scheme.grace", "scheme.falling") == []
    other = world.account()
    buy(world, other, 300)
    world.wait(days=200)
    assert run(world, "scheme.grace") == []


@pytest.mark.rule("SCH-5")
def test_a_grace_that_began_is_the_warning_of_the_leads_that_have_come_by_then(make_world):
    world = here(make_world, window=Term.of_days(60), review=Daily(), grace=Term.of_days(20), upgrade=Upgrade.AT_ONCE)
    account = world.account()
    buy(world, account, 300)
    day = world.org.loyalty.progress(account).keep.falls_on
    until(world, day - timedelta(days=30))
    assert run(world, "scheme.grace", "scheme.falling") == [(day.isoformat(), "30 days", 300)]
    until(world, day - timedelta(days=20))
    assert run(world, "scheme.grace", "scheme.falling") == [(day.isoformat(), None, 300)]
    until(world, day - timedelta(days=7))
    assert run(world, "scheme.grace", "scheme.falling") == [(day.isoformat(), "7 days", 300)]


@pytest.mark.rule("SCH-5")
def test_a_grace_that_was_ended_before_it_is_sent_is_not_told(make_world):
    world = here(make_world, window=Term.of_days(60), review=Daily(), grace=Term.of_days(20), warnings=())
    account = world.account()
    buy(world, account, 300)
    day = world.org.loyalty.progress(account).keep.falls_on
    until(world, day - timedelta(days=20))
    world.ml.run_jobs()
    buy(world, account, 300)
    assert told(world, "scheme.grace") == []


@pytest.mark.rule("COM-18", "COM-16")
def test_run_twice_at_once_nobody_is_told_twice(world):
    for _ in range(6):
        buy(world, world.account(), 340)
    until(world, date(2017, 12, 2))
    threads = [threading.Thread(target=world.ml.run_jobs, kwargs={"chunk": 2}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.ml.run_jobs()
    assert run(world) == [("2018-01-01", "30 days", 300)] * 6


@pytest.mark.rule("COM-18")
def test_killed_and_run_again_nobody_is_told_twice_nor_forgotten(world):
    class Killed(BaseException):
        """The process dies between two chunks."""

    def dying(_):
        raise Killed

    for _ in range(5):
        buy(world, world.account(), 340)
    until(world, date(2017, 12, 2))
    with pytest.raises(Killed):
        world.ml.run_jobs(chunk=2, progress=dying)
    world.ml.run_jobs(chunk=2)
    assert run(world) == [("2018-01-01", "30 days", 300)] * 5


@pytest.mark.rule("COM-18")
def test_the_agenda_says_when_somebody_has_to_look_and_nothing_after_it(world, golden):
    """Inclusive; it is two looks a year and account, and one after each change of scheme."""

    def due(at):
        found = world.storage.due(at, 10_000)
        return [each.at for each in found if each.account == golden and each.unit is None]

    assert due(world.clock.now()) == [world.clock.now()]
    world.ml.run_jobs()
    seen = []
    while world.clock.now() < start_of_day(FALLS, world.club.zone):
        world.wait(days=1)
        if due(world.clock.now()):
            seen.append(local_day(world.clock.now(), world.club.zone))
            world.ml.run_jobs()
        assert due(world.clock.now()) == []
    assert seen == [date(2017, 1, 1), FALLS - timedelta(days=30), FALLS - timedelta(days=7), FALLS]


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("warnings", "path"), [([WEEK, MONTH, WEEK], "warnings[2]"), ([7], "warnings[0]"), ("week", "warnings")]
)
def test_lead_times_are_terms_each_once(warnings, path):
    with pytest.raises(InvalidInput) as caught:
        moves(warnings=warnings)
    assert caught.value.path.startswith(path)


def test_a_progression_that_was_stored_without_lead_times_still_reads():
    stored = converting.to_json(moves())
    del stored["warnings"]
    assert converting.from_json(Progression, stored, "progression").warnings == ()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "return", "move", "jobs", "jobs", "late jobs"]),
        st.integers(1, 600),
        st.integers(1, 40),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=150)
@given(said=progressions(), leads=st.sampled_from([LEADS, (WEEK,), (MONTH,), (Term.of_days(90), WEEK)]), steps=STEPS)
def test_nobody_is_told_twice_too_much_or_nothing(said, leads, steps):
    """Against a plain reading: after each run, what was told is true, the shortest lead that has come, and new; and
    whose lead came since the last run was told.
    """
    world = World(MemoryStorage(), schemes=LADDER, progression=moves(**_fields(said), warnings=leads))
    account, ever, bought = world.account(), set(), []
    zone, last = world.club.zone, world.clock.now()

    def moment(day, lead):
        return start_of_day(day - timedelta(days=lead.days), zone)

    for number, (step, amount, days) in enumerate(steps):
        if step == "buy":
            bought.append(ExternalId("till", str(number)))
            line = PurchaseLine("item", amount)
            world.org.loyalty.record_purchase(account=account, purchase=bought[-1], lines=(line,), currency="EUR")
        elif step == "return" and bought:
            world.org.loyalty.return_purchase(purchase=bought.pop(), receipt=ExternalId("till", f"r{number}"))
        elif step == "move" and not amount % 5:
            code = LADDER[amount % len(LADDER)].code
            world.org.loyalty.move_scheme(account, code, reason="goodwill")
        elif "jobs" in step:
            now = world.clock.now()
            before = world.org.loyalty.account(account).grace
            if step == "late jobs":
                world.ml.run_jobs(as_of=now - timedelta(days=days))
            world.ml.run_jobs()
            notifier = RecordingNotifier()
            world.ml.relay(notifier)
            stored, keep = world.org.loyalty.account(account), world.org.loyalty.progress(account).keep
            messages = [each for each in notifier.sent if each.kind == "scheme.falling"]
            come = [] if keep is None else [each for each in leads if moment(keep.falls_on, each) <= now]
            shortest = min(come, key=lambda each: each.days, default=None)
            for each in messages:
                key = each.figures["day"], each.figures["lead"]
                assert key not in ever
                ever.add(key)
                assert keep is not None
                assert shortest is not None
                assert key == (keep.falls_on.isoformat(), str(shortest))
                assert each.figures["missing"] == keep.missing > 0
                assert moment(keep.falls_on, shortest) >= stored.scheme_since
            assert len(messages) <= 1
            begun = [each for each in notifier.sent if each.kind == "scheme.grace"]
            if stored.grace is not None and stored.grace != before and step == "jobs":
                graced = keep is not None and keep.falls_on == stored.grace.until
                assert [each.figures["day"] for each in begun] == [stored.grace.until.isoformat()] * graced
            if shortest is not None and max(last, stored.scheme_since) < moment(keep.falls_on, shortest):
                assert messages or begun
            last = now
        world.wait(days=days, hours=1)


def _fields(said):
    names = ("metric", "window", "upgrade", "downgrade", "review", "minimum_stay", "grace")
    return {name: getattr(said, name) for name in names}
