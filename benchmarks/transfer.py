"""P1 and P3: points transfers between accounts by chance, through the public service and by hand.

``python -m benchmarks.transfer --database URL [--workers N] [--seconds S] [--rounds R] [--again] [--save FILE]``

The database is emptied first and must say ``bench`` in its name. PostgreSQL is measured with the number of workers
given (each a process with a connection of its own) against pgbench and hand-written psycopg 3; SQLite with one worker
against hand-written sqlite3. After every side's first turn and after the last round it is checked that nothing was
lost, made or halved, on our side and on theirs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import frozen

from benchmarks import by_hand, ground, pgbench
from benchmarks.measuring import LEAST_ROUNDS, Row, in_turn, save
from memberlogic import Actor, MemberLogic, MemberLogicError
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import make_url

__all__ = ["Side", "Workers", "measure", "ours"]

# Share of pgbench by number of workers (P1); of hand-written psycopg and sqlite3 (P1, P3).
_OF_PGBENCH = {1: 0.45, 4: 0.35}
_OF_PSYCOPG = 1.0
_OF_SQLITE3 = 0.45
_WARM = 200


def ours(url: str) -> by_hand.Transfer:
    """A transfer through the public service."""
    library = MemberLogic(SqlAlchemyStorage(ground.engine(url)))
    actor = Actor.staff("bench", ["members.points:update"])
    ledger = library.organization(ground.ORGANIZATION, actor).ledger

    def transfer(wish: ground.Wish, key: str) -> None:
        try:
            ledger.transfer(source=wish.source, target=wish.target, points=wish.points, idempotency_key=key)
        except MemberLogicError as error:
            if error.code != "points.insufficient":
                raise
            raise by_hand.Refused from None

    return transfer


@frozen
class Side:
    """Who does the work, on a connection of their own, and by seed what they are asked for."""

    name: str
    connect: Callable[[str], Callable[[Any, str], None]]
    wishes: Callable[[int], Iterator[Any]]


_SIDES = {
    side.name: side
    for side in (
        Side("ours", ours, ground.wishes),
        Side("psycopg by hand", by_hand.postgresql, ground.wishes),
        Side("sqlite3 by hand", by_hand.sqlite, ground.wishes),
    )
}


def _worker(side: Side, url: str, seed: int, pipe: Connection) -> None:
    """One worker: whenever told for how many seconds, works and answers how many wishes were done and refused."""
    work = side.connect(url)
    wishes = side.wishes(seed)
    run = uuid4().hex
    number = 0
    warm = True
    while True:
        seconds = pipe.recv()
        if not seconds:
            return
        done = refused = 0
        start = time.perf_counter()
        end = start + seconds
        for wish in islice(wishes, _WARM) if warm else wishes:
            number += 1
            try:
                work(wish, f"{run}-{number}")
                done += 1
            except by_hand.Refused:
                refused += 1
            if not warm and time.perf_counter() >= end:
                break
        warm = False
        pipe.send((done, refused, time.perf_counter() - start))


class Workers:
    """The workers of one side; they stay, and stay warm, between their turns."""

    def __init__(self, side: Side, url: str, count: int) -> None:
        self.done = self.refused = 0
        context = multiprocessing.get_context("spawn")
        self._pipes: list[Connection] = []
        self._processes = []
        for seed in range(count):
            mine, theirs = context.Pipe()
            process = context.Process(target=_worker, args=(side, url, hash_of(side.name, seed), theirs), daemon=True)
            process.start()
            self._pipes.append(mine)
            self._processes.append(process)
        self.turn(1)

    def turn(self, seconds: float) -> float:
        """Wishes a second of all workers together, refused ones among them."""
        for pipe in self._pipes:
            pipe.send(seconds)
        answers = [pipe.recv() for pipe in self._pipes]
        self.done += sum(done for done, _, _ in answers)
        self.refused += sum(refused for _, refused, _ in answers)
        return sum((done + refused) / elapsed for done, refused, elapsed in answers)

    def stop(self) -> None:
        """Let them go."""
        for pipe in self._pipes:
            pipe.send(0)
        for process in self._processes:
            process.join()


def hash_of(side: str, seed: int) -> int:
    """A seed of its own for every worker, the same in every run."""
    return seed * 100 + sum(side.encode())


def measure(url: str, workers: int, seconds: int, rounds: int, results: dict[str, Row], *, again: bool = False) -> None:
    """All sides in turn on one database."""
    on_sqlite = make_url(url).get_backend_name() == "sqlite"
    if not again:
        ground.prepare(url)
    hand = "sqlite3 by hand" if on_sqlite else "psycopg by hand"
    sides = {name: Workers(_SIDES[name], url, workers) for name in ("ours", hand)}
    before = ground.require_conservation(url)
    if not on_sqlite:
        pgbench.turn(url, workers, 1)
        pgbench_done = ground.require_conservation(url) - before
        print(f"pgbench does {pgbench_done}/s and leaves everything adding up")
    opponents: dict[str, tuple[Callable[[], float], float]] = {
        hand: (partial(sides[hand].turn, seconds), _OF_SQLITE3 if on_sqlite else _OF_PSYCOPG)
    }
    if not on_sqlite:
        opponents["pgbench"] = (partial(pgbench.turn, url, workers, seconds), _OF_PGBENCH.get(workers, 0.35))
    id, place = ("P3", "SQLite") if on_sqlite else ("P1", "PostgreSQL")
    work = f"transfer on {place}, {workers} worker{'s' * (workers > 1)}"
    in_turn(id, work, partial(sides["ours"].turn, seconds), opponents, rounds=rounds, results=results)
    ground.require_conservation(url)
    for name, side in sides.items():
        share = side.refused / (side.done + side.refused)
        print(f"    {name}: {share:.1%} of {side.done + side.refused} refused")
        side.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--again", action="store_true", help="go on with what an earlier run left")
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args(arguments)
    results: dict[str, Row] = {}
    measure(asked.database, asked.workers, asked.seconds, asked.rounds, results, again=asked.again)
    if asked.save:
        save(asked.save, results)


if __name__ == "__main__":
    main()
