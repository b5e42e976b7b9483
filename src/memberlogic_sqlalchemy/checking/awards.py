"""Awards against their entries and against what their rules gave."""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.ledger.model import EntryKind
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, counting, differing, other_account, summed, there
from sqlalchemy import func, literal_column, or_

__all__ = ["CHECKS"]

_w, _g, _e = tables.awards.c, tables.award_gifts.c, tables.entries.c
_award = {"award": _w.id, "account": _w.account_id}
_with_entry = tables.awards.outerjoin(tables.entries, there(tables.awards, tables.entries, entry_id="id"))
_given = counting({"award_id": _g.award_id}, {"points": func.sum(_g.points)})
_by_entry = counting({"entry_id": _w.entry_id}, {"awards": func.count()})

_POINTS = differing(
    "award.points",
    "PTS-4",
    "What an event earned is the amount of its entry.",
    of=_with_entry,
    ids=_award,
    stored=_w.points,
    counted=summed(_e.amount),
)
_GIVEN = differing(
    "award.given",
    "PTS-4",
    "What an event earned is what its rules gave.",
    of=tables.awards.outerjoin(_given, there(tables.awards, _given, id="award_id")),
    ids=_award,
    stored=_w.points,
    counted=summed(_given.c.points),
)
_LIMITS = differing(
    "award.counted",
    "PTS-4",
    "What a limit counts is of the award's member, club and day.",
    of=tables.award_gifts.join(tables.awards, there(tables.award_gifts, tables.awards, award_id="id")),
    ids={"award": _g.award_id, "account": _w.account_id},
    stored=_g.business_day,
    counted=_w.business_day,
    wrong=or_(_g.member_id != _w.member_id, _g.club_id != _w.club_id, _g.business_day != _w.business_day),
)
_DAY = differing(
    "award.earned_on",
    "PTS-4",
    "Points of an event count on the day of their entry, in its wallet or where that leads.",
    of=_with_entry,
    ids=_award,
    stored=_w.earned_on,
    counted=_e.business_day,
    wrong=or_(_w.earned_on != _e.business_day, other_account(_w.account_id, _e.account_id), _w.settled_debt != _e.debt),
)
_ENTRY = differing(
    "entry.award",
    "PTS-4",
    "Points of an event belong to one award.",
    of=tables.entries.outerjoin(_by_entry, there(tables.entries, _by_entry, id="entry_id")),
    ids={"entry": _e.id, "account": _e.account_id},
    stored=summed(_by_entry.c.awards),
    counted=literal_column("1"),
    wrong=(summed(_by_entry.c.awards) != 1) & (_e.kind == EntryKind.AWARD.value),
)

CHECKS: Sequence[Check] = (_POINTS, _GIVEN, _LIMITS, _DAY, _ENTRY)
