"""R5: several processes assign different flows to the same members; each has exactly one active run, always."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.care.club import Club, call, days
from tests.reliability import TRYING

from memberlogic.clock import SystemClock
from memberlogic.testing import World
from memberlogic_sqlalchemy import SqlAlchemyStorage, recount, tables
from sqlalchemy import func, select

LOAD = Path(__file__).with_name("care_load.py")
ROUNDS = {60: 40, 2_000: 500}
"""How often each process assigns: as the measures ask, where everything is tried for long."""


@pytest.mark.rule("CARE-10", "COM-16")
@pytest.mark.parametrize("store", ["sqlite", "postgresql", "mariadb"])
def test_of_several_processes_that_assign_flows_one_run_is_active(databases, store):
    engine = databases.engine(store)
    world = World(SqlAlchemyStorage(engine), at=SystemClock().now())
    club = Club(world)
    flows = [club.another_flow(f"Flow {number}", call(days(3)), call(days(5))) for number in range(4)]
    members = [club.member(), club.world.member()]
    said = [databases.url(store), str(world.organization.id)]
    named = ["north", ",".join(map(str, flows)), ",".join(map(str, members))]
    rounds = ROUNDS[TRYING.commands]
    running = [
        subprocess.Popen(
            [sys.executable, str(LOAD), *said, str(seed), str(rounds), *named], stdout=subprocess.PIPE, text=True
        )
        for seed in range(TRYING.processes)
    ]
    active = select(func.count()).where(tables.care_runs.c.ended_at.is_(None)).group_by(tables.care_runs.c.member_id)
    mine = active.where(tables.care_runs.c.member_id.in_([_id(each, store) for each in members]))
    looks = 0
    while any(process.poll() is None for process in running) and looks < 20:
        with engine.connect() as connection:
            assert set(connection.scalars(mine)) <= {1}, "never two"
        looks += 1
    lines = [line for process in running for line in process.communicate(timeout=1200)[0].splitlines()]
    assert not [line for line in lines if line.startswith("failed")]
    assert len(lines) == TRYING.processes * rounds
    done = {line.split()[1] for line in lines if line.startswith("done")}
    assert len(done) == len([line for line in lines if line.startswith("done")])
    stored = {str(each.id): each for member in members for each in world.org.care.runs(member)}
    assert done
    assert stored.keys() == done, "each acknowledged run is there, and no other"
    for member in members:
        runs = world.org.care.runs(member)
        assert [each.ended_at is None for each in runs].count(True) == 1
        superseded = {str(each.superseded_by) for each in runs if each.ended_at is not None}
        assert len(superseded) == len(runs) - 1, "each was superseded by another one"
    assert recount(engine, organization=world.organization.id) == []


def _id(member, store):
    return member.hex if store == "mariadb" else member
