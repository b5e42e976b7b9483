"""P1 and P3: points transfers between accounts by chance, through the public service and by hand.

``python -m benchmarks.transfer --database URL [--workers N] [--seconds S] [--rounds R] [--again] [--save FILE]``

The database is emptied first and must say ``bench`` in its name. PostgreSQL is measured with the number of workers
given (each a process with a connection of its own) against pgbench and hand-written psycopg 3; SQLite with one worker
against hand-written sqlite3. After every side's first turn and after the last round it is checked that nothing was
lost, made or halved, on our side and on theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks import by_hand, ground, pgbench
from benchmarks.measuring import Row, in_turn
from benchmarks.workers import Side, Workers, from_command_line
from memberlogic import Actor, MemberLogic, MemberLogicError
from memberlogic_sqlalchemy import SqlAlchemyStorage
from sqlalchemy import make_url

__all__ = ["measure", "ours"]

# Share of hand-written psycopg and sqlite3 (P1, P3).
_OF_PSYCOPG = 1.0
_OF_SQLITE3 = 0.45


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


_SIDES = {
    side.name: side
    for side in (
        Side("ours", ours, ground.wishes),
        Side("psycopg by hand", by_hand.postgresql, ground.wishes),
        Side("sqlite3 by hand", by_hand.sqlite, ground.wishes),
    )
}


def measure(url: str, workers: int, seconds: int, rounds: int, results: dict[str, Row], *, again: bool = False) -> None:
    """All sides in turn on one database."""
    on_sqlite = make_url(url).get_backend_name() == "sqlite"
    if not again:
        ground.prepare(url)
    hand = "sqlite3 by hand" if on_sqlite else "psycopg by hand"
    sides = {name: Workers(_SIDES[name], url, workers) for name in ("ours", hand)}
    before = ground.require_conservation(url)
    with_pgbench = not on_sqlite and pgbench.installed()
    if with_pgbench:
        pgbench.turn(url, pgbench.script(), workers, 1)
        pgbench_done = ground.require_conservation(url) - before
        print(f"pgbench does {pgbench_done}/s and leaves everything adding up")
    opponents: dict[str, tuple[Callable[[], float], float]] = {
        hand: (partial(sides[hand].turn, seconds), _OF_SQLITE3 if on_sqlite else _OF_PSYCOPG)
    }
    if with_pgbench:
        turn = partial(pgbench.turn, url, pgbench.script(), workers, seconds)
        opponents["pgbench"] = (turn, pgbench.reach(workers))
    id, place = ("P3", "SQLite") if on_sqlite else ("P1", "PostgreSQL")
    work = f"transfer on {place}, {workers} worker{'s' * (workers > 1)}"
    in_turn(id, work, partial(sides["ours"].turn, seconds), opponents, rounds=rounds, results=results)
    ground.require_conservation(url)
    for name, side in sides.items():
        share = side.refused / (side.done + side.refused)
        print(f"    {name}: {share:.1%} of {side.done + side.refused} refused")
        side.stop()


if __name__ == "__main__":
    from_command_line(__doc__, measure)
