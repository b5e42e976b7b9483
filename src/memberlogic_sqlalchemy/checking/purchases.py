"""Purchases against their lines and against the entries of what they earned and redeemed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from memberlogic import converting
from memberlogic.ledger.model import EntryKind
from memberlogic.loyalty.purchases import EarnedLot
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, aware, counting, differing, other_account, summed, there
from memberlogic_sqlalchemy.checking.days import days_of
from sqlalchemy import Connection, func, null, or_, select

__all__ = ["CHECKS"]

Row = Mapping[str, Any]

_p, _n, _a = tables.purchases.c, tables.purchase_lines.c, tables.accounts.c
_earned, _redeemed = tables.entries.alias(), tables.entries.alias()
_purchase = {"purchase": _p.id, "account": _p.account_id}
_lines_of = counting({"purchase_id": _n.purchase_id}, {"paid": func.sum(_n.amount - _n.discount)})
_with_earned = tables.purchases.outerjoin(_earned, there(tables.purchases, _earned, earn_entry_id="id"))
_EARNS = [EntryKind.EARN.value]

_TOTAL = differing(
    "purchase.total",
    "PTS-2",
    "A purchase's total is what its lines come to after discounts.",
    of=tables.purchases.outerjoin(_lines_of, there(tables.purchases, _lines_of, id="purchase_id")),
    ids=_purchase,
    stored=_p.total,
    counted=summed(_lines_of.c.paid),
)
_EARNED = differing(
    "purchase.earned",
    "PTS-2",
    "What a purchase earned is the amount of its entry.",
    of=_with_earned,
    ids=_purchase,
    stored=_p.earned,
    counted=summed(_earned.c.amount),
)
_SETTLED = differing(
    "purchase.settled_debt",
    "PTS-2",
    "What of a purchase's points settled debt is the debt part of its entry.",
    of=_with_earned,
    ids=_purchase,
    stored=_p.settled_debt,
    counted=summed(_earned.c.debt),
)
_REDEEMED = differing(
    "purchase.redeemed",
    "PTS-8",
    "The points that paid a part of a purchase are the amount of their entry.",
    of=tables.purchases.outerjoin(_redeemed, there(tables.purchases, _redeemed, redeem_entry_id="id")),
    ids=_purchase,
    stored=_p.redeemed_points,
    counted=-summed(_redeemed.c.amount),
)
_WALLET = differing(
    "purchase.account",
    "PTS-2",
    "A purchase earns and pays in its own account, or in one that leads to it.",
    of=_with_earned.outerjoin(_redeemed, there(tables.purchases, _redeemed, redeem_entry_id="id")),
    ids=_purchase,
    stored=_p.account_id,
    counted=func.coalesce(_earned.c.account_id, _redeemed.c.account_id),
    wrong=or_(other_account(_p.account_id, _earned.c.account_id), other_account(_p.account_id, _redeemed.c.account_id)),
)
_CLUB = differing(
    "purchase.club",
    "PTS-2",
    "A purchase's club is its account's.",
    of=tables.purchases.join(tables.accounts, there(tables.purchases, tables.accounts, account_id="id")),
    ids=_purchase,
    stored=_p.club_id,
    counted=_a.club_id,
)
_by_entry = counting({"earn_entry_id": _p.earn_entry_id}, {"purchases": func.count()})
_by_line = counting({"entry_id": tables.journal_entries.c.entry_id}, {"lines": func.count()})
_ENTRY = differing(
    "entry.purchase",
    "PTS-2",
    "Points that were earned belong to one purchase, or to one line of a journal.",
    of=tables.entries.outerjoin(_by_entry, there(tables.entries, _by_entry, id="earn_entry_id")).outerjoin(
        _by_line, there(tables.entries, _by_line, id="entry_id")
    ),
    ids={"entry": tables.entries.c.id, "account": tables.entries.c.account_id},
    stored=summed(_by_entry.c.purchases) + summed(_by_line.c.lines),
    counted=null(),
    wrong=(summed(_by_entry.c.purchases) + summed(_by_line.c.lines) != 1) & tables.entries.c.kind.in_(_EARNS),
)
_l = tables.lots.c


def _other_lots(_: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    """Where what a purchase says of its lots is not what its entry opened."""
    for _key, group in groupby(rows, key=lambda row: (row["organization_id"], row["purchase"])):
        opened = list(group)
        counted = sorted((row["amount"], _since(row["available_at"])) for row in opened)
        said = converting.from_json(tuple[EarnedLot, ...], converting.loads(opened[0]["stored"]))
        stored = sorted((lot.points, _since(lot.available_at)) for lot in said)
        if stored != counted:
            named = {name: opened[0][name] for name in ("organization_id", "purchase", "account")}
            yield named | {"stored": str(stored), "counted": str(counted)}


def _since(instant: datetime | None) -> str:
    if instant is None:
        return ""
    return aware(instant).astimezone(UTC).isoformat()


_LOTS = Check(
    code="purchase.lots",
    rule="PTS-5",
    says="What a purchase says of points that are held back is what its entry opened.",
    statement=select(
        _p.organization_id.label("organization_id"),
        _p.id.label("purchase"),
        _p.account_id.label("account"),
        _p.lots.label("stored"),
        _l.amount,
        _l.available_at,
    )
    .select_from(tables.purchases.join(tables.lots, there(tables.purchases, tables.lots, earn_entry_id="entry_id")))
    .where(_p.lots.is_not(null()))
    .order_by(_p.organization_id, _p.id),
    whose=_p.organization_id,
    refine=_other_lots,
)
_BUSINESS_DAY = days_of(
    tables.purchases, "purchase", _p.at, "A purchase's business day is the club's local day when it took place."
)

CHECKS: Sequence[Check] = (_TOTAL, _EARNED, _SETTLED, _REDEEMED, _WALLET, _CLUB, _ENTRY, _LOTS, _BUSINESS_DAY)
