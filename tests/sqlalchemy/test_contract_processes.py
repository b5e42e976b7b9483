"""COM-16 for contracts: several processes pay, freeze, cancel and check in on the same contracts."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from tests.reliability import TRYING

from memberlogic import FreezePolicy, Money, Term
from memberlogic.calendar import Days
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage, recount

LOAD = Path(__file__).with_name("contract_load.py")
FEE = Money(6000, "EUR")
DAYS_A_YEAR, FREEZES_A_YEAR = 40, 6


def acknowledged(said):
    """What was done, as (command, contract, what it left)."""
    return [tuple(line.split()[2:]) for line in said if line.startswith("done")]


@pytest.mark.rule("COM-16", "COM-9", "CON-3", "CON-5")
@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_several_processes_on_the_same_contracts_lose_and_double_nothing(databases, store):
    engine = databases.engine(store)
    world = World(SqlAlchemyStorage(engine))
    policy = FreezePolicy(allowed=True, most_days_a_year=DAYS_A_YEAR, most_a_year=FREEZES_A_YEAR)
    rate = world.rate(initial_fee=FEE, term=Term.of_years(3), freezes=policy)
    contracts = [world.contract(rate=rate) for _ in range(3)]
    for each in contracts[:2]:
        world.org.contracts.pay(each, Money(4000, "EUR"), reference="first")
    world.org.contracts.pay(contracts[2], FEE, reference="first")
    studio, today = world.studio(), world.clock.now().date()
    said = [databases.url(store), str(world.organization.id)]
    running = [
        subprocess.Popen(
            [sys.executable, str(LOAD), *said, str(seed), str(TRYING.commands), today.isoformat(), studio]
            + [str(each) for each in contracts],
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(TRYING.processes)
    ]
    lines = [line for process in running for line in process.communicate(timeout=1200)[0].splitlines()]
    assert not [line for line in lines if line.startswith(("failed", "wrong"))]
    assert len(lines) == TRYING.processes * TRYING.commands
    done = acknowledged(lines)
    assert {what for what, *_ in done} >= {"pay", "freeze", "visit"}, "the load did something of each"
    for contract in contracts:
        stored = world.stored_contract(contract)
        mine = {what: [id for kind, whose, id in done if (kind, whose) == (what, str(contract))] for what, *_ in done}
        paid = Counter(str(each.id) for each in stored.payments if each.reference != "first")
        assert paid == Counter(mine.get("pay", [])), "each acknowledged payment is there once"
        assert sum(each.amount.minor for each in stored.payments) <= FEE.minor, "nobody pays more than is owed"
        assert Counter(str(each.id) for each in stored.freezes) == Counter(mine.get("freeze", []))
        _no_limit_is_broken(stored)
        cancelled = mine.get("cancel", [])
        assert (stored.cancellation is None) == (not cancelled)
        if stored.cancellation is not None:
            assert stored.cancellation.effective_on.isoformat() == min(cancelled), "the earliest is on file"
        holder = stored.coverage[0].member
        with world.storage.reading(world.organization.id, world.clock) as uow:
            visits = uow.visits.over(holder, Days(today, today + timedelta(days=1)))
        assert {str(each.id) for each in visits} <= set(mine.get("visit", []))
        assert sum(each.counts for each in visits) <= 1, "a second scan is the same visit"
    assert recount(engine, organization=world.organization.id) == []


def _no_limit_is_broken(stored):
    filed = sorted((each.since, each.until) for each in stored.freezes)
    assert all(one[1] <= other[0] for one, other in pairwise(filed)), "none overlaps"
    assert len(filed) <= FREEZES_A_YEAR
    assert sum((until - since).days for since, until in filed) <= DAYS_A_YEAR
