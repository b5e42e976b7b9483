"""Adjustments by staff against their entries."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.model import AdjustmentState, EntryKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, summed, there
from sqlalchemy import func, literal_column, or_

__all__ = ["CHECKS"]

_j, _e = tables.adjustments.c, tables.entries.c
_adjustment = {"adjustment": _j.id, "account": _j.account_id}
_with_entry = tables.adjustments.outerjoin(tables.entries, there(tables.adjustments, tables.entries, entry_id="id"))
_by_entry = counting({"entry_id": _j.entry_id}, {"adjustments": func.count()})
_posted = _j.state == AdjustmentState.POSTED.value

_POINTS = differing(
    "adjustment.points",
    "PTS-14",
    "What staff adjusted is the amount of its entry; what was not posted has none.",
    of=_with_entry,
    ids=_adjustment,
    stored=_j.points,
    counted=_e.amount,
    wrong=or_(_posted & (_j.points != func.coalesce(_e.amount, 0)), ~_posted & _j.entry_id.is_not(None)),
)
_ACTOR = differing(
    "adjustment.actor",
    "PTS-14",
    "An adjustment's entry is its asker's, in its wallet and on its day.",
    of=_with_entry,
    ids=_adjustment,
    stored=_j.asked_by,
    counted=_e.actor,
    wrong=or_(
        _j.asked_by != _e.actor,
        _j.business_day != _e.business_day,
        _j.account_id != _e.account_id,
        _j.unit != _e.unit,
        _j.club_id != _e.club_id,
    ),
)
_ENTRY = differing(
    "entry.adjustment",
    "PTS-14",
    "Points that were adjusted belong to one adjustment.",
    of=tables.entries.outerjoin(_by_entry, there(tables.entries, _by_entry, id="entry_id")),
    ids={"entry": _e.id, "account": _e.account_id},
    stored=summed(_by_entry.c.adjustments),
    counted=literal_column("1"),
    wrong=(summed(_by_entry.c.adjustments) != 1) & (_e.kind == EntryKind.ADJUST.value),
)

CHECKS: Sequence[Check] = (_POINTS, _ACTOR, _ENTRY)
