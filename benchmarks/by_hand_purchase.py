"""The same purchase as a good engineer would write it for one application: correct, and no more.

Lock the account, look the till's id up, read what the decision needs (the wallet, the club's version, whether the
holders take part), decide, write the purchase with its lines, the account's version, the wallet, the entry with its
lot, and the header last. One statement a step; all lines are one statement.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from benchmarks.by_hand import Refused, new_hex, new_id, on_postgresql, on_sqlite
from benchmarks.ground import ORGANIZATION, Sale

__all__ = ["Recording", "postgresql", "sqlite"]

Recording = Callable[[Sale, str], None]

_ZONE = ZoneInfo("Europe/Berlin")
_YEAR = relativedelta(months=12)

_ACCOUNT = "SELECT club_id, scheme, state, effective_at FROM ml_accounts WHERE organization_id = ? AND id = ?"
_KNOWN = (
    "SELECT id, at, fingerprint, earned, available, because FROM ml_purchases"
    " WHERE organization_id = ? AND source = 'till' AND external_id = ?"
)
_WALLET = (
    "SELECT c.version, m.state, w.remaining, w.held, w.debt, w.next_change > ? FROM ml_accounts a"
    " JOIN ml_clubs c ON c.organization_id = a.organization_id AND c.id = a.club_id"
    " JOIN ml_account_holders h ON h.organization_id = a.organization_id AND h.account_id = a.id"
    " JOIN ml_members m ON m.organization_id = h.organization_id AND m.id = h.member_id"
    " JOIN ml_wallets w ON w.organization_id = a.organization_id AND w.account_id = a.id AND w.unit = 'points'"
    " WHERE a.organization_id = ? AND a.id = ?"
)
_MOVE_ACCOUNT = "UPDATE ml_accounts SET version = version + 1, effective_at = ? WHERE organization_id = ? AND id = ?"
_MOVE_WALLET = (
    "UPDATE ml_wallets SET remaining = remaining + ?, debt = debt - ?, next_change = {least}(next_change, ?)"
    " WHERE organization_id = ? AND account_id = ? AND unit = 'points'"
)
_ADD_PURCHASE = (
    "INSERT INTO ml_purchases (organization_id, id, account_id, club_id, club_version, scheme, source, external_id, at,"
    " business_day, recorded_at, studio, currency, total, eligible, stored_value, redeemed_points, redeemed_value,"
    " earned, settled_debt, spent, counted, expires_at, available, redeem_entry_id, earn_entry_id, fingerprint,"
    " because, command_id) VALUES (?, ?, ?, ?, ?, ?, 'till', ?, ?, ?, ?, NULL, 'EUR', ?, ?, 0, 0, 0, ?, ?, ?, 1, ?, ?,"
    " NULL, ?, ?, ?, ?)"
)
_ADD_LINES = (
    "INSERT INTO ml_purchase_lines (organization_id, purchase_id, position, item, quantity, amount, discount, brand,"
    " categories, stored_value) VALUES "
)
_LINE = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_ENTRY = (
    "INSERT INTO ml_entries (organization_id, id, account_id, unit, club_id, scheme, kind, amount, debt,"
    " business_day, effective_at, recorded_at, actor, reason, reference, counterpart_id, because, command_id)"
    " VALUES (?, ?, ?, 'points', ?, ?, 'earn', ?, ?, ?, ?, ?, 'staff:bench', NULL, ?, NULL, ?, ?)"
)
_ADD_LOT = (
    "INSERT INTO ml_lots (organization_id, id, account_id, unit, entry_id, amount, remaining, held, is_open,"
    " earned_at, expires_at) VALUES (?, ?, ?, 'points', ?, ?, ?, 0, 1, ?, ?)"
)
_ADD_HEADER = (
    "INSERT INTO ml_headers (organization_id, id, command, actor, idempotency_key, fingerprint, result, recorded_at)"
    " VALUES (?, ?, 'loyalty.record_purchase', 'staff:bench', NULL, NULL, ?, ?)"
)


def _fingerprint(sale: Sale, till: str) -> str:
    content = [sale.account.hex, "till", till, "EUR", None, 0, 0, sale.lines]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _because(points: str, lines: Sequence[Any]) -> str:
    figures = {"rule": "base", "gave": points, "lines": list(range(len(lines)))}
    return json.dumps([{"rule": "PTS-2", "code": "earning.rate", "figures": figures}], separators=(",", ":"))


def _days(now: datetime) -> tuple[date, datetime]:
    """The business day, and until when what it earns lives."""
    day = now.astimezone(_ZONE).date()
    return day, datetime.combine(day + _YEAR, time(), _ZONE).astimezone(UTC)


def _check(account: Any, holders: Sequence[Any]) -> None:
    """Open, somebody takes part, nothing is due before it: all that this application meets."""
    if account is None or account[2] != "open" or not holders or not holders[0][5]:
        raise Refused
    if all(holder[1] == "blocked" for holder in holders):
        raise Refused


def _result(id: Any, sale: Sale, till: str, figures: dict[str, Any], because: str) -> str:
    answer = {
        "purchase": str(id),
        "account": str(sale.account),
        "external_id": {"source": "till", "value": till},
        "currency": "EUR",
        "redeemed_points": 0,
        "redeemed_value": 0,
        **figures,
        "because": because,
    }
    return json.dumps(answer, separators=(",", ":"))


def _recording(
    connection: Any,
    cursor: Any,
    *,
    begin: Callable[[], object],
    account: str,
    statement: Callable[[str], str],
    least: str,
    new: Callable[[], Any],
    id_in: Callable[[UUID], Any],
    at_in: Callable[[datetime], Any],
    day_in: Callable[[date], Any],
) -> Recording:
    """The steps, which are the same everywhere; what differs is how a driver wants its values."""
    organization = id_in(ORGANIZATION)
    execute = cursor.execute
    known, wallet = statement(_KNOWN), statement(_WALLET)
    writes = [_ADD_PURCHASE, _MOVE_ACCOUNT, _MOVE_WALLET.format(least=least), _ADD_ENTRY, _ADD_LOT, _ADD_HEADER]
    add_purchase, move_account, move_wallet, add_entry, add_lot, add_header = map(statement, writes)
    add_lines = {count: statement(_ADD_LINES + ", ".join([_LINE] * count)) for count in range(1, 11)}

    def record(sale: Sale, till: str) -> None:
        whose = id_in(sale.account)
        fingerprint = _fingerprint(sale, till)
        begin()
        try:
            execute(account, (organization, whose))
            found = cursor.fetchone()
            instant = datetime.now(UTC)
            execute(known, (organization, till))
            if cursor.fetchone():
                raise Refused
            now = at_in(instant)
            execute(wallet, (now, organization, whose))
            holders = cursor.fetchall()
            _check(found, holders)
        except Refused:
            connection.commit()  # nothing was written
            raise
        club, scheme = found[:2]
        version, _, remaining, held, debt, _ = holders[0]
        total = sum([line.amount - line.discount for line in sale.lines])
        points = total // 100
        settled = min(points, debt)
        business_day, until = _days(instant)
        day, expires = day_in(business_day), at_in(until)
        available = remaining - held + points - settled
        exact = str(points) if total % 100 == 0 else f"{total}/100"
        because = _because(exact, sale.lines)
        command, id, entry = new(), new(), new()
        execute(
            add_purchase,
            (
                *(organization, id, whose, club, version, scheme, till, now, day, now, total, total, points, settled),
                *(total, expires, available, entry, fingerprint, because, command),
            ),
        )
        rows: list[Any] = []
        for position, line in enumerate(sale.lines):
            rows += (organization, id, position, line.item, line.quantity, line.amount, line.discount, line.brand)
            rows += (json.dumps(line.categories, separators=(",", ":")), int(line.stored_value))
        execute(add_lines[len(sale.lines)], rows)
        execute(move_account, (now, organization, whose))
        execute(move_wallet, (points - settled, settled, expires, organization, whose))
        execute(
            add_entry,
            (organization, entry, whose, club, scheme, points, settled, day, now, now, till, because, command),
        )
        if points > settled:
            left = points - settled
            execute(add_lot, (organization, new(), whose, entry, left, left, now, expires))
        figures = {
            "at": instant.isoformat(),
            "business_day": business_day.isoformat(),
            "scheme": scheme,
            "total": total,
            "eligible": total,
            "earned": points,
            "settled_debt": settled,
            "expires_at": until.isoformat(),
            "available": available,
        }
        execute(add_header, (organization, command, _result(id, sale, till, figures, because), now))
        connection.commit()

    return record


def postgresql(url: str) -> Recording:
    """psycopg 3, one statement a step."""
    connection = on_postgresql(url)
    return _recording(
        connection,
        connection.cursor(),
        begin=lambda: None,  # the driver does
        account=f"{_ACCOUNT} FOR NO KEY UPDATE".replace("?", "%s"),
        statement=lambda text: text.replace("?", "%s"),
        least="least",
        new=new_id,
        id_in=lambda id: UUID(str(id)),
        at_in=lambda at: at,
        day_in=lambda day: day,
    )


def sqlite(url: str) -> Recording:
    """sqlite3, one statement a step; the lock on the file is the lock on the account."""
    connection = on_sqlite(url)
    cursor = connection.cursor()
    return _recording(
        connection,
        cursor,
        begin=lambda: cursor.execute("BEGIN IMMEDIATE"),
        account=_ACCOUNT,
        statement=lambda text: text,
        least="min",
        new=new_hex,
        id_in=lambda id: id.hex,
        at_in=lambda at: at.strftime("%Y-%m-%d %H:%M:%S.%f"),
        day_in=lambda day: day.isoformat(),
    )
