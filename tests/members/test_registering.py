"""MEM-1, MEM-7 and MEM-8, as far as an account needs them, on every store."""

from __future__ import annotations

import pytest
from attrs import evolve

from memberlogic import ExternalId, MemberLogicError
from memberlogic.actors import Actor
from memberlogic.errors import IllegalTransition
from memberlogic.members import MemberState
from memberlogic.organizations.changing import UnknownMemberType
from memberlogic.organizations.model import MEMBER_TYPES
from memberlogic.storing import Command


@pytest.mark.rule("MEM-1")
def test_a_member_begins_unverified_unless_the_host_says_otherwise(world):
    known = {"member_type": "customer", "given_name": "Ana"}
    assert world.org.members.register(email="ana@example.org", **known).state is MemberState.UNVERIFIED
    assert world.org.members.register(email="a@example.org", verified=True, **known).state is MemberState.ACTIVE


@pytest.mark.rule("MEM-1", "COM-19")
def test_a_member_is_found_by_the_hosts_own_id(world):
    registered = world.org.members.register(member_type="staff", external_ids=[ExternalId("crm", "7")])
    assert world.org.members.find("crm", "7") == registered == world.org.members.get(registered.id)


@pytest.mark.rule("MEM-7")
def test_verifying_lets_a_member_spend_and_twice_changes_nothing(world):
    member = world.member(verified=False)
    source, target = world.account(member=member, credits=[5]), world.account()
    with pytest.raises(MemberLogicError) as refusal:
        world.org.ledger.transfer(source=source, target=target, points=5)
    assert refusal.value.code == "account.holder_unverified"
    verified = world.org.members.verify(member)
    known = len(world.events())
    assert world.org.members.verify(member).state is verified.state is MemberState.ACTIVE
    assert len(world.events()) == known, "verifying an active member is no event"
    world.org.ledger.transfer(source=source, target=target, points=5)


@pytest.mark.rule("MEM-8")
@pytest.mark.parametrize("verified", [False, True])
def test_unblocking_restores_the_state_before_the_block(world, verified):
    member = world.member(verified=verified)
    before = world.org.members.get(member)
    blocked = world.org.members.block(member, reason="abuse")
    assert (blocked.state, blocked.before_block) == (MemberState.BLOCKED, before.state)
    assert world.org.members.unblock(member).state is before.state
    types = [each.event.type for each in world.events() if getattr(each.event, "member", None) == member]
    assert types == ["member.registered", "member.blocked", "member.unblocked"]


@pytest.mark.rule("MEM-8", "COM-11")
def test_a_blocked_member_is_neither_verified_nor_blocked_again(world):
    member = world.member()
    world.org.members.block(member, reason="abuse")
    for act in (world.org.members.verify, lambda id: world.org.members.block(id, reason="abuse")):
        with pytest.raises(IllegalTransition) as refusal:
            act(member)
        assert refusal.value.details["allowed"] == ["unblock", "anonymise", "delete"]


def before_types_were_defined(world, *types):
    """The world as a library before wrote it: members of these types, and nothing said of types."""
    members = []
    world.know_types(types)
    for each in types:
        members.append(world.member(member_type=each))
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        now = uow.organizations.locked()
        uow.organizations.change(evolve(now, member_types=MEMBER_TYPES, version=now.version + 1))
        uow.finish(None)
    world.org = world.acting_as(Actor.system())
    return members


@pytest.mark.rule("MEM-1")
def test_a_new_member_is_of_a_type_that_the_organization_has(world):
    assert world.org.settings.get().member_types == ("customer", "staff")
    with pytest.raises(UnknownMemberType) as refusal:
        world.member(member_type="trainer")
    assert refusal.value.code == "member.type_unknown"
    assert refusal.value.details == {"asked": "trainer", "known": ["customer", "staff"]}
    world.org.settings.define_member_type("trainer")
    assert world.acting_as(Actor.system()).members.register(
        member_type="trainer", external_ids=[ExternalId("crm", "1")]
    )


@pytest.mark.rule("MEM-1")
def test_nobody_new_is_of_a_retired_type_and_whoever_is_stays(world):
    world.know_types(["trainer"])
    trainer = world.member(member_type="trainer")
    world.org.settings.retire_member_type("trainer")
    world.org.settings.retire_member_type("staff")
    world.org = world.acting_as(Actor.system())
    for each in ("trainer", "staff"):
        with pytest.raises(UnknownMemberType) as refusal:
            world.member(member_type=each)
        assert refusal.value.details["known"] == ["customer"]
    assert world.org.members.get(trainer).type == "trainer"
    club = world.org.loyalty.open_club(name="Team", zone=world.organization.zone, member_types=["trainer"])
    world.account(club=club, member=trainer)
    back = world.org.settings.define_member_type("trainer")
    assert (back.member_types, back.retired_member_types) == (("customer", "trainer"), ("staff",))
    assert world.org.settings.define_member_type("trainer") == back, "defining it twice changes nothing"


@pytest.mark.rule("MEM-1")
def test_a_type_that_never_was_cannot_be_retired(world):
    before, events = world.org.settings.get(), world.events()
    with pytest.raises(UnknownMemberType) as refusal:
        world.org.settings.retire_member_type("trianer")
    assert refusal.value.details == {"asked": "trianer", "known": ["customer", "staff"]}
    assert (world.org.settings.get(), world.events()) == (before, events)
    retired = world.org.settings.retire_member_type("staff")
    assert world.org.settings.retire_member_type("staff") == retired, "retiring it twice changes nothing"


@pytest.mark.rule("MEM-1")
def test_types_of_members_from_before_types_were_defined_are_known(world):
    before_types_were_defined(world, "guest", "partner")
    world.member(member_type="guest")
    with pytest.raises(UnknownMemberType) as refusal:
        world.member(member_type="trainer")
    assert refusal.value.details["known"] == ["customer", "guest", "partner", "staff"]
    world.org.loyalty.open_club(name="Guests", zone=world.organization.zone, member_types=["guest", "customer"])
    world.org.settings.retire_member_type("guest")
    world.org = world.acting_as(Actor.system())
    with pytest.raises(UnknownMemberType):
        world.member(member_type="guest")


@pytest.mark.rule("MEM-1", "PTS-1")
def test_a_club_takes_types_that_the_organization_has(world):
    with pytest.raises(UnknownMemberType) as refusal:
        world.org.loyalty.open_club(name="Club", zone=world.organization.zone, member_types=["customer", "costumer"])
    assert refusal.value.details == {"asked": "costumer", "known": ["customer", "staff"]}
