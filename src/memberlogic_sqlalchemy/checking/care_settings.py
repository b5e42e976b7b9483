"""What is stored of flows and configurations of Member Care although their definitions say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from memberlogic import converting
from memberlogic.care.flows import FlowState
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.checking.check import Check, Row
from sqlalchemy import Connection, Select, and_, func, select

__all__ = ["CHECKS"]

_f, _v, _c = tables.care_flows.c, tables.care_flow_versions.c, tables.care_configurations.c
_of_flow = and_(_v.organization_id == _f.organization_id, _v.flow_id == _f.id)
_last = select(func.max(_v.version)).where(_of_flow).correlate(tables.care_flows).scalar_subquery()
_many = select(func.count()).select_from(tables.care_flow_versions).where(_of_flow)
_count = _many.correlate(tables.care_flows).scalar_subquery()


def _flows(_: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        said = None if row["state"] == FlowState.DELETED.value else _name(row["definition"])
        if row["name"] != said:
            yield {"organization_id": row["organization_id"], "flow": row["id"], "stored": row["name"], "counted": said}


def _configurations(_: Connection, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        said = _name(row["definition"])
        if row["name"] != said:
            named = {"organization_id": row["organization_id"], "configuration": row["id"]}
            yield named | {"stored": row["name"], "counted": said}


def _name(definition: str) -> Any:
    return converting.loads(definition)["name"]


_VERSIONS: Select[Any] = (
    select(_f.organization_id, _f.id.label("flow"), _f.version.label("stored"), _last.label("counted"))
    # Every version up to the current one is there, and none after it.
    .where((func.coalesce(_last, -1) != _f.version) | (_count != _f.version + 1))
    .order_by(_f.organization_id, _f.id)
)

CHECKS: Sequence[Check] = (
    Check(
        code="care_flow.versions",
        rule="CARE-1",
        says="Every version of a flow is there, up to the current one.",
        statement=_VERSIONS,
        whose=_f.organization_id,
    ),
    Check(
        code="care_flow.name",
        rule="CARE-1",
        says="A flow is found by the name that its current version says; a deleted one by none.",
        statement=select(_f.organization_id, _f.id, _f.name, _f.state, _v.definition)
        .select_from(tables.care_flows.join(tables.care_flow_versions, and_(_of_flow, _v.version == _f.version)))
        .order_by(_f.organization_id, _f.id),
        whose=_f.organization_id,
        refine=_flows,
    ),
    Check(
        code="care_configuration.name",
        rule="CARE-6",
        says="A configuration is found by the name that it says.",
        statement=select(_c.organization_id, _c.id, _c.name, _c.definition).order_by(_c.organization_id, _c.id),
        whose=_c.organization_id,
        refine=_configurations,
    ),
)
