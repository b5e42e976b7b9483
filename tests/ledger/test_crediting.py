"""Crediting (PTS-6, PTS-18) and the order of consumption (PTS-7)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, Term
from memberlogic.actors import Actor
from memberlogic.errors import InvalidInput, PermissionDenied
from memberlogic.ids import new_id
from memberlogic.ledger import crediting
from memberlogic.ledger.consuming import in_order, take
from memberlogic.ledger.crediting import Credit
from memberlogic.ledger.refusals import AccountNotOpen, EveryHolderBlocked
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage


@pytest.mark.rule("PTS-6", "PTS-18")
def test_a_credit_opens_a_lot_that_lives_by_the_clubs_policy(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account = world.account()
    done = world.org.ledger.credit(account, 50, reason="welcome", reference="R-1")
    (lot,) = world.wallet(account).lots
    assert (lot.id, lot.amount, lot.remaining, lot.expires_at) == (done.lot, 50, 50, done.expires_at)
    assert (done.points, done.available, done.settled_debt) == (50, 50, 0)
    assert done.explain().text() == (
        f"50 points were credited.\n  - expiry.by_policy (PTS-6): expires at {done.expires_at.isoformat()}"
    )


@pytest.mark.rule("PTS-6")
def test_a_named_expiry_beats_the_policy_and_lies_ahead(make_world):
    world = make_world(expiry=After(Term.of_days(90)))
    account, now = world.account(), world.clock.now()
    done = world.org.ledger.credit(account, 1, reason="welcome", expires_at=now + timedelta(microseconds=1))
    assert done.expires_at == now + timedelta(microseconds=1)
    for wrong in (now, now - timedelta(days=1), datetime(2027, 1, 1)):
        with pytest.raises(InvalidInput) as refusal:
            world.org.ledger.credit(account, 1, reason="welcome", expires_at=wrong)
        assert refusal.value.path == "expires_at"


@pytest.mark.rule("PTS-1")
def test_points_are_received_on_open_accounts_unless_every_holder_is_blocked(world):
    account = world.account()
    member = world.org.loyalty.account(account).owner
    world.org.members.block(member, reason="abuse")
    with pytest.raises(EveryHolderBlocked):
        world.org.ledger.credit(account, 1, reason="welcome")
    world.org.members.unblock(member)
    world.org.loyalty.block_account(account, reason="abuse")
    with pytest.raises(AccountNotOpen):
        world.org.ledger.credit(account, 1, reason="welcome")


def test_members_cannot_credit_themselves(world):
    account = world.account()
    owner = world.acting_as(Actor.member(world.org.loyalty.account(account).owner))
    with pytest.raises(PermissionDenied):
        owner.ledger.credit(account, 1, reason="welcome")


@pytest.mark.rule("PTS-11")
@given(owed=st.integers(1, 50), points=st.integers(1, 50))
def test_what_comes_in_settles_debt_first(owed, points):
    """Debt comes with returns; the ledger is ready for it: entries, lots and totals add up."""
    world = World(MemoryStorage())
    account = world.account()
    wallet = evolve(world.wallet(account), debt=owed)
    wanted = Credit(account=account, points=points, reason="welcome")
    outcome = crediting.credit(wallet, wanted, Actor.system(), world.clock.now(), new_id)
    (entry,) = outcome.events
    settled = min(owed, points)
    assert entry.debt == outcome.result.settled_debt == settled
    assert sum(lot.amount for lot in entry.opened) == points - settled
    assert (outcome.facts.debt, outcome.facts.remaining) == (owed - settled, points - settled)
    assert (outcome.result.lot is None) == (settled == points)


@pytest.mark.rule("PTS-7")
@given(data=st.data())
def test_soonest_expiry_first_never_last_then_earliest_earned_then_id(data):
    world = World(MemoryStorage())
    account = world.account()
    for days, wait in data.draw(
        st.lists(st.tuples(st.sampled_from([None, 1, 2, 3]), st.integers(0, 1)), min_size=1, max_size=8)
    ):
        expires = None if days is None else world.clock.now().replace(month=6, day=days)
        world.org.ledger.credit(account, data.draw(st.integers(1, 9)), reason="welcome", expires_at=expires)
        world.wait(hours=wait)
    wallet = world.wallet(account)
    lots = wallet.lots
    assert lots == in_order(data.draw(st.permutations(lots)))
    far = datetime(9999, 1, 1, tzinfo=world.clock.now().tzinfo)
    assert list(lots) == sorted(lots, key=lambda lot: (lot.expires_at or far, lot.earned_at, lot.id))
    points = data.draw(st.integers(1, wallet.remaining))
    taken = take(wallet, points)
    assert -sum(slice_.points for slice_, _ in taken) == points
    assert [lot for _, lot in taken] == list(lots[: len(taken)])
    assert all(-slice_.points == lot.free for slice_, lot in taken[:-1])
