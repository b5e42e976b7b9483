"""COM-18: the periodic jobs over all organizations."""

from __future__ import annotations

from datetime import timedelta

import pytest

from memberlogic.errors import InvalidInput, RuleViolation
from memberlogic.jobs import JobFailure
from memberlogic.loyalty.service import LoyaltyService
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = pytest.mark.rule("COM-18")


def expiring(world, count=3):
    """Accounts with points that expire tomorrow."""
    accounts = [world.account() for _ in range(count)]
    for account in accounts:
        world.org.ledger.credit(account, 5, reason="welcome", expires_at=world.clock.now() + timedelta(days=1))
    return accounts


def test_what_refuses_one_organization_does_not_keep_the_others_waiting(monkeypatch):
    storage = MemoryStorage()
    bad, good = World(storage), World(storage)
    broken, sound = expiring(bad), expiring(good)
    settle = LoyaltyService.settle

    def refuse(self, wallets, *, as_of=None):
        if self._runner.organization.id == bad.organization.id:
            raise RuleViolation()
        return settle(self, wallets, as_of=as_of)

    monkeypatch.setattr(LoyaltyService, "settle", refuse)
    good.wait(days=2)
    run = good.ml.run_jobs(chunk=2)
    assert run.failures == (JobFailure(bad.organization.id, "rule.violated"),)
    assert [len(good.entries(account)) for account in sound] == [2, 2, 2]
    assert [len(bad.entries(account)) for account in broken] == [1, 1, 1]


def test_chunks_tell_their_progress_and_are_settled_one_by_one():
    world = World(MemoryStorage())
    expiring(world, 5)
    world.wait(days=2)
    told = []
    run = world.ml.run_jobs(chunk=2, progress=told.append)
    assert (run.wallets, run.entries, told) == (5, 5, [2, 4, 5])


@pytest.mark.parametrize("chunk", [0, 1001, True, 2.0])
def test_a_chunk_is_1_to_1000(chunk):
    with pytest.raises(InvalidInput) as refusal:
        World(MemoryStorage()).ml.run_jobs(chunk=chunk)
    assert refusal.value.path == "chunk"
