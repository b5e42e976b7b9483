"""Flows of Member Care in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic.care.flows import Flow, FlowState, FlowVersion
from memberlogic.errors import Duplicate, NotFound
from memberlogic.ids import CareFlowId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryCareFlows"]


class MemoryCareFlows:
    """The port ``CareFlows``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: CareFlowId) -> Flow:
        """One flow."""
        flow = self._uow.tenant.care_flows.get(id)
        if flow is None:
            raise NotFound(kind="care_flow", id=id)
        return flow

    def locked(self, ids: Collection[CareFlowId]) -> Mapping[CareFlowId, Flow]:
        """Some flows; nobody else writes anyway."""
        flows = self._uow.tenant.care_flows
        return {id: flows[id] for id in sorted(set(ids)) if id in flows}

    def version(self, id: CareFlowId, version: int) -> FlowVersion:
        """One version."""
        found = self._uow.tenant.care_flow_versions.get(id, {}).get(version)
        if found is None:
            raise NotFound(kind="care_flow", id=id)
        return found

    def versions(self, id: CareFlowId) -> Sequence[FlowVersion]:
        """Every version."""
        known = self._uow.tenant.care_flow_versions.get(id, {})
        return [known[version] for version in sorted(known)]

    def listed(
        self, states: Collection[FlowState], *, after: CareFlowId | None = None, limit: int = 500
    ) -> Sequence[Flow]:
        """The next flows."""
        flows = self._uow.tenant.care_flows
        later = (flows[id] for id in sorted(flows) if after is None or id > after)
        return [each for each in later if each.state in states][:limit]

    def named(self, name: str) -> Flow | None:
        """The flow of this name."""
        there = (each for each in self._uow.tenant.care_flows.values() if each.state is not FlowState.DELETED)
        return next((each for each in there if each.name == name), None)

    def add(self, flow: Flow) -> None:
        """Queue a new flow."""
        self.change(flow)

    def change(self, flow: Flow) -> None:
        """Queue what a flow became."""
        other = self.named(flow.name)
        if flow.state is not FlowState.DELETED and other is not None and other.id != flow.id:
            raise Duplicate(kind="care_flow", field="name")
        tenant = self._uow.tenant

        def write() -> None:
            tenant.care_flows[flow.id] = flow
            tenant.care_flow_versions.setdefault(flow.id, {})[flow.current.version] = flow.current

        self._uow.queue(write)
