"""SCH-2: what a return lowers: what its purchase counts, in the purchase's own window, from its recording on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import (
    After,
    Daily,
    Downgrade,
    Earning,
    EarningRule,
    ExternalId,
    Metric,
    Progression,
    PurchaseLine,
    Rate,
    Redeeming,
    ReturnLine,
    Scheme,
    StoredValue,
    Term,
    Upgrade,
)
from memberlogic.calendar import Days, local_day
from memberlogic.loyalty.measuring import measure
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("SCH-2", "PTS-10")

LADDER = (Scheme(code="base", name="Base"), Scheme(code="gold", name="Gold", threshold=10))


def club(metric=Metric.MONEY_SPENT, threshold=10, **said):
    schemes = (LADDER[0], Scheme(code="gold", name="Gold", threshold=threshold))
    progression = Progression(
        metric=metric,
        window=Term.of_days(10),
        upgrade=Upgrade.AT_ONCE,
        downgrade=Downgrade.TO_REACHED,
        review=Daily(),
    )
    rest = {
        "earning": Earning(rules=[EarningRule(key="base", gives=Rate(1, 10))], excluded_categories={"fuel"}),
        "redeeming": Redeeming(points=1, value=1),
        "schemes": schemes,
        "progression": progression,
    }
    return rest | said


def buy(world, account, id, *amounts, **said):
    lines = [PurchaseLine("item", amount) for amount in amounts]
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", id), lines=lines, currency="EUR", **said
    )


def back(world, id, receipt, **said):
    return world.org.loyalty.return_purchase(
        purchase=ExternalId("till", id), receipt=ExternalId("till", receipt), **said
    )


def measured(world, account, metric, days=30):
    today = local_day(world.clock.now(), world.club.zone)
    window = Days(today - timedelta(days=days), today + timedelta(days=1))
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return measure(metric, window, uow.measures.daily([account], window.start)[account])


@pytest.mark.parametrize(
    ("metric", "before", "part", "whole"),
    [
        (Metric.MONEY_SPENT, 1500, 1300, 500),
        (Metric.POINTS_EARNED, 150, 130, 50),
        (Metric.PURCHASES, 2, 2, 1),
        (Metric.VISITS, 2, 2, 2),
    ],
)
def test_each_metric_is_lowered_in_its_own_way(make_world, metric, before, part, whole):
    world = make_world(**club())
    account = world.account()
    buy(world, account, "1", 600, 400)
    world.wait(days=1)
    buy(world, account, "2", 500)
    assert measured(world, account, metric) == before
    back(world, "1", "R1", lines=[ReturnLine(position=1, amount=200)])
    assert measured(world, account, metric) == part
    back(world, "1", "R2")
    assert measured(world, account, metric) == whole


def test_it_counts_in_the_purchases_window_not_in_the_returns(make_world):
    """The purchase is out of today's window: returning it lowers nothing that is counted now."""
    world = make_world(**club())
    account = world.account()
    buy(world, account, "1", 600)
    world.wait(days=12)
    buy(world, account, "2", 700)
    back(world, "1", "R1")
    assert measured(world, account, Metric.MONEY_SPENT, days=10) == 700
    assert measured(world, account, Metric.MONEY_SPENT) == 700


def test_reviews_that_were_settled_stand_and_the_next_one_decides_anew(make_world):
    """600 reach gold at once. The purchase comes back on the third day, told at noon: gold until the next review."""
    world = make_world(**club(threshold=500))
    account = world.account()
    buy(world, account, "1", 600)
    assert world.org.loyalty.account(account).scheme == "gold"
    world.wait(days=2)
    back(world, "1", "R1", amount=200)
    assert world.org.loyalty.account(account).scheme == "gold"
    history = world.org.loyalty.scheme_history(account)
    assert [each.measured for each in history.changes] == [600]
    world.wait(days=1)
    history = world.org.loyalty.scheme_history(account)
    assert [(each.to_scheme, each.measured) for each in history.changes] == [("gold", 600), ("base", 400)]
    assert history.changes[-1].day == local_day(world.clock.now(), world.club.zone)


@pytest.mark.rule("COM-8")
@pytest.mark.parametrize("jobs", [False, True])
def test_reviews_that_fell_due_before_the_return_do_not_see_it_whoever_wrote_them_down(make_world, jobs):
    world = make_world(**club(threshold=500))
    account = world.account()
    buy(world, account, "1", 600)
    world.wait(days=5)
    if jobs:
        world.ml.run_jobs()
    back(world, "1", "R1")
    assert world.org.loyalty.account(account).scheme == "gold"
    assert [each.to_scheme for each in world.org.loyalty.scheme_history(account).changes] == ["gold"]


def test_an_upgrade_at_once_sees_what_came_back(make_world):
    world = make_world(**club(threshold=1000))
    account = world.account()
    buy(world, account, "1", 600)
    back(world, "1", "R1", amount=1)
    buy(world, account, "2", 400)
    assert world.org.loyalty.account(account).scheme == "base"
    buy(world, account, "3", 1)
    assert world.org.loyalty.account(account).scheme == "gold"


def test_points_that_expired_were_spent_or_let_go_are_lowered_all_the_same(make_world):
    """The metric counts points when earned, whatever became of them; so does what a return lowers."""
    world = make_world(**club(Metric.POINTS_EARNED, expiry=After(Term.of_days(1))))
    account = world.account()
    buy(world, account, "1", 600)
    world.wait(days=3)
    done = back(world, "1", "R1", amount=300)
    assert (done.taken, measured(world, account, Metric.POINTS_EARNED)) == (0, 30)


def test_money_that_never_counted_is_not_lowered_twice(make_world):
    """Where buying stored value counted, what it paid is left out: 60 of 100 count, and no more than 60 are lowered."""
    earning = Earning(rules=[EarningRule(key="base", gives=Rate(1, 10))], stored_value=StoredValue.BOUGHT)
    world = make_world(**club(earning=earning))
    account = world.account()
    buy(world, account, "1", 100, paid_with_stored_value=40)
    buy(world, account, "2", 50)
    assert measured(world, account, Metric.MONEY_SPENT) == 110
    back(world, "1", "R1")
    assert measured(world, account, Metric.MONEY_SPENT) == 50


def test_selling_stored_value_that_did_not_count_lowers_nothing(make_world):
    """A gift card counts when it is spent: it comes back, and the apple still counts."""
    world = make_world(**club())
    account = world.account()
    world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", "1"),
        lines=[PurchaseLine("apple", 300), PurchaseLine("gift card", 1000, stored_value=True)],
        currency="EUR",
    )
    assert measured(world, account, Metric.MONEY_SPENT) == 300
    back(world, "1", "R1", lines=[ReturnLine(position=1)])
    assert measured(world, account, Metric.MONEY_SPENT) == 300
    back(world, "1", "R2")
    assert measured(world, account, Metric.MONEY_SPENT) == 0


def test_a_purchase_while_blocked_counted_nothing_and_lowers_nothing(make_world):
    world = make_world(**club())
    account = world.account()
    buy(world, account, "1", 100)
    world.org.loyalty.block_account(account, reason="fraud")
    buy(world, account, "2", 70)
    back(world, "2", "R2")
    for metric, said in zip(Metric, (10, 100, 1, 1), strict=True):
        assert measured(world, account, metric) == said


def test_what_points_paid_counts_and_is_lowered(make_world):
    world = make_world(**club())
    account = world.account(credits=[50])
    buy(world, account, "1", 100, redeem=50)
    assert measured(world, account, Metric.MONEY_SPENT) == 100
    back(world, "1", "R1", amount=40)
    assert measured(world, account, Metric.MONEY_SPENT) == 60


@given(
    bought=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 300)), min_size=1, max_size=4),
    returned=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 200)), max_size=6),
)
@settings(max_examples=60)
def test_never_below_nothing_and_always_the_plain_sum(bought, returned):
    """Any purchases, any returns: money is what was bought less what came back; purchases are those not wholly back;
    visits are days with a purchase.
    """
    world = World(MemoryStorage(), **club(threshold=10**9))
    account = world.account()
    days, left = [], []
    for number, (wait, amount) in enumerate(bought):
        world.wait(days=wait)
        buy(world, account, str(number), amount)
        days.append(local_day(world.clock.now(), world.club.zone))
        left.append(amount)
    for number, (which, amount) in enumerate(returned):
        at = which % len(left)
        if left[at]:
            part = min(amount, left[at])
            back(world, str(at), f"R{number}", amount=part)
            left[at] -= part
    amounts = [amount for _, amount in bought]
    earned = sum(
        amount // 10 - (amount // 10) * (amount - rest) // amount for amount, rest in zip(amounts, left, strict=True)
    )
    assert measured(world, account, Metric.MONEY_SPENT, days=60) == sum(left)
    assert measured(world, account, Metric.POINTS_EARNED, days=60) == earned
    assert measured(world, account, Metric.PURCHASES, days=60) == sum(1 for each in left if each)
    assert measured(world, account, Metric.VISITS, days=60) == len(set(days))
