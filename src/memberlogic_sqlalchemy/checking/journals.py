"""Journals against their lines and entries (PTS-15)."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.journals import JournalState, LineKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, other_account, summed, there
from sqlalchemy import case, func

__all__ = ["CHECKS"]

_j, _l, _e, _je = tables.journals.c, tables.journal_lines.c, tables.entries.c, tables.journal_entries.c
_lines_of = counting({"journal_id": _l.journal_id}, {"lines": func.count()})
_became = counting({"journal_id": _je.journal_id}, {"lines": func.count()})
_posted = _j.state == JournalState.POSTED.value

_LINES = differing(
    "journal.lines",
    "PTS-15",
    "A journal has as many lines as it says.",
    of=tables.journals.outerjoin(_lines_of, there(tables.journals, _lines_of, id="journal_id")),
    ids={"journal": _j.id},
    stored=_j.line_count,
    counted=summed(_lines_of.c.lines),
)
_POSTED = differing(
    "journal.posted",
    "PTS-15",
    "Every line of a posted journal became an entry, no line of another did.",
    of=tables.journals.outerjoin(_became, there(tables.journals, _became, id="journal_id")),
    ids={"journal": _j.id},
    stored=case((_posted, _j.line_count), else_=0),
    counted=summed(_became.c.lines),
)
_with_entry = tables.journal_lines.join(
    tables.journal_entries,
    there(tables.journal_lines, tables.journal_entries, journal_id="journal_id", number="number"),
).outerjoin(tables.entries, there(tables.journal_entries, tables.entries, entry_id="id"))
_comes = _l.kind.in_([LineKind.EARN.value, LineKind.ADJUST.value])
_ENTRY = differing(
    "journal.entry",
    "PTS-15",
    "The entry of a journal's line moves the points of the line, on its account or where that leads.",
    of=_with_entry,
    ids={"journal": _l.journal_id, "line": _l.number},
    stored=case((_comes, _l.points), else_=-_l.points),
    counted=_e.amount,
    wrong=(case((_comes, _l.points), else_=-_l.points) != func.coalesce(_e.amount, 0))
    | other_account(_e.account_id, _l.account_id),
)

CHECKS: Sequence[Check] = (_LINES, _POSTED, _ENTRY)
