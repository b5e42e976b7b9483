"""What Member Care asks of storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from memberlogic.care.catalogues import Entry, EntryKind
from memberlogic.care.configurations import Activation, Configuration
from memberlogic.care.flows import Flow, FlowState, FlowVersion
from memberlogic.contracts.ports import ContractsWork
from memberlogic.ids import CareConfigurationId, CareFlowId

__all__ = ["CareCatalogue", "CareConfigurations", "CareFlows", "CareWork"]


class CareFlows(Protocol):
    """Flows with all their versions (CARE-1). A version that is there never changes, and never goes."""

    def get(self, id: CareFlowId) -> Flow:
        """One flow by its current version, whatever its state. Raises ``NotFound``."""
        ...

    def locked(self, ids: Collection[CareFlowId]) -> Mapping[CareFlowId, Flow]:
        """Those of the flows that are there, locked until the unit ends, in order of their ids. They are locked before
        any configuration.
        """
        ...

    def version(self, id: CareFlowId, version: int) -> FlowVersion:
        """One version of a flow, whatever the flow's state. Raises ``NotFound``."""
        ...

    def versions(self, id: CareFlowId) -> Sequence[FlowVersion]:
        """Every version of a flow, the first one first; none if there is no such flow."""
        ...

    def listed(
        self, states: Collection[FlowState], *, after: CareFlowId | None = None, limit: int = 500
    ) -> Sequence[Flow]:
        """The next flows in one of these states, in order of their ids, after one of them, at most ``limit``."""
        ...

    def named(self, name: str) -> Flow | None:
        """The flow of this name that is not deleted; names are compared as they are written."""
        ...

    def add(self, flow: Flow) -> None:
        """Queue a new flow. Raises ``Duplicate`` if its name is taken; what comes in between is a conflict."""
        ...

    def change(self, flow: Flow) -> None:
        """Queue what a locked flow became; a version that is new is kept beside those before it. Raises ``Duplicate``
        if a new name is taken; what comes in between is a conflict.
        """
        ...


class CareConfigurations(Protocol):
    """Configurations, and which of them is active where (CARE-6, CARE-7)."""

    def get(self, id: CareConfigurationId) -> Configuration:
        """One configuration. Raises ``NotFound``."""
        ...

    def locked(self, id: CareConfigurationId) -> Configuration:
        """The same, locked until the unit ends. Raises ``NotFound``."""
        ...

    def all(self) -> Sequence[Configuration]:
        """Every configuration, in order of their names."""
        ...

    def add(self, configuration: Configuration) -> None:
        """Queue a new one. Raises ``Duplicate`` if its name is taken; what comes in between is a conflict."""
        ...

    def change(self, configuration: Configuration) -> None:
        """Queue what a locked configuration became. Raises ``Duplicate`` if a new name is taken; what comes in between
        is a conflict.
        """
        ...

    def active_at(self, studio: str) -> Configuration | None:
        """The configuration that is active at a studio, by the studio's code; None where there is no Member Care."""
        ...

    def activation(self, studio: str) -> Activation | None:
        """What was last said of a studio: also that nothing is active there any more. None if nothing ever was."""
        ...

    def activations(self) -> Sequence[Activation]:
        """What was last said of each studio of which something was, in order of the studios' codes."""
        ...

    def activate(self, activation: Activation) -> None:
        """Queue what is active at a studio from now on. Leaving the unit raises ``ConcurrencyConflict`` unless the
        version is one more than the stored one; that of the first is 0.
        """
        ...


class CareCatalogue(Protocol):
    """The services, employees and competences that the organization keeps here (CARE-5)."""

    def known(self, kind: EntryKind, codes: Collection[str]) -> Mapping[str, Entry]:
        """Those of the codes that are there, in use or not."""
        ...

    def all(self, kind: EntryKind) -> Sequence[Entry]:
        """Every one of a kind, in use or not, in order of their codes."""
        ...

    def keep(self, entry: Entry) -> None:
        """Queue an entry, in the place of the one with its kind and code if there is one; two new ones of one code at
        the same moment are a conflict.
        """
        ...


class CareWork(ContractsWork, Protocol):
    """A unit of work that reaches Member Care."""

    @property
    def care_flows(self) -> CareFlows:
        """Flows."""
        ...

    @property
    def care_configurations(self) -> CareConfigurations:
        """Configurations, and where they are active."""
        ...

    @property
    def care_catalogue(self) -> CareCatalogue:
        """Services, employees and competences."""
        ...
