"""The same transfer as one prepared statement, sent by pgbench: the steadiest denominator there is.

One statement sees one snapshot, taken before it waits for a lock: what it read of the lots may be older than the
accounts it locked. So it reads the accounts twice, without and with the lock, and does nothing if their versions
differ; the caller would send it again. Both this and a refusal count as done work, as on every side.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.by_hand import BECAUSE, FINGERPRINT
from benchmarks.ground import ACCOUNTS, LOT, ORGANIZATION, REFUSED, TOO_MUCH
from sqlalchemy import make_url

__all__ = ["ID", "ORG", "account_of", "installed", "reach", "script", "turn"]

# The share of its speed that ours should reach, by number of workers (P1, P2).
_REACH = {1: 0.45, 4: 0.35}

ORG = f"'{ORGANIZATION}'::uuid"
ID = (
    "(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')"
    " || '7' || substr(gen_random_uuid()::text, 16))::uuid"
)


def account_of(name: str) -> str:
    return f"('00000000-0000-7000-8000-' || lpad(to_hex(:{name}::int), 12, '0'))::uuid"


_A, _B, _P = account_of("a"), account_of("b"), ":points::bigint"

_STATEMENT = f"""
WITH asked AS MATERIALIZED (SELECT gen_random_uuid()::text AS key),
seen AS MATERIALIZED (
  SELECT id, version FROM ml_accounts WHERE organization_id = {ORG} AND id IN ({_A}, {_B})),
locked AS MATERIALIZED (
  SELECT id, version, club_id, scheme, state FROM ml_accounts WHERE organization_id = {ORG} AND id IN ({_A}, {_B})
  ORDER BY id FOR NO KEY UPDATE),
known AS MATERIALIZED (
  SELECT 1 FROM ml_headers WHERE idempotency_key = (SELECT key FROM asked) AND organization_id = {ORG}),
first AS MATERIALIZED (
  SELECT id, remaining - held AS free, earned_at, expires_at,
    sum(remaining - held) OVER (ORDER BY expires_at, earned_at, id) AS upto
  FROM ml_lots WHERE organization_id = {ORG} AND account_id = {_A} AND unit = 'points' AND is_open = 1
  AND expires_at > now()),
decided AS MATERIALIZED (
  SELECT {ID} AS command, {ID} AS out, {ID} AS into, clock_timestamp() AS at, s.club_id, s.scheme,
    t.scheme AS target_scheme
  FROM locked s, locked t
  WHERE s.id = {_A} AND t.id = {_B} AND s.state = 'open' AND t.state = 'open' AND s.club_id = t.club_id
  AND NOT EXISTS (SELECT 1 FROM known)
  AND (SELECT count(*) FROM seen JOIN locked USING (id, version)) = 2
  AND (SELECT coalesce(max(upto), 0) FROM first) >= {_P}),
taken AS MATERIALIZED (
  SELECT f.id, least(f.free, {_P} - (f.upto - f.free)) AS points, {ID} AS opened, f.earned_at, f.expires_at
  FROM first f, decided WHERE f.upto - f.free < {_P}),
touched AS (
  UPDATE ml_accounts SET version = version + 1, effective_at = d.at FROM decided d
  WHERE organization_id = {ORG} AND id IN ({_A}, {_B})),
moved_out AS (
  UPDATE ml_wallets SET remaining = remaining - {_P},
    next_change = coalesce((SELECT min(expires_at) FROM first WHERE upto > {_P}), '9999-12-31 00:00+00')
  FROM decided WHERE organization_id = {ORG} AND account_id = {_A} AND unit = 'points'),
moved_in AS (
  UPDATE ml_wallets SET remaining = remaining + {_P},
    next_change = least(next_change, (SELECT min(expires_at) FROM taken))
  FROM decided WHERE organization_id = {ORG} AND account_id = {_B} AND unit = 'points'),
entries AS (
  INSERT INTO ml_entries (organization_id, id, account_id, unit, club_id, scheme, kind, amount, debt, business_day,
    effective_at, recorded_at, actor, reason, reference, counterpart_id, because, command_id)
  SELECT {ORG}, v.id, v.account, 'points', d.club_id, v.scheme, v.kind, v.amount, 0, d.at::date, d.at, d.at,
    'staff' || chr(58) || 'bench', NULL, NULL, v.other, '{BECAUSE}', d.command
  FROM decided d, LATERAL (VALUES
    (d.out, {_A}, d.scheme, 'transfer_out', -{_P}, {_B}),
    (d.into, {_B}, d.target_scheme, 'transfer_in', {_P}, {_A})) AS v (id, account, scheme, kind, amount, other)),
opened AS (
  INSERT INTO ml_lots (organization_id, id, account_id, unit, entry_id, amount, remaining, held, is_open, earned_at,
    expires_at)
  SELECT {ORG}, t.opened, {_B}, 'points', d.into, t.points, t.points, 0, 1, t.earned_at, t.expires_at
  FROM taken t, decided d),
sliced AS (
  INSERT INTO ml_slices (organization_id, entry_id, lot_id, points)
  SELECT {ORG}, d.out, t.id, -t.points FROM taken t, decided d),
less AS (
  UPDATE ml_lots l SET remaining = l.remaining - t.points,
    is_open = CASE WHEN l.remaining > t.points THEN 1 ELSE 0 END
  FROM taken t WHERE l.organization_id = {ORG} AND l.id = t.id)
INSERT INTO ml_headers (organization_id, id, command, actor, idempotency_key, fingerprint, result, recorded_at)
SELECT {ORG}, d.command, 'ledger.transfer', 'staff' || chr(58) || 'bench', a.key, '{FINGERPRINT}', json_build_object(
  'out', d.out, 'into', d.into, 'source', {_A}, 'target', {_B}, 'unit', 'points', 'points', {_P}, 'received', {_P},
  'arrivals', (SELECT json_agg(json_build_object('points', points, 'expires_at', expires_at)) FROM taken),
  'available', (SELECT max(upto) FROM first) - {_P}, 'because', '{BECAUSE}'::json)::text, d.at
FROM decided d, asked a;
"""


def script() -> str:
    """What pgbench runs."""
    return (
        f"\\set a random(1, {ACCOUNTS})\n"
        f"\\set b random(1, {ACCOUNTS - 1})\n"
        "\\set b :b + case when :b >= :a then 1 else 0 end\n"
        f"\\set points case when random(1, {REFUSED}) = 1 then {TOO_MUCH} else {LOT // 2} * random(1, 2) end\n"
        + _STATEMENT.strip().replace("\n", " ")
        + "\n"
    )


def installed() -> bool:
    """Whether there is a pgbench here."""
    return shutil.which("pgbench") is not None


def reach(workers: int) -> float:
    """The share of its speed that ours should reach."""
    return _REACH.get(workers, 0.35)


def turn(url: str, script: str, workers: int, seconds: int) -> float:
    """How often a second one run of pgbench does a script."""
    named = make_url(url)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.sql"
        path.write_text(script)
        command = ["pgbench", "-n", "-M", "prepared", "-f", str(path), "-T", str(seconds)]
        command += ["-c", str(workers), "-j", str(min(workers, os.cpu_count() or 1))]
        command += ["-h", str(named.host), "-p", str(named.port or 5432), "-U", str(named.username)]
        command.append(str(named.database))
        environment = os.environ | {"PGOPTIONS": "-c plan_cache_mode=force_generic_plan"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stderr
    assert "failed transactions: 0 " in done.stdout, done.stdout
    return float(found.group(1))
