"""Purchases against their lines and against the entries of what they earned and redeemed."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.model import EntryKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, summed, there
from memberlogic_sqlalchemy.checking.days import days_of
from sqlalchemy import func, null, or_

__all__ = ["CHECKS"]

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
    "A purchase earns and pays in its own account.",
    of=_with_earned.outerjoin(_redeemed, there(tables.purchases, _redeemed, redeem_entry_id="id")),
    ids=_purchase,
    stored=_p.account_id,
    counted=func.coalesce(_earned.c.account_id, _redeemed.c.account_id),
    wrong=or_(_earned.c.account_id != _p.account_id, _redeemed.c.account_id != _p.account_id),
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
_BUSINESS_DAY = days_of(
    tables.purchases, "purchase", _p.at, "A purchase's business day is the club's local day when it took place."
)

CHECKS: Sequence[Check] = (_TOTAL, _EARNED, _SETTLED, _REDEEMED, _WALLET, _CLUB, _ENTRY, _BUSINESS_DAY)
