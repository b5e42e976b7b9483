"""P5 by hand: due lots expire in chunks of wallets, each chunk a transaction, by statements over sets.

What is left behind is what the library leaves: an entry for each wallet and instant with its slices and explanation,
lots and totals, the next change, the account's version and last effective instant, and a header for each chunk.
Accounts are locked before anything is read of their lots; killed or run twice, nothing expires twice.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from benchmarks.by_hand import new_hex, new_id, on_postgresql, on_sqlite
from benchmarks.ground import ORGANIZATION
from benchmarks.masses import ZONE

__all__ = ["CHUNK", "postgresql", "sqlite"]

CHUNK = 2_000
"""How many wallets expire in one transaction. More is faster on SQLite still, and keeps others from writing longer."""

_NEVER = "9999-12-31 00:00:00.000000"

_PICK = """
    SELECT account_id FROM ml_wallets WHERE next_change <= %(now)s AND organization_id = %(org)s AND unit = 'points'
    ORDER BY next_change, account_id LIMIT %(chunk)s"""
_LOCK = """
    SELECT id FROM ml_accounts WHERE organization_id = %(org)s AND id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"""
# A UUIDv7 in SQL: the milliseconds before what is random.
_EXPIRE = """
    WITH dying AS MATERIALIZED (
        SELECT id, account_id, remaining - held AS points, expires_at FROM ml_lots
        WHERE organization_id = %(org)s AND account_id = ANY(%(ids)s) AND unit = 'points' AND is_open = 1
            AND expires_at <= %(now)s AND pending = 0 AND remaining > held
    ), gone AS MATERIALIZED (
        SELECT account_id, expires_at, sum(points) AS points, count(*) AS lots,
            overlay(gen_random_uuid()::text PLACING %(time)s FROM 1 FOR 15)::uuid AS entry_id
        FROM dying GROUP BY account_id, expires_at
    ), entry AS (
        INSERT INTO ml_entries (organization_id, id, account_id, unit, club_id, scheme, kind, amount, debt,
            business_day, effective_at, recorded_at, actor, because, command_id)
        SELECT %(org)s, g.entry_id, g.account_id, 'points', a.club_id, a.scheme, 'expire', -g.points, 0,
            (g.expires_at AT TIME ZONE 'Europe/Berlin')::date, g.expires_at, %(now)s, 'system',
            '[{"rule":"PTS-12","code":"points.expired","figures":{"lots":' || g.lots || ',"at":"'
            || to_char(g.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '+00:00"}}]', %(command)s
        FROM gone g JOIN ml_accounts a ON a.organization_id = %(org)s AND a.id = g.account_id
    ), slice AS (
        INSERT INTO ml_slices (organization_id, entry_id, lot_id, points)
        SELECT %(org)s, g.entry_id, d.id, -d.points FROM dying d JOIN gone g USING (account_id, expires_at)
    ), lot AS (
        UPDATE ml_lots l SET remaining = l.remaining - d.points,
            is_open = CASE WHEN l.remaining > d.points THEN 1 ELSE 0 END
        FROM dying d WHERE l.organization_id = %(org)s AND l.id = d.id
    ), summed AS (
        SELECT account_id, sum(points) AS points, max(expires_at) AS last FROM gone GROUP BY account_id
    ), account AS (
        UPDATE ml_accounts a SET version = a.version + 1, effective_at = greatest(a.effective_at, s.last)
        FROM summed s WHERE a.organization_id = %(org)s AND a.id = s.account_id
    )
    UPDATE ml_wallets w SET remaining = w.remaining - coalesce((
            SELECT s.points FROM summed s WHERE s.account_id = w.account_id), 0),
        next_change = coalesce((
            SELECT l.expires_at FROM ml_lots l WHERE l.organization_id = %(org)s AND l.account_id = w.account_id
                AND l.unit = 'points' AND l.is_open = 1 AND l.expires_at > %(now)s
            ORDER BY l.expires_at LIMIT 1), '9999-12-31 00:00:00+00')
    WHERE w.organization_id = %(org)s AND w.account_id = ANY(%(ids)s) AND w.unit = 'points'"""
_HEADER = """
    INSERT INTO ml_headers (organization_id, id, command, actor, result, recorded_at)
    VALUES (%(org)s, %(command)s, 'jobs.expire', 'system', %(result)s, %(now)s)"""


def postgresql(url: str, chunk: int = CHUNK) -> None:
    """psycopg 3; a chunk is four statements and a commit."""
    connection = on_postgresql(url)
    cursor, now = connection.cursor(), datetime.now(UTC)
    said: dict[str, Any] = {"org": UUID(str(ORGANIZATION)), "now": now, "chunk": chunk}
    while True:
        cursor.execute(_PICK, said)
        ids = [id for (id,) in cursor.fetchall()]
        if not ids:
            break
        stamp = f"{time.time_ns() // 1_000_000:012x}"
        more = {"ids": ids, "command": new_id(), "result": json.dumps({"wallets": len(ids)})}
        said |= more | {"time": f"{stamp[:8]}-{stamp[8:]}-7"}
        cursor.execute(_LOCK, said)
        cursor.execute(_EXPIRE, said)
        cursor.execute(_HEADER, said)
        connection.commit()
    connection.close()


_PICK_SQLITE = """
    INSERT INTO picked SELECT account_id FROM ml_wallets WHERE next_change <= :now AND organization_id = :org
    AND unit = 'points' ORDER BY next_change, account_id LIMIT :chunk"""
_STEPS_SQLITE = (
    """
    INSERT INTO dying SELECT l.id, l.account_id, l.remaining - l.held, l.expires_at FROM picked p CROSS JOIN ml_lots l
    WHERE l.organization_id = :org AND l.account_id = p.account_id AND l.unit = 'points' AND l.is_open = 1
        AND l.expires_at <= :now AND l.pending = 0 AND l.remaining > l.held""",
    """
    INSERT INTO gone SELECT account_id, expires_at, sum(points), count(*),
        :time || substr(lower(hex(randomblob(10))), 1, 19) FROM dying GROUP BY account_id, expires_at""",
    """
    INSERT INTO ml_entries (organization_id, id, account_id, unit, club_id, scheme, kind, amount, debt,
        business_day, effective_at, recorded_at, actor, because, command_id)
    SELECT :org, g.entry_id, g.account_id, 'points', a.club_id, a.scheme, 'expire', -g.points, 0,
        local_day(g.expires_at), g.expires_at, :now, 'system',
        '[{"rule":"PTS-12","code":"points.expired","figures":{"lots":' || g.lots || ',"at":"'
        || substr(g.expires_at, 1, 10) || 'T' || substr(g.expires_at, 12, 8) || '+00:00"}}]', :command
    FROM gone g CROSS JOIN ml_accounts a WHERE a.organization_id = :org AND a.id = g.account_id""",
    """
    INSERT INTO ml_slices (organization_id, entry_id, lot_id, points)
    SELECT :org, g.entry_id, d.id, -d.points FROM dying d CROSS JOIN gone g
    WHERE g.account_id = d.account_id AND g.expires_at = d.expires_at""",
    """
    UPDATE ml_lots SET remaining = remaining - d.points, is_open = CASE WHEN remaining > d.points THEN 1 ELSE 0 END
    FROM dying d WHERE organization_id = :org AND ml_lots.id = d.id""",
    """
    UPDATE ml_wallets SET remaining = remaining - coalesce((
            SELECT sum(g.points) FROM gone g WHERE g.account_id = ml_wallets.account_id), 0),
        next_change = coalesce((
            SELECT l.expires_at FROM ml_lots l WHERE l.organization_id = :org AND l.account_id = ml_wallets.account_id
                AND l.unit = 'points' AND l.is_open = 1 AND l.expires_at > :now
            ORDER BY l.expires_at LIMIT 1), :never)
    FROM picked p WHERE ml_wallets.organization_id = :org AND ml_wallets.account_id = p.account_id
        AND ml_wallets.unit = 'points'""",
    """
    UPDATE ml_accounts SET version = version + 1, effective_at = max(effective_at, s.last)
    FROM (SELECT account_id, max(expires_at) AS last FROM gone GROUP BY account_id) s
    WHERE ml_accounts.organization_id = :org AND ml_accounts.id = s.account_id""",
    """
    INSERT INTO ml_headers (organization_id, id, command, actor, result, recorded_at)
    VALUES (:org, :command, 'jobs.expire', 'system', :result, :now)""",
)


@lru_cache
def _local_day(instant: str) -> str:
    return datetime.fromisoformat(instant).replace(tzinfo=UTC).astimezone(ZONE).date().isoformat()


def sqlite(url: str, chunk: int = CHUNK) -> None:
    """sqlite3, over temporary tables."""
    connection = on_sqlite(url)
    connection.create_function("local_day", 1, _local_day, deterministic=True)
    connection.execute("CREATE TEMP TABLE picked (account_id TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.execute("CREATE TEMP TABLE dying (id TEXT, account_id TEXT, points INTEGER, expires_at TEXT)")
    connection.execute(
        "CREATE TEMP TABLE gone (account_id TEXT, expires_at TEXT, points INTEGER, lots INTEGER, entry_id TEXT,"
        " PRIMARY KEY (account_id, expires_at)) WITHOUT ROWID"
    )
    said: dict[str, Any] = {"org": ORGANIZATION.hex, "chunk": chunk, "never": _NEVER}
    said["now"] = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    execute = connection.execute
    while True:
        execute("BEGIN IMMEDIATE")
        for name in ("picked", "dying", "gone"):
            execute(f"DELETE FROM {name}")
        wallets = execute(_PICK_SQLITE, said).rowcount
        if not wallets:
            execute("COMMIT")
            break
        said |= {"command": new_hex(), "result": json.dumps({"wallets": wallets})}
        said["time"] = f"{time.time_ns() // 1_000_000:012x}7"
        for step in _STEPS_SQLITE:
            execute(step, said)
        execute("COMMIT")
    connection.close()
