"""R2 and R3: several processes at once, and processes killed at any moment. MEMBERLOGIC_RELIABILITY=long, which is
`make torture`, sends as many commands and kills as the measures ask for.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.reliability import TRYING

from memberlogic.certification.base import conserved
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage

PROCESSES, COMMANDS, KILLS = TRYING.processes, TRYING.commands, TRYING.kills
LOAD = Path(__file__).with_name("load.py")


def start(databases, store, world, accounts, seed):
    """One process of the load."""
    said = [databases.url(store), str(world.organization.id), seed, str(COMMANDS), *map(str, accounts)]
    return subprocess.Popen([sys.executable, str(LOAD), *said], stdout=subprocess.PIPE, text=True)


def acknowledged(lines):
    """The numbers of the commands that were acknowledged."""
    return {int(line.split()[1]) for line in lines if line.startswith("done")}


def recorded(world, accounts):
    """How often each command left a movement that it began with: a credit, or what left the source."""
    count = {}
    for account in accounts:
        for entry in world.entries(account):
            if entry.reference and (entry.amount < 0 or entry.counterpart is None):
                count[entry.reference] = count.get(entry.reference, 0) + 1
    return count


def make_accounts(world):
    return [world.account(credits=[400, 100]) for _ in range(4)]


@pytest.mark.rule("COM-16", "COM-9")
@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_several_processes_lose_and_double_nothing(databases, store):
    world = World(SqlAlchemyStorage(databases.engine(store)))
    accounts = make_accounts(world)
    running = {seed: start(databases, store, world, accounts, seed) for seed in map(str, range(PROCESSES))}
    said = {seed: process.communicate(timeout=1200)[0].splitlines() for seed, process in running.items()}
    everything = [line for lines in said.values() for line in lines]
    assert not [line for line in everything if line.startswith(("failed", "wrong"))]
    assert len(everything) == PROCESSES * COMMANDS
    done = {f"{seed}-{number}" for seed, lines in said.items() for number in acknowledged(lines)}
    assert recorded(world, accounts) == dict.fromkeys(done, 1)
    conserved(world, *accounts)


@pytest.mark.rule("COM-9", "COM-15")
@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_a_process_killed_at_any_moment_loses_nothing_acknowledged_and_halves_nothing(databases, store):
    world = World(SqlAlchemyStorage(databases.engine(store)))
    accounts = make_accounts(world)
    seen = set()
    for kill in range(KILLS):
        process = start(databases, store, world, accounts, "killed")
        lines = [process.stdout.readline()]
        time.sleep(0.05 * (kill % 7))
        process.kill()
        lines += process.communicate()[0].splitlines()
        seen |= acknowledged(line for line in lines if len(line.split()) == 2)
        conserved(world, *accounts)
        count = recorded(world, accounts)
        assert {f"killed-{number}" for number in seen} <= set(count), "everything acknowledged is there"
        assert set(count.values()) <= {1}, "nothing is there twice"
    final = start(databases, store, world, accounts, "killed").communicate(timeout=1200)[0].splitlines()
    assert not [line for line in final if line.startswith(("failed", "wrong"))]
    count = recorded(world, accounts)
    assert set(count) == {f"killed-{number}" for number in acknowledged(final)}
    assert set(count.values()) <= {1}
    conserved(world, *accounts)
