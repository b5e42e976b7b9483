"""PTS-7: which points are used up first, on every store: soonest expiry, or the oldest where a club chose that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, CalendarPeriod, Order, Redeeming, Term
from memberlogic.certification.base import conserved
from memberlogic.errors import InvalidInput
from memberlogic.ledger.model import EntryKind
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-7")


def _credited(world, account, *expiries):
    """Five points an hour, each until so many days from now (None: for ever)."""
    for days in expiries:
        expires = world.clock.now() + timedelta(days=days) if days else None
        world.org.ledger.credit(account, 5, reason="welcome", expires_at=expires)
        world.wait(hours=1)


def _left(world, account):
    """The hours at which what is left was earned."""
    return [(lot.earned_at.hour, lot.remaining) for lot in world.wallet(account).lots]


def test_a_club_that_says_nothing_uses_up_what_expires_soonest(world):
    assert world.club.order is Order.SOONEST_EXPIRY
    account = world.account()
    _credited(world, account, 30, 10, None, 20)
    world.org.ledger.transfer(source=account, target=world.account(), points=12)
    assert _left(world, account) == [(12, 3), (14, 5)]


def test_a_club_may_use_up_the_oldest_first(make_world):
    world = make_world(order=Order.OLDEST_FIRST)
    account, target = world.account(), world.account()
    _credited(world, account, 30, 10, None, 20)
    moved = world.org.ledger.transfer(source=account, target=target, points=12)
    assert _left(world, account) == [(14, 3), (15, 5)]
    assert [(lot.earned_at.hour, lot.remaining) for lot in world.wallet(target).lots] == [(12, 5), (13, 5), (14, 2)]
    assert "order oldest_first" in moved.explain().text()
    conserved(world, account, target)


def test_among_equals_what_expires_soonest_then_the_id(make_world):
    world = make_world(order=Order.OLDEST_FIRST)
    account, now = world.account(), world.clock.now()
    for days in (9, None, 3, 3):
        expires = now + timedelta(days=days) if days else None
        world.org.ledger.credit(account, 1, reason="welcome", expires_at=expires)
    lots = world.wallet(account).lots
    assert [lot.expires_at and (lot.expires_at - now).days for lot in lots] == [3, 3, 9, None]
    assert lots[0].id < lots[1].id


def test_holds_and_redemptions_use_up_the_oldest_too(make_world):
    world = make_world(order=Order.OLDEST_FIRST, redeeming=Redeeming(points=1, value=1))
    account = world.account()
    _credited(world, account, 30, 10, 20)
    held = world.org.ledger.hold(account, 7, until=world.clock.now() + timedelta(hours=9))
    assert [(lot.earned_at.hour, lot.held) for lot in world.wallet(account).lots] == [(12, 5), (13, 2), (14, 0)]
    world.org.ledger.capture(held.hold, 6)
    assert _left(world, account) == [(13, 4), (14, 5)]
    conserved(world, account)


@pytest.mark.rule("COM-8", "PTS-12")
def test_what_expires_is_found_wherever_it_lies_in_the_order(make_world):
    """Forty lots: the oldest live longest, so that what expires first comes last in the order."""
    world = make_world(order=Order.OLDEST_FIRST)
    account, now = world.account(), world.clock.now()
    for day in range(40):
        world.org.ledger.credit(account, 1, reason="welcome", expires_at=now + timedelta(days=100 - day))
        world.wait(minutes=1)
    assert world.org.ledger.balance(account).next_expiry == now + timedelta(days=61)
    world.org.ledger.transfer(source=account, target=world.account(), points=2)
    assert world.wallet(account).next_change == now + timedelta(days=61)
    world.clock.set(now + timedelta(days=63))
    world.org.ledger.transfer(source=account, target=world.account(), points=33)
    expired = [entry for entry in world.entries(account) if entry.kind is EntryKind.EXPIRE]
    assert [entry.effective_at for entry in expired] == [now + timedelta(days=61 + days) for days in range(3)]
    assert [lot.earned_at for lot in world.wallet(account).lots] == [now + timedelta(minutes=35 + n) for n in range(2)]
    assert world.wallet(account).next_change == now + timedelta(days=64)
    conserved(world, account)


@pytest.mark.rule("COM-8")
@given(
    steps=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30), st.integers(1, 12)), min_size=1, max_size=25),
    order=st.sampled_from(Order),
)
def test_what_is_taken_is_what_a_plain_list_would_take(steps, order):
    """Credits and transfers at random, against a list that is sorted anew each time."""
    world = World(MemoryStorage(), order=order)
    account, target, lots = world.account(), world.account(), []
    for number, days, hours in steps:
        now = world.clock.now()
        expires = now + timedelta(days=days) if days else None
        world.org.ledger.credit(account, number, reason="welcome", expires_at=expires)
        lots.append([now, expires or datetime(9999, 1, 1, tzinfo=UTC), number])
        world.wait(hours=hours * number)
        now = world.clock.now()
        lots = [lot for lot in lots if lot[1] > now and lot[2]]
        lots.sort(key=lambda lot: (lot[0], lot[1]) if order is Order.OLDEST_FIRST else (lot[1], lot[0]))
        asked = wanted = sum(lot[2] for lot in lots) // 2
        if asked:
            world.org.ledger.transfer(source=account, target=target, points=asked)
        for lot in lots:
            part = min(lot[2], wanted)
            lot[2], wanted = lot[2] - part, wanted - part
        world.ml.run_jobs()
        assert [(lot.earned_at, lot.remaining) for lot in world.wallet(account).lots] == [
            (earned, points) for earned, _, points in lots if points
        ]
        conserved(world, account, target)


def test_an_order_is_one_of_the_two():
    with pytest.raises(InvalidInput) as refusal:
        World(MemoryStorage(), order="newest_first")
    assert refusal.value.path == "order"


def test_the_order_goes_with_every_policy_of_expiry(make_world):
    """The oldest points may live longest, as where expiry is rounded up."""
    world = make_world(order=Order.OLDEST_FIRST, expiry=After(Term.of_days(30), CalendarPeriod.QUARTER))
    account = world.account(credits=[3])
    world.wait(days=60)
    world.org.ledger.credit(account, 4, reason="welcome", expires_at=world.clock.now() + timedelta(days=5))
    world.org.ledger.transfer(source=account, target=world.account(), points=3)
    assert [lot.remaining for lot in world.wallet(account).lots] == [4]
