"""P6 by hand: the monthly review of one club, in chunks of accounts, each chunk a transaction: one aggregate over the
window, and updates from what it came to.

What is left behind is what the library leaves: where accounts stand and when they are next reviewed, their version and
last effective instant; a change in the history and an event for each account that moves; a header for each chunk. It
knows this club's rule and no other: the last twelve months before the review day, to the scheme that is reached.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from benchmarks.by_hand import new_hex, new_id, on_postgresql, on_sqlite
from benchmarks.ground import ORGANIZATION
from benchmarks.masses import ZONE

__all__ = ["CHUNK", "postgresql", "sqlite"]

CHUNK = 5_000
"""How many accounts are reviewed in one transaction."""

_REACHED = "CASE WHEN measured >= 75000 THEN 'gold' WHEN measured >= 25000 THEN 'silver' ELSE 'basic' END"
_THRESHOLDS = '{"basic":0,"silver":25000,"gold":75000}'


def _month_after(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _days() -> dict[str, Any]:
    """The review day with its window, and the next one."""
    day = datetime.now(ZONE).date().replace(day=1)
    following = _month_after(day, 1)
    return {
        "day": day,
        "start": _month_after(day, -12),
        "at": datetime(day.year, day.month, 1, tzinfo=ZONE),
        "following": datetime(following.year, following.month, 1, tzinfo=ZONE),
    }


_PICK = """
    SELECT id FROM ml_accounts WHERE next_review <= %(now)s AND organization_id = %(org)s
    ORDER BY next_review, id LIMIT %(chunk)s"""
_LOCK = """
    SELECT id FROM ml_accounts WHERE organization_id = %(org)s AND id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE"""
_REVIEW = f"""
    WITH measured AS (
        SELECT a.id, a.club_id, a.scheme, coalesce(sum(p.spent - p.unspent), 0)::bigint AS measured
        FROM ml_accounts a LEFT JOIN ml_purchases p ON p.organization_id = a.organization_id AND p.account_id = a.id
            AND p.business_day >= %(start)s AND p.business_day < %(day)s AND p.counted = 1
        WHERE a.organization_id = %(org)s AND a.id = ANY(%(ids)s) AND a.next_review <= %(now)s
        GROUP BY a.id, a.club_id, a.scheme
    ), decided AS MATERIALIZED (
        SELECT *, {_REACHED} AS reached FROM measured
    ), moved AS MATERIALIZED (
        SELECT *, CASE WHEN reached = 'gold' OR scheme = 'basic' THEN 'upgrade' ELSE 'downgrade' END AS cause,
            overlay(gen_random_uuid()::text PLACING %(time)s FROM 1 FOR 15)::uuid AS change_id,
            overlay(gen_random_uuid()::text PLACING %(time)s FROM 1 FOR 15)::uuid AS event_id
        FROM decided WHERE scheme <> reached
    ), change AS (
        INSERT INTO ml_scheme_changes (organization_id, id, account_id, club_id, from_scheme, to_scheme, cause, metric,
            measured, window_start, window_end, thresholds, business_day, effective_at, recorded_at, actor, command_id)
        SELECT %(org)s, change_id, id, club_id, scheme, reached, cause, 'money_spent', measured, %(start)s, %(day)s,
            '{_THRESHOLDS}', %(day)s, %(at)s, %(now)s, 'system', %(command)s FROM moved
    ), event AS (
        INSERT INTO ml_events (organization_id, id, command_id, type, version, actor, effective_at, recorded_at, data)
        SELECT %(org)s, m.event_id, %(command)s, 'scheme.changed', 1, 'system', %(at)s, %(now)s,
            jsonb_build_object('members', (
                SELECT jsonb_agg(h.member_id ORDER BY h.position) FROM ml_account_holders h
                WHERE h.organization_id = %(org)s AND h.account_id = m.id), 'account', m.id, 'club', m.club_id,
            'from_scheme', m.scheme, 'to_scheme', m.reached, 'cause', m.cause, 'metric', 'money_spent',
            'measured', m.measured, 'window', jsonb_build_object('start', %(start)s::date, 'end', %(day)s::date),
            'thresholds', '{_THRESHOLDS}'::jsonb, 'reason', NULL, 'pin', NULL)::text FROM moved m
    ), told AS (
        INSERT INTO ml_event_members (organization_id, member_id, effective_at, event_id)
        SELECT %(org)s, h.member_id, %(at)s, m.event_id FROM moved m
        JOIN ml_account_holders h ON h.organization_id = %(org)s AND h.account_id = m.id
    )
    UPDATE ml_accounts a SET scheme = d.reached,
        scheme_since = CASE WHEN d.scheme <> d.reached THEN %(at)s ELSE a.scheme_since END,
        next_review = %(following)s, effective_at = greatest(a.effective_at, %(at)s), version = a.version + 1
    FROM decided d WHERE a.organization_id = %(org)s AND a.id = d.id"""
_HEADER = """
    INSERT INTO ml_headers (organization_id, id, command, actor, result, recorded_at)
    VALUES (%(org)s, %(command)s, 'jobs.review', 'system', %(result)s, %(now)s)"""


def postgresql(url: str, chunk: int = CHUNK) -> None:
    """psycopg 3; a chunk is four statements and a commit."""
    connection = on_postgresql(url)
    cursor = connection.cursor()
    said = {"org": UUID(str(ORGANIZATION)), "now": datetime.now(UTC), "chunk": chunk, **_days()}
    while True:
        cursor.execute(_PICK, said)
        ids = [id for (id,) in cursor.fetchall()]
        if not ids:
            break
        stamp = f"{time.time_ns() // 1_000_000:012x}"
        more = {"ids": ids, "command": new_id(), "result": json.dumps({"accounts": len(ids)})}
        said |= more | {"time": f"{stamp[:8]}-{stamp[8:]}-7"}
        for step in (_LOCK, _REVIEW, _HEADER):
            cursor.execute(step, said)
        connection.commit()
    connection.close()


_PICK_SQLITE = f"""
    INSERT INTO decided
    SELECT id, club_id, scheme, measured, {_REACHED}, :time || substr(lower(hex(randomblob(10))), 1, 19) FROM (
        SELECT a.id, a.club_id, a.scheme, (
            SELECT coalesce(sum(p.spent - p.unspent), 0) FROM ml_purchases p WHERE p.organization_id = :org
                AND p.account_id = a.id AND p.business_day >= :start AND p.business_day < :day AND p.counted = 1
        ) AS measured
        FROM ml_accounts a WHERE a.next_review <= :now AND a.organization_id = :org
        ORDER BY a.next_review, a.id LIMIT :chunk)"""
_CAUSE = "CASE WHEN d.reached = 'gold' OR d.scheme = 'basic' THEN 'upgrade' ELSE 'downgrade' END"
_STEPS_SQLITE = (
    f"""
    INSERT INTO ml_scheme_changes (organization_id, id, account_id, club_id, from_scheme, to_scheme, cause, metric,
        measured, window_start, window_end, thresholds, business_day, effective_at, recorded_at, actor, command_id)
    SELECT :org, :time || substr(lower(hex(randomblob(10))), 1, 19), d.id, d.club_id, d.scheme, d.reached, {_CAUSE},
        'money_spent', d.measured, :start, :day, '{_THRESHOLDS}', :day, :at, :now, 'system', :command
    FROM decided d WHERE d.scheme <> d.reached""",
    f"""
    INSERT INTO ml_events (organization_id, id, command_id, type, version, actor, effective_at, recorded_at, data)
    SELECT :org, d.event_id, :command, 'scheme.changed', 1, 'system', :at,
        :now, json_object('members', (
            SELECT json_group_array(dashed(h.member_id)) FROM (SELECT member_id FROM ml_account_holders
                WHERE organization_id = :org AND account_id = d.id ORDER BY position) h),
            'account', dashed(d.id), 'club', dashed(d.club_id), 'from_scheme', d.scheme, 'to_scheme', d.reached,
            'cause', {_CAUSE}, 'metric', 'money_spent', 'measured', d.measured,
            'window', json_object('start', :start, 'end', :day), 'thresholds', json('{_THRESHOLDS}'),
            'reason', NULL, 'pin', NULL)
    FROM decided d WHERE d.scheme <> d.reached""",
    """
    INSERT INTO ml_event_members (organization_id, member_id, effective_at, event_id)
    SELECT :org, h.member_id, :at, d.event_id FROM decided d
    JOIN ml_account_holders h ON h.organization_id = :org AND h.account_id = d.id WHERE d.scheme <> d.reached""",
    """
    UPDATE ml_accounts SET scheme = d.reached,
        scheme_since = CASE WHEN d.scheme <> d.reached THEN :at ELSE scheme_since END,
        next_review = :following, effective_at = max(effective_at, :at), version = version + 1
    FROM decided d WHERE ml_accounts.organization_id = :org AND ml_accounts.id = d.id""",
    """
    INSERT INTO ml_headers (organization_id, id, command, actor, result, recorded_at)
    VALUES (:org, :command, 'jobs.review', 'system', :result, :now)""",
)


def _dashed(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def sqlite(url: str, chunk: int = CHUNK) -> None:
    """sqlite3, over a temporary table."""
    connection = on_sqlite(url)
    connection.create_function("dashed", 1, _dashed, deterministic=True)
    connection.execute(
        "CREATE TEMP TABLE decided (id TEXT, club_id TEXT, scheme TEXT, measured INTEGER, reached TEXT, event_id TEXT)"
    )
    said = {"org": ORGANIZATION.hex, "chunk": chunk, "now": _text(datetime.now(UTC))}
    said |= {name: _text(value) for name, value in _days().items()}
    execute = connection.execute
    while True:
        execute("BEGIN IMMEDIATE")
        execute("DELETE FROM decided")
        said["time"] = f"{time.time_ns() // 1_000_000:012x}7"
        accounts = execute(_PICK_SQLITE, said).rowcount
        if not accounts:
            execute("COMMIT")
            break
        said |= {"command": new_hex(), "result": json.dumps({"accounts": accounts})}
        for step in _STEPS_SQLITE:
            execute(step, said)
        execute("COMMIT")
    connection.close()
