"""MEM-1, MEM-7: what is known of a member changes field by field, and every change says which, on every store."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import Address, EmergencyContact, ExternalId
from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, NotFound, RuleViolation
from memberlogic.ids import MemberId, new_id
from memberlogic.members.people import DETAILS, Details
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("MEM-7", "MEM-1")

FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "given_name": st.sampled_from(["Ana", "Zoë"]),
        "family_name": st.sampled_from(["Example", "Muster"]),
        "known_as": st.just("Annie"),
        "salutation": st.sampled_from(["Dr", "Ms"]),
        "birth_date": st.dates(date(1990, 1, 1), date(1990, 1, 3)),
        "language": st.sampled_from(["en", "de"]),
        "addresses": st.sampled_from([(Address(lines=["1"], country="GB"),), (Address(lines=["2"], country="DE"),)]),
        "photo": st.just("photos/1"),
        "interests": st.sampled_from([("yoga",), ("yoga", "rowing")]),
        "emergency_contact": st.just(EmergencyContact(name="Ben", phone="1")),
    },
)


def changes(world, member):
    return [each.event.fields for each in world.events() if each.event.type == "member.changed"]


@given(st.lists(st.tuples(FIELDS, st.sets(st.sampled_from(DETAILS))), max_size=6))
def test_only_what_is_given_or_cleared_changes_and_each_change_names_it(steps):
    """Against a dictionary."""
    world = World(MemoryStorage())
    member = world.member()
    known, said = {}, []
    for given_, clear in steps:
        before = dict(known)
        cleared = sorted(clear - set(given_))
        known = {name: value for name, value in known.items() if name not in cleared} | given_
        fields = tuple(name for name in DETAILS if known.get(name) != before.get(name))
        said += [fields] if fields else []
        assert world.org.members.update(member, **given_, clear=cleared).fields == fields
        assert world.org.members.person(member).given == known
        assert changes(world, member) == said


def test_it_is_kept_by_every_store(world):
    member = world.org.members.register(member_type="customer", given_name="Ana", email="ana@example.org").id
    before = world.org.members.get(member)
    done = world.org.members.update(member, family_name="Example", birth_date=date(1990, 1, 1), clear=["given_name"])
    assert done.fields == ("given_name", "family_name", "birth_date")
    assert world.org.members.person(member).given == {"family_name": "Example", "birth_date": date(1990, 1, 1)}
    assert world.org.members.get(member).version == before.version + 1
    assert world.org.members.update(member, family_name="Example").fields == ()
    assert world.org.members.get(member).version == before.version + 1


def test_a_record_keeps_a_name_and_a_way_to_the_person(world):
    ana = world.org.members.register(member_type="customer", given_name="Ana", email="ana@example.org").id
    with pytest.raises(RuleViolation) as refusal:
        world.org.members.update(ana, clear=["given_name"])
    assert refusal.value.code == "member.nameless"
    assert world.org.members.update(ana, known_as="Annie", clear=["given_name"]).fields
    kim = world.org.members.register(member_type="customer", given_name="Kim", guardian=ana).id
    with pytest.raises(RuleViolation) as refusal:
        world.org.members.update(kim, clear=["guardian"])
    assert refusal.value.code == "member.out_of_reach"
    world.org.members.add_contact_point(kim, kind=_email(), value="kim@example.org")
    assert world.org.members.update(kim, clear=["guardian"]).fields == ("guardian",)


def _email():
    from memberlogic import ContactKind

    return ContactKind.EMAIL


def test_who_has_nothing_but_an_id_of_the_hosts_may_lose_everything_else(world):
    member = world.org.members.register(
        member_type="customer", given_name="A", external_ids=[ExternalId("crm", "1")]
    ).id
    assert world.org.members.update(member, clear=["given_name"]).fields == ("given_name",)


def test_guardians_have_none_in_whatever_order_they_are_named(world):
    parent, child, third = world.member(), world.member(), world.member()
    world.org.members.update(child, guardian=parent)
    for member, guardian in ((third, child), (parent, third), (third, third)):
        with pytest.raises(RuleViolation) as refusal:
            world.org.members.update(member, guardian=guardian)
        assert refusal.value.code == "member.guardian_guarded"
    assert world.org.members.update(third, guardian=parent).fields == ("guardian",)


@pytest.mark.parametrize("said", [{"home_studio": "nowhere"}, {"guardian": MemberId(new_id())}])
def test_what_is_not_there_is_not_found(world, said):
    with pytest.raises(NotFound):
        world.org.members.update(world.member(), **said)


def test_a_birth_date_is_not_to_come(world):
    with pytest.raises(RuleViolation):
        world.org.members.update(world.member(), birth_date=world.clock.now().date() + timedelta(days=1))


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"clear": ["email"]}, "clear[0]"),
        ({"clear": "photo"}, "clear"),
        ({"clear": ["photo", 7]}, "clear[1]"),
        ({"photo": "p", "clear": ["zone", "photo"]}, "clear[1]"),
        ({"language": "English"}, "language"),
    ],
)
def test_each_field_is_refused_by_its_name(said, path):
    world = World(MemoryStorage())
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.update(world.member(), **said)
    assert refusal.value.path == path


def test_every_personal_field_can_be_given_and_cleared():
    import inspect

    from memberlogic.members.service import MembersService

    for method in (MembersService.register, MembersService.update):
        assert set(DETAILS) <= set(inspect.signature(method).parameters)
    assert Details().given == {}


@pytest.mark.rule("COM-13", "COM-11")
def test_a_member_changes_their_own_record_and_nobody_elses(world):
    mine, other = world.member(), world.member()
    me = world.acting_as(Actor.member(mine))
    assert me.members.update(mine, language="de").fields == ("language",)
    with pytest.raises(NotFound):
        me.members.update(other, language="de")
    with pytest.raises(NotFound):
        me.members.update(mine, guardian=other)
    assert world.org.members.person(other).given == {}
