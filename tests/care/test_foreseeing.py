"""CARE-17, CARE-14: what is told of a message that waits is what the relay does if nothing else happens."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.care.club import CALL, MAIL, Club, days

from memberlogic.care.flows import After, DelayUnit, Milestone
from memberlogic.notifying import Delivery
from memberlogic.organizations.quieting import QuietHours
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("CARE-17", "CARE-14")

WAITS = "care.message_"
LONG = timedelta(days=60)


def hours(length):
    return After(length=length, unit=DelayUnit.HOURS)


def prepared(*, delays, zone, quiet, agreed=True, frozen=None, at=9):
    """A member with a run of mails, each so many hours after the one before; frozen from a day on for some days."""
    club = Club(World(MemoryStorage(), at=datetime(2026, 3, 2, at, tzinfo=UTC)))
    club.world.org.settings.change(quiet_hours=quiet)
    club.again()
    member = club.world.member()
    contract = club.join(member, rate=club.freezable())
    club.world.org.members.update(member, zone=ZoneInfo(zone))
    if agreed:
        club.world.org.members.give_consent(member, purpose="member_care", channel="email", source="desk", wording="v1")
    mails = [Milestone(name=f"m{place}", schedule=hours(each), message=MAIL) for place, each in enumerate(delays)]
    last = Milestone(name="end", schedule=days(90), action=CALL)
    club.assign(member, club.another_flow("Mails", *mails, last, pauses_while_frozen=True))
    if frozen is not None:
        since = club.today() + timedelta(days=frozen[0])
        club.world.org.contracts.freeze(contract, since=since, until=since + timedelta(days=frozen[1]), reason="travel")
    return club, member


def promised(club, member):
    """Of each message that waits: when it leaves, or why it is not sent, by its id."""
    now, found = club.world.clock.now(), {}
    for each in club.care.explain(member).answers:
        said = each.figures
        if each.code == "care.message_will_be_withheld":
            found[said["message"]] = said["reason"]
        elif each.code.startswith((WAITS + "waits", WAITS + "ready")):
            found[said["message"]] = datetime.fromisoformat(said["until"]) if "until" in said else now
    return found


def queued(club, member):
    return [each for each in club.posted(member) if each.delivery is Delivery.QUEUED]


def relayed(club, member):
    """The relay runs whenever something is to be looked at, until nothing waits, and the jobs as often."""
    end = club.world.clock.now() + LONG
    while club.world.clock.now() < end:
        club.world.ml.run_jobs()
        club.world.ml.relay(RecordingNotifier())
        waiting = [each.message.not_before for each in queued(club, member)]
        if not waiting:
            break
        club.world.clock.set(max(club.world.clock.now(), min(waiting)))
    return {
        str(each.message.id): each.settled_at if each.delivery is Delivery.SENT else each.reason
        for each in club.posted(member)
    }


@settings(max_examples=60, deadline=None)
@given(
    delays=st.lists(st.integers(0, 30), min_size=1, max_size=5),
    zone=st.sampled_from(["Europe/Berlin", "Pacific/Auckland", "America/New_York"]),
    quiet=st.none()
    | st.sampled_from([QuietHours(time(22), time(6)), QuietHours(time(12), time(14)), QuietHours(time(6), time(22))]),
    agreed=st.sampled_from([True, True, True, False]),
    frozen=st.none() | st.tuples(st.integers(0, 3), st.integers(1, 9)),
    at=st.integers(0, 23),
    looks=st.lists(st.integers(0, 60), max_size=3),
)
@example(delays=[1, 1, 1], zone="Europe/Berlin", quiet=None, agreed=True, frozen=None, at=8, looks=[4])
@example(delays=[1, 1, 1], zone="Pacific/Auckland", quiet=None, agreed=True, frozen=None, at=8, looks=[4])
def test_what_is_foretold_of_a_message_is_what_becomes_of_it(delays, zone, quiet, agreed, frozen, at, looks):
    club, member = prepared(delays=delays, zone=zone, quiet=quiet, agreed=agreed, frozen=frozen, at=at)
    for wait in looks:
        club.world.wait(hours=wait)
        club.world.ml.run_jobs()
        told = promised(club, member)
        assert set(told) == {str(each.message.id) for each in queued(club, member)}
        club.world.ml.relay(RecordingNotifier())
        again = promised(club, member)
        assert again == {id: told[id] for id in again}
    told, became = promised(club, member), relayed(club, member)
    assert told == {id: became[id] for id in told}


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland"])
def test_two_messages_are_never_foretold_for_one_day(zone):
    club, member = prepared(delays=[1, 1, 1], zone=zone, quiet=None)
    club.world.wait(hours=4)
    club.world.ml.run_jobs()
    club.world.ml.relay(RecordingNotifier())
    leaves = [each.astimezone(ZoneInfo(zone)).date() for each in promised(club, member).values()]
    assert len(leaves) == 2
    assert leaves == sorted(set(leaves))


def test_what_is_too_old_by_the_time_it_may_leave_is_told_not_to_be_sent():
    club, member = prepared(delays=[1], zone="Europe/Berlin", quiet=None, frozen=(1, 9))
    club.world.wait(days=1)
    club.world.ml.run_jobs()
    assert list(promised(club, member).values()) == ["care.stale"]


def test_of_a_run_that_stands_still_until_nobody_knows_when_no_day_is_told():
    club, member = prepared(delays=[1], zone="Europe/Berlin", quiet=None)
    club.world.wait(hours=1)
    club.world.ml.run_jobs()
    (told,) = club.world.org.contracts.of(member)
    tomorrow = club.today() + timedelta(days=1)
    club.world.org.contracts.cancel(
        told.contract, received_on=club.today(), reason="moved", to=tomorrow, extraordinary=True
    )
    club.world.wait(days=1)
    (waits,) = [each for each in club.care.explain(member).answers if each.code.startswith(WAITS)]
    assert waits.code == "care.message_waits_paused"
    assert "until" not in waits.figures
