"""Member records, as far as an account needs them: every state and every action, on every store."""

from __future__ import annotations

import pytest

from memberlogic import ExternalId
from memberlogic.errors import Duplicate, IllegalTransition, InvalidInput, NotFound
from memberlogic.ids import MemberId, new_id
from memberlogic.members import MemberState
from memberlogic.members.lifecycle import MEMBER_STATES

# What each action leads to, from each state; None where it is refused.
TABLE = {
    MemberState.UNVERIFIED: {"verify": MemberState.ACTIVE, "block": MemberState.BLOCKED, "unblock": None},
    MemberState.ACTIVE: {"verify": MemberState.ACTIVE, "block": MemberState.BLOCKED, "unblock": None},
    MemberState.BLOCKED: {"verify": None, "block": None, "unblock": MemberState.ACTIVE},
    MemberState.ANONYMISED: {"verify": None, "block": None, "unblock": None},
}
for row in TABLE.values():
    row |= {"anonymise": MemberState.ANONYMISED, "delete": MemberState.ANONYMISED}


def in_state(world, state):
    member = world.member(verified=state is not MemberState.UNVERIFIED)
    if state is MemberState.BLOCKED:
        world.org.members.block(member, reason="abuse")
    if state is MemberState.ANONYMISED:
        world.org.members.anonymise(member)
    return member


def act(world, action, member):
    if action == "block":
        return world.org.members.block(member, reason="abuse")
    return getattr(world.org.members, action)(member)


@pytest.mark.parametrize("state", TABLE)
@pytest.mark.rule("MEM-8", "MEM-9", "MEM-10")
@pytest.mark.parametrize("action", ["verify", "block", "unblock", "anonymise", "delete"])
def test_every_action_in_every_state(world, state, action):
    member = in_state(world, state)
    after = TABLE[state][action]
    if after is None:
        with pytest.raises(IllegalTransition) as refusal:
            act(world, action, member)
        assert refusal.value.details["allowed"] == list(MEMBER_STATES.allowed(state))
        assert world.org.members.get(member).state is state
    else:
        answered = act(world, action, member)
        assert world.org.members.get(member).state is after
        assert action in ("anonymise", "delete") or world.org.members.get(member) == answered


def test_the_table_is_the_machine():
    arrows = {(state, action, after) for state, row in TABLE.items() for action, after in row.items() if after}
    assert set(MEMBER_STATES.rows()) == arrows
    assert set(TABLE) == set(MemberState)


@pytest.mark.parametrize("verified", [False, True])
def test_unblocking_restores_the_state_before(world, verified):
    member = world.member(verified=verified)
    before = world.org.members.get(member).state
    world.org.members.block(member, reason="abuse")
    assert world.org.members.get(member).before_block is before
    assert world.org.members.unblock(member).state is before


def test_verifying_an_active_member_changes_nothing(world):
    member = world.member()
    before, events = world.org.members.get(member), world.events()
    assert world.org.members.verify(member) == before == world.org.members.get(member)
    assert world.events() == events


def test_changes_are_events_with_codes_and_no_names(world):
    member = world.member(verified=False)
    world.org.members.verify(member)
    world.org.members.block(member, reason="abuse")
    world.org.members.unblock(member)
    events = [each for each in world.events() if member in each.event.members]
    assert [each.event.type for each in events] == [
        "member.registered",
        "member.verified",
        "member.blocked",
        "member.unblocked",
    ]
    assert events[2].event.reason == "abuse"


@pytest.mark.rule("COM-19")
def test_a_record_carries_the_hosts_ids_once(world):
    ids = [ExternalId("crm", "7"), ExternalId("till", "7")]
    member = world.org.members.register(member_type="customer", external_ids=ids)
    assert {world.org.members.find("crm", "7").id, world.org.members.find("till", "7").id} == {member.id}
    with pytest.raises(Duplicate):
        world.org.members.register(member_type="customer", external_ids=[ExternalId("crm", "7")])
    with pytest.raises(Duplicate):
        world.org.members.register(member_type="customer", external_ids=[ExternalId("crm", "8")] * 2)
    with pytest.raises(NotFound):
        world.org.members.find("crm", "8")


def test_a_member_who_is_not_there_is_not_found(world):
    for action in ("verify", "block", "unblock", "get"):
        with pytest.raises(NotFound):
            act(world, action, MemberId(new_id()))


@pytest.mark.parametrize(
    ("field", "value"),
    [("member_type", "Customer!"), ("verified", 1), ("external_ids", "crm:7"), ("external_ids", [7])],
)
def test_bad_input_names_the_field(world, field, value):
    with pytest.raises(InvalidInput) as refusal:
        world.org.members.register(**({"member_type": "customer"} | {field: value}))
    assert refusal.value.path.startswith(field)
