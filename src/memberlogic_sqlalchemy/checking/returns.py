"""Returns against their lines, against what was bought, and against the entries of points that came back."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.model import EntryKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, summed, there
from memberlogic_sqlalchemy.checking.days import days_of
from sqlalchemy import and_, func, null, or_, select

__all__ = ["CHECKS"]

_r, _rl, _p, _n, _e = (
    tables.returns.c,
    tables.return_lines.c,
    tables.purchases.c,
    tables.purchase_lines.c,
    tables.entries.c,
)
_restored, _taken = tables.entries.alias(), tables.entries.alias()
_return = {"return": _r.id, "account": _r.account_id}
_purchase = {"purchase": _p.id, "account": _p.account_id}
_lines_of = counting({"return_id": _rl.return_id}, {"amount": func.sum(_rl.amount)})
_back = (
    select(
        _r.organization_id,
        _r.purchase_id,
        _rl.position,
        func.sum(_rl.quantity).label("quantity"),
        func.sum(_rl.amount).label("amount"),
    )
    .select_from(tables.return_lines.join(tables.returns, there(tables.return_lines, tables.returns, return_id="id")))
    .group_by(_r.organization_id, _r.purchase_id, _rl.position)
    .subquery()
)
_of_purchase = counting(
    {"purchase_id": _r.purchase_id},
    {
        "restored": func.sum(_r.restored),
        "unearned": func.sum(_r.unearned),
        "unspent": func.sum(_r.unspent),
        "gone": func.sum(_r.taken + _r.clamped),
        "whole": func.max(_r.whole),
    },
)
_with_returns = tables.purchases.outerjoin(_of_purchase, there(tables.purchases, _of_purchase, id="purchase_id"))

_AMOUNT = differing(
    "return.amount",
    "PTS-10",
    "What a return comes to is the sum of its lines.",
    of=tables.returns.outerjoin(_lines_of, there(tables.returns, _lines_of, id="return_id")),
    ids=_return,
    stored=_r.amount,
    counted=summed(_lines_of.c.amount),
)
_BOUGHT = differing(
    "return.above_line",
    "PTS-10",
    "No more of a line came back than was bought.",
    of=_back.outerjoin(
        tables.purchase_lines, there(_back, tables.purchase_lines, purchase_id="purchase_id", position="position")
    ),
    ids={"purchase": _back.c.purchase_id, "line": _back.c.position},
    stored=_back.c.amount,
    counted=_n.amount - _n.discount,
    wrong=or_(_n.purchase_id.is_(null()), _back.c.amount > _n.amount - _n.discount, _back.c.quantity > _n.quantity),
)
_RESTORED = differing(
    "return.restored",
    "PTS-10",
    "The points that came back are the amount of their entry.",
    of=tables.returns.outerjoin(_restored, there(tables.returns, _restored, restore_entry_id="id")),
    ids=_return,
    stored=_r.restored,
    counted=summed(_restored.c.amount),
)
_TAKEN = differing(
    "return.taken",
    "PTS-10",
    "The points that were taken back are the amount of their entry, and those that are owed its debt part.",
    of=tables.returns.outerjoin(_taken, there(tables.returns, _taken, return_entry_id="id")),
    ids=_return,
    stored=_r.taken,
    counted=-summed(_taken.c.amount),
    wrong=or_(_r.taken != -summed(_taken.c.amount), _r.debt != -summed(_taken.c.debt)),
)
_ACCOUNT = differing(
    "return.account",
    "PTS-10",
    "A purchase comes back to its own account.",
    of=tables.returns.join(tables.purchases, there(tables.returns, tables.purchases, purchase_id="id")),
    ids=_return,
    stored=_r.account_id,
    counted=_p.account_id,
    wrong=or_(_r.account_id != _p.account_id, _r.club_id != _p.club_id),
)
_MOST = differing(
    "purchase.points_back",
    "PTS-10",
    "No more points come back than were spent on a purchase, and no more are taken back than it earned.",
    of=_with_returns,
    ids=_purchase,
    stored=summed(_of_purchase.c.restored),
    counted=_p.redeemed_points,
    wrong=or_(
        summed(_of_purchase.c.restored) > _p.redeemed_points,
        summed(_of_purchase.c.unearned) > _p.earned,
        summed(_of_purchase.c.gone) > _p.earned,
    ),
)
_UNSPENT = differing(
    "purchase.unspent",
    "SCH-2",
    "A purchase counts less by what its returns say, in money.",
    of=_with_returns,
    ids=_purchase,
    stored=_p.unspent,
    counted=summed(_of_purchase.c.unspent),
)
_UNEARNED = differing(
    "purchase.unearned",
    "SCH-2",
    "A purchase counts less by what its returns say, in points.",
    of=_with_returns,
    ids=_purchase,
    stored=_p.unearned,
    counted=summed(_of_purchase.c.unearned),
)
_RETURNED = differing(
    "purchase.returned",
    "SCH-2",
    "A purchase came back whole if one of its returns says so.",
    of=_with_returns,
    ids=_purchase,
    stored=_p.returned,
    counted=summed(_of_purchase.c.whole),
)
_by_restore = counting({"entry_id": _r.restore_entry_id}, {"returns": func.count()})
_by_return = counting({"entry_id": _r.return_entry_id}, {"returns": func.count()})
_ENTRY = differing(
    "entry.return",
    "PTS-10",
    "Points that came back or were taken back belong to one return.",
    of=tables.entries.outerjoin(_by_restore, there(tables.entries, _by_restore, id="entry_id")).outerjoin(
        _by_return, there(tables.entries, _by_return, id="entry_id")
    ),
    ids={"entry": _e.id, "account": _e.account_id},
    stored=summed(_by_restore.c.returns) + summed(_by_return.c.returns),
    counted=null(),
    wrong=and_(
        _e.kind.in_([EntryKind.RESTORE.value, EntryKind.RETURN.value]),
        summed(_by_restore.c.returns) + summed(_by_return.c.returns) != 1,
    ),
)
_BUSINESS_DAY = days_of(
    tables.returns, "return", _r.at, "A return's business day is the club's local day when it took place."
)

CHECKS: Sequence[Check] = (
    _AMOUNT,
    _BOUGHT,
    _RESTORED,
    _TAKEN,
    _ACCOUNT,
    _MOST,
    _UNSPENT,
    _UNEARNED,
    _RETURNED,
    _ENTRY,
    _BUSINESS_DAY,
)
