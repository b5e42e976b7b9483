"""What corrects an entry, against that entry."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.model import EntryKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, other_account, there
from sqlalchemy import func, literal_column, or_

__all__ = ["CHECKS"]

_e = tables.entries.c
_other = tables.entries.alias()
_corrected = tables.entries.outerjoin(_other, there(tables.entries, _other, corrects_id="id"))

_THERE = differing(
    "entry.corrects",
    "PTS-14",
    "What an entry corrects is there, in the same wallet or in one that leads to it.",
    of=_corrected,
    ids={"entry": _e.id, "account": _e.account_id},
    stored=_e.corrects_id,
    counted=_other.c.id,
    wrong=_e.corrects_id.is_not(None)
    & or_(_other.c.id.is_(None), other_account(_e.account_id, _other.c.account_id), _other.c.unit != _e.unit),
)
_by = counting({"corrects_id": _e.corrects_id}, {"reversals": func.count()}, _e.kind == EntryKind.REVERSE.value)
_ONCE = differing(
    "entry.reversed_once",
    "PTS-14",
    "An entry is reversed once.",
    of=_by,
    ids={"entry": _by.c.corrects_id},
    stored=_by.c.reversals,
    counted=literal_column("1"),
)

CHECKS: Sequence[Check] = (_THERE, _ONCE)
