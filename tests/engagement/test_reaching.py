"""ENG-16: quiet hours delay, by the clocks where the member lives."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.calendar import instant_of
from memberlogic.errors import InvalidInput, NotFound
from memberlogic.ids import MemberId, new_id
from memberlogic.members.residing import ZoneOf
from memberlogic.notifying import Message
from memberlogic.organizations.quieting import QuietHours, not_before
from memberlogic.relaying import RelayRun
from memberlogic.storing import Command
from memberlogic.testing import RecordingNotifier

pytestmark = pytest.mark.rule("ENG-16")

BERLIN, NEW_YORK, TOKYO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
NIGHT = QuietHours(time(22), time(6))
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "UTC", "Asia/Tehran"]
).map(ZoneInfo)
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
QUIET = st.tuples(TIMES, TIMES).filter(lambda both: both[0] != both[1]).map(lambda both: QuietHours(*both))


def local(*said, place=BERLIN, fold=0):
    # In UTC: Python holds instants of an hour that comes twice to be equal to none of another zone.
    return datetime(*said, tzinfo=place, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "sent"),
    [
        (local(2026, 1, 15, 5, 30), local(2026, 1, 15, 6)),
        (local(2026, 1, 15, 6), local(2026, 1, 15, 6)),
        (local(2026, 1, 15, 21, 59), local(2026, 1, 15, 21, 59)),
        (local(2026, 1, 15, 22), local(2026, 1, 16, 6)),
        (local(2026, 1, 15, 0), local(2026, 1, 15, 6)),
        (local(2026, 12, 31, 23, 30), local(2027, 1, 1, 6)),
    ],
)
def test_what_is_due_in_the_night_is_sent_when_it_ends(due, sent):
    """Half-open: at 22:00 it is quiet, at 06:00 no longer."""
    assert not_before(due, NIGHT, BERLIN) == sent


def test_quiet_hours_within_a_day():
    siesta = QuietHours(time(13), time(15, 30))
    assert not_before(local(2026, 7, 1, 14), siesta, BERLIN) == local(2026, 7, 1, 15, 30)
    assert not_before(local(2026, 7, 1, 12), siesta, BERLIN) == local(2026, 7, 1, 12)
    assert not_before(local(2026, 7, 1, 3), siesta, BERLIN) == local(2026, 7, 1, 3)


def test_an_end_that_the_clocks_leave_out_is_the_first_instant_after_the_gap():
    """In Berlin 02:30 of 29 March 2026 was never there."""
    assert not_before(local(2026, 3, 29, 1), QuietHours(time(22), time(2, 30)), BERLIN) == local(2026, 3, 29, 3)
    nothing = QuietHours(time(2, 10), time(2, 50))
    assert not_before(local(2026, 3, 29, 3), nothing, BERLIN) == local(2026, 3, 29, 3)


def test_an_hour_that_comes_twice_is_quiet_both_times():
    """In Berlin 02:00 to 03:00 of 25 October 2026 came twice."""
    until = QuietHours(time(22), time(2, 30))
    for fold in (0, 1):
        assert not_before(local(2026, 10, 25, 2, 10, fold=fold), until, BERLIN) == local(2026, 10, 25, 2, 30, fold=1)
    since = QuietHours(time(2, 30), time(6))
    assert not_before(local(2026, 10, 25, 2, 10, fold=1), since, BERLIN) == local(2026, 10, 25, 6)


@given(
    quiet=QUIET,
    place=ZONES,
    due=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_nobody_is_disturbed_and_nothing_is_late_by_more_than_a_night(quiet, place, due):
    """What is sent is never sent while the clocks show quiet hours, nor before it is due; what is due outside of them
    is sent at once, and asking again changes nothing.
    """
    sent = not_before(due, quiet, place)
    clock = sent.astimezone(place).time()
    begun, ended = quiet.since <= clock, quiet.until <= clock
    assert ended and not begun if quiet.over_midnight else ended or not begun
    assert due <= sent <= due + timedelta(hours=25)
    assert not_before(sent, quiet, place) == sent
    if sent > due:
        assert not_before(sent - timedelta(microseconds=1), quiet, place) == sent


@pytest.mark.parametrize(
    ("since", "until"),
    [(time(22), time(22)), (time(22, 0, 1), time(6)), (time(22, tzinfo=UTC), time(6)), ("22:00", time(6)), (22, 6)],
)
@pytest.mark.rule("COM-11")
def test_quiet_hours_that_say_nothing_are_refused(since, until):
    with pytest.raises(InvalidInput):
        QuietHours(since, until)


@pytest.mark.rule("COM-3")
def test_they_go_by_the_members_own_zone_else_the_home_studios_else_the_organizations(world):
    """And the answer says whose it was."""
    world.studio("manhattan", NEW_YORK)
    world.org.settings.change(quiet_hours=NIGHT)
    register = world.org.members.register
    plain = register(member_type="customer", given_name="A", email="a@example.org").id
    studio = register(member_type="customer", given_name="B", email="b@example.org", home_studio="manhattan").id
    own = register(
        member_type="customer", given_name="C", email="c@example.org", home_studio="manhattan", zone=TOKYO
    ).id
    at = datetime(2026, 1, 15, 14, 30, tzinfo=UTC)
    org = world.acting_as(Actor.system())
    told = {
        name: org.messages.earliest(member, at=at)
        for name, member in (("plain", plain), ("studio", studio), ("own", own))
    }
    assert {name: each.zone_of for name, each in told.items()} == {
        "plain": ZoneOf.ORGANIZATION,
        "studio": ZoneOf.HOME_STUDIO,
        "own": ZoneOf.MEMBER,
    }
    assert [each.waits for each in told.values()] == [False, False, True]
    assert told["own"].not_before == datetime(2026, 1, 16, 6, tzinfo=TOKYO)
    assert [each.code for each in told["own"].explain().reasons] == ["quiet_hours.waits", "zone.of_member"]
    night = datetime(2026, 1, 15, 4, tzinfo=UTC)
    assert org.messages.earliest(plain, at=night).not_before == datetime(2026, 1, 15, 6, tzinfo=BERLIN)
    assert org.messages.earliest(studio, at=night).not_before == datetime(2026, 1, 15, 6, tzinfo=NEW_YORK)


def test_without_quiet_hours_nothing_waits(world):
    """They are set, and taken away again."""
    member, night = world.member(), datetime(2026, 1, 15, 2, tzinfo=UTC)
    assert world.org.settings.get().quiet_hours is None
    assert not world.org.messages.earliest(member, at=night).waits
    assert world.org.settings.change(quiet_hours=NIGHT).quiet_hours == NIGHT
    assert world.org.settings.get().quiet_hours == NIGHT
    assert world.acting_as(Actor.system()).messages.earliest(member, at=night).waits
    assert world.org.settings.change(clear=["quiet_hours"]).quiet_hours is None
    told = world.acting_as(Actor.system()).messages.earliest(member, at=night)
    assert (told.waits, told.explain().reasons[0].code) == (False, "quiet_hours.none")


@pytest.mark.rule("COM-11")
def test_a_setting_is_not_both_given_and_cleared(world):
    for wrong in (["name"], ["quiet_hours"], "quiet_hours", [3]):
        with pytest.raises(InvalidInput) as caught:
            world.org.settings.change(quiet_hours=NIGHT, clear=wrong)
        assert caught.value.path.startswith("clear")


@pytest.mark.rule("COM-13")
def test_a_member_asks_for_themself_only(world):
    member, other = world.member(), world.member()
    own = world.acting_as(Actor.member(member))
    assert own.messages.earliest(member).member == member
    for foreign in (other, MemberId(new_id())):
        with pytest.raises(NotFound):
            own.messages.earliest(foreign)


def _queue(world, member, *, service=False):
    message = Message(id=new_id(), kind="test.quiet", member=member, not_before=world.clock.now(), service=service)
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.put((), [message])
        uow.finish(None)
    return message


@pytest.mark.rule("COM-17")
def test_the_relay_waits_for_the_end_of_quiet_hours_with_all_but_service_messages(world):
    """Whatever its not-before instant was; a message to nobody in particular waits for nobody."""
    world.org.settings.change(quiet_hours=QuietHours(time(12), time(14)))
    member = world.member()
    waiting = _queue(world, member)
    at_once = {_queue(world, member, service=True).id, _queue(world, None).id}
    notifier = RecordingNotifier()
    world.clock.forward(instant_of(date(2026, 1, 15), time(13, 30), BERLIN) - world.clock.now())
    assert world.ml.relay(notifier) == RelayRun(sent=2, postponed=1)
    assert {each.id for each in notifier.sent} == at_once
    world.wait(minutes=30, microseconds=-1)
    assert world.ml.relay(notifier) == RelayRun()
    world.wait(microseconds=1)
    assert world.ml.relay(notifier) == RelayRun(sent=1)
    assert notifier.sent[-1].id == waiting.id
