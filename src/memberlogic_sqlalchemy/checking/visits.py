"""Visitor passes against the visits that used them, and visits against the days of their studios."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from memberlogic.calendar import local_day
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, Row, aware, counting, differing, summed, there
from sqlalchemy import Connection, func, select

__all__ = ["CHECKS"]

_p, _v = tables.visitor_passes.c, tables.visits.c
_made = counting({"pass_id": _v.pass_id}, {"visits": func.count()}, _v.allowed == 1, _v.undone_at.is_(None))

_USED = differing(
    "pass.used",
    "CON-15",
    "As many visits of a pass are used as were made by it and not undone.",
    of=tables.visitor_passes.outerjoin(_made, there(tables.visitor_passes, _made, id="pass_id")),
    ids={"visitor_pass": _p.id, "member": _p.member_id},
    stored=_p.used,
    counted=summed(_made.c.visits),
)
_OWN = differing(
    "visit.pass",
    "CON-15",
    "A visitor pass lets in nobody but the person it was issued to.",
    of=tables.visits.join(tables.visitor_passes, there(tables.visits, tables.visitor_passes, pass_id="id")),
    ids={"visit": _v.id, "member": _v.member_id},
    stored=_v.member_id,
    counted=_p.member_id,
)


def _other_days(_: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        at = aware(row["at"])
        day = local_day(at, ZoneInfo(row["zone"]))
        if day != row["business_day"]:
            named = {"organization_id": row["organization_id"], "visit": row["id"], "member": row["member_id"]}
            yield named | {"stored": row["business_day"], "counted": day}


_DAY = Check(
    code="visit.business_day",
    rule="COM-3",
    says="A visit counts on the local day of its studio.",
    statement=select(_v.organization_id, _v.id, _v.member_id, _v.at, _v.business_day, tables.studios.c.zone)
    .select_from(tables.visits.join(tables.studios, there(tables.visits, tables.studios, studio="code")))
    .order_by(_v.organization_id, _v.id),
    whose=_v.organization_id,
    refine=_other_days,
)

CHECKS: Sequence[Check] = (_USED, _OWN, _DAY)
