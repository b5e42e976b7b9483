"""The same purchase as one prepared statement, sent by pgbench; see :mod:`benchmarks.pgbench` for how it is safe.

Its ten lines are of the same shelf of 500 items, by chance; prices follow from an item's number. It is idempotent by
the till's id, which is a new one each time.
"""

from __future__ import annotations

from benchmarks.ground import ACCOUNTS, LINES
from benchmarks.pgbench import ID, ORG, account_of

__all__ = ["script"]

_A = account_of("a")
_ITEMS = ", ".join(f":l{number}::int" for number in range(LINES))

_STATEMENT = f"""
WITH asked AS MATERIALIZED (SELECT gen_random_uuid()::text AS till),
lines AS MATERIALIZED (
  SELECT position - 1 AS position, 'item-' || number AS item, 50 + number * 37 % 1451 AS amount,
    CASE WHEN number % 4 = 0 THEN 20 ELSE 0 END AS discount, 'brand-' || number % 50 AS brand,
    '["CATEGORY ' || number % 20 || '"]' AS categories
  FROM unnest(ARRAY[{_ITEMS}]) WITH ORDINALITY AS t (number, position)),
sums AS MATERIALIZED (
  SELECT sum(amount - discount)::bigint AS total, json_agg(position ORDER BY position) AS positions,
    encode(sha256(convert_to(json_agg(json_build_array(
      item, amount, 1, discount, categories, brand, false) ORDER BY position)::text, 'UTF8')), 'hex') AS fingerprint
  FROM lines),
seen AS MATERIALIZED (SELECT id, version FROM ml_accounts WHERE organization_id = {ORG} AND id = {_A}),
locked AS MATERIALIZED (
  SELECT id, version, club_id, scheme, state, effective_at FROM ml_accounts WHERE organization_id = {ORG} AND id = {_A}
  FOR NO KEY UPDATE),
known AS MATERIALIZED (
  SELECT 1 FROM ml_purchases WHERE organization_id = {ORG} AND source = 'till'
  AND external_id = (SELECT till FROM asked)),
standing AS MATERIALIZED (
  SELECT c.version AS club_version, w.remaining, w.held, w.debt, w.next_change FROM ml_accounts a
  JOIN ml_clubs c ON c.organization_id = a.organization_id AND c.id = a.club_id
  JOIN ml_account_holders h ON h.organization_id = a.organization_id AND h.account_id = a.id
  JOIN ml_members m ON m.organization_id = h.organization_id AND m.id = h.member_id AND m.state <> 'blocked'
  JOIN ml_wallets w ON w.organization_id = a.organization_id AND w.account_id = a.id AND w.unit = 'points'
  WHERE a.organization_id = {ORG} AND a.id = {_A} LIMIT 1),
instant AS MATERIALIZED (
  SELECT clock_timestamp() AS at, (clock_timestamp() AT TIME ZONE 'Europe/Berlin')::date AS day FROM locked),
decided AS MATERIALIZED (
  SELECT {ID} AS command, {ID} AS purchase, {ID} AS entry, {ID} AS lot, i.at, i.day, l.club_id, l.scheme,
    s.club_version, t.total, t.total / 100 AS points, least(t.total / 100, s.debt) AS settled,
    s.remaining - s.held + t.total / 100 - least(t.total / 100, s.debt) AS available, t.fingerprint,
    ((i.day + interval '12 months')::timestamp AT TIME ZONE 'Europe/Berlin') AS expires,
    json_build_array(json_build_object('rule', 'PTS-2', 'code', 'earning.rate', 'figures', json_build_object(
      'rule', 'base', 'gave', t.total || '/100', 'lines', t.positions))) AS because
  FROM locked l JOIN seen USING (id, version), standing s, sums t, instant i
  WHERE l.state = 'open' AND l.effective_at <= i.at AND s.next_change > i.at AND NOT EXISTS (SELECT 1 FROM known)),
touched AS (
  UPDATE ml_accounts SET version = version + 1, effective_at = d.at FROM decided d
  WHERE organization_id = {ORG} AND id = {_A}),
moved AS (
  UPDATE ml_wallets SET remaining = remaining + d.points - d.settled, debt = debt - d.settled,
    next_change = least(next_change, d.expires)
  FROM decided d WHERE organization_id = {ORG} AND account_id = {_A} AND unit = 'points'),
bought AS (
  INSERT INTO ml_purchases (organization_id, id, account_id, club_id, club_version, scheme, source, external_id, at,
    business_day, recorded_at, studio, currency, total, eligible, stored_value, redeemed_points, redeemed_value,
    earned, settled_debt, spent, counted, expires_at, available, redeem_entry_id, earn_entry_id, fingerprint,
    because, command_id)
  SELECT {ORG}, d.purchase, {_A}, d.club_id, d.club_version, d.scheme, 'till', a.till, d.at, d.day, d.at, NULL, 'EUR',
    d.total, d.total, 0, 0, 0, d.points, d.settled, d.total, 1, d.expires, d.available, NULL, d.entry, d.fingerprint,
    d.because::text, d.command
  FROM decided d, asked a),
listed AS (
  INSERT INTO ml_purchase_lines (organization_id, purchase_id, position, item, quantity, amount, discount, brand,
    categories, stored_value)
  SELECT {ORG}, d.purchase, l.position, l.item, 1, l.amount, l.discount, l.brand, l.categories, 0
  FROM decided d, lines l),
entered AS (
  INSERT INTO ml_entries (organization_id, id, account_id, unit, club_id, scheme, kind, amount, debt, business_day,
    effective_at, recorded_at, actor, reason, reference, counterpart_id, because, command_id)
  SELECT {ORG}, d.entry, {_A}, 'points', d.club_id, d.scheme, 'earn', d.points, d.settled, d.day, d.at, d.at,
    'staff' || chr(58) || 'bench', NULL, a.till, NULL, d.because::text, d.command
  FROM decided d, asked a),
opened AS (
  INSERT INTO ml_lots (organization_id, id, account_id, unit, entry_id, amount, remaining, held, is_open, earned_at,
    expires_at)
  SELECT {ORG}, d.lot, {_A}, 'points', d.entry, d.points - d.settled, d.points - d.settled, 0, 1, d.at, d.expires
  FROM decided d WHERE d.points > d.settled)
INSERT INTO ml_headers (organization_id, id, command, actor, idempotency_key, fingerprint, result, recorded_at)
SELECT {ORG}, d.command, 'loyalty.record_purchase', 'staff' || chr(58) || 'bench', NULL, NULL, json_build_object(
  'purchase', d.purchase, 'account', {_A}, 'external_id', json_build_object('source', 'till', 'value', a.till),
  'at', d.at, 'business_day', d.day, 'scheme', d.scheme, 'currency', 'EUR', 'total', d.total, 'eligible', d.total,
  'redeemed_points', 0, 'redeemed_value', 0, 'earned', d.points, 'settled_debt', d.settled, 'expires_at', d.expires,
  'available', d.available, 'because', d.because)::text, d.at
FROM decided d, asked a;
"""


def script() -> str:
    """What pgbench runs."""
    items = "".join(f"\\set l{number} random(0, 499)\n" for number in range(LINES))
    return f"\\set a random(1, {ACCOUNTS})\n{items}" + _STATEMENT.strip().replace("\n", " ") + "\n"
