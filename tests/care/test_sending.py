"""CARE-14, ENG-16: messages of runs: consent, block, pause, quiet hours, one a day, and what is too old."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.care.club import Club, days, mail

from memberlogic.notifying import Delivery
from memberlogic.organizations.quieting import QuietHours
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage
from memberlogic_memory.organizations import MemoryMessages

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def club(storage):
    if not getattr(storage, "outbox", None):
        pytest.skip("a store inside the host's transaction relays nothing")
    return Club(World(storage, at=datetime(2026, 3, 1, 9, tzinfo=UTC)))


@pytest.fixture
def notifier():
    return RecordingNotifier()


def mails(club, *at, name="Mails"):
    return club.another_flow(name, *(mail(days(day)) for day in at))


def agreed(club, member):
    club.world.org.members.give_consent(member, purpose="member_care", channel="email", source="desk", wording="v1")
    return member


def relay(club, notifier):
    club.world.ml.run_jobs()
    club.world.ml.relay(notifier)
    return [each for each in notifier.sent if each.kind == "care.message"]


def posted(club, member):
    with club.world.storage.reading(club.world.organization.id, club.world.clock) as uow:
        return [each for each in uow.messages.of(member) if each.message.kind == "care.message"]


@pytest.mark.rule("CARE-14")
def test_a_message_is_sent_with_the_values_of_its_placeholders_and_the_run_moves_on(club, notifier):
    member = agreed(club, club.member())
    club.assign(member, mails(club, 1, 1))
    club.world.wait(days=1)
    (sent,) = [each for each in relay(club, notifier) if each.member == member]
    assert (sent.figures["template"], sent.channel, sent.service) == ("hello", "email", False)
    assert sent.figures["values"] == {"care.flow": "Mails", "care.milestone": "Mail"}
    assert club.active(member).milestones[1].due_at == club.world.clock.now() + timedelta(days=1)


@pytest.mark.rule("CARE-14")
@pytest.mark.parametrize("why", ["no consent", "blocked"])
def test_without_consent_or_for_a_blocked_member_it_is_not_sent_and_the_run_moves_on(club, notifier, why):
    member = club.member() if why == "no consent" else agreed(club, club.member())
    club.assign(member, mails(club, 1, 1))
    if why == "blocked":
        club.world.org.members.block(member, reason="conduct")
    club.world.wait(days=1)
    assert not [each for each in relay(club, notifier) if each.member == member]
    (one,) = posted(club, member)
    assert one.delivery is Delivery.WITHHELD
    told = club.active(member)
    assert told.milestones[0].state.value == "completed"
    assert (told.milestones[0].outcome, told.milestones[0].reason) == ("not_sent", one.reason)
    assert told.milestones[1].due_at == club.world.clock.now() + timedelta(days=1)


@pytest.mark.rule("CARE-14", "ENG-16", "COM-3")
def test_quiet_hours_delay_it_in_the_members_own_zone(club, notifier):
    club.world.org.settings.change(quiet_hours=QuietHours(since=time(22), until=time(6)))
    club.again()
    member = agreed(club, club.member())
    club.world.org.members.update(member, zone=NEW_YORK)
    club.world.clock.set(datetime(2026, 3, 10, 5, 30, tzinfo=NEW_YORK))
    club.assign(member, mails(club, 1))
    club.world.wait(days=1)
    assert not [each for each in relay(club, notifier) if each.member == member]
    (one,) = posted(club, member)
    assert one.message.not_before == datetime(2026, 3, 11, 6, tzinfo=NEW_YORK)
    club.world.wait(minutes=30)
    assert [each for each in relay(club, notifier) if each.member == member]


@pytest.mark.rule("CARE-14")
def test_at_most_one_is_sent_on_a_local_day_and_later_ones_wait_for_the_next_at_the_same_time(club, notifier):
    member = agreed(club, club.member())
    club.assign(member, mails(club, 0, 0, 0))
    for day in range(3):
        assert len([each for each in relay(club, notifier) if each.member == member]) == day + 1
        club.world.wait(hours=1)
        assert len([each for each in relay(club, notifier) if each.member == member]) == day + 1
        club.world.wait(hours=23)
    assert [each.delivery for each in posted(club, member)] == [Delivery.SENT] * 3


@pytest.mark.rule("CARE-14", "CARE-17")
def test_until_when_it_waits_is_the_same_whenever_it_is_asked(club, notifier):
    member = agreed(club, club.member())
    club.assign(member, mails(club, 0, 0))
    relay(club, notifier)
    waits = posted(club, member)[1].message.id
    tomorrow = club.world.clock.now() + timedelta(days=1)
    for _ in range(2):
        assert club.care.check_message(member, waits).waits_until == tomorrow
        club.world.wait(hours=5)


@pytest.mark.rule("CARE-14")
def test_a_cancelled_run_withdraws_what_it_queued(club, notifier):
    member = agreed(club, club.member())
    club.assign(member, mails(club, 0, 5))
    club.world.ml.run_jobs()
    club.assign(member)
    assert not [each for each in relay(club, notifier) if each.member == member]
    (one,) = posted(club, member)
    assert (one.delivery, one.reason) == (Delivery.WITHHELD, "care.run_cancelled")


@pytest.mark.rule("CARE-14")
def test_while_the_run_is_paused_its_messages_wait_and_too_old_ones_are_not_sent(club, notifier):
    rate = club.freezable()
    pausing = club.another_flow("Pausing", mail(days(0)), mail(days(30)), pauses_while_frozen=True)
    for length, sent in ((3, True), (9, False)):
        member = agreed(club, club.world.member())
        contract = club.join(member, rate=rate)
        club.world.wait(days=1)
        club.assign(member, pausing)
        club.world.ml.run_jobs()
        club.world.org.contracts.freeze(
            contract,
            since=club.today() + timedelta(days=1),
            until=club.today() + timedelta(days=length + 1),
            reason="travel",
        )
        club.world.wait(days=1)
        assert not [each for each in relay(club, notifier) if each.member == member]
        club.world.wait(days=length)
        assert bool([each for each in relay(club, notifier) if each.member == member]) is sent
        (one,) = posted(club, member)
        assert one.reason == (None if sent else "care.stale")


@pytest.mark.rule("CARE-14", "CARE-17")
def test_why_a_message_waits_or_is_not_sent_can_be_asked(club):
    member = agreed(club, club.member())
    club.assign(member, mails(club, 0, 5))
    club.world.ml.run_jobs()
    (one,) = posted(club, member)
    assert club.care.check_message(member, one.message.id).explain().summary == "The message may be sent."
    club.world.wait(days=8)
    assert club.care.check_message(member, one.message.id).reason == "care.stale"


@pytest.mark.rule("CARE-18")
def test_what_became_of_the_messages_of_all_runs_is_asked_once(monkeypatch):
    club, asked = Club(World(MemoryStorage(), at=datetime(2026, 3, 1, 9, tzinfo=UTC))), []
    member = club.member()
    flow = club.another_flow("Mails", mail(days(0)), mail(days(30)))
    for _ in range(3):
        club.assign(member, flow, restart=True)
        club.world.ml.run_jobs()
    before = club.care.runs(member)
    of = MemoryMessages.of
    monkeypatch.setattr(MemoryMessages, "of", lambda self, who: asked.append(who) or of(self, who))
    assert club.care.runs(member) == before
    assert [[each.outcome for each in run.milestones if each.done_at] for run in before] == [
        ["message"],
        ["not_sent"],
        ["not_sent"],
    ]
    assert asked == [member]
