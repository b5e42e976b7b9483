"""The ground on which jobs are measured: many accounts of one club at once, laid in bulk beside the library.

It is laid once and kept as it is; every turn works on a copy of it, so that each side meets the same rows in the same
state from the first round to the last. Making the copy is not timed.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from attrs import frozen

from benchmarks import ground
from memberlogic import Actor, MemberLogic
from memberlogic.calendar import Term, start_of_day
from memberlogic.ids import ClubId
from memberlogic.ledger.model import After
from memberlogic.loyalty.model import Scheme
from memberlogic.loyalty.progression import Downgrade, Metric, Monthly, Progression, Rolling, Upgrade
from memberlogic_sqlalchemy import SqlAlchemyStorage, tables, upgrade
from memberlogic_sqlalchemy.values import NATIVE, PLAIN, Codec
from sqlalchemy import Table, create_engine, make_url, text

__all__ = ["ZONE", "Laid", "Loader", "digest", "inserted", "lay_lots", "lay_purchases", "numbered", "on_sqlite"]

ZONE = ZoneInfo("Europe/Berlin")
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
SCHEMES = (
    Scheme(code="basic", name="Basic"),
    Scheme(code="silver", name="Silver", threshold=250_00),
    Scheme(code="gold", name="Gold", threshold=750_00),
)
_CHUNK = 10_000


def numbered(kind: int, number: int) -> UUID:
    """An id that a kind of row and a number tell; those of a kind ascend."""
    return UUID(int=(kind << 112) | 0x7000 << 64 | 0x8000 << 48 | number)


def on_sqlite(url: str) -> bool:
    """Whether this is a file of SQLite's."""
    return make_url(url).get_backend_name() == "sqlite"


@frozen
class Laid:
    """A database that is kept as it was laid, and another one in which a turn is taken."""

    url: str

    @property
    def kept(self) -> str:
        """Where it is kept."""
        named = make_url(self.url)
        return named.set(database=f"{named.database}_kept").render_as_string(hide_password=False)

    def anew(self) -> None:
        """Make the other one a copy of what is kept, with everything on the disk."""
        kept, copy = make_url(self.kept).database, make_url(self.url).database
        assert kept is not None
        assert copy is not None
        if on_sqlite(self.url):
            for suffix in ("-wal", "-shm"):
                Path(f"{copy}{suffix}").unlink(missing_ok=True)
            shutil.copyfile(kept, copy)
            return
        server = create_engine(make_url(self.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {copy} TEMPLATE {kept} STRATEGY FILE_COPY"))
            connection.execute(text("CHECKPOINT"))
        server.dispose()

    def drop(self) -> None:
        """Leave nothing of either."""
        for url in (self.url, self.kept):
            if on_sqlite(url):
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{make_url(url).database}{suffix}").unlink(missing_ok=True)
            else:
                ground.drop(url)


class Loader:
    """Rows into tables by the fastest way that the driver has, one table after the other."""

    def __init__(self, url: str) -> None:
        named = make_url(url)
        self.codec: Codec = PLAIN if on_sqlite(url) else NATIVE
        self._sqlite: Any = None
        self._server: Any = None
        if on_sqlite(url):
            self._sqlite = sqlite3.connect(str(named.database))
            self._sqlite.execute("PRAGMA synchronous = OFF")
        else:
            self._server = psycopg.connect(
                host=named.host, port=named.port or 5432, user=named.username, dbname=named.database
            )

    def load(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Rows, by column; what is not named is left out."""
        rows = iter(rows)
        first = next(rows)
        names = ", ".join(first)
        if self._sqlite is not None:
            places = ", ".join("?" * len(first))
            values = (tuple(map(self._text, row.values())) for row in self._all(first, rows))
            self._sqlite.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", values)
            self._sqlite.commit()
            return
        with self._server.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for row in self._all(first, rows):
                copy.write_row(tuple(row.values()))
        self._server.commit()

    def _all(self, first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        yield first
        yield from rest

    def _text(self, value: Any) -> Any:
        if isinstance(value, UUID):
            return PLAIN.id_in(value)
        if isinstance(value, datetime):
            return PLAIN.at_in(value)
        return PLAIN.day_in(value) if isinstance(value, date) else value

    def close(self) -> None:
        """Everything is in: let the database know what it has."""
        if self._sqlite is not None:
            self._sqlite.execute("ANALYZE")
            self._sqlite.commit()
            self._sqlite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._sqlite.close()
            return
        self._server.autocommit = True
        self._server.execute("VACUUM (FREEZE, ANALYZE)")
        self._server.close()


def _open(url: str, *, order: Progression | None) -> ClubId:
    """The schema and one club, in a database that is empty of anything before."""
    ground.empty(url)
    laying = ground.engine(url, durable=False)
    upgrade(laying)
    library = MemberLogic(SqlAlchemyStorage(laying))
    library.open_organization(name="Bench", zone=ZONE, id=ground.ORGANIZATION)
    club = library.organization(ground.ORGANIZATION, Actor.system()).loyalty.open_club(
        name="Bench",
        zone=ZONE,
        member_types=["customer"],
        expiry=After(Term.of_months(12)),
        schemes=SCHEMES,
        progression=order,
    )
    laying.dispose()
    return club.id


def _lay_accounts(loader: Loader, club: ClubId, accounts: Sequence[dict[str, Any]], opened: datetime) -> None:
    """Members, each with one account and one wallet; what is said of an account is added to both."""
    every = range(1, len(accounts) + 1)
    org = {"organization_id": ground.ORGANIZATION}
    loader.load(
        tables.members,
        (
            {**org, "id": numbered(1, number), "member_type": "customer", "state": "active", "version": 1}
            for number in every
        ),
    )
    loader.load(
        tables.accounts,
        (
            {
                **org,
                "id": ground.account(number),
                "club_id": club,
                "owner_id": numbered(1, number),
                "own_of": numbered(1, number),
                "scheme": said["scheme"],
                "scheme_since": opened,
                "next_review": said["next_review"],
                "state": "open",
                "opened_at": opened,
                "effective_at": opened,
                "version": 1,
            }
            for number, said in zip(every, accounts, strict=True)
        ),
    )
    loader.load(
        tables.account_holders,
        (
            {**org, "account_id": ground.account(number), "member_id": numbered(1, number), "position": 0}
            for number in every
        ),
    )
    loader.load(
        tables.wallets,
        (
            {
                **org,
                "account_id": ground.account(number),
                "unit": "points",
                "remaining": said["remaining"],
                "held": 0,
                "debt": 0,
                "next_change": said["next_change"],
            }
            for number, said in zip(every, accounts, strict=True)
        ),
    )


def lay_lots(url: str, lots: int, *, each: int, together: bool) -> Laid:
    """So many due lots in all, ``each`` in every wallet, and one in it that is not due. They expired on days by chance
    of the last month, or all of a wallet on one.
    """
    laid, chance = Laid(url), random.Random(1)
    club = _open(laid.kept, order=_progression())
    today = datetime.now(ZONE).date()
    month = [start_of_day(today - timedelta(days=days), ZONE) for days in range(1, 31)]
    later = start_of_day(today + timedelta(days=200), ZONE)
    opened = start_of_day(today - timedelta(days=400), ZONE)
    due = [[chance.choice(month)] * each if together else chance.sample(month, each) for _ in range(lots // each)]
    review = start_of_day(today + timedelta(days=40), ZONE)
    loader = Loader(laid.kept)
    _lay_accounts(
        loader,
        club,
        [
            {"scheme": "basic", "next_review": review, "remaining": 100 * (each + 1), "next_change": min(expiries)}
            for expiries in due
        ],
        opened,
    )
    all_lots = [
        (number, index, expires)
        for number, expiries in enumerate(due, 1)
        for index, expires in enumerate([*expiries, later])
    ]
    command, org = numbered(9, 1), {"organization_id": ground.ORGANIZATION}
    loader.load(
        tables.entries,
        (
            {
                **org,
                "id": numbered(2, number << 8 | index),
                "account_id": ground.account(number),
                "unit": "points",
                "club_id": club,
                "scheme": "basic",
                "kind": "credit",
                "amount": 100,
                "debt": 0,
                "business_day": opened.date(),
                "effective_at": opened + timedelta(hours=index),
                "recorded_at": opened + timedelta(hours=index),
                "actor": "system",
                "reason": "bench",
                "because": "[]",
                "command_id": command,
            }
            for number, index, _ in all_lots
        ),
    )
    loader.load(
        tables.lots,
        (
            {
                **org,
                "id": numbered(3, number << 8 | index),
                "account_id": ground.account(number),
                "unit": "points",
                "entry_id": numbered(2, number << 8 | index),
                "amount": 100,
                "remaining": 100,
                "held": 0,
                "is_open": 1,
                "earned_at": opened + timedelta(hours=index),
                "expires_at": expires,
            }
            for number, index, expires in all_lots
        ),
    )
    loader.close()
    return laid


def _progression() -> Progression:
    return Progression(
        metric=Metric.MONEY_SPENT,
        window=Rolling(Term.of_months(12)),
        upgrade=Upgrade.AT_REVIEW,
        downgrade=Downgrade.TO_REACHED,
        review=Monthly(1),
    )


def lay_purchases(url: str, accounts: int, *, each: int) -> Laid:
    """So many accounts whose review fell due at the beginning of the month, with ``each`` purchases of the last
    fourteen months; about one account in six has to change its scheme.
    """
    laid, chance = Laid(url), random.Random(1)
    club = _open(laid.kept, order=_progression())
    today = datetime.now(ZONE).date()
    first = today.replace(day=1)
    review, opened = start_of_day(first, ZONE), start_of_day(today - timedelta(days=600), ZONE)
    # A third each of accounts that spend too little for silver, enough for it, and enough for gold.
    spends = [chance.choice((10_00, 40_00, 120_00)) for _ in range(accounts)]
    rank = {10_00: 0, 40_00: 1, 120_00: 2}
    schemes = [
        chance.choice(SCHEMES).code if chance.randrange(4) == 0 else SCHEMES[rank[usual]].code for usual in spends
    ]
    loader = Loader(laid.kept)
    said = [{"scheme": scheme, "next_review": review, "remaining": 0, "next_change": NEVER} for scheme in schemes]
    _lay_accounts(loader, club, said, opened)
    org, command = {"organization_id": ground.ORGANIZATION}, numbered(9, 1)

    def purchases() -> Iterator[dict[str, Any]]:
        for number, usual in enumerate(spends, 1):
            for index in range(each):
                day = first - timedelta(days=chance.randrange(425) + 1)
                at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
                total = usual * chance.randrange(90, 111) // 100
                yield {
                    **org,
                    "id": numbered(4, number << 8 | index),
                    "account_id": ground.account(number),
                    "club_id": club,
                    "club_version": 1,
                    "scheme": schemes[number - 1],
                    "source": "till",
                    "external_id": f"{number}-{index}",
                    "at": at,
                    "business_day": day,
                    "recorded_at": at,
                    "currency": "EUR",
                    "total": total,
                    "eligible": total,
                    "stored_value": 0,
                    "redeemed_points": 0,
                    "redeemed_value": 0,
                    "earned": 0,
                    "settled_debt": 0,
                    "spent": total,
                    "counted": 1,
                    "expires_at": NEVER,
                    "available": 0,
                    "fingerprint": "f" * 64,
                    "because": "[]",
                    "command_id": command,
                }

    loader.load(tables.purchases, purchases())
    loader.close()
    return laid


_LEFT = (
    "SELECT account_id, unit, club_id, scheme, kind, amount, debt, business_day, effective_at, actor, because"
    " FROM ml_entries WHERE kind = 'expire' ORDER BY account_id, unit, effective_at",
    "SELECT s.lot_id, s.points, e.account_id, e.effective_at FROM ml_slices s JOIN ml_entries e"
    " ON e.organization_id = s.organization_id AND e.id = s.entry_id ORDER BY s.lot_id, e.effective_at",
    "SELECT id, remaining, held, is_open, expires_at FROM ml_lots ORDER BY id",
    "SELECT account_id, unit, remaining, held, debt, next_change FROM ml_wallets ORDER BY account_id, unit",
    "SELECT id, scheme, scheme_since, next_review, effective_at, version FROM ml_accounts ORDER BY id",
    "SELECT account_id, club_id, from_scheme, to_scheme, cause, metric, measured, window_start, window_end,"
    " thresholds, business_day, effective_at, actor, reason FROM ml_scheme_changes ORDER BY account_id, effective_at",
    "SELECT m.member_id, m.effective_at, e.type FROM ml_event_members m JOIN ml_events e"
    " ON e.organization_id = m.organization_id AND e.id = m.event_id WHERE e.type LIKE 'scheme.%'"
    " ORDER BY m.member_id, m.effective_at",
)
_EVENTS = "SELECT type, version, actor, effective_at, data FROM ml_events WHERE type LIKE 'scheme.%'"


def digest(url: str) -> tuple[str, ...]:
    """What a job left, but for ids and when it was written down: a digest for each table, so that two sides can be
    held against each other row by row.
    """
    looking = create_engine(url)
    found = []
    with looking.connect().execution_options(stream_results=True) as connection:
        for query in _LEFT:
            summed = hashlib.sha256()
            for row in connection.execute(text(query)):
                summed.update(repr(tuple(map(str, row))).encode())
            found.append(summed.hexdigest())
        events = sorted(
            json.dumps([*map(str, row[:4]), json.loads(row[4])], sort_keys=True)
            for row in connection.execute(text(_EVENTS))
        )
        found.append(hashlib.sha256("\n".join(events).encode()).hexdigest())
    looking.dispose()
    return tuple(found)


def inserted(source: sqlite3.Connection, target: sqlite3.Connection) -> float:
    """Insert every row of one file into another that has the schema, by hand; how long the inserting took. Both are
    closed.
    """
    taken = 0.0
    for table in tables.metadata.sorted_tables:
        rows = source.execute(f"SELECT * FROM {table.name}")
        places = ", ".join("?" * len(table.columns))
        while some := rows.fetchmany(50_000):
            start = time.perf_counter()
            target.executemany(f"INSERT INTO {table.name} VALUES ({places})", some)
            taken += time.perf_counter() - start
    start = time.perf_counter()
    target.commit()
    taken += time.perf_counter() - start
    source.close()
    target.close()
    return taken
