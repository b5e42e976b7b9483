"""MEM-8: what a blocked member may not do, what goes on, and what unblocking restores, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memberlogic import (
    Actor,
    After,
    AwardRule,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Metric,
    Monthly,
    Progression,
    PurchaseLine,
    Rate,
    Redeeming,
    Scheme,
    Term,
    Upgrade,
)
from memberlogic.errors import IllegalTransition, MemberLogicError
from memberlogic.ids import new_id
from memberlogic.ledger.model import HoldState
from memberlogic.members import MemberState
from memberlogic.members.membership import MembershipStatus

pytestmark = pytest.mark.rule("MEM-8")

CLUB = {
    "expiry": After(Term.of_days(30)),
    "earning": Earning(
        rules=[EarningRule(key="base", gives=Rate(1, 100))],
        awards=[AwardRule(key="quiz", event="quiz", points=7)],
    ),
    "redeeming": Redeeming(points=1, value=1),
}


@pytest.fixture
def world(make_world):
    """A club in which points are earned, spent and awarded."""
    return make_world(**CLUB)


def refusal(act) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act()
    return caught.value.code


def buy(world, account, **said):
    lines = [PurchaseLine("bread", 10_000)]
    till = ExternalId("till", str(new_id()))
    return world.org.loyalty.record_purchase(account=account, purchase=till, lines=lines, currency="EUR", **said)


def award(world, account):
    return world.org.loyalty.award(account, event="quiz", reference=ExternalId("quiz", str(new_id())))


def hold(world, account):
    return world.org.ledger.hold(account, 5, until=world.clock.now() + timedelta(hours=1))


def test_what_the_member_holds_is_free_again_in_the_same_transaction(world):
    member = world.member()
    account = world.account(member=member, credits=[100])
    holds = [hold(world, account).hold for _ in range(3)]
    world.org.ledger.release(holds[0])
    assert world.available(account) == 90
    world.org.members.block(member, reason="abuse", idempotency_key="a")
    world.org.members.block(member, reason="abuse", idempotency_key="a")
    assert world.available(account) == 100
    assert {world.org.ledger.find_hold(each).state for each in holds} == {HoldState.RELEASED}
    events = [each for each in world.events() if each.event.type == "points.released"]
    assert [(each.event.hold, each.event.cause, each.actor) for each in events[1:]] == [
        (each, "member_blocked", "system") for each in holds[1:]
    ]
    (blocked,) = [each for each in world.events() if each.event.type == "member.blocked"]
    assert blocked.event.reason == "abuse"


def test_what_expired_while_it_was_held_is_gone_and_what_lapsed_has_lapsed(world):
    member = world.member()
    account = world.account(member=member, credits=[10])
    until = world.clock.now() + timedelta(days=60)
    held = world.org.ledger.hold(account, 6, until=until).hold
    short = world.org.ledger.hold(account, 1, until=world.clock.now() + timedelta(hours=1)).hold
    world.wait(days=31)
    world.org.members.block(member, reason="abuse")
    assert world.org.ledger.find_hold(held).state is HoldState.RELEASED
    assert world.org.ledger.find_hold(short).state is HoldState.LAPSED
    assert (world.available(account), world.wallet(account).held) == (0, 0)


def test_on_a_joint_account_only_what_the_member_asked_for_is_released(world):
    ana, ben = world.member(), world.member()
    account = world.account(member=ana, credits=[100])
    world.org.loyalty.join_account(account, ben)
    until = world.clock.now() + timedelta(hours=1)
    hers = world.acting_as(Actor.member(ana)).ledger.hold(account, 5, until=until).hold
    his = world.acting_as(Actor.member(ben)).ledger.hold(account, 5, until=until).hold
    staffs = hold(world, account).hold
    world.org.members.block(ana, reason="abuse")
    states = [world.org.ledger.find_hold(each).state for each in (hers, his, staffs)]
    assert states == [HoldState.RELEASED, HoldState.OPEN, HoldState.OPEN]
    world.org.members.block(ben, reason="abuse")
    assert world.org.ledger.find_hold(his).state is HoldState.RELEASED
    assert world.org.ledger.find_hold(staffs).state is HoldState.RELEASED


COMMANDS = {
    "credit": (lambda w, a: w.org.ledger.credit(a, 1, reason="welcome"), "account.every_holder_blocked"),
    "hold": (hold, "account.every_holder_blocked"),
    "transfer": (
        lambda w, a: w.org.ledger.transfer(source=a, target=w.account(), points=1),
        "account.every_holder_blocked",
    ),
    "redeem": (lambda w, a: buy(w, a, redeem=1), "account.every_holder_blocked"),
    "earn": (lambda w, a: buy(w, a).earned, 0),
    "award": (lambda w, a: award(w, a).points, 0),
    "open an account": (
        lambda w, a: w.org.loyalty.open_account(club=w.another_club().id, member=w.org.loyalty.account(a).owner),
        "account.member_blocked",
    ),
    "join an account": (
        lambda w, a: w.org.loyalty.join_account(w.account(), w.org.loyalty.account(a).owner),
        "account.member_blocked",
    ),
}
"""What a blocked member does: how it is refused, or what it comes to."""


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_blocked_member_cannot_do_and_can_again(world, name):
    act, comes_to = COMMANDS[name]
    member = world.member()
    account = world.account(member=member, credits=[100])
    world.org.members.block(member, reason="abuse")
    before = world.available(account)
    if isinstance(comes_to, str):
        assert refusal(lambda: act(world, account)) == comes_to
    else:
        assert act(world, account) == comes_to
    assert world.available(account) == before
    world.org.members.unblock(member)
    assert world.available(account) == before
    assert act(world, account) != comes_to


@pytest.mark.parametrize("verified", [True, False])
def test_unblocking_restores_what_was_and_gives_nothing_for_the_time_between(world, verified):
    member = world.member(verified=verified)
    account = world.account(member=member)
    world.org.members.block(member, reason="abuse")
    assert buy(world, account).earned == 0
    state = world.org.members.unblock(member).state
    assert state is (MemberState.ACTIVE if verified else MemberState.UNVERIFIED)
    assert world.available(account) == 0
    assert buy(world, account).earned == 100


def test_points_go_on_expiring_contracts_go_on_and_accounts_are_reviewed(make_world):
    world = make_world(
        **CLUB,
        schemes=[Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=1)],
        progression=Progression(
            metric=Metric.MONEY_SPENT,
            window=Term.of_days(20),
            upgrade=Upgrade.AT_ONCE,
            downgrade=Downgrade.ONE_RANK,
            review=Monthly(1),
        ),
    )
    member = world.member()
    account = world.account(member=member)
    buy(world, account)
    assert world.org.loyalty.account(account).scheme == "gold"
    year = world.contract(member=member)
    world.org.members.block(member, reason="abuse")
    world.wait(days=60)
    world.ml.run_jobs()
    assert world.wallet(account).remaining == 0
    assert world.org.loyalty.account(account).scheme == "base"
    assert world.org.members.membership(member).status is MembershipStatus.MEMBER
    assert world.org.contracts.get(year).status.value == "active"


def test_blocking_twice_or_somebody_who_was_anonymised_is_refused_and_releases_nothing(world):
    member = world.member()
    world.org.members.block(member, reason="abuse")
    events = world.events()
    with pytest.raises(IllegalTransition):
        world.org.members.block(member, reason="abuse")
    assert world.events() == events
