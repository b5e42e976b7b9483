"""COM-19: cards and other ids of the host's that members get and give back later, on every store."""

from __future__ import annotations

import pytest

from memberlogic import ExternalId
from memberlogic.actors import Actor
from memberlogic.certification.concurrency import at_once
from memberlogic.errors import Duplicate, IllegalTransition, NotFound, PermissionDenied
from memberlogic.members.carrying import CarriedId
from memberlogic.members.knowing import Nameless, OutOfReach

pytestmark = pytest.mark.rule("COM-19")

CARD, OTHER, OLD = ExternalId("card", "7001-22"), ExternalId("card", "7001-23"), ExternalId("erp", "7001-22")


def ana(world, **said):
    return world.org.members.register(
        **{"member_type": "customer", "given_name": "Ana", "email": "ana@example.org"} | said
    ).id


def found(world, text):
    return [each.member.id for each in world.org.members.search(text)]


def told(world, member):
    return [each.event for each in world.events() if member in each.event.members]


def test_a_member_who_got_a_card_is_found_and_let_in_by_it(world):
    member = ana(world)
    version = world.org.members.get(member).version
    assert world.org.members.add_external_id(member, CARD) == CarriedId(member=member, source="card", changed=True)
    assert world.org.members.external_ids(member) == (CARD,)
    assert world.org.members.find("card", "7001-22").id == member
    assert found(world, "7001-22") == found(world, "7001 2") == [member]
    assert world.org.members.get(member).version == version + 1
    event = told(world, member)[-1]
    assert (event.type, event.source) == ("member.external_id_added", "card")
    assert "7001" not in repr(event)


def test_one_that_is_carried_already_changes_nothing(world):
    member = ana(world, external_ids=[CARD])
    before = world.events()
    assert not world.org.members.add_external_id(member, CARD).changed
    assert world.events() == before


def test_a_card_is_one_members_until_they_give_it_back(world):
    member, other = ana(world, external_ids=[CARD]), ana(world, email="ben@example.org")
    before = world.events()
    with pytest.raises(Duplicate):
        world.org.members.add_external_id(other, CARD)
    assert world.events() == before
    assert world.org.members.remove_external_id(member, CARD).changed
    assert world.org.members.external_ids(member) == ()
    assert found(world, "7001-22") == []
    with pytest.raises(NotFound):
        world.org.members.find("card", "7001-22")
    world.org.members.add_external_id(other, CARD)
    assert world.org.members.find("card", "7001-22").id == other
    assert [each.type for each in told(world, member)][-1] == "member.external_id_removed"


def test_what_another_id_says_too_is_still_found(world):
    """The same number of two sources is one thing that is searched."""
    member = ana(world, external_ids=[CARD, OTHER])
    world.org.members.add_external_id(member, OLD)
    world.org.members.remove_external_id(member, CARD)
    assert found(world, "7001-22") == [member]
    world.org.members.remove_external_id(member, OLD)
    assert found(world, "7001-22") == []
    assert found(world, "7001-23") == [member]


def test_who_does_not_carry_it_cannot_give_it_back(world):
    member, other = ana(world, external_ids=[CARD]), ana(world, email="ben@example.org")
    for said in (CARD, OTHER):
        with pytest.raises(NotFound) as refusal:
            world.org.members.remove_external_id(other, said)
        assert "7001" not in str(refusal.value)
    assert world.org.members.find("card", "7001-22").id == member


@pytest.mark.rule("MEM-1")
def test_a_record_keeps_a_name_or_an_id_and_a_way_to_the_person(world):
    nameless = world.org.members.register(member_type="customer", external_ids=[CARD], email="who@example.org").id
    out_of_reach = world.org.members.register(member_type="customer", given_name="Ben", external_ids=[OTHER]).id
    for member, said, refusal in ((nameless, CARD, Nameless), (out_of_reach, OTHER, OutOfReach)):
        with pytest.raises(refusal):
            world.org.members.remove_external_id(member, said)
        assert world.org.members.external_ids(member) == (said,)


@pytest.mark.rule("MEM-9")
def test_who_was_anonymised_gets_none(world):
    member = ana(world)
    world.org.members.anonymise(member)
    with pytest.raises(IllegalTransition):
        world.org.members.add_external_id(member, CARD)
    with pytest.raises(IllegalTransition):
        world.org.members.remove_external_id(member, CARD)


@pytest.mark.rule("COM-11")
def test_members_do_not_give_themselves_cards(world):
    member = ana(world)
    for act in ("add_external_id", "remove_external_id"):
        with pytest.raises(PermissionDenied):
            getattr(world.acting_as(Actor.member(member)).members, act)(member, CARD)


@pytest.mark.rule("COM-16")
def test_one_card_given_to_two_at_once_is_one_members(world):
    members = [ana(world, email=f"{number}@example.org") for number in range(4)]
    answers = at_once(4, lambda index: world.org.members.add_external_id(members[index], CARD))
    assert sorted(type(each).__name__ for each in answers) == ["CarriedId", "Duplicate", "Duplicate", "Duplicate"]
    (holder,) = (each for each in members if world.org.members.external_ids(each))
    assert world.org.members.find("card", "7001-22").id == holder
