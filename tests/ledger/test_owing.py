"""Debt, and what settles it when it becomes free, through the public service, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from memberlogic.certification.base import conserved
from memberlogic.ids import EntryId, HoldId, LotId, new_id
from memberlogic.ledger.model import Entry, EntryKind, Hold, Lot, Move, Slice, WalletId
from memberlogic.ledger.posting import held, posted
from memberlogic.ledger.settling import settle
from memberlogic.storing import Command
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-10")


def owe(world, account, points):
    """Let an account owe points, of which it has none that are free."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        (wallet,) = uow.wallets.moving([Move(WalletId(account))])
        entry = _entry(wallet, EntryKind.RETURN, -points, world.clock.now(), debt=-points)
        uow.wallets.post([posted(wallet, entry)], [entry])
        uow.finish(None)


def _entry(wallet, kind, amount, at, **said):
    return Entry(
        id=EntryId(new_id()),
        wallet=wallet.id,
        club=wallet.club,
        scheme=wallet.scheme,
        kind=kind,
        amount=amount,
        business_day=at.date(),
        effective_at=at,
        recorded_at=at,
        actor="system",
        **said,
    )


def state(world, account):
    balance = world.org.ledger.balance(account)
    return balance.available, balance.held, balance.debt


@pytest.fixture
def owing(world):
    """100 points held for a day, 30 owed."""
    world.one = world.account(credits=[100])
    world.held = world.org.ledger.hold(world.one, 100, until=world.clock.now() + timedelta(days=1)).hold
    owe(world, world.one, 30)
    assert state(world, world.one) == (0, 100, 30)
    return world


def test_what_a_deadline_frees_settles_debt_at_the_deadline_whoever_writes_it_down(owing):
    deadline = owing.clock.now() + timedelta(days=1)
    owing.wait(days=3)
    assert state(owing, owing.one) == (70, 0, 0)
    counted = owing.org.ledger.outstanding(owing.club.id)
    assert (counted.outstanding, counted.available, counted.held, counted.debt) == (70, 70, 0, 0)
    since = deadline.date()
    statement = owing.org.ledger.statement(owing.one, since=since, until=since + timedelta(days=1))
    assert [(each.kind, each.points, each.entry) for each in statement.lines] == [(EntryKind.SETTLE, 0, None)]
    owing.ml.run_jobs()
    entry = owing.entries(owing.one)[-1]
    assert (entry.kind, entry.amount, entry.debt, entry.effective_at) == (EntryKind.SETTLE, 0, 30, deadline)
    assert [slice_.points for slice_ in entry.slices] == [-30]
    assert owing.events()[-2].event.type == "points.debt_settled"
    assert state(owing, owing.one) == (70, 0, 0)
    assert owing.org.ledger.outstanding(owing.club.id).available == 70
    again = owing.org.ledger.statement(owing.one, since=since, until=since + timedelta(days=1))
    assert [(each.points, each.balance) for each in again.lines] == [(0, 70)]
    assert not again.later
    conserved(owing, owing.one)


def test_what_is_released_settles_debt_at_once(owing):
    assert owing.org.ledger.release(owing.held).available == 70
    assert state(owing, owing.one) == (70, 0, 0)
    assert owing.entries(owing.one)[-1].because[0].figures == {"points": 30, "owed": 30}
    conserved(owing, owing.one)


def test_what_a_capture_leaves_settles_debt_at_once(owing):
    assert owing.org.ledger.capture(owing.held, 90).available == 0
    assert state(owing, owing.one) == (0, 0, 20)
    owing.org.ledger.credit(owing.one, 25, reason="welcome")
    assert state(owing, owing.one) == (5, 0, 0)
    conserved(owing, owing.one)


def test_what_expired_while_it_was_held_settles_nothing(world):
    now = world.clock.now()
    account = world.account()
    world.org.ledger.credit(account, 40, reason="welcome", expires_at=now + timedelta(hours=12))
    world.org.ledger.credit(account, 10, reason="welcome")
    world.org.ledger.hold(account, 50, until=now + timedelta(days=1))
    owe(world, account, 30)
    world.wait(days=1)
    assert state(world, account) == (0, 0, 20)
    world.ml.run_jobs()
    kinds = [(each.kind, each.amount, each.debt) for each in world.entries(account)[-2:]]
    assert sorted(kinds, key=str) == [(EntryKind.EXPIRE, -40, 0), (EntryKind.SETTLE, 0, 10)]
    assert world.entries(account)[-1].effective_at == now + timedelta(days=1)
    conserved(world, account)


@given(
    lots=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 20)), min_size=1, max_size=5),
    deadlines=st.lists(st.integers(1, 20), min_size=1, max_size=5),
    debt=st.integers(0, 200),
    steps=st.lists(st.integers(1, 30), max_size=4),
)
def test_settled_at_once_or_in_steps_nothing_is_available_while_anything_is_owed(lots, deadlines, debt, steps):
    world = World(MemoryStorage())
    wallet, start = world.wallet(world.account()), world.clock.now()
    made = [
        Lot(
            id=LotId(new_id()),
            amount=points,
            remaining=points,
            earned_at=start,
            expires_at=start + timedelta(hours=hours),
        )
        for points, hours in lots
    ]
    wallet = evolve(
        posted(wallet, _entry(wallet, EntryKind.CREDIT, sum(p for p, _ in lots), start, opened=tuple(made)))
    )
    for number, lot in enumerate(made):  # all of it is held, each lot by one hold
        until = start + timedelta(hours=deadlines[number % len(deadlines)])
        hold = Hold(
            id=HoldId(new_id()),
            wallet=wallet.id,
            slices=(Slice(lot.id, lot.amount),),
            until=until,
            held_at=start,
            actor="system",
        )
        wallet = held(wallet, hold)
    if debt:
        wallet = posted(wallet, _entry(wallet, EntryKind.RETURN, -debt, start, debt=-debt))
    once = settle(wallet, start + timedelta(hours=30), new_id)
    # Plainly: what is freed before it expires settles, in the order of deadlines.
    live = sum(points for n, (points, hours) in enumerate(lots) if deadlines[n % len(deadlines)] < hours)
    assert once.facts.debt == max(0, debt - live)
    assert sum(each.debt for each in once.events) == min(debt, live)
    in_steps, entries = wallet, []
    for hours in sorted([*steps, 30]):
        outcome = settle(in_steps, start + timedelta(hours=hours), new_id)
        in_steps, entries = outcome.facts, [*entries, *outcome.events]
        assert not in_steps.debt or not in_steps.available
    assert (in_steps.remaining, in_steps.held, in_steps.debt) == (once.facts.remaining, 0, once.facts.debt)
    said = [[(e.kind, e.amount, e.debt, e.effective_at) for e in of] for of in (entries, once.events)]
    assert said[0] == said[1]
