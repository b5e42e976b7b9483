"""What is stored of people although it could be computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from memberlogic.errors import InvalidInput
from memberlogic.members.support_ids import support_id_read
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check
from sqlalchemy import Connection, null, select

__all__ = ["CHECKS"]

_m = tables.members.c


def _mistyped(_: Connection, rows: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for row in rows:
        try:
            well = support_id_read(row["stored"])
        except InvalidInput:
            well = "none that could be read aloud"
        if well != row["stored"]:
            yield {**row, "counted": well}


_SUPPORT_ID = Check(
    code="member.support_id",
    rule="MEM-3",
    says="Every member has a support id whose check character fits.",
    statement=select(
        _m.organization_id, _m.id.label("member"), _m.support_id.label("stored"), null().label("counted")
    ).order_by(_m.organization_id, _m.id),
    whose=_m.organization_id,
    refine=_mistyped,
)

CHECKS: Sequence[Check] = (_SUPPORT_ID,)
