"""PTS-14, writing off, through the public service, on every store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from memberlogic import Actor
from memberlogic.certification.base import conserved
from memberlogic.errors import MemberLogicError, NotFound
from memberlogic.ids import new_id
from memberlogic.ledger.model import AccountState, EntryKind
from memberlogic.ledger.writing_off import WRITING_OFF, WriteOff, write_off
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("PTS-14")


def refusal(act, *args, **kwargs) -> str:
    with pytest.raises(MemberLogicError) as caught:
        act(*args, **kwargs)
    return caught.value.code


@pytest.mark.rule("PTS-1")
def test_it_empties_the_account_which_can_then_be_closed(world):
    account = world.account(credits=[1] * 40)
    assert refusal(world.org.loyalty.close_account, account) == "account.has_points"
    done = world.org.ledger.write_off(account, reason="deceased", reference="F-1")
    assert (done.points, done.debt) == (40, 0)
    assert done.explain().reasons[0].figures == {"points": 40, "debt": 0}
    entry = world.entries(account)[-1]
    assert (entry.id, entry.kind, entry.amount, len(entry.slices)) == (done.entry, EntryKind.WRITE_OFF, -40, 40)
    assert (entry.reason, entry.reference) == ("deceased", "F-1")
    stored = world.wallet(account)
    assert (stored.remaining, stored.lots, stored.next_change) == (0, (), None)
    conserved(world, account)
    (event,) = [each for each in world.org.ledger.entries(account) if each.kind is EntryKind.WRITE_OFF]
    assert event == entry
    assert world.org.loyalty.close_account(account).state is AccountState.CLOSED


def test_what_has_expired_is_not_written_off(world):
    account = world.account(credits=[5])
    world.org.ledger.credit(account, 7, reason="welcome", expires_at=world.clock.now() + timedelta(days=1))
    world.wait(days=1)
    assert world.org.ledger.write_off(account, reason="fraud").points == 5
    assert [each.kind for each in world.entries(account)][-2:] == [EntryKind.EXPIRE, EntryKind.WRITE_OFF]


def test_debt_is_forgiven():
    """No command of today makes debt on its own."""
    world = World(MemoryStorage())
    account = world.account()
    wallet = evolve(world.wallet(account), debt=12)
    wanted = WriteOff(account=account, reason="goodwill")
    outcome = write_off(wallet, wanted, Actor.system(), world.clock.now(), new_id)
    (entry,) = outcome.events
    assert (entry.amount, entry.debt, entry.slices) == (12, 12, ())
    assert (outcome.facts.debt, outcome.facts.remaining, outcome.result.debt) == (0, 0, 12)


def test_what_is_held_is_resolved_first(world):
    account = world.account(credits=[10])
    hold = world.org.ledger.hold(account, 4, until=world.clock.now() + timedelta(hours=1)).hold
    assert refusal(world.org.ledger.write_off, account, reason="fraud") == "write_off.held"
    assert world.available(account) == 6
    world.org.ledger.release(hold)
    assert world.org.ledger.write_off(account, reason="fraud").points == 10


def test_nothing_is_not_written_off(world):
    account = world.account()
    assert refusal(world.org.ledger.write_off, account, reason="fraud") == "write_off.nothing"
    with pytest.raises(NotFound):
        world.org.ledger.write_off(new_id(), reason="fraud")


@pytest.mark.rule("PTS-1")
def test_an_account_that_is_not_open_is_not_emptied(world):
    blocked, closed = world.account(credits=[10]), world.account()
    world.org.loyalty.block_account(blocked, reason="fraud")
    world.org.loyalty.close_account(closed)
    for account in (blocked, closed):
        assert refusal(world.org.ledger.write_off, account, reason="fraud") == "account.not_open"
    assert world.available(blocked) == 10


@pytest.mark.rule("PTS-1")
def test_it_does_not_matter_that_every_holder_is_blocked(world):
    member = world.member()
    account = world.account(member=member, credits=[10])
    world.org.members.block(member, reason="fraud")
    assert world.org.ledger.write_off(account, reason="fraud").points == 10


def test_the_order_of_refusals():
    names = ["must_be_open", "nothing_may_be_held", "something_must_be_there"]
    assert [each.name for each in WRITING_OFF] == names
