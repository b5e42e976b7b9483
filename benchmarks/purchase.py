"""P2 and P3: recording purchases of ten lines that earn, through the public service and by hand.

``python -m benchmarks.purchase --database URL [--workers N] [--seconds S] [--rounds R] [--again] [--save FILE]``

The database is emptied first and must say ``bench`` in its name. PostgreSQL is measured with the number of workers
given (each a process with a connection of its own) against pgbench and hand-written psycopg 3; SQLite with one worker
against hand-written sqlite3. Afterwards everything is recounted, pgbench's purchases among it, and every purchase that
was acknowledged must be there, once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks import by_hand_purchase, ground, pgbench, pgbench_purchase
from benchmarks.measuring import Row, in_turn
from benchmarks.workers import Side, Workers, from_command_line
from memberlogic import Actor, MemberLogic
from memberlogic.ids import ExternalId
from memberlogic_sqlalchemy import SqlAlchemyStorage, recount
from sqlalchemy import make_url, text

__all__ = ["measure", "ours"]

# Share of hand-written psycopg (P2) and sqlite3 (P3).
_OF_PSYCOPG = 1.0
_OF_SQLITE3 = 0.45


def ours(url: str) -> by_hand_purchase.Recording:
    """A purchase through the public service."""
    library = MemberLogic(SqlAlchemyStorage(ground.engine(url)))
    actor = Actor.staff("bench", ["members.purchases:create"])
    loyalty = library.organization(ground.ORGANIZATION, actor).loyalty

    def record(sale: ground.Sale, till: str) -> None:
        loyalty.record_purchase(
            account=sale.account, purchase=ExternalId("till", till), lines=sale.lines, currency="EUR"
        )

    return record


_OURS = Side("ours", ours, ground.sales)
_PSYCOPG = Side("psycopg by hand", by_hand_purchase.postgresql, ground.sales)
_SQLITE3 = Side("sqlite3 by hand", by_hand_purchase.sqlite, ground.sales)


def recorded(url: str) -> int:
    """How many purchases are there."""
    looking = ground.engine(url)
    with looking.connect() as connection:
        answer = int(connection.execute(text("SELECT count(*) FROM ml_purchases")).scalar_one())
    looking.dispose()
    return answer


def by_pgbench(url: str) -> int:
    """How many of them pgbench recorded: its tills' ids are UUIDs, those of the workers are not."""
    looking = ground.engine(url)
    query = "SELECT count(*) FROM ml_purchases WHERE length(external_id) = 36 AND external_id LIKE '%-%-%-%-%'"
    with looking.connect() as connection:
        answer = int(connection.execute(text(query)).scalar_one())
    looking.dispose()
    return answer


def require_all(url: str, acknowledged: int) -> None:
    """Everything adds up, and every acknowledged purchase is there with its lines, its entry and its header.

    Raises:
        AssertionError: naming what does not add up.
    """
    looking = ground.engine(url)
    findings = recount(looking)
    assert findings == [], [finding.text() for finding in findings[:5]]
    counts = {
        "SELECT count(*) FROM ml_purchases WHERE earned > 0": acknowledged,
        "SELECT count(*) FROM ml_purchase_lines": acknowledged * ground.LINES,
        "SELECT count(*) FROM ml_entries WHERE kind = 'earn'": acknowledged,
        "SELECT count(*) FROM ml_headers WHERE command = 'loyalty.record_purchase'": acknowledged,
    }
    with looking.connect() as connection:
        for query, wanted in counts.items():
            found = connection.execute(text(query)).scalar_one()
            assert found == wanted, f"{query}: {found} instead of {wanted}"
    looking.dispose()
    print(f"    {acknowledged} purchases recounted, nothing found")


def _analyze(url: str) -> None:
    """Statistics of tables with rows in them: plans made while purchases were few would scan all of them for ever."""
    looking = ground.engine(url)
    with looking.begin() as connection:
        connection.execute(text("ANALYZE"))
    looking.dispose()


def measure(url: str, workers: int, seconds: int, rounds: int, results: dict[str, Row], *, again: bool = False) -> None:
    """Both sides in turn on one database."""
    on_sqlite = make_url(url).get_backend_name() == "sqlite"
    if not again:
        ground.prepare(url, lots=1)  # a purchase that only earns looks at no lot
    before = recorded(url) - by_pgbench(url)
    hand, reach = (_SQLITE3, _OF_SQLITE3) if on_sqlite else (_PSYCOPG, _OF_PSYCOPG)
    sides = [Workers(side, url, workers) for side in (_OURS, hand)]
    opponents: dict[str, tuple[Callable[[], float], float]] = {hand.name: (partial(sides[1].turn, seconds), reach)}
    if not on_sqlite and pgbench.installed():
        script = pgbench_purchase.script()
        pgbench.turn(url, script, workers, 1)
        opponents["pgbench"] = (partial(pgbench.turn, url, script, workers, seconds), pgbench.reach(workers))
        print(f"pgbench records {by_pgbench(url)}/s and leaves everything adding up")
    require_all(url, before + by_pgbench(url) + sum(side.done for side in sides))
    if not on_sqlite:
        _analyze(url)
    id, place = ("P3", "SQLite") if on_sqlite else ("P2", "PostgreSQL")
    work = f"purchase of {ground.LINES} lines on {place}, {workers} worker{'s' * (workers > 1)}"
    in_turn(id, work, partial(sides[0].turn, seconds), opponents, rounds=rounds, results=results)
    for side in sides:
        assert not side.refused, f"{side.refused} refused"
        side.stop()
    require_all(url, before + by_pgbench(url) + sum(side.done for side in sides))


if __name__ == "__main__":
    from_command_line(__doc__, measure)
