"""PTS-1: the states of an account, through the public service, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memberlogic.actors import Actor
from memberlogic.certification.base import conserved
from memberlogic.errors import IllegalTransition, InvalidInput, MemberLogicError, NotFound, PermissionDenied
from memberlogic.ids import AccountId, new_id
from memberlogic.ledger.model import AccountState, EntryKind
from memberlogic.loyalty.lifecycle import ACCOUNT_STATES
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-1")

OPEN, BLOCKED, CLOSED = AccountState.OPEN, AccountState.BLOCKED, AccountState.CLOSED


def refusal(act, *args, **kwargs) -> str:
    """The code with which something is refused."""
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def brought_to(world, state: AccountState) -> AccountId:
    """An account with a second holder, in a state."""
    account = world.account()
    world.second = world.member()
    world.org.loyalty.join_account(account, world.second)
    if state is BLOCKED:
        world.org.loyalty.block_account(account, reason="abuse")
    if state is CLOSED:
        world.org.loyalty.close_account(account)
    return account


ACTIONS = {
    "block": lambda world, account: world.org.loyalty.block_account(account, reason="abuse"),
    "unblock": lambda world, account: world.org.loyalty.unblock_account(account),
    "close": lambda world, account: world.org.loyalty.close_account(account),
    "join": lambda world, account: world.org.loyalty.join_account(account, world.member()),
    "leave": lambda world, account: world.org.loyalty.leave_account(account, world.second),
}
AFTER = {
    (OPEN, "block"): BLOCKED,
    (OPEN, "close"): CLOSED,
    (OPEN, "join"): OPEN,
    (OPEN, "leave"): OPEN,
    (BLOCKED, "unblock"): OPEN,
    (BLOCKED, "leave"): BLOCKED,
}


@pytest.mark.parametrize("state", AccountState)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_state_takes_the_actions_of_the_table_and_no_other(world, state, action):
    account = brought_to(world, state)
    before = world.org.loyalty.account(account)
    after = AFTER.get((state, action))
    if after is None:
        with pytest.raises(IllegalTransition) as caught:
            ACTIONS[action](world, account)
        assert caught.value.details == {
            "machine": "account",
            "state": state.value,
            "action": action,
            "allowed": list(ACCOUNT_STATES.allowed(state)),
        }
        assert world.org.loyalty.account(account) == before
    else:
        changed = ACTIONS[action](world, account)
        assert changed.state is after
        assert changed == world.org.loyalty.account(account)


def test_the_diagram_shows_the_table():
    assert {(state, action): after for state, action, after in ACCOUNT_STATES.rows()} == AFTER
    assert ACCOUNT_STATES.as_mermaid().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> OPEN",
        "    OPEN --> BLOCKED: block",
        "    OPEN --> CLOSED: close",
        "    OPEN --> OPEN: join",
        "    OPEN --> OPEN: leave",
        "    BLOCKED --> OPEN: unblock",
        "    BLOCKED --> BLOCKED: leave",
        "    CLOSED --> [*]",
    ]


def test_nothing_moves_on_a_blocked_account(world):
    account, other = world.account(credits=[10]), world.account(credits=[10])
    until = world.clock.now() + timedelta(days=1)
    hold = world.org.ledger.hold(account, 2, until=until).hold
    assert world.org.loyalty.block_account(account, reason="abuse").blocked_for == "abuse"
    ledger = world.org.ledger
    for act in (
        lambda: ledger.credit(account, 1, reason="welcome"),
        lambda: ledger.transfer(source=account, target=other, points=1),
        lambda: ledger.transfer(source=other, target=account, points=1),
        lambda: ledger.hold(account, 1, until=until),
        lambda: ledger.capture(hold),
    ):
        assert refusal(act) == "account.not_open"
    assert (world.available(account), world.available(other)) == (8, 10)
    assert world.org.loyalty.unblock_account(account).blocked_for is None
    world.org.ledger.transfer(source=account, target=other, points=8)
    conserved(world, account, other)


@pytest.mark.rule("PTS-12")
def test_points_expire_on_a_blocked_account(world):
    account = world.account()
    expires = world.clock.now() + timedelta(days=1)
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=expires)
    world.org.loyalty.block_account(account, reason="abuse")
    world.wait(days=2)
    assert world.available(account) == 0
    world.ml.run_jobs()
    assert [(each.kind, each.effective_at) for each in world.entries(account)][1:] == [(EntryKind.EXPIRE, expires)]
    conserved(world, account)


def test_a_hold_on_a_blocked_account_may_be_released(world):
    account = world.account(credits=[10])
    hold = world.org.ledger.hold(account, 2, until=world.clock.now() + timedelta(days=1)).hold
    world.org.loyalty.block_account(account, reason="abuse")
    assert world.org.ledger.release(hold).available == 10


def test_an_account_is_closed_only_at_a_balance_of_zero(world):
    account = world.account(credits=[10])
    with pytest.raises(MemberLogicError) as caught:
        world.org.loyalty.close_account(account)
    assert (caught.value.code, caught.value.details["points"]) == ("account.has_points", 10)
    world.org.ledger.transfer(source=account, target=world.account(), points=10)
    assert world.org.loyalty.close_account(account).state is CLOSED


@pytest.mark.rule("COM-8")
def test_closing_settles_first(world):
    """Points that expired are not in the way, though no job ran."""
    account = world.account()
    world.org.ledger.credit(account, 10, reason="welcome", expires_at=world.clock.now() + timedelta(days=1))
    world.wait(days=1)
    world.org.loyalty.close_account(account)
    assert [entry.amount for entry in world.entries(account)] == [10, -10]
    conserved(world, account)


@pytest.mark.rule("PTS-9")
def test_an_account_is_not_closed_while_points_are_held(world):
    account = world.account(credits=[10])
    hold = world.org.ledger.hold(account, 10, until=world.clock.now() + timedelta(days=1)).hold
    with pytest.raises(MemberLogicError) as caught:
        world.org.loyalty.close_account(account)
    assert (caught.value.code, caught.value.details["held"]) == ("account.has_holds", 10)
    world.org.ledger.capture(hold)
    world.org.loyalty.close_account(account)
    conserved(world, account)


def test_nothing_moves_on_a_closed_account(world):
    account, other = world.account(), world.account(credits=[10])
    world.org.loyalty.close_account(account)
    assert refusal(world.org.ledger.credit, account, 1, reason="welcome") == "account.not_open"
    assert refusal(world.org.ledger.transfer, source=other, target=account, points=1) == "account.not_open"


def test_the_member_may_open_a_new_account_after_closing(world):
    member = world.member()
    first = world.account(member=member)
    assert refusal(world.account, member=member) == "account.already_open"
    world.org.loyalty.close_account(first)
    second = world.account(member=member, credits=[5])
    assert second != first
    assert world.available(second) == 5
    assert refusal(world.account, member=member) == "account.already_open"


@pytest.mark.rule("SCH-11")
def test_a_closed_account_is_not_reviewed(world):
    account = world.account()
    world.org.loyalty.close_account(account)
    assert world.org.loyalty.account(account).next_review is None


@pytest.mark.rule("COM-10")
def test_each_change_is_an_event(world):
    account = world.account()
    loyalty = world.org.loyalty
    owner, second = loyalty.account(account).owner, world.member()
    loyalty.join_account(account, second)
    world.staff("members.accounts:update").loyalty.block_account(account, reason="abuse")
    loyalty.unblock_account(account)
    loyalty.leave_account(account, second)
    loyalty.close_account(account)
    events = world.events()[-5:]
    assert [(each.event.type, each.event.members) for each in events] == [
        ("account.holder_joined", (owner, second)),
        ("account.blocked", (owner, second)),
        ("account.unblocked", (owner, second)),
        ("account.holder_left", (owner, second)),
        ("account.closed", (owner,)),
    ]
    assert (events[1].event.reason, events[1].actor) == ("abuse", "staff:sam")
    assert {(each.event.account, each.event.club) for each in events} == {(account, world.club.id)}


@pytest.mark.rule("COM-13")
@pytest.mark.parametrize(
    ("method", "permission"),
    [
        ("block_account", "members.accounts:update"),
        ("unblock_account", "members.accounts:update"),
        ("close_account", "members.accounts:delete"),
        ("join_account", "members.accounts:update"),
        ("leave_account", "members.accounts:update"),
    ],
)
def test_each_needs_its_permission(method, permission):
    world = World(MemoryStorage())
    account = world.account()
    owner = world.org.loyalty.account(account).owner
    more = {"block_account": {"reason": "abuse"}, "join_account": {"member": owner}, "leave_account": {"member": owner}}
    for handle in (world.staff("members.accounts:read"), world.acting_as(Actor.member(owner))):
        with pytest.raises(PermissionDenied) as caught:
            getattr(handle.loyalty, method)(account, **more.get(method, {}))
        assert caught.value.details["permission"] == permission
    assert world.org.loyalty.account(account).state is OPEN


@pytest.mark.rule("COM-1")
def test_an_account_of_another_organization_is_not_found(make_world):
    world, other = make_world(), make_world()
    for account in (other.account(), AccountId(new_id())):
        world.second = world.member()
        for act in ACTIONS.values():
            with pytest.raises(NotFound) as caught:
                act(world, account)
            assert caught.value.details == {"kind": "account", "id": str(account)}


@pytest.mark.rule("COM-9")
def test_a_repeated_key_answers_the_same(world):
    account = world.account()
    first, second = (world.org.loyalty.close_account(account, idempotency_key="k") for _ in range(2))
    assert first == second


@pytest.mark.rule("COM-11")
@pytest.mark.parametrize(
    ("method", "said", "field"),
    [
        ("block_account", {"account": "no-id", "reason": "abuse"}, "account"),
        ("block_account", {"account": new_id(), "reason": "He shouted!"}, "reason"),
        ("unblock_account", {"account": 7}, "account"),
        ("close_account", {"account": None}, "account"),
        ("join_account", {"account": new_id(), "member": "no-id"}, "member"),
        ("leave_account", {"account": new_id(), "member": None}, "member"),
    ],
)
def test_bad_input_names_the_field(method, said, field):
    with pytest.raises(InvalidInput) as caught:
        getattr(World(MemoryStorage()).org.loyalty, method)(**said)
    assert caught.value.path == field
