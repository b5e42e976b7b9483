"""PTS-13: warnings of expiry, through the public service, on every store."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import (
    After,
    Earning,
    EarningRule,
    ExternalId,
    Inactivity,
    PurchaseLine,
    Rate,
    Term,
    WalletId,
)
from memberlogic.actors import Actor
from memberlogic.calendar import local_day, start_of_day
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ledger.reading import ExpiringPoints
from memberlogic.ledger.stating import Expiring
from memberlogic.relaying import RelayRun
from memberlogic.testing import RecordingNotifier, World
from memberlogic.warning import due_lead, next_moment
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-13")

BERLIN = ZoneInfo("Europe/Berlin")
MONTH, WEEK = Term.of_days(30), Term.of_days(7)
CLUB = {"expiry": After(Term.of_days(90)), "warnings": [MONTH, WEEK]}
HELD_BACK = Earning(
    rules=[
        EarningRule(key="now", gives=Rate(1, per=100)),
        EarningRule(key="later", gives=Rate(1, per=100), pending=Term.of_days(10)),
    ]
)
EXPIRES = date(2026, 4, 15)
"""Where the 90 days of what arrives on 15 January end."""


@pytest.fixture
def world(make_world):
    """A club that warns 30 and 7 days before."""
    return make_world(**CLUB)


def on(world, day, hour=12):
    """Go to an hour of a day (UTC)."""
    world.clock.set(datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def told(world):
    """What is sent now to this world's members: stores may be shared."""
    notifier = RecordingNotifier()
    world.ml.relay(notifier)
    return [each for each in notifier.sent if each.kind == "points.expiring" and is_here(world, each.member)]


def is_here(world, member):
    """Whether a member is one of this world."""
    try:
        return world.org.members.get(member).id == member
    except NotFound:
        return False


def settled(world, *accounts):
    """How many warnings the jobs would queue for these accounts; queued."""
    return world.org.loyalty.settle([WalletId(account) for account in accounts]).warnings


def said(world):
    """Points and lead time of what is sent now."""
    return [(each.figures["points"], each.figures["lead"]) for each in told(world)]


def run(world, **by):
    """Run the jobs, then send."""
    world.ml.run_jobs(**by)
    return said(world)


@pytest.mark.rule("COM-17", "COM-10")
def test_each_lead_time_gives_one_message_with_what_is_left_then(world):
    """100 points expire on 15 April: on 16 March 100 are left, on 8 April 60."""
    member = world.member()
    account, target = world.account(member=member, credits=[100]), world.account()
    on(world, date(2026, 3, 15), 22)  # 23:00 in Berlin
    assert run(world) == []
    on(world, date(2026, 3, 15), 23)
    assert world.ml.run_jobs().warnings >= 1
    (message,) = told(world)
    assert (message.kind, message.member, message.service) == ("points.expiring", member, False)
    assert message.figures == {
        "account": str(account),
        "day": "2026-04-15",
        "lead": "30 days",
        "unit": "points",
        "points": 100,
    }
    assert run(world) == []
    world.org.ledger.transfer(source=account, target=target, points=40)
    on(world, date(2026, 4, 7), 22)
    assert sorted(run(world)) == [(40, "7 days"), (60, "7 days")]
    for days in (1, 7, 30):
        world.wait(days=days)
        assert run(world) == []


def test_what_was_spent_meanwhile_warns_of_nothing(world):
    account, target = world.account(credits=[100]), world.account()
    world.org.ledger.credit(target, 1, reason="welcome", expires_at=datetime(2030, 1, 1, tzinfo=UTC))
    world.org.ledger.transfer(source=account, target=target, points=100)
    world.org.ledger.hold(target, 100, until=datetime(2026, 5, 1, tzinfo=UTC))
    on(world, date(2026, 3, 20))
    assert run(world) == []


def test_late_only_the_shortest_lead_that_is_due(world):
    world.account(credits=[100])
    on(world, date(2026, 4, 10))
    assert run(world) == [(100, "7 days")]
    on(world, EXPIRES)
    assert run(world) == []


@pytest.mark.rule("COM-18")
def test_after_an_outage_nobody_is_told_what_would_have_been_said_then(world):
    """The jobs are run as of each missed day."""
    world.account(credits=[100])
    on(world, date(2026, 4, 10))
    assert [run(world, as_of=world.clock.now() - timedelta(days=days)) for days in (30, 20, 10, 1, 0)] == [
        [],
        [(100, "7 days")],
        [],
        [],
        [],
    ]


def test_what_expired_before_anybody_was_warned_warns_of_nothing(world):
    world.account(credits=[100])
    on(world, EXPIRES)
    assert run(world) == []


def test_each_day_of_expiry_is_one_message(world):
    """Two lots of a day are one; another day is another."""
    account = world.account(credits=[100, 5])
    world.wait(days=1)
    world.org.ledger.credit(account, 7, reason="welcome")
    on(world, date(2026, 3, 16))
    assert run(world) == [(105, "30 days")]
    on(world, date(2026, 3, 17))
    assert run(world) == [(7, "30 days")]
    on(world, date(2026, 4, 12))
    assert sorted(run(world)) == [(7, "7 days"), (105, "7 days")]


def test_points_that_arrive_after_a_moment_are_warned_of_at_the_next(world):
    account = world.account()
    expires = world.clock.now() + timedelta(days=20)
    world.org.ledger.credit(account, 9, reason="welcome", expires_at=expires)
    assert run(world) == []
    on(world, local_day(expires, BERLIN) - timedelta(days=7))
    assert run(world) == [(9, "7 days")]


@pytest.mark.rule("PTS-1", "COM-17")
def test_every_holder_who_is_not_blocked_is_told(world):
    members = [world.member() for _ in range(3)]
    account = world.account(member=members[0], credits=[100])
    for member in members[1:]:
        world.org.loyalty.join_account(account, member)
    world.org.members.block(members[1], reason="abuse")
    on(world, date(2026, 3, 16))
    assert settled(world, account) == 2
    messages = told(world)
    assert {each.member for each in messages} == {members[0], members[2]}
    assert len({each.id for each in messages}) == 2


@pytest.mark.rule("COM-17")
def test_what_may_have_changed_is_looked_at_again_when_it_is_sent(world):
    owner, joined, blocked = (world.member() for _ in range(3))
    account, target = world.account(member=owner, credits=[100]), world.account()
    other = world.account(credits=[50])
    for member in (joined, blocked):
        world.org.loyalty.join_account(account, member)
    on(world, date(2026, 3, 16))
    assert settled(world, account, other) == 4
    world.org.ledger.transfer(source=account, target=target, points=30)
    world.org.ledger.transfer(source=other, target=target, points=50)
    world.org.loyalty.leave_account(account, joined)
    world.org.members.block(blocked, reason="abuse")
    notifier = RecordingNotifier()
    assert world.ml.relay(notifier) == RelayRun(sent=1, withheld=3)
    assert [(each.member, each.figures["points"]) for each in notifier.sent] == [(owner, 70)]


@pytest.mark.rule("COM-17")
def test_a_message_that_is_tried_again_keeps_its_id(world):
    account = world.account(credits=[100])
    on(world, date(2026, 3, 16))
    assert settled(world, account) == 1
    failing, notifier = RecordingNotifier(failing=True), RecordingNotifier()
    world.ml.relay(failing)
    world.wait(minutes=1)
    world.ml.relay(notifier)
    assert [each.id for each in failing.tried] == [each.id for each in notifier.sent] != []


@pytest.mark.rule("COM-18", "COM-16")
def test_run_twice_at_once_nobody_is_told_twice(world):
    for _ in range(6):
        world.account(credits=[100])
    on(world, date(2026, 3, 16))
    threads = [threading.Thread(target=world.ml.run_jobs, kwargs={"chunk": 2}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.ml.run_jobs()
    assert said(world) == [(100, "30 days")] * 6


@pytest.mark.rule("COM-18")
def test_killed_and_run_again_nobody_is_told_twice_nor_forgotten(world):
    class Killed(BaseException):
        """The process dies between two chunks."""

    def dying(_):
        raise Killed

    for _ in range(5):
        world.account(credits=[100])
    on(world, date(2026, 3, 16))
    with pytest.raises(Killed):
        world.ml.run_jobs(chunk=2, progress=dying)
    world.ml.run_jobs(chunk=2)
    assert said(world) == [(100, "30 days")] * 5


@pytest.mark.rule("COM-18")
def test_the_agenda_says_when_there_is_somebody_to_warn_and_nothing_after_it(world):
    """Inclusive; what it costs grows with what is due, as it comes from an index led by the moment."""
    account = world.account(credits=[100])

    def due(at):
        found = world.storage.due(at, 10_000)
        return [(each.unit, each.at) for each in found if each.account == account and each.unit is not None]

    moments = [start_of_day(EXPIRES - timedelta(days=days), BERLIN) for days in (30, 7)]
    assert due(moments[0] - timedelta(microseconds=1)) == []
    assert due(moments[0]) == [("points", moments[0])]
    world.clock.set(moments[0])
    world.ml.run_jobs()
    assert due(moments[1] - timedelta(microseconds=1)) == []
    assert due(moments[1]) == [("points", moments[1])]
    world.clock.set(moments[1])
    world.ml.run_jobs()
    assert world.wallet(account).next_warning is None


def test_a_club_that_names_no_lead_times_warns_nobody(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account = world.account(credits=[100])
    assert world.wallet(account).next_warning is None
    on(world, date(2026, 4, 10))
    assert settled(world, account) == 0


@pytest.mark.rule("PTS-16", "COM-13")
def test_upcoming_expiries_are_read_by_day_by_who_holds_the_account(world):
    account = world.account(credits=[100, 5])
    world.org.ledger.hold(account, 3, until=world.clock.now() + timedelta(days=1))
    assert world.org.ledger.expiring(account) == ExpiringPoints(
        account=account, unit="points", at=world.clock.now(), days=(Expiring(EXPIRES, 102),)
    )
    with pytest.raises(NotFound):
        world.acting_as(Actor.member(world.member())).ledger.expiring(account)


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("warnings", "path"),
    [
        ([WEEK, MONTH, WEEK], "warnings[2]"),
        ([7], "warnings[0]"),
        ("week", "warnings"),
        ([Term.of_days(days + 1) for days in range(11)], "warnings"),
    ],
)
def test_lead_times_are_terms_each_once(warnings, path):
    with pytest.raises(InvalidInput) as caught:
        World(MemoryStorage()).another_club(warnings=warnings)
    assert caught.value.path.startswith(path)


@pytest.mark.rule("PTS-6")
def test_an_activity_moves_the_day_of_which_is_warned(make_world):
    """10 points of 15 January live for 40 days: until 24 February, warned of on 25 January. A purchase on the 20th
    moves that to 1 March and 30 January: on the first moment nobody is told, on the new one all of it is.
    """
    world = make_world(expiry=Inactivity(Term.of_days(40)), warnings=[MONTH], earning=HELD_BACK)
    account = world.account()

    def buy(number, cents):
        world.org.loyalty.record_purchase(
            account=account,
            purchase=ExternalId("till", f"{account}-{number}"),
            lines=[PurchaseLine("thing", cents)],
            currency="EUR",
        )

    buy(1, 1000)
    assert world.wallet(account).next_warning == start_of_day(date(2026, 1, 25), BERLIN)
    on(world, date(2026, 1, 20))
    buy(2, 300)
    wallet = world.wallet(account)
    assert wallet.next_warning == start_of_day(date(2026, 1, 30), BERLIN)
    assert wallet.pending == 13
    on(world, date(2026, 1, 26))
    assert run(world) == []
    on(world, date(2026, 1, 30))
    # 10 and 3; what is held back of both lives from its arrival.
    world.ml.run_jobs()
    messages = told(world)
    assert [(each.figures["day"], each.figures["points"]) for each in messages] == [("2026-03-01", 13)]
    assert run(world) == []


@pytest.mark.rule("PTS-5")
def test_points_that_wait_are_warned_of_as_they_will_expire(make_world):
    """Held back for 10 days, they live for 20 from then on, and the club warns 30 days before: on the day itself they
    cannot be spent yet, and there is no other moment to tell.
    """
    world = make_world(expiry=After(Term.of_days(20)), warnings=[Term.of_days(25)], earning=HELD_BACK)
    account = world.account()
    world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", str(account)),
        lines=[PurchaseLine("thing", 1000)],
        currency="EUR",
    )
    days = [(each.day, each.points) for each in world.org.ledger.expiring(account).days]
    assert days == [(date(2026, 2, 4), 10), (date(2026, 2, 14), 10)]
    on(world, date(2026, 1, 20))
    assert world.org.ledger.balance(account).pending == 10
    world.ml.run_jobs()
    assert [(each.figures["day"], each.figures["points"]) for each in told(world)] == [("2026-02-14", 10)]


def test_a_lead_in_months_is_counted_back_from_the_day():
    """A month before 31 March is 28 February; its moment is the start of that day, where the club is."""
    day, leads = date(2026, 3, 31), (Term.of_months(1), WEEK)
    first, second = datetime(2026, 2, 27, 23, tzinfo=UTC), datetime(2026, 3, 23, 23, tzinfo=UTC)
    assert next_moment([day], leads, BERLIN, first - timedelta(seconds=1)) == first
    assert next_moment([day], leads, BERLIN, first) == second
    assert next_moment([day], leads, BERLIN, second) is None
    for now, since, lead in [
        (first - timedelta(seconds=1), first, None),
        (first, first, leads[0]),
        (second, first, WEEK),
        (second, second, WEEK),
        (second + timedelta(days=1), second + timedelta(seconds=1), None),
    ]:
        assert due_lead(day, leads, BERLIN, since, now) == lead


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["credit", "buy", "expiring", "hold", "release", "transfer", "jobs", "late jobs"]),
            st.integers(1, 40),
            st.integers(0, 12),
        ),
        max_size=25,
    ),
    expiry=st.sampled_from([After(Term.of_days(35)), Inactivity(Term.of_days(35))]),
)
@pytest.mark.rule("PTS-5", "PTS-6")
def test_nobody_is_told_twice_too_much_or_nothing(steps, expiry):
    """Against a plain reading of the rule: after each run, what was told is what was left on the days whose shortest
    moment has come since the last run; also of points that wait, and of those that live by activity.
    """
    world = World(MemoryStorage(), expiry=expiry, warnings=[MONTH, WEEK], earning=HELD_BACK)
    accounts, holds, ever = [world.account(), world.account()], [], set()
    last = world.clock.now()
    arrived = {account: {} for account in accounts}

    def look():
        """What is left by account and day; when the first points of a day arrived."""
        left = {
            account: {each.day: each.points for each in world.org.ledger.expiring(account).days} for account in arrived
        }
        for account, days in left.items():
            for day in days:
                arrived[account].setdefault(day, world.clock.now())
        return left

    def moment(day, lead):
        return start_of_day(day - timedelta(days=lead.days), BERLIN)

    for turn, (step, number, days) in enumerate(steps):
        now = world.clock.now()
        account = accounts[number % 2]
        if step == "buy":
            world.org.loyalty.record_purchase(
                account=account,
                purchase=ExternalId("till", str(turn)),
                lines=[PurchaseLine("thing", 100 * number)],
                currency="EUR",
            )
        if step == "credit":
            world.org.ledger.credit(account, number, reason="welcome")
        elif step == "expiring":
            world.org.ledger.credit(account, number, reason="welcome", expires_at=now + timedelta(days=number))
        elif step == "hold" and world.available(account) >= number:
            holds.append(world.org.ledger.hold(account, number, until=now + timedelta(days=number)).hold)
        elif step == "release" and holds:
            hold = holds.pop()
            if world.org.ledger.find_hold(hold).state.value == "open":
                world.org.ledger.release(hold)
        elif step == "transfer" and world.available(account) >= number:
            world.org.ledger.transfer(source=account, target=accounts[1 - number % 2], points=number)
        left = look()
        if "jobs" in step:
            world.ml.run_jobs(as_of=now - timedelta(days=days) if step == "late jobs" else None)
            if step == "late jobs":
                world.ml.run_jobs()
            messages = told(world)
            for each in messages:
                id, day = each.figures["account"], date.fromisoformat(each.figures["day"])
                (owner,) = (account for account in accounts if str(account) == id)
                lead = {"30 days": MONTH, "7 days": WEEK}[each.figures["lead"]]
                assert (id, day, lead) not in ever
                ever.add((id, day, lead))
                assert each.figures["points"] == left[owner][day] > 0
                assert last < moment(day, lead) <= now
                assert not any(moment(day, lead) < moment(day, other) <= now for other in (MONTH, WEEK))
            spoken = {(each.figures["account"], each.figures["day"]) for each in messages}
            for owner, by_day in left.items():
                for day in by_day:
                    come = max((moment(day, lead) for lead in (MONTH, WEEK) if moment(day, lead) <= now), default=None)
                    if come is not None and max(last, arrived[owner][day]) < come:
                        assert (str(owner), day.isoformat()) in spoken
            last = now
        world.wait(days=days, hours=1)
        look()
