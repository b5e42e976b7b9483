"""MEM-15, CARE-2: what the host knows of a member and tells."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.actors import Actor
from memberlogic.errors import IllegalTransition, InvalidInput, NotFound, PermissionDenied
from memberlogic.events import event_types, is_hosts_kind
from memberlogic.ids import MemberId, new_id
from memberlogic.members.publishing import HostPublished, Publish

pytestmark = pytest.mark.rule("MEM-15", "CARE-2")


def published(world):
    return [each for each in world.events() if isinstance(each.event, HostPublished)]


def test_it_stands_on_the_timeline_as_of_when_it_happened(world):
    member, plan = world.member(), new_id()
    world.wait(days=2)
    at = world.clock.now() - timedelta(days=1)
    figures = {"plan": plan, "goal": "strength", "weeks": 6, "first": True}
    said = world.org.members.publish(member, kind="training_plan.updated", figures=figures, at=at)
    assert (said.member, said.kind, said.at) == (member, "training_plan.updated", at)
    (event,) = published(world)
    assert (event.effective_at, event.recorded_at) == (at, world.clock.now())
    assert event.event.figures == figures | {"plan": str(plan)}
    assert event.event.members == (member,)
    (item,) = world.org.members.timeline(member, kinds=["host"])
    assert (item.text, item.event) == ("Published by the host: training_plan.updated.", event.event)


def test_it_happened_now_where_nothing_else_is_said(world):
    member = world.member()
    assert world.org.members.publish(member, kind="training_plan.updated").at == world.clock.now()
    with pytest.raises(InvalidInput) as caught:
        world.org.members.publish(member, kind="a.b", at=world.clock.now() + timedelta(seconds=1))
    assert caught.value.path == "at"
    assert len(published(world)) == 1


@pytest.mark.parametrize(
    "kind", ["updated", "Training.plan", "training plan.updated", "contract.mine", "care.mine", "host.mine", ".a", "a."]
)
def test_a_kind_is_the_hosts_own(kind):
    with pytest.raises(InvalidInput) as caught:
        Publish(member=MemberId(new_id()), kind=kind)
    assert caught.value.path == "kind"


def test_no_kind_begins_as_one_of_the_library_does():
    assert not [type for type in event_types() if is_hosts_kind(type)]


@pytest.mark.rule("COM-10")
@given(text=st.text(min_size=1).filter(lambda text: " " in text or not text.isascii() or len(text) > 64))
def test_no_figure_is_free_text(text):
    for figures in ({"said": text}, {text: 1}, {"said": [1]}, {"said": {"a": 1}}, {"said": None}, {"said": 0.5}):
        with pytest.raises(InvalidInput):
            Publish(member=MemberId(UUID(int=1)), kind="training_plan.updated", figures=figures)


@pytest.mark.rule("COM-10")
def test_the_figure_that_is_none_is_named():
    for figures, path, got in (
        ({"plan": "strength", "said": "Likes the sauna."}, "figures.said", "a text of 16 characters"),
        ({"said": None}, "figures.said", "None"),
        ({"Likes the sauna": 1}, "figures", "a name that is none"),
        ({f"n{number}": 1 for number in range(51)}, "figures", "51 figures"),
        (["plan"], "figures", "a list"),
    ):
        with pytest.raises(InvalidInput) as caught:
            Publish(member=MemberId(UUID(int=1)), kind="training_plan.updated", figures=figures)
        assert (caught.value.path, caught.value.details["got"]) == (path, got)


def test_nothing_more_is_said_of_somebody_who_was_anonymised(world):
    member = world.member()
    world.org.members.anonymise(member)
    with pytest.raises(IllegalTransition):
        world.org.members.publish(member, kind="training_plan.updated")
    with pytest.raises(NotFound):
        world.org.members.publish(MemberId(new_id()), kind="training_plan.updated")


@pytest.mark.rule("COM-13")
def test_it_needs_a_permission_to_be_said_and_one_to_be_read(world):
    member = world.member()
    for actor in (Actor.staff("sam", ["members.profile:update"]), Actor.member(member)):
        with pytest.raises(PermissionDenied):
            world.acting_as(actor).members.publish(member, kind="training_plan.updated")
    world.staff("members.events:create").members.publish(member, kind="training_plan.updated")
    assert len(list(world.staff("members.timeline:read", "members.events:read").members.timeline(member))) == 1
    assert not list(world.staff("members.timeline:read").members.timeline(member))


@pytest.mark.rule("COM-9")
def test_a_key_publishes_once(world):
    member = world.member()
    for _ in range(2):
        world.org.members.publish(member, kind="training_plan.updated", idempotency_key="plan-1")
    assert len(published(world)) == 1
