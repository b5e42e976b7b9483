"""PTS-10 and PTS-14 together: what a reversal took or gave counts as taken or given for returns, and the other way
round.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import After, Earning, EarningRule, ExternalId, PurchaseLine, Rate, Redeeming, Term
from memberlogic.certification.base import conserved
from memberlogic.errors import MemberLogicError
from memberlogic.ledger.model import EntryKind
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-10", "PTS-14")

SHOP = {
    "earning": Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]),
    "redeeming": Redeeming(points=1, value=10),
}
TILL = ExternalId("till", "1")


def bought(world, account, cents=10_000, redeem=0):
    """A purchase, and its entries by kind."""
    world.org.loyalty.record_purchase(
        account=account, purchase=TILL, lines=[PurchaseLine("things", cents)], currency="EUR", redeem=redeem
    )
    return {each.kind: each for each in world.entries(account)}


def brought_back(world, cents, number="r1"):
    return world.org.loyalty.return_purchase(purchase=TILL, receipt=ExternalId("till", number), amount=cents)


def total(world, account):
    balance = world.org.ledger.balance(account)
    return balance.available + balance.held - balance.debt


def test_what_a_reversal_took_no_return_takes(make_world):
    world = make_world(**SHOP)
    account = world.account()
    earned = bought(world, account)[EntryKind.EARN]
    world.org.ledger.reverse(earned.id, reason="mistake")
    brought_back(world, 10_000)
    assert total(world, account) == 0
    conserved(world, account)


def test_what_a_return_took_no_reversal_takes(make_world):
    world = make_world(**SHOP)
    account = world.account()
    earned = bought(world, account)[EntryKind.EARN]
    brought_back(world, 4_000)
    assert total(world, account) == 60
    assert world.org.ledger.reverse(earned.id, reason="mistake").points == -60
    brought_back(world, 6_000, "r2")
    assert total(world, account) == 0
    conserved(world, account)


def test_what_paid_comes_back_once(make_world):
    world = make_world(**SHOP)
    account = world.account(credits=[500])
    entries = bought(world, account, redeem=400)
    assert entries[EntryKind.REDEEM].amount == -400
    brought_back(world, 2_500)
    given_back = sum(each.amount for each in world.entries(account) if each.kind is EntryKind.RESTORE)
    assert given_back == 100
    assert world.org.ledger.reverse(entries[EntryKind.REDEEM].id, reason="mistake").points == 300
    brought_back(world, 7_500, "r2")
    assert total(world, account) == 500
    conserved(world, account)


def test_what_expired_and_lives_again_is_taken_by_a_return(make_world):
    world = make_world(**SHOP, expiry=After(Term.of_days(10)), grace=Term.of_days(5), reinstating=Term.of_days(30))
    account = world.account()
    bought(world, account)
    world.wait(days=11)
    world.org.ledger.reinstate(account, reason="goodwill")
    brought_back(world, 10_000)
    assert total(world, account) == 0
    conserved(world, account)


def test_what_a_return_counted_as_expired_does_not_live_again(make_world):
    world = make_world(**SHOP, expiry=After(Term.of_days(10)), grace=Term.of_days(5), reinstating=Term.of_days(30))
    account = world.account()
    bought(world, account)
    world.org.ledger.transfer(source=account, target=world.account(), points=20)
    world.wait(days=11)
    world.org.loyalty.record_purchase(
        account=account, purchase=ExternalId("till", "2"), lines=[PurchaseLine("other", 2_000)], currency="EUR"
    )
    brought_back(world, 10_000)
    with pytest.raises(MemberLogicError) as caught:
        world.org.ledger.reinstate(account, reason="goodwill")
    assert (caught.value.code, total(world, account)) == ("reinstate.nothing", 0)


@settings(max_examples=80)
@given(
    redeem=st.integers(0, 300),
    does=st.lists(st.sampled_from(["return", "return", "earn", "redeem", "spend"]), max_size=8),
    parts=st.lists(st.integers(1, 9_000), min_size=8, max_size=8),
)
def test_in_whatever_order_a_purchase_that_is_undone_leaves_nothing(redeem, does, parts):
    """Returned in any parts, its entries reversed at any moment, its points spent or not: at the end, when all of it is
    back and both entries are undone, the account has what it had, less what was spent elsewhere.
    """
    world = World(MemoryStorage(), **SHOP)
    account, sink = world.account(credits=[300]), world.account()
    entries, left, spent = bought(world, account, redeem=redeem), 10_000, 0
    by_name = {"earn": entries.get(EntryKind.EARN), "redeem": entries.get(EntryKind.REDEEM)}
    last = ["return", "earn", "redeem"]
    for number, (what, part) in enumerate(zip([*does, *last], [*parts, *parts], strict=False)):
        cents = left if number == len(does) else min(part, left)
        if what == "return" and cents:
            brought_back(world, cents, f"r{number}")
            left -= cents
        elif what == "spend" and (points := min(world.available(account), 7)):
            world.org.ledger.transfer(source=account, target=sink, points=points)
            spent += points
        elif by_name.get(what) is not None:
            try:
                world.org.ledger.reverse(by_name[what].id, reason="mistake")
            except MemberLogicError as refused:
                assert refused.code in ("reverse.already", "reverse.nothing_left")
    assert left == 0
    assert total(world, account) == 300 - spent
    conserved(world, account, sink)
