"""The same transfer as a good engineer would write it for one application: correct, and no more.

Lock both accounts in id order, look the key up, read the lots in order of expiry, decide, write entries, lots and
slices, totals, the accounts' versions, and the header last. One statement a step; what takes several rows is one
statement where the driver allows it.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.ground import ORGANIZATION, Wish
from sqlalchemy import make_url

__all__ = ["Refused", "new_hex", "new_id", "on_postgresql", "on_sqlite", "postgresql", "sqlite"]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
FINGERPRINT = "f" * 64
BECAUSE = (
    '[{"rule":"PTS-7","code":"points.taken_in_order","figures":{"lots":1}},'
    '{"rule":"PTS-11","code":"transfer.expiry_keep","figures":{"lots":1}}]'
)

Transfer = Callable[[Wish, str], None]


class Refused(Exception):
    """Not enough points, or an account that is not open."""


def new_hex() -> str:
    """An id as SQLite keeps it."""
    return f"{time.time_ns() // 1_000_000:012x}7{os.urandom(2).hex()[:3]}8{os.urandom(8).hex()[:15]}"


def new_id() -> UUID:
    """An id as PostgreSQL keeps it."""
    return UUID(new_hex())


def _take(lots: Sequence[Any], points: int) -> list[tuple[Any, int]]:
    """Which lots the points come from; each lot's second value is what is free of it."""
    taken, missing = [], points
    for lot in lots:
        part = min(lot[1], missing)
        taken.append((lot, part))
        missing -= part
        if not missing:
            return taken
    raise Refused


def _result(wish: Wish, out: Any, into: Any, taken: Sequence[tuple[Any, int]], available: int) -> str:
    answer = {
        "out": str(out),
        "into": str(into),
        "source": str(wish.source),
        "target": str(wish.target),
        "unit": "points",
        "points": wish.points,
        "received": wish.points,
        "arrivals": [{"points": part, "expires_at": str(lot[3])} for lot, part in taken],
        "available": available,
        "because": BECAUSE,
    }
    return json.dumps(answer, separators=(",", ":"))


def on_postgresql(url: str) -> psycopg.Connection[Any]:
    """A connection that prepares what it executes."""
    named = make_url(url)
    connection = psycopg.connect(
        host=named.host, port=named.port or 5432, user=named.username, dbname=named.database, prepare_threshold=0
    )
    connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    return connection


def on_sqlite(url: str) -> sqlite3.Connection:
    """A connection as durable as ours."""
    connection = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def postgresql(url: str) -> Transfer:
    """psycopg 3, one statement a step."""
    connection = on_postgresql(url)
    cursor = connection.cursor()
    organization = UUID(str(ORGANIZATION))

    def transfer(wish: Wish, key: str) -> None:
        execute = cursor.execute
        try:
            execute(
                "SELECT id, club_id, scheme, state, effective_at FROM ml_accounts"
                " WHERE organization_id = %s AND id IN (%s, %s) ORDER BY id FOR NO KEY UPDATE",
                (organization, wish.source, wish.target),
            )
            accounts = {row[0]: row for row in cursor.fetchall()}
            execute(
                "SELECT result, fingerprint FROM ml_headers WHERE idempotency_key = %s AND organization_id = %s",
                (key, organization),
            )
            if cursor.fetchone():
                raise Refused
            now = datetime.now(UTC)
            execute(
                "SELECT id, remaining - held, earned_at, expires_at FROM ml_lots WHERE organization_id = %s"
                " AND account_id = %s AND unit = 'points' AND is_open = 1 AND expires_at > %s"
                " ORDER BY expires_at, earned_at, id",
                (organization, wish.source, now),
            )
            lots = cursor.fetchall()
            source, target = accounts[wish.source], accounts[wish.target]
            if source[1] != target[1] or source[3] != "open" or target[3] != "open":
                raise Refused
            taken = _take(lots, wish.points)
        except Refused:
            connection.commit()  # nothing was written, and psycopg forgets prepared statements on ROLLBACK
            raise
        command, out, into = new_id(), new_id(), new_id()
        left = [lot for lot in lots if lot not in [lot for lot, part in taken if part == lot[1]]]
        execute(
            "UPDATE ml_accounts SET version = version + 1, effective_at = %s"
            " WHERE organization_id = %s AND id IN (%s, %s)",
            (now, organization, wish.source, wish.target),
        )
        execute(
            "UPDATE ml_wallets SET remaining = remaining - %s, next_change = %s"
            " WHERE organization_id = %s AND account_id = %s AND unit = 'points'",
            (wish.points, left[0][3] if left else NEVER, organization, wish.source),
        )
        execute(
            "UPDATE ml_wallets SET remaining = remaining + %s, next_change = least(next_change, %s)"
            " WHERE organization_id = %s AND account_id = %s AND unit = 'points'",
            (wish.points, taken[0][0][3], organization, wish.target),
        )
        execute(
            "INSERT INTO ml_entries (organization_id, id, account_id, unit, club_id, scheme, kind, amount, debt,"
            " business_day, effective_at, recorded_at, actor, reason, reference, counterpart_id, because, command_id)"
            " VALUES (%s, %s, %s, 'points', %s, %s, 'transfer_out', %s, 0, %s, %s, %s, 'staff:bench', NULL, NULL,"
            " %s, %s, %s), (%s, %s, %s, 'points', %s, %s, 'transfer_in', %s, 0, %s, %s, %s, 'staff:bench', NULL,"
            " NULL, %s, %s, %s)",
            (
                *(organization, out, wish.source, source[1], source[2], -wish.points, now.date(), now, now),
                *(wish.target, BECAUSE, command),
                *(organization, into, wish.target, target[1], target[2], wish.points, now.date(), now, now),
                *(wish.source, BECAUSE, command),
            ),
        )
        for lot, part in taken:
            execute(
                "INSERT INTO ml_lots (organization_id, id, account_id, unit, entry_id, amount, remaining, held,"
                " is_open, earned_at, expires_at) VALUES (%s, %s, %s, 'points', %s, %s, %s, 0, 1, %s, %s)",
                (organization, new_id(), wish.target, into, part, part, lot[2], lot[3]),
            )
        for lot, part in taken:
            execute(
                "INSERT INTO ml_slices (organization_id, entry_id, lot_id, points) VALUES (%s, %s, %s, %s)",
                (organization, out, lot[0], -part),
            )
        for lot, part in taken:
            execute(
                "UPDATE ml_lots SET remaining = remaining - %s, is_open = CASE WHEN remaining > %s THEN 1 ELSE 0 END"
                " WHERE organization_id = %s AND id = %s",
                (part, part, organization, lot[0]),
            )
        available = sum(lot[1] for lot in lots) - wish.points
        execute(
            "INSERT INTO ml_headers (organization_id, id, command, actor, idempotency_key, fingerprint, result,"
            " recorded_at) VALUES (%s, %s, 'ledger.transfer', 'staff:bench', %s, %s, %s, %s)",
            (organization, command, key, FINGERPRINT, _result(wish, out, into, taken, available), now),
        )
        connection.commit()

    return transfer


def sqlite(url: str) -> Transfer:
    """sqlite3, one statement a step."""
    connection = on_sqlite(url)
    cursor = connection.cursor()
    execute, executemany = cursor.execute, cursor.executemany
    organization = ORGANIZATION.hex

    def transfer(wish: Wish, key: str) -> None:
        from_, to = wish.source.hex, wish.target.hex
        execute("BEGIN IMMEDIATE")
        try:
            execute(
                "SELECT id, club_id, scheme, state, effective_at FROM ml_accounts"
                " WHERE organization_id = ? AND id IN (?, ?)",
                (organization, from_, to),
            )
            accounts = {row[0]: row for row in cursor.fetchall()}
            execute(
                "SELECT result, fingerprint FROM ml_headers WHERE idempotency_key = ? AND organization_id = ?",
                (key, organization),
            )
            if cursor.fetchone():
                raise Refused
            instant = datetime.now(UTC)
            now, day = instant.strftime("%Y-%m-%d %H:%M:%S.%f"), instant.date().isoformat()
            execute(
                "SELECT id, remaining - held, earned_at, expires_at FROM ml_lots WHERE organization_id = ?"
                " AND account_id = ? AND unit = 'points' AND is_open = 1 AND expires_at > ?"
                " ORDER BY expires_at, earned_at, id",
                (organization, from_, now),
            )
            lots = cursor.fetchall()
            source, target = accounts[from_], accounts[to]
            if source[1] != target[1] or source[3] != "open" or target[3] != "open":
                raise Refused
            taken = _take(lots, wish.points)
        except Refused:
            execute("ROLLBACK")
            raise
        command, out, into = new_hex(), new_hex(), new_hex()
        left = [lot for lot in lots if lot not in [lot for lot, part in taken if part == lot[1]]]
        execute(
            "UPDATE ml_accounts SET version = version + 1, effective_at = ? WHERE organization_id = ? AND id IN (?, ?)",
            (now, organization, from_, to),
        )
        execute(
            "UPDATE ml_wallets SET remaining = remaining - ?, next_change = ?"
            " WHERE organization_id = ? AND account_id = ? AND unit = 'points'",
            (wish.points, left[0][3] if left else "9999-12-31 00:00:00.000000", organization, from_),
        )
        execute(
            "UPDATE ml_wallets SET remaining = remaining + ?, next_change = min(next_change, ?)"
            " WHERE organization_id = ? AND account_id = ? AND unit = 'points'",
            (wish.points, taken[0][0][3], organization, to),
        )
        executemany(
            "INSERT INTO ml_entries (organization_id, id, account_id, unit, club_id, scheme, kind, amount, debt,"
            " business_day, effective_at, recorded_at, actor, reason, reference, counterpart_id, because, command_id)"
            " VALUES (?, ?, ?, 'points', ?, ?, ?, ?, 0, ?, ?, ?, 'staff:bench', NULL, NULL, ?, ?, ?)",
            [
                (
                    organization,
                    out,
                    from_,
                    *source[1:3],
                    "transfer_out",
                    -wish.points,
                    day,
                    now,
                    now,
                    to,
                    BECAUSE,
                    command,
                ),
                (
                    organization,
                    into,
                    to,
                    *target[1:3],
                    "transfer_in",
                    wish.points,
                    day,
                    now,
                    now,
                    from_,
                    BECAUSE,
                    command,
                ),
            ],
        )
        executemany(
            "INSERT INTO ml_lots (organization_id, id, account_id, unit, entry_id, amount, remaining, held,"
            " is_open, earned_at, expires_at) VALUES (?, ?, ?, 'points', ?, ?, ?, 0, 1, ?, ?)",
            [(organization, new_hex(), to, into, part, part, lot[2], lot[3]) for lot, part in taken],
        )
        executemany(
            "INSERT INTO ml_slices (organization_id, entry_id, lot_id, points) VALUES (?, ?, ?, ?)",
            [(organization, out, lot[0], -part) for lot, part in taken],
        )
        executemany(
            "UPDATE ml_lots SET remaining = remaining - ?1, is_open = CASE WHEN remaining > ?1 THEN 1 ELSE 0 END"
            " WHERE organization_id = ?2 AND id = ?3",
            [(part, organization, lot[0]) for lot, part in taken],
        )
        available = sum(lot[1] for lot in lots) - wish.points
        execute(
            "INSERT INTO ml_headers (organization_id, id, command, actor, idempotency_key, fingerprint, result,"
            " recorded_at) VALUES (?, ?, 'ledger.transfer', 'staff:bench', ?, ?, ?, ?)",
            (organization, command, key, FINGERPRINT, _result(wish, out, into, taken, available), now),
        )
        execute("COMMIT")

    return transfer
