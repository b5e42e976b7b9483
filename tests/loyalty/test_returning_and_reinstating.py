"""PTS-10 and PTS-14 together: what a return of a purchase counted as taken does not live again."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memberlogic import After, Earning, EarningRule, ExternalId, PurchaseLine, Rate, Shortfall, Term
from memberlogic.certification.base import conserved
from memberlogic.errors import MemberLogicError
from memberlogic.ledger.model import EntryKind
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-10", "PTS-14")

CLUB = {
    "earning": Earning(rules=[EarningRule(key="base", gives=Rate(1, 100))]),
    "expiry": After(Term.of_days(90)),
    "grace": Term.of_days(30),
    "reinstating": Term.of_days(60),
}


def bought(world, account, cents=10_000, number="1"):
    return world.org.loyalty.record_purchase(
        account=account,
        purchase=ExternalId("till", number),
        lines=[PurchaseLine("things", cents)],
        currency="EUR",
    )


def brought_back(world, receipt, cents=None, at=None, number="1"):
    return world.org.loyalty.return_purchase(
        purchase=ExternalId("till", number), receipt=ExternalId("till", receipt), amount=cents, at=at
    )


def revived(world, account):
    """How many points live again; 0 if nothing is left to revive."""
    try:
        return world.org.ledger.reinstate(account, reason="goodwill").points
    except MemberLogicError as refusal:
        assert refusal.code == "reinstate.nothing"
        return 0


def test_half_came_back_after_all_expired(make_world):
    world = make_world(**CLUB)
    account = world.account()
    bought(world, account)
    world.wait(days=95)
    assert brought_back(world, "r1", 5_000).taken == 0
    assert (revived(world, account), world.available(account)) == (50, 50)
    assert revived(world, account) == 0
    assert brought_back(world, "r2").taken == 50, "what lives again is taken with the rest"
    world.wait(days=40)
    assert (revived(world, account), world.available(account)) == (0, 0)
    conserved(world, account)


def test_all_came_back_after_all_expired(make_world):
    world = make_world(**CLUB)
    account = world.account()
    bought(world, account)
    world.wait(days=95)
    assert brought_back(world, "r1").money == 10_000
    assert revived(world, account) == 0
    conserved(world, account)


def test_half_came_back_before_and_half_after_the_rest_expired(make_world):
    world = make_world(**CLUB)
    account = world.account()
    bought(world, account)
    assert brought_back(world, "r1", 5_000).taken == 50
    world.wait(days=95)
    assert brought_back(world, "r2").taken == 0
    assert revived(world, account) == 0
    conserved(world, account)


def test_a_part_was_used(make_world):
    world = make_world(**CLUB)
    account = world.account()
    bought(world, account)
    world.org.ledger.transfer(source=account, target=world.account(), points=20)
    world.wait(days=95)
    assert brought_back(world, "r1", 5_000).taken == 0
    assert revived(world, account) == 30
    conserved(world, account)


def test_what_was_let_go_is_not_revived_either(make_world):
    world = make_world(**CLUB, shortfall=Shortfall.CLAMP)
    account = world.account()
    bought(world, account)
    world.org.ledger.transfer(source=account, target=world.account(), points=50)
    world.wait(days=95)
    made = brought_back(world, "r1")
    assert (made.taken, made.clamped) == (0, 50)
    assert revived(world, account) == 0
    conserved(world, account)


def test_a_return_of_a_day_before_the_expiry(make_world):
    world = make_world(**CLUB)
    account = world.account()
    bought(world, account)
    world.wait(days=30)
    at = world.clock.now()
    world.wait(days=65)
    assert brought_back(world, "r1", at=at).taken == 0
    assert revived(world, account) == 0
    conserved(world, account)


def test_each_purchase_for_itself(make_world):
    world = make_world(**CLUB)
    account = world.account(credits=[7])
    bought(world, account)
    bought(world, account, 3_000, "2")
    world.wait(days=95)
    brought_back(world, "r1")
    assert revived(world, account) == 37
    conserved(world, account)


def test_a_lot_of_which_nothing_is_left_to_revive_is_refused_by_name(make_world):
    world = make_world(**CLUB)
    account = world.account()
    bought(world, account)
    (lot,) = world.wallet(account).lots
    world.wait(days=95)
    brought_back(world, "r1")
    with pytest.raises(MemberLogicError) as caught:
        world.org.ledger.reinstate(account, reason="goodwill", lots=[lot.id])
    assert caught.value.code == "reinstate.already"


def test_what_expired_before_the_window_counts_as_taken_first(make_world):
    world = make_world(**{**CLUB, "grace": Term.of_days(70)})
    account = world.account()
    bought(world, account)
    world.wait(days=95)
    assert revived(world, account) == 100
    world.org.ledger.transfer(source=account, target=world.account(), points=10)
    world.wait(days=75)  # 90 expire again; the first expiry is out of the window, and all of it lived again
    brought_back(world, "r1", 4_000)
    assert revived(world, account) == 50
    conserved(world, account)


STEPS = st.one_of(
    st.tuples(st.just("return"), st.sampled_from([1, 10, 33, 50, 90])),
    st.tuples(st.just("spend"), st.integers(1, 60)),
    st.tuples(st.just("wait"), st.sampled_from([5, 25, 50])),
    st.tuples(st.just("reinstate"), st.just(0)),
)


@settings(max_examples=100)
@given(steps=st.lists(STEPS, min_size=4, max_size=14), clamp=st.booleans(), cents=st.integers(2_000, 20_000))
def test_no_more_lives_again_than_expired_less_what_returns_counted(steps, clamp, cents):
    """In whatever order. Reckoned from the amounts that came back and from what the entries did: what the returns had
    to take, and neither took nor let go, they counted as taken; so much of what expired stays expired.
    """
    shortfall = Shortfall.CLAMP if clamp else Shortfall.DEBT
    world = World(
        MemoryStorage(), **CLUB | {"expiry": After(Term.of_days(20)), "grace": Term.of_days(10)}, shortfall=shortfall
    )
    account, sink = world.account(), world.account()
    earned = bought(world, account, cents).earned
    left, gone = cents, 0
    for number, (does, much) in enumerate((*steps, ("wait", 25), ("reinstate", 0), ("return", 100))):
        balance = world.org.ledger.balance(account)
        match does:
            case "return" if left:
                part = left if much == 100 else max(1, left * much // 100)
                left -= part
                made = brought_back(world, f"r{number}", part)
                gone += made.taken + made.clamped
            case "spend" if min(much, balance.available) > 0 and not balance.debt:
                world.org.ledger.transfer(source=account, target=sink, points=min(much, balance.available))
            case "wait":
                world.wait(days=much)
            case "reinstate" if not balance.debt:
                expired = net_expired(world, account)
                counted = int(Fraction(earned * (cents - left), cents)) - gone if left else earned - gone
                more = revived(world, account)
                assert more <= max(0, expired - counted)
                assert net_expired(world, account) >= counted
            case _:
                pass
    conserved(world, account, sink)


def net_expired(world, account):
    """What expired and does not live again, written down or not."""
    world.ml.run_jobs()
    kinds = (EntryKind.EXPIRE, EntryKind.REINSTATE)
    return -sum(each.amount for each in world.entries(account) if each.kind in kinds)
