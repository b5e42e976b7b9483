"""PTS-16: a balance as of a past instant, through the public service, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic import After, Term
from memberlogic.certification.wallets import _command, _entry
from memberlogic.errors import InvalidInput
from memberlogic.ids import LotId, new_id
from memberlogic.ledger.model import EntryKind, Lot, Move, WalletId
from memberlogic.ledger.posting import posted
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-16")


def test_a_balance_as_of_a_past_instant_says_what_it_said_then(world):
    account, target = world.account(credits=[100]), world.account()
    said = [world.org.ledger.balance(account)]
    for act in (
        lambda: world.org.ledger.credit(
            account, 10, reason="welcome", expires_at=world.clock.now() + timedelta(days=2)
        ),
        lambda: world.org.ledger.transfer(source=account, target=target, points=30),
        lambda: setattr(
            world, "hold", world.org.ledger.hold(account, 20, until=world.clock.now() + timedelta(days=9)).hold
        ),
        lambda: world.org.ledger.capture(world.hold, 5),
        lambda: world.wait(days=3),
        world.ml.run_jobs,
    ):
        world.wait(hours=1)
        act()
        said.append(world.org.ledger.balance(account))
    assert [(each.available, each.held) for each in said] == [
        (100, 0),
        (110, 0),
        (80, 0),
        (60, 20),
        (75, 0),
        (75, 0),
        (75, 0),
    ]
    world.wait(days=100)
    assert [world.org.ledger.balance(account, as_of=each.at) for each in said] == said


@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["credit", "expiring", "hold", "capture", "release", "transfer", "jobs", "nothing"]),
            st.integers(1, 20),
            st.integers(0, 90),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_every_balance_ever_said_is_said_again(steps):
    world = World(MemoryStorage(), expiry=After(Term.of_days(6)))
    account, target, said, holds = world.account(), world.account(), [], []
    for step, number, hours in steps:
        now = world.clock.now()
        if step == "credit":
            world.org.ledger.credit(account, number, reason="welcome")
        elif step == "expiring":
            world.org.ledger.credit(account, number, reason="welcome", expires_at=now + timedelta(hours=3 * number))
        elif step == "hold" and world.available(account) >= number:
            holds.append(world.org.ledger.hold(account, number, until=now + timedelta(hours=5 * number)).hold)
        elif step in ("capture", "release") and holds:
            hold = holds.pop(number % len(holds))
            if world.org.ledger.find_hold(hold).state.value == "open":
                getattr(world.org.ledger, step)(hold)
        elif step == "transfer" and world.available(account) >= number:
            world.org.ledger.transfer(source=account, target=target, points=number)
        elif step == "jobs":
            world.ml.run_jobs()
        said += [world.org.ledger.balance(each) for each in (account, target)]
        world.wait(hours=hours, seconds=1)
        for each in said:
            assert world.org.ledger.balance(each.account, as_of=each.at) == each


def test_what_was_recorded_later_is_not_known_then(world):
    """Though it took effect before."""
    account = world.account(credits=[100])
    effective, asked = world.clock.now() + timedelta(days=1), world.clock.now() + timedelta(days=2)
    world.wait(days=3)
    with world.storage.work(_command(world), world.clock) as uow:
        (wallet,) = uow.wallets.moving([Move(WalletId(account))])
        lot = Lot(id=LotId(new_id()), amount=7, remaining=7, earned_at=effective, expires_at=None)
        entry = _entry(wallet, EntryKind.CREDIT, 7, opened=(lot,))
        late = evolve(entry, effective_at=effective, recorded_at=uow.now)
        uow.wallets.post([posted(wallet, late)], [late])
        uow.finish(None)
    assert world.org.ledger.balance(account, as_of=asked).available == 100
    assert world.org.ledger.balance(account, as_of=world.clock.now()).available == 107


def test_before_anything_there_was_nothing(world):
    account = world.account(credits=[5])
    balance = world.org.ledger.balance(account, as_of=datetime(2025, 1, 1, tzinfo=UTC))
    assert (balance.available, balance.held, balance.next_expiry) == (0, 0, None)


@pytest.mark.rule("COM-2", "COM-11")
@pytest.mark.parametrize("as_of", [datetime(2026, 1, 1), datetime(2036, 1, 1, tzinfo=UTC), "now"])
def test_an_instant_has_a_zone_and_has_come(as_of):
    world = World(MemoryStorage())
    with pytest.raises(InvalidInput) as caught:
        world.org.ledger.balance(world.account(), as_of=as_of)
    assert caught.value.path == "as_of"
