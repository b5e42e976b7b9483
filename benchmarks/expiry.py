"""P5: due lots expire, by the jobs and by hand.

``python -m benchmarks.expiry --database URL [--lots N] [--each K] [--together] [--rounds R] [--save FILE]``

The database and one beside it with ``_kept`` in its name are emptied first; ``bench`` must stand in the name. Each turn
expires all lots of a fresh copy of the same rows. Both sides leave the same rows behind, but for ids and the instant at
which they were written down; that is looked at row by row after each side's first turn.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import expiry_by_hand, ground, masses
from benchmarks.measuring import LEAST_ROUNDS, Row, in_turn, save
from memberlogic import MemberLogic
from memberlogic_sqlalchemy import SqlAlchemyStorage

__all__ = ["jobs", "measure", "turns"]

_REACH = 0.5


def jobs(url: str) -> None:
    """The periodic jobs of the library, as ``memberlogic jobs run`` does them."""
    engine = ground.engine(url)
    gc.freeze()
    MemberLogic(SqlAlchemyStorage(engine)).run_jobs()
    gc.unfreeze()
    engine.dispose()


def turns(laid: masses.Laid, side: Callable[[str], None], units: int, left: dict[str, tuple[str, ...]]) -> float:
    """One turn on a copy of what was laid; how many units a second. What the first turns of all sides left is the
    same.
    """
    laid.anew()
    start = time.perf_counter()
    side(laid.url)
    elapsed = time.perf_counter() - start
    name = f"{side.__module__}.{side.__qualname__}"
    if name not in left:
        left[name] = masses.digest(laid.url)
        for other, found in left.items():
            assert found == left[name], f"{name} and {other} left different rows: {found}, {left[name]}"
    return units / elapsed


def measure(url: str, lots: int, each: int, rounds: int, results: dict[str, Row], *, together: bool) -> None:
    """Both sides in turn."""
    laid = masses.lay_lots(url, lots, each=each, together=together)
    left: dict[str, tuple[str, ...]] = {}
    on_sqlite = masses.on_sqlite(url)
    hand, name = (
        (expiry_by_hand.sqlite, "sqlite3 by hand") if on_sqlite else (expiry_by_hand.postgresql, "psycopg by hand")
    )
    place = "SQLite" if on_sqlite else "PostgreSQL"
    how = "at one instant" if together else "each at its own instant"
    in_turn(
        "P5",
        f"{lots} lots expire on {place}, {each} in a wallet {how}",
        partial(turns, laid, jobs, lots, left),
        {name: (partial(turns, laid, hand, lots, left), _REACH)},
        rounds=rounds,
        results=results,
    )
    laid.drop()


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--lots", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=5, help="how many of them are in one wallet")
    parser.add_argument("--together", action="store_true", help="all of a wallet expired at one instant")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    results: dict[str, Row] = {}
    measure(asked.database, asked.lots, asked.each, asked.rounds, results, together=asked.together)
    if asked.save:
        save(asked.save, results)


if __name__ == "__main__":
    main()
