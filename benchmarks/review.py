"""P6: the review of the accounts of a club over what they bought, by the jobs and by hand.

``python -m benchmarks.review --database URL [--accounts N] [--each K] [--rounds R] [--save FILE]``

The database and one beside it with ``_kept`` in its name are emptied first; ``bench`` must stand in the name. Each turn
reviews all accounts of a fresh copy of the same rows, ``K`` purchases each. Both sides leave the same rows behind, but
for ids and the instant at which they were written down; that is looked at row by row after each side's first turn.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from benchmarks import masses, review_by_hand
from benchmarks.expiry import jobs, turns
from benchmarks.measuring import LEAST_ROUNDS, Row, in_turn, save

__all__ = ["measure"]

_REACH = 0.5


def measure(url: str, accounts: int, each: int, rounds: int, results: dict[str, Row]) -> None:
    """Both sides in turn."""
    laid = masses.lay_purchases(url, accounts, each=each)
    left: dict[str, tuple[str, ...]] = {}
    on_sqlite = masses.on_sqlite(url)
    hand, name = (
        (review_by_hand.sqlite, "sqlite3 by hand") if on_sqlite else (review_by_hand.postgresql, "psycopg by hand")
    )
    in_turn(
        "P6",
        f"{accounts} accounts with {each} purchases each reviewed on {'SQLite' if on_sqlite else 'PostgreSQL'}",
        partial(turns, laid, jobs, accounts, left),
        {name: (partial(turns, laid, hand, accounts, left), _REACH)},
        rounds=rounds,
        results=results,
    )
    laid.drop()


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--each", type=int, default=10, help="how many purchases an account has")
    parser.add_argument("--rounds", type=int, default=LEAST_ROUNDS)
    parser.add_argument("--save", type=Path)
    asked = parser.parse_args()
    results: dict[str, Row] = {}
    measure(asked.database, asked.accounts, asked.each, asked.rounds, results)
    if asked.save:
        save(asked.save, results)


if __name__ == "__main__":
    main()
