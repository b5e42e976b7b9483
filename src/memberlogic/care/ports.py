"""What Member Care asks of storage."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from memberlogic.care.catalogues import Entry, EntryKind
from memberlogic.care.configurations import Activation, Configuration
from memberlogic.care.flows import Flow, FlowState, FlowVersion
from memberlogic.care.keeping import Change
from memberlogic.care.model import Run, Step
from memberlogic.care.reporting import DoneIn, RunsAmong, RunsCounted, StepsCounted
from memberlogic.care.work_list import OpenActions
from memberlogic.contracts.ports import ContractsWork
from memberlogic.ids import CareConfigurationId, CareFlowId, CareRunId, CareStepId, MemberId

__all__ = ["CareCatalogue", "CareConfigurations", "CareFlows", "CareReports", "CareRuns", "CareWork"]


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


class CareRuns(Protocol):
    """Runs, of which a member has one active at most (CARE-10): one row for each member who ever had one says which,
    and is guard and lock at once. What this unit keeps, it sees.
    """

    def held(self, members: Sequence[MemberId]) -> Mapping[MemberId, Run]:
        """The active runs of some members, with their rows locked in order of their ids until the unit ends. Of two
        who assign the first run of a member at once, one is a conflict.
        """
        ...

    def settling(self, ids: Sequence[CareRunId]) -> Sequence[Run]:
        """Those of some runs that are active, locked in the same way, in order of their ids. Raises ``NotFound`` for
        the first that is not there.
        """
        ...

    def get(self, id: CareRunId) -> Run:
        """One run, not locked. Raises ``NotFound``."""
        ...

    def of_step(self, step: CareStepId) -> Run:
        """The run that a step is of, not locked. Raises ``NotFound``."""
        ...

    def active(self, members: Sequence[MemberId]) -> Mapping[MemberId, Run]:
        """The active runs of some members, not locked."""
        ...

    def of(self, member: MemberId) -> Sequence[Run]:
        """Every run of a member, the latest assigned first."""
        ...

    def keep(self, changes: Sequence[Change]) -> None:
        """Queue new runs and what became of held ones, with when they are due next and what they wait for. Leaving the
        unit raises ``ConcurrencyConflict`` if somebody else was faster.
        """
        ...

    def merge(self, duplicate: MemberId, survivor: MemberId, active: CareRunId | None) -> None:
        """Queue that every run of one of two locked members is the other's, after what became of them (MEM-17), and
        which one is the active one from then on, if any is.
        """
        ...

    def waiting(self, members: Collection[MemberId], kinds: Collection[str]) -> Sequence[CareRunId]:
        """The active runs of some members that wait for an event of one of these kinds, in order of their ids."""
        ...

    def heard_to(self) -> UUID | None:
        """Up to which event, by its id, the jobs have looked for what runs wait for; None before the first run that
        waits for an event.
        """
        ...

    def hear_to(self, event: UUID) -> None:
        """Queue up to which event they have looked."""
        ...

    def due(self, before: datetime, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[Run]:
        """The next active runs in which something comes about by an instant (inclusive), as stored and not locked, in
        order of their ids; those after one, at most ``limit``.
        """
        ...

    def standing_still(self, at: datetime, *, after: MemberId | None = None, limit: int = 500) -> Sequence[MemberId]:
        """The next members whose active run stands still at an instant by what is stored, in order of their ids; those
        after one, at most ``limit``.
        """
        ...

    def open_actions(
        self, wanted: OpenActions, *, after: tuple[date, CareStepId] | None = None, limit: int = 500
    ) -> Sequence[tuple[Run, Step]]:
        """The next actions that are stored as open, each with its run, not locked; by the day on which they are to be
        done, then by their ids; those after such a key, at most ``limit``.
        """
        ...

    def wake(self, at: datetime) -> None:
        """Queue that every active run is due at an instant, unless it is before: what they all rest on has changed."""
        ...


class CareReports(Protocol):
    """Figures over the runs of a flow (CARE-18), as they are stored; what came about since is counted beside."""

    def runs(self, among: RunsAmong, at: datetime) -> Sequence[RunsCounted]:
        """How many runs are over or not, how they ended, and whether a pause contains an instant, in any order."""
        ...

    def steps(self, among: RunsAmong, day: date) -> Sequence[StepsCounted]:
        """How often each milestone is in which state, in any order; apart are those that are open and were to be done
        before a day, and those that were a message alone (their outcome says so) which was withheld or set aside.
        """
        ...

    def done(self, among: RunsAmong, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[DoneIn]:
        """The next runs, in order of their ids, after one of them, at most ``limit``, each with how long those of its
        actions took that are done, in any order. Runs without one are there too.
        """
        ...

    def due(self, among: RunsAmong, at: datetime, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[Run]:
        """The next active runs whose next change is by an instant (inclusive), in order of their ids, after one of
        them, at most ``limit``; not locked.
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

    @property
    def care_runs(self) -> CareRuns:
        """Runs."""
        ...

    @property
    def care_reports(self) -> CareReports:
        """Figures over runs."""
        ...
