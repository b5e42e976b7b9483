"""Flows of Member Care in tables: the current version of each beside all its versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.care.flows import Flow, FlowState, FlowTerms, FlowVersion
from memberlogic.errors import Duplicate, NotFound
from memberlogic.ids import CareFlowId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from sqlalchemy import bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.statements import Row
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlCareFlows"]

_f, _v = tables.care_flows.c, tables.care_flow_versions.c
_mine = _f.organization_id == bindparam("organization", type_=_f.organization_id.type)
_key = (_mine, _f.id == bindparam("id_", type_=_f.id.type))
_row = select(_f.id, _f.state, _f.version)
_GET = Statement(_row.where(*_key), "organization", "id_")
_NAMED = Statement(_row.where(_mine, _f.name == bindparam("name_", type_=_f.name.type)), "organization", "name_")
_of_flow = (
    _v.organization_id == bindparam("organization", type_=_v.organization_id.type),
    _v.flow_id == bindparam("id_", type_=_v.flow_id.type),
)
_VERSION = Statement(
    select(_v.definition).where(*_of_flow, _v.version == bindparam("version_", type_=_v.version.type)),
    "organization",
    "id_",
    "version_",
)
_VERSIONS = Statement(select(_v.version, _v.definition).where(*_of_flow).order_by(_v.version), "organization", "id_")
_ADD = inserting(tables.care_flows)
_ADD_VERSION = inserting(tables.care_flow_versions)
_CHANGED = ("name", "state", "version")
_CHANGE = Statement(
    update(tables.care_flows)
    .values({name: bindparam(f"new_{name}", type_=_f[name].type) for name in _CHANGED})
    .where(*_key),
    *(f"new_{name}" for name in _CHANGED),
    "organization",
    "id_",
)
_FIRST = UUID(int=0)


@family
def _locked(count: int) -> Statement:
    names, among = one_of(_f.id, count)
    # The key is no name of it: what refers to a flow does not wait.
    return Statement(_row.where(_mine, among).order_by(_f.id).with_for_update(key_share=True), "organization", *names)


@family
def _listed(count: int) -> Statement:
    names, among = one_of(_f.state, count)
    return Statement(
        _row.where(_mine, among, _f.id > bindparam("after", type_=_f.id.type))
        .order_by(_f.id)
        .limit(bindparam("limit")),
        "organization",
        *names,
        "after",
        "limit",
    )


class SqlCareFlows:
    """The port ``CareFlows``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._stored: dict[CareFlowId, int] = {}

    def get(self, id: CareFlowId) -> Flow:
        """One flow."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        for row in rows:
            return self._flow(row)
        raise NotFound(kind="care_flow", id=id)

    def locked(self, ids: Collection[CareFlowId]) -> Mapping[CareFlowId, Flow]:
        """Some flows, locked."""
        if not ids:
            return {}
        wanted = padded([self._uow.codec.id_in(id) for id in sorted(set(ids))])
        (rows,) = self._uow.lock((_locked(len(wanted)), (self._uow.org, *wanted)))
        flows = [self._flow(row) for row in rows]
        self._stored |= {each.id: each.current.version for each in flows}
        return {each.id: each for each in flows}

    def version(self, id: CareFlowId, version: int) -> FlowVersion:
        """One version; it never changes, so that it is remembered."""
        known = self._uow.remembered.flow(self._uow.organization, id, version)
        if known is not None:
            return known
        (rows,) = self._uow.ask((_VERSION, (self._uow.org, self._uow.codec.id_in(id), version)))
        for (definition,) in rows:
            read = _version(id, version, definition)
            return self._uow.remembered.keep_flow(self._uow.organization, read)
        raise NotFound(kind="care_flow", id=id)

    def versions(self, id: CareFlowId) -> Sequence[FlowVersion]:
        """Every version."""
        (rows,) = self._uow.ask((_VERSIONS, (self._uow.org, self._uow.codec.id_in(id))))
        return [_version(id, version, definition) for version, definition in rows]

    def listed(
        self, states: Collection[FlowState], *, after: CareFlowId | None = None, limit: int = 500
    ) -> Sequence[Flow]:
        """The next flows."""
        if not states:
            return []
        wanted = sorted(each.value for each in set(states))
        row = (self._uow.org, *wanted, self._uow.codec.id_in(after or _FIRST), limit)
        (rows,) = self._uow.ask((_listed(len(wanted)), row))
        return [self._flow(row) for row in rows]

    def named(self, name: str) -> Flow | None:
        """The flow of this name; a deleted one has none."""
        (rows,) = self._uow.ask((_NAMED, (self._uow.org, name)))
        for row in rows:
            return self._flow(row)
        return None

    def _flow(self, row: Sequence[Any]) -> Flow:
        id, state, version = row
        return Flow(current=self.version(CareFlowId(self._uow.codec.id_out(id)), version), state=FlowState(state))

    def add(self, flow: Flow) -> None:
        """Queue a new flow."""
        self._require_free(flow)
        name, state, version = _said(flow)
        self._uow.queue(_ADD, (self._uow.org, self._uow.codec.id_in(flow.id), name, state, version))
        self._add_version(flow.current)

    def change(self, flow: Flow) -> None:
        """Queue what a flow became."""
        self._require_free(flow)
        self._uow.queue(_CHANGE, (*_said(flow), self._uow.org, self._uow.codec.id_in(flow.id)))
        if flow.current.version != self._stored[flow.id]:
            self._add_version(flow.current)

    def _require_free(self, flow: Flow) -> None:
        if flow.state is FlowState.DELETED:
            return
        (rows,) = self._uow.ask((_NAMED, (self._uow.org, flow.name)))
        if any(self._uow.codec.id_out(row[0]) != flow.id for row in rows):
            raise Duplicate(kind="care_flow", field="name")

    def _add_version(self, version: FlowVersion) -> None:
        codec = self._uow.codec
        definition = converting.dumps(converting.to_json(version.terms))
        row = (self._uow.org, codec.id_in(version.flow), version.version, codec.at_in(self._uow.now), definition)
        self._uow.queue(_ADD_VERSION, row)


def _said(flow: Flow) -> Row:
    """Name, state and version: a deleted flow leaves its name to others."""
    return (None if flow.state is FlowState.DELETED else flow.name, flow.state.value, flow.current.version)


def _version(id: CareFlowId, version: int, definition: str) -> FlowVersion:
    return FlowVersion(flow=id, version=version, terms=converting.from_json(FlowTerms, converting.loads(definition)))
