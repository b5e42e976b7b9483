"""P7: what the daily jobs cost with the same number of runs of Member Care due among few runs and among many.

``python -m benchmarks.care --database URL [--members N] [--times T] [--due K] [--rounds R] [--save FILE]``

Two databases are laid, with ``bench`` in their names: one of N members with an active run each, one of T times as many.
In both, the first milestone of K runs is due today. Each turn settles them on a fresh copy; making it is not timed.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from benchmarks import ground, masses
from benchmarks.masses import Laid, Loader, numbered
from benchmarks.measuring import LEAST_ROUNDS, Row, in_turn, save
from memberlogic import Actor, MemberLogic
from memberlogic.care.configurations import ConfigurationTerms
from memberlogic.care.flows import Action, ActionKind, After, DelayUnit, FlowTerms, Milestone
from memberlogic_sqlalchemy import SqlAlchemyStorage, tables, upgrade
from sqlalchemy import make_url

__all__ = ["lay", "measure"]

_REACH = 1 / 1.3
"""At most 1.3 times the time."""

_ORG = {"organization_id": ground.ORGANIZATION}


def lay(url: str, members: int, due: int) -> Laid:
    """A club of so many members with an active run each; the first milestone of some is due, of all others later."""
    laid = Laid(url)
    ground.empty(laid.kept)
    laying = ground.engine(laid.kept, durable=False)
    upgrade(laying)
    library = MemberLogic(SqlAlchemyStorage(laying))
    library.open_organization(name="Bench", zone=masses.ZONE, id=ground.ORGANIZATION)
    org = library.organization(ground.ORGANIZATION, Actor.system())
    studio = org.settings.open_studio(code="north", name="North", zone=masses.ZONE)
    call = Action(kind=ActionKind.PHONE_CALL)
    steps = [Milestone(name="Call", schedule=After(length=3, unit=DelayUnit.DAYS), action=call) for _ in range(3)]
    flow = org.care.save_flow(FlowTerms(name="Onboarding", milestones=steps)).flow
    configuration = org.care.create_configuration(ConfigurationTerms(name="North", manual=[flow.id]))
    laying.dispose()
    now = datetime.now(UTC)
    assigned = {True: now - timedelta(days=3, hours=2), False: now - timedelta(days=1)}
    # Those that are due lie all over the club.
    every = max(1, members // due)
    kinds = [number % every == 0 and number // every <= due for number in range(1, members + 1)]
    loader = Loader(laid.kept)
    people = {"member_type": "standard", "state": "active", "version": 1}
    loader.load(
        tables.members, ({**_ORG, "id": numbered(1, number), **people} for number, _ in enumerate(kinds, start=1))
    )
    loader.load(
        tables.care_runs,
        (
            {
                **_ORG,
                "id": numbered(7, number),
                "member_id": numbered(1, number),
                "flow_id": flow.id,
                "flow_version": flow.current.version,
                "configuration_id": configuration.id,
                "studio": studio.code,
                "assigned_at": assigned[kind],
                "assigned_by": "staff",
                "place": 0,
                "next_change": assigned[kind] + timedelta(days=3),
                "effective_at": assigned[kind],
                "version": 0,
            }
            for number, kind in enumerate(kinds, start=1)
        ),
    )
    loader.load(
        tables.care_guard,
        (
            {**_ORG, "member_id": numbered(1, number), "run_id": numbered(7, number), "version": 0}
            for number, _ in enumerate(kinds, start=1)
        ),
    )
    loader.close()
    return laid


def turn(laid: Laid, due: int) -> float:
    """One daily run; how many runs of the jobs a second."""
    laid.anew()
    engine = ground.engine(laid.url)
    library = MemberLogic(SqlAlchemyStorage(engine))
    start = time.perf_counter()
    run = library.run_jobs()
    elapsed = time.perf_counter() - start
    engine.dispose()
    assert run.milestones == due, run
    return 1 / elapsed


def measure(url: str, members: int, times: int, due: int, rounds: int, results: dict[str, Row]) -> None:
    """Many members and few in turn."""
    named = make_url(url)
    few = lay(url, members, due)
    larger = named.set(database=f"{named.database}_many").render_as_string(hide_password=False)
    many = lay(larger, members * times, due)
    place = "SQLite" if masses.on_sqlite(url) else "PostgreSQL"
    in_turn(
        "P7 care",
        f"a daily run with {due} due among {members * times} runs of Member Care on {place}",
        partial(turn, many, due),
        {f"the same among {members}": (partial(turn, few, due), _REACH)},
        rounds=rounds,
        results=results,
    )
    few.drop()
    many.drop()


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--members", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--due", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    results: dict[str, Row] = {}
    measure(asked.database, asked.members, asked.times, asked.due, asked.rounds, results)
    if asked.save:
        save(asked.save, results)


if __name__ == "__main__":
    main()
