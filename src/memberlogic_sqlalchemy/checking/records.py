"""What the core computed of tags and inquiries, computed again: SQL folds no keys and counts no days (COM-5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from memberlogic.calendar import local_day
from memberlogic.members.tags import tag_key
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, Row, aware, there
from sqlalchemy import Connection, func, select

__all__ = ["CHECKS"]

_t, _i = tables.tags.c, tables.inquiries.c


def _other_keys(_: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if tag_key(row["text"]) != row["tag_key"]:
            # What a tag says may name a person: neither text nor key is told.
            yield {"organization_id": row["organization_id"], "tag": row["id"], "stored": None, "counted": None}


_KEY = Check(
    code="tag.key",
    rule="MEM-6",
    says="A tag is found by the key of its text.",
    statement=select(_t.organization_id, _t.id, _t.text, _t.tag_key).order_by(_t.organization_id, _t.id),
    whose=_t.organization_id,
    refine=_other_keys,
)


def _other_days(_: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        at = aware(row["at"])
        day = local_day(at, ZoneInfo(row["zone"]))
        if day != row["day"]:
            named = {"organization_id": row["organization_id"], "inquiry": row["id"], "member": row["member_id"]}
            yield named | {"stored": row["day"], "counted": day}


_places = tables.inquiries.join(
    tables.organizations, tables.organizations.c.organization_id == _i.organization_id
).outerjoin(tables.studios, there(tables.inquiries, tables.studios, studio="code"))
_DAY = Check(
    code="inquiry.day",
    rule="COM-3",
    says="An inquiry counts on the local day of its studio, or of the organization.",
    statement=select(
        _i.organization_id,
        _i.id,
        _i.member_id,
        _i.at,
        _i.day,
        func.coalesce(tables.studios.c.zone, tables.organizations.c.zone).label("zone"),
    )
    .select_from(_places)
    .order_by(_i.organization_id, _i.id),
    whose=_i.organization_id,
    refine=_other_days,
)

CHECKS: Sequence[Check] = (_KEY, _DAY)
