"""P7: what the daily jobs cost with the same number due among few and among many: what both measurements share.

Two databases are laid, with ``bench`` in their names: one of N members, one of T times as many. In both, the same
number is due today. Each turn runs the jobs on a fresh copy; making it is not timed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from attrs import frozen

from benchmarks import ground, masses
from benchmarks.masses import Laid, Loader, numbered
from benchmarks.measuring import LEAST_ROUNDS, Row, in_turn, save
from memberlogic import Actor, Handle, MemberLogic
from memberlogic.jobs import JobsRun
from memberlogic_sqlalchemy import SqlAlchemyStorage, tables, upgrade
from sqlalchemy import make_url

__all__ = ["ORG", "Measured", "empty", "lie_due", "load_members", "main", "measure"]

ORG = {"organization_id": ground.ORGANIZATION}
_REACH = 1 / 1.3
"""At most 1.3 times the time."""


@frozen(kw_only=True)
class Measured:
    """One measurement.

    Args:
        name: under which its results stand.
        among: what there are many of.
        lay: lays a database of so many members, with so many due.
        done: how many of what was due a run of the jobs did.
    """

    name: str
    among: str
    lay: Callable[[str, int, int], Laid]
    done: Callable[[JobsRun], int]


@contextmanager
def empty(url: str) -> Iterator[tuple[Laid, Handle]]:
    """A database with an organization alone, and its handle while it is laid."""
    laid = Laid(url)
    ground.empty(laid.kept)
    laying = ground.engine(laid.kept, durable=False)
    upgrade(laying)
    library = MemberLogic(SqlAlchemyStorage(laying))
    library.open_organization(name="Bench", zone=masses.ZONE, id=ground.ORGANIZATION)
    yield laid, library.organization(ground.ORGANIZATION, Actor.system())
    laying.dispose()


def lie_due(members: int, due: int) -> Sequence[bool]:
    """Of whom something is due: they lie all over the club."""
    every = max(1, members // due)
    return [number % every == 0 and number // every <= due for number in range(1, members + 1)]


def load_members(loader: Loader, members: int) -> None:
    """So many members, by their numbers."""
    people = {"member_type": "standard", "state": "active", "version": 1}
    loader.load(tables.members, ({**ORG, "id": numbered(1, number), **people} for number in range(1, members + 1)))


def _turn(laid: Laid, due: int, done: Callable[[JobsRun], int]) -> float:
    """One daily run; how many runs of the jobs a second."""
    laid.anew()
    engine = ground.engine(laid.url)
    library = MemberLogic(SqlAlchemyStorage(engine))
    start = time.perf_counter()
    run = library.run_jobs()
    elapsed = time.perf_counter() - start
    engine.dispose()
    assert done(run) == due, run
    return 1 / elapsed


def measure(what: Measured, url: str, members: int, times: int, due: int, rounds: int, results: dict[str, Row]) -> None:
    """Many members and few in turn."""
    named = make_url(url)
    few = what.lay(url, members, due)
    larger = named.set(database=f"{named.database}_many").render_as_string(hide_password=False)
    many = what.lay(larger, members * times, due)
    place = "SQLite" if masses.on_sqlite(url) else "PostgreSQL"
    in_turn(
        what.name,
        f"a daily run with {due} due among {members * times} {what.among} on {place}",
        partial(_turn, many, due, what.done),
        {f"the same among {members}": (partial(_turn, few, due, what.done), _REACH)},
        rounds=rounds,
        results=results,
    )
    few.drop()
    many.drop()


def main(what: Measured, said: str) -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=said.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--members", type=int, default=2_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--due", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    results: dict[str, Row] = {}
    measure(what, asked.database, asked.members, asked.times, asked.due, asked.rounds, results)
    if asked.save:
        save(asked.save, results)
