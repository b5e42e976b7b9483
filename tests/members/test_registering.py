"""MEM-1, MEM-7 and MEM-8, as far as an account needs them, on every store."""

from __future__ import annotations

import pytest

from memberlogic import ExternalId, MemberLogicError
from memberlogic.errors import IllegalTransition
from memberlogic.members import MemberState


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
