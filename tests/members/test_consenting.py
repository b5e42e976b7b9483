"""MEM-5: consents, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, NotFound, PermissionDenied
from memberlogic.ids import MemberId, new_id
from memberlogic.members.consenting import ConsentInTheFuture
from memberlogic.notifying import Message
from memberlogic.storing import Command
from memberlogic.testing import RecordingNotifier, World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("MEM-5")

MARKETING = {"purpose": "marketing", "channel": "email", "source": "web_form"}
abouts = st.sampled_from([("marketing", "email"), ("marketing", "sms"), ("marketing", None), ("terms", None)])


def say(world, member, yes, about=("marketing", "email"), **more):
    """Give or withdraw."""
    purpose, channel = about
    said = {"purpose": purpose, "channel": channel, "source": "paper"} | more
    if yes:
        return world.org.members.give_consent(member, wording="2026-01", **said)
    return world.org.members.withdraw_consent(member, **said)


@settings(max_examples=60)
@given(said=st.lists(st.tuples(st.booleans(), abouts, st.integers(0, 5))), asked=st.integers(-1, 7))
def test_of_each_purpose_and_channel_what_was_said_last_holds(said, asked):
    """However late and in whichever order it was recorded; and everything said stays in the history."""
    world = World(MemoryStorage())
    member, start = world.member(), world.clock.now()
    world.wait(days=6)
    for yes, about, day in said:
        say(world, member, yes, about, at=start + timedelta(days=day))
    at = start + timedelta(days=asked)
    holds = world.org.members.consents(member, at=at)
    for about in {each[1] for each in said}:
        past = [(day, number, yes) for number, (yes, each, day) in enumerate(said) if each == about and day <= asked]
        assert holds.allows(*about) == (max(past)[2] if past else False)
        assert (holds.of(*about) is None) == (not past)
    history = world.org.members.consent_history(member).consents
    assert len(history) == len(said)
    assert [each.at for each in history] == sorted(each.at for each in history)
    assert [each.event.type for each in world.events() if each.event.type.startswith("consent.")] == [
        "consent.given" if yes else "consent.withdrawn" for yes, _, _ in said
    ]


def test_giving_and_withdrawing_append(world):
    member = world.member()
    one = world.org.members.give_consent(member, wording="2026-01", **MARKETING)
    world.wait(days=1)
    two = world.org.members.withdraw_consent(member, **MARKETING)
    three = world.org.members.withdraw_consent(member, **MARKETING)
    world.wait(days=1)
    four = world.org.members.give_consent(member, wording="2026-02", **MARKETING)
    assert world.org.members.consent_history(member).consents == (one, two, three, four)
    assert world.org.members.consents(member).consents == (four,)
    assert world.org.members.consents(member, at=four.at - timedelta(microseconds=1)).consents == (three,)
    assert (four.wording, four.source, four.at, four.given) == ("2026-02", "web_form", world.clock.now(), True)


def test_a_purpose_and_a_channel_stand_for_themselves(world):
    member = world.member()
    say(world, member, True, ("marketing", "email"))
    say(world, member, True, ("loyalty_terms", None))
    holds = world.org.members.consents(member)
    assert [holds.allows(*about) for about in (("marketing", "email"), ("loyalty_terms", None))] == [True, True]
    assert not any(holds.allows(*about) for about in (("marketing", "sms"), ("marketing", None), ("terms", "email")))


@pytest.mark.rule("COM-10")
def test_it_is_an_event_of_codes_as_of_when_it_was_said(world):
    member = world.member()
    at = world.clock.now() - timedelta(days=3)
    said = say(world, member, True, at=at)
    recorded = world.events()[-1]
    assert (recorded.effective_at, recorded.recorded_at) == (at, world.clock.now())
    assert recorded.event.consent == said.id
    assert recorded.event.members == (member,)


@pytest.mark.rule("COM-9")
def test_a_repeat_answers_the_first_result(world):
    member = world.member()
    first = say(world, member, True, idempotency_key="once")
    world.wait(days=1)
    assert say(world, member, True, idempotency_key="once") == first
    assert len(world.org.members.consent_history(member).consents) == 1


def test_nobody_consents_in_the_future(world):
    member = world.member()
    for yes in (True, False):
        with pytest.raises(ConsentInTheFuture):
            say(world, member, yes, at=world.clock.now() + timedelta(microseconds=1))
    assert world.org.members.consent_history(member).consents == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [("purpose", "We send you news"), ("channel", ""), ("source", None), ("wording", "Version 1"), ("at", 7)],
)
def test_bad_input_names_the_field(world, field, value):
    member = world.member()
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.give_consent(member, **{"wording": "1", **MARKETING} | {field: value})
    assert refusal.value.path == field


@pytest.mark.rule("COM-13", "COM-11")
def test_a_member_says_yes_and_no_for_themself_only(world):
    ana, ben = world.member(), world.member()
    own = world.acting_as(Actor.member(ana)).members
    given_by = own.give_consent(ana, wording="2026-01", **MARKETING)
    assert given_by.actor == f"member:{ana}"
    assert own.consents(ana).allows("marketing", "email")
    assert own.withdraw_consent(ana, **MARKETING).given is False
    assert len(own.consent_history(ana).consents) == 2
    for stranger in (ben, MemberId(new_id())):
        for act in (
            lambda id: own.give_consent(id, wording="2026-01", **MARKETING),
            lambda id: own.withdraw_consent(id, **MARKETING),
            own.consents,
            own.consent_history,
            lambda id: own.check_sending(id, purpose="marketing"),
        ):
            with pytest.raises(NotFound) as refusal:
                act(stranger)
            assert refusal.value.details["kind"] == "member"
    assert world.org.members.consent_history(ben).consents == ()
    with pytest.raises(PermissionDenied):
        world.staff("members.consents:read").members.give_consent(ana, wording="2026-01", **MARKETING)


STATES = [(state, yes) for state in ("unverified", "active", "blocked") for yes in (None, False, True)]


@pytest.mark.parametrize(("state", "yes"), STATES)
@pytest.mark.parametrize("to_unverified", [False, True])
@pytest.mark.rule("MEM-8", "COM-17")
def test_who_is_sent_what_needs_a_consent(world, state, yes, to_unverified):
    """In every state, with and without the consent, whatever the organization says of the unverified: what the check
    says beforehand is what the relay does.
    """
    world.org.settings.change(unverified_may_get_marketing=to_unverified)
    member = world.member(verified=state == "active")
    if yes is not None:
        say(world, member, True)
        say(world, member, yes)
    if state == "blocked":
        world.org.members.block(member, reason="abuse")
    expected = {
        "sending.member_blocked": state == "blocked",
        "sending.member_unverified": state == "unverified" and not to_unverified,
        "sending.no_consent": yes is None,
        "sending.consent_withdrawn": yes is False,
    }
    world.org = world.acting_as(Actor.system())
    checked = world.org.members.check_sending(member, purpose="marketing", channel="email")
    refused = [code for code, refuses in expected.items() if refuses]
    assert [each.code for each in checked.refusals] == refused
    assert checked.allowed == (not refused)
    assert [each.code for each in checked.explain().reasons] == refused
    message = queue(world, member)
    notifier = RecordingNotifier()
    assert world.ml.relay(notifier).withheld == (1 if refused else 0)
    assert notifier.sent == ([] if refused else [message])


def queue(world, member, **more):
    """A message of marketing, queued."""
    said = {"purpose": "marketing", "channel": "email"} | more
    message = Message(id=new_id(), kind="test.news", member=member, not_before=world.clock.now(), **said)
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        uow.put((), [message])
        uow.finish(None)
    return message


@pytest.mark.rule("COM-17")
def test_a_consent_that_is_withdrawn_after_queueing_stops_the_message(world):
    member = world.member()
    say(world, member, True)
    queue(world, member)
    say(world, member, False)
    notifier = RecordingNotifier()
    assert (world.ml.relay(notifier).withheld, notifier.sent) == (1, [])


@pytest.mark.rule("COM-17")
def test_a_message_that_needs_no_consent_asks_for_none(world):
    member = world.member(verified=False)
    queue(world, member, purpose=None, channel=None)
    queue(world, member, service=True)
    assert world.ml.relay(RecordingNotifier()).sent == 2
