"""PTS-1: joint accounts, through the public service, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memberlogic.actors import Actor
from memberlogic.errors import MemberLogicError, NotFound
from memberlogic.ids import MemberId, new_id

pytestmark = pytest.mark.rule("PTS-1")


def refusal(act, *args, **kwargs) -> str:
    """The code with which something is refused."""
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


def test_a_member_joins_an_account_and_acts_on_it(world):
    account, other = world.account(credits=[10]), world.account()
    second = world.member()
    theirs = world.acting_as(Actor.member(second)).ledger
    with pytest.raises(NotFound):
        theirs.balance(account)
    joined = world.org.loyalty.join_account(account, second)
    assert joined.holders == (joined.owner, second)
    assert world.org.loyalty.account(account) == joined
    theirs.transfer(source=account, target=other, points=3)
    assert theirs.balance(account).available == 7


def test_holders_come_in_the_order_in_which_they_joined(world):
    account = world.account()
    first, second, third = (world.member() for _ in range(3))
    for member in (first, second):
        world.org.loyalty.join_account(account, member)
    world.org.loyalty.leave_account(account, first)
    world.org.loyalty.join_account(account, third)
    world.org.loyalty.join_account(account, first)
    stored = world.org.loyalty.account(account)
    assert stored.holders == (stored.owner, second, third, first)
    assert [holder.member for holder in world.wallet(account).holders] == list(stored.holders)


def test_joining_does_not_count_as_the_one_account_of_their_own(world):
    second = world.member()
    for _ in range(2):
        world.org.loyalty.join_account(world.account(), second)
    own = world.account(member=second)
    world.org.loyalty.join_account(world.account(), second)
    assert world.org.loyalty.account(own).owner == second


def test_only_a_type_that_the_club_accepts_joins(world):
    account = world.account()
    assert refusal(world.org.loyalty.join_account, account, world.member(member_type="staff")) == (
        "account.member_type_not_accepted"
    )


def test_a_blocked_member_does_not_join(world):
    account, second = world.account(), world.member()
    world.org.members.block(second, reason="abuse")
    assert refusal(world.org.loyalty.join_account, account, second) == "account.member_blocked"


def test_a_member_joins_once(world):
    account, second = world.account(), world.member()
    world.org.loyalty.join_account(account, second)
    assert refusal(world.org.loyalty.join_account, account, second) == "account.already_a_holder"
    owner = world.org.loyalty.account(account).owner
    assert refusal(world.org.loyalty.join_account, account, owner) == "account.already_a_holder"


def test_the_owner_cannot_leave(world):
    account = world.account()
    world.org.loyalty.join_account(account, world.member())
    owner = world.org.loyalty.account(account).owner
    assert refusal(world.org.loyalty.leave_account, account, owner) == "account.owner_cannot_leave"


def test_who_leaves_reaches_the_account_no_more_and_the_points_stay(world):
    account, second = world.account(credits=[10]), world.member()
    world.org.loyalty.join_account(account, second)
    left = world.org.loyalty.leave_account(account, second)
    assert left.holders == (left.owner,)
    with pytest.raises(NotFound):
        world.acting_as(Actor.member(second)).ledger.balance(account)
    assert world.available(account) == 10
    assert refusal(world.org.loyalty.leave_account, account, second) == "account.not_a_holder"


def test_a_holder_who_is_blocked_cannot_act_the_others_can(world):
    account, other, second = world.account(credits=[10]), world.account(), world.member()
    world.org.loyalty.join_account(account, second)
    world.org.members.block(second, reason="abuse")
    until = world.clock.now() + timedelta(days=1)
    blocked = world.acting_as(Actor.member(second)).ledger
    for act in (
        lambda: blocked.transfer(source=account, target=other, points=1),
        lambda: blocked.hold(account, 1, until=until),
        lambda: world.org.ledger.hold(account, 1, until=until, holder=second),
    ):
        assert refusal(act) == "account.holder_blocked"
    owner = world.acting_as(Actor.member(world.org.loyalty.account(account).owner)).ledger
    owner.transfer(source=account, target=other, points=1)
    owner.hold(account, 1, until=until)


def test_points_are_received_unless_every_holder_is_blocked(world):
    account, second = world.account(), world.member()
    world.org.loyalty.join_account(account, second)
    world.org.members.block(world.org.loyalty.account(account).owner, reason="abuse")
    world.org.ledger.credit(account, 10, reason="welcome")
    world.org.members.block(second, reason="abuse")
    assert refusal(world.org.ledger.credit, account, 1, reason="welcome") == "account.every_holder_blocked"
    assert world.available(account) == 10


@pytest.mark.rule("COM-1")
def test_a_member_of_another_organization_is_not_found(make_world):
    world, other = make_world(), make_world()
    account = world.account()
    for member in (other.member(), MemberId(new_id())):
        for act in (world.org.loyalty.join_account, world.org.loyalty.leave_account):
            with pytest.raises(NotFound) as caught:
                act(account, member)
            assert caught.value.details == {"kind": "member", "id": str(member)}
