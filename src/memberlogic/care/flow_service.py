"""What a host calls to make flows (CARE-1, CARE-2, CARE-4, CARE-5). :class:`~memberlogic.care.service.CareService` is
one of these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial

from memberlogic.actors import Actor
from memberlogic.care import arranging, checking, listing, posting, retiring, saving
from memberlogic.care.arranging import AddMilestone, MoveMilestone, OfMilestone
from memberlogic.care.catalogues import Catalogues
from memberlogic.care.checking import CheckFlow, FlowChecked
from memberlogic.care.flows import Flow, FlowState, FlowTerms, FlowVersion, Milestone
from memberlogic.care.listing import FlowsPage, OfVersion, PageOfFlows
from memberlogic.care.looking_up import look_up
from memberlogic.care.ports import CareWork
from memberlogic.care.retiring import OfFlow
from memberlogic.care.saving import ChangeFlow, CopyFlow, FlowSaved, SaveFlow
from memberlogic.ids import CareFlowId, CareMilestoneId, ExternalId
from memberlogic.members.registering import ByExternalId
from memberlogic.organizations.model import Tier
from memberlogic.paging import one_by_one
from memberlogic.running import Asks, Runner

__all__ = ["FlowService"]

SAVE_FLOW = Asks("care.save_flow", "settings.care:create", FlowSaved, tier=Tier.PRO)
COPY_FLOW = Asks("care.copy_flow", "settings.care:create", FlowSaved, tier=Tier.PRO)
CHANGE_FLOW = Asks("care.change_flow", "settings.care:update", FlowSaved, tier=Tier.PRO)
ADD_MILESTONE = Asks("care.add_milestone", "settings.care:update", FlowSaved, tier=Tier.PRO)
MOVE_MILESTONE = Asks("care.move_milestone", "settings.care:update", FlowSaved, tier=Tier.PRO)
COPY_MILESTONE = Asks("care.copy_milestone", "settings.care:update", FlowSaved, tier=Tier.PRO)
REMOVE_MILESTONE = Asks("care.remove_milestone", "settings.care:update", FlowSaved, tier=Tier.PRO)
RETIRE_FLOW = Asks("care.retire_flow", "settings.care:update", Flow, tier=Tier.PRO)
BRING_FLOW_BACK = Asks("care.bring_flow_back", "settings.care:update", Flow, tier=Tier.PRO)
DELETE_FLOW = Asks("care.delete_flow", "settings.care:delete", Flow, tier=Tier.PRO)
CHECK_FLOW = Asks("care.check_flow", "settings.care:read", FlowChecked, tier=Tier.PRO)
FLOW = Asks("care.flow", "settings.care:read", Flow, tier=Tier.PRO)
FIND_FLOW = Asks("care.find_flow", "settings.care:read", Flow, tier=Tier.PRO)
FLOW_VERSION = Asks("care.flow_version", "settings.care:read", FlowVersion, tier=Tier.PRO)
FLOW_VERSIONS = Asks("care.flow_versions", "settings.care:read", tuple[FlowVersion, ...], tier=Tier.PRO)
FLOWS = Asks("care.flows", "settings.care:read", FlowsPage, tier=Tier.PRO)


class FlowService:
    """Flows."""

    _runner: Runner[CareWork]
    _catalogues: Catalogues

    def save_flow(
        self, terms: FlowTerms, *, external_ids: Sequence[ExternalId] = (), idempotency_key: str | None = None
    ) -> FlowSaved:
        """A new flow (CARE-1). The answer says which milestones will never start, for lack of a schedule (CARE-2).

        Raises:
            InvalidInput: naming the field; also for a milestone that has an id already (``copy_flow`` makes copies).
            Duplicate: if the name or an external id is taken.
            RuleViolation: naming what is missing in the catalogues (CARE-5); ``check_flow`` lists everything.
        """
        wanted = SaveFlow(terms=terms, external_ids=external_ids)
        return self._runner.run(SAVE_FLOW, wanted, idempotency_key, self.save_flow_step)

    def save_flow_step(self, uow: CareWork, _: Actor, wanted: SaveFlow) -> FlowSaved:
        """Saving a new flow, inside a unit of work."""
        found = look_up(uow, self._catalogues, [wanted.terms])
        outcome = saving.save_flow(CareFlowId(self._runner.new_id()), wanted.terms, found, self._runner.new_id)
        uow.external_ids.add("care_flow", outcome.facts.id, wanted.external_ids)
        return posting.add_flow(uow, outcome)

    def copy_flow(self, flow: CareFlowId, *, name: str, idempotency_key: str | None = None) -> FlowSaved:
        """A new flow like another one, with milestones of its own (CARE-1).

        Raises:
            NotFound: if there is no such flow.
            IllegalTransition: if it is deleted.
            Duplicate: if the name is taken.
            RuleViolation: naming what is missing in the catalogues by now (CARE-5).
        """
        wanted = CopyFlow(flow=flow, name=name)
        return self._runner.run(COPY_FLOW, wanted, idempotency_key, self.copy_flow_step)

    def copy_flow_step(self, uow: CareWork, actor: Actor, wanted: CopyFlow) -> FlowSaved:
        """Copying a flow, inside a unit of work."""
        terms = saving.copied(uow.care_flows.get(wanted.flow), wanted.name)
        return self.save_flow_step(uow, actor, SaveFlow(terms=terms))

    def change_flow(self, flow: CareFlowId, terms: FlowTerms, *, idempotency_key: str | None = None) -> FlowSaved:
        """A flow as it is from now on: a new version, which runs that are assigned from now on keep (CARE-1). Terms
        that are no different are no new version. A milestone keeps its id over all versions; one without an id is new,
        and one may come back from any version before.

        Raises:
            NotFound: if there is no such flow.
            IllegalTransition: if it is deleted.
            InvalidInput: naming the field; also for a milestone with an id that is none of this flow's.
            Duplicate: if the name is taken.
            RuleViolation: naming what is missing in the catalogues (CARE-5).
        """
        wanted = ChangeFlow(flow=flow, terms=terms)
        return self._runner.run(CHANGE_FLOW, wanted, idempotency_key, self.change_flow_step)

    def change_flow_step(self, uow: CareWork, _: Actor, wanted: ChangeFlow) -> FlowSaved:
        """Changing a flow, inside a unit of work."""
        return self._save(uow, listing.locked(uow.care_flows, wanted.flow), wanted.terms)

    def add_milestone(self, flow: CareFlowId, milestone: Milestone, *, idempotency_key: str | None = None) -> FlowSaved:
        """A further milestone at the end (CARE-1); refused as ``change_flow`` is."""
        wanted = AddMilestone(flow=flow, milestone=milestone)
        return self._runner.run(ADD_MILESTONE, wanted, idempotency_key, self.add_milestone_step)

    def add_milestone_step(self, uow: CareWork, _: Actor, wanted: AddMilestone) -> FlowSaved:
        """Adding a milestone, inside a unit of work."""
        flow = listing.locked(uow.care_flows, wanted.flow)
        return self._save(uow, flow, arranging.adding(flow, wanted.milestone))

    def move_milestone(
        self, flow: CareFlowId, milestone: CareMilestoneId, *, to: int, idempotency_key: str | None = None
    ) -> FlowSaved:
        """A milestone at another place, counted from 0; the others close up (CARE-1). Refused as ``change_flow`` is.

        Raises:
            NotFound: if the flow has no such milestone.
            InvalidInput: for a place that the flow does not have.
        """
        wanted = MoveMilestone(flow=flow, milestone=milestone, to=to)
        return self._runner.run(MOVE_MILESTONE, wanted, idempotency_key, self.move_milestone_step)

    def move_milestone_step(self, uow: CareWork, _: Actor, wanted: MoveMilestone) -> FlowSaved:
        """Moving a milestone, inside a unit of work."""
        flow = listing.locked(uow.care_flows, wanted.flow)
        return self._save(uow, flow, arranging.moving(flow, wanted.milestone, wanted.to))

    def copy_milestone(
        self, flow: CareFlowId, milestone: CareMilestoneId, *, idempotency_key: str | None = None
    ) -> FlowSaved:
        """A copy of a milestone right behind it, with an id of its own (CARE-1). Refused as ``change_flow`` is.

        Raises:
            NotFound: if the flow has no such milestone.
        """
        wanted = OfMilestone(flow=flow, milestone=milestone)
        return self._runner.run(COPY_MILESTONE, wanted, idempotency_key, self.copy_milestone_step)

    def copy_milestone_step(self, uow: CareWork, _: Actor, wanted: OfMilestone) -> FlowSaved:
        """Copying a milestone, inside a unit of work."""
        flow = listing.locked(uow.care_flows, wanted.flow)
        return self._save(uow, flow, arranging.copying(flow, wanted.milestone))

    def remove_milestone(
        self, flow: CareFlowId, milestone: CareMilestoneId, *, idempotency_key: str | None = None
    ) -> FlowSaved:
        """The flow without a milestone; it always keeps one (CARE-1). Refused as ``change_flow`` is.

        Raises:
            NotFound: if the flow has no such milestone.
            LastMilestoneStays: if it is the only one.
        """
        wanted = OfMilestone(flow=flow, milestone=milestone)
        return self._runner.run(REMOVE_MILESTONE, wanted, idempotency_key, self.remove_milestone_step)

    def remove_milestone_step(self, uow: CareWork, _: Actor, wanted: OfMilestone) -> FlowSaved:
        """Removing a milestone, inside a unit of work."""
        flow = listing.locked(uow.care_flows, wanted.flow)
        return self._save(uow, flow, arranging.removing(flow, wanted.milestone))

    def _save(self, uow: CareWork, flow: Flow, terms: FlowTerms) -> FlowSaved:
        found = look_up(uow, self._catalogues, [terms])
        before = uow.care_flows.versions(flow.id)
        return posting.change_flow(uow, saving.change_flow(flow, terms, before, found, self._runner.new_id), flow)

    def retire_flow(self, flow: CareFlowId, *, idempotency_key: str | None = None) -> Flow:
        """Assign a flow no more; runs of it go on, and configurations may go on naming it (CARE-1). Retiring it again
        changes nothing.

        Raises:
            NotFound: if there is no such flow.
            IllegalTransition: if it is deleted.
        """
        return self._runner.run(RETIRE_FLOW, OfFlow(flow=flow), idempotency_key, self.retire_flow_step)

    def retire_flow_step(self, uow: CareWork, _: Actor, wanted: OfFlow) -> Flow:
        """Retiring a flow, inside a unit of work."""
        flow = listing.locked(uow.care_flows, wanted.flow)
        return posting.change_flow(uow, retiring.retire_flow(flow), flow)

    def bring_flow_back(self, flow: CareFlowId, *, idempotency_key: str | None = None) -> Flow:
        """Assign a retired flow again.

        Raises:
            NotFound: if there is no such flow.
            IllegalTransition: if it is deleted.
        """
        return self._runner.run(BRING_FLOW_BACK, OfFlow(flow=flow), idempotency_key, self.bring_flow_back_step)

    def bring_flow_back_step(self, uow: CareWork, _: Actor, wanted: OfFlow) -> Flow:
        """Bringing a flow back, inside a unit of work."""
        flow = listing.locked(uow.care_flows, wanted.flow)
        return posting.change_flow(uow, retiring.bring_flow_back(flow), flow)

    def delete_flow(self, flow: CareFlowId, *, idempotency_key: str | None = None) -> Flow:
        """List a flow no more (CARE-1). It is never assigned again, another flow may have its name. Runs of it go on in
        the version they were assigned, active ones too: ``figures`` tells how many there are, before and after, and
        ``close`` ends one. Deleting it again changes nothing.

        Raises:
            NotFound: if there is no such flow.
            FlowInUse: if configurations name it, naming them; then it can only be retired.
        """
        return self._runner.run(DELETE_FLOW, OfFlow(flow=flow), idempotency_key, self.delete_flow_step)

    def delete_flow_step(self, uow: CareWork, _: Actor, wanted: OfFlow) -> Flow:
        """Deleting a flow, inside a unit of work."""
        flow = listing.locked(uow.care_flows, wanted.flow)
        return posting.change_flow(uow, retiring.delete_flow(flow, uow.care_configurations.all()), flow)

    def check_flow(self, terms: FlowTerms) -> FlowChecked:
        """Everything that is missing for a flow to be saved (CARE-5), and which milestones would never start."""
        return self._runner.ask(CHECK_FLOW, CheckFlow(terms=terms), self.check_flow_step)

    def check_flow_step(self, uow: CareWork, _: Actor, wanted: CheckFlow) -> FlowChecked:
        """Checking a flow, inside a unit of work."""
        return checking.checked(wanted.terms, look_up(uow, self._catalogues, [wanted.terms]))

    def flow(self, flow: CareFlowId) -> Flow:
        """One flow by its current version, whatever its state. Raises ``NotFound``."""
        return self._runner.ask(FLOW, OfFlow(flow=flow), self.flow_step)

    def flow_step(self, uow: CareWork, _: Actor, wanted: OfFlow) -> Flow:
        """Looking a flow up, inside a unit of work."""
        return uow.care_flows.get(wanted.flow)

    def find_flow(self, source: str, value: str) -> Flow:
        """The flow with an external id (COM-19). Raises ``NotFound``."""
        return self._runner.ask(FIND_FLOW, ByExternalId(source=source, value=value), self.find_flow_step)

    def find_flow_step(self, uow: CareWork, _: Actor, wanted: ByExternalId) -> Flow:
        """Looking a flow up by external id, inside a unit of work."""
        external_id = ExternalId(wanted.source, wanted.value)
        return uow.care_flows.get(CareFlowId(uow.external_ids.find("care_flow", external_id)))

    def flow_version(self, flow: CareFlowId, version: int) -> FlowVersion:
        """A flow as it was saved once, counted from 0. Raises ``NotFound``."""
        return self._runner.ask(FLOW_VERSION, OfVersion(flow=flow, version=version), self.flow_version_step)

    def flow_version_step(self, uow: CareWork, _: Actor, wanted: OfVersion) -> FlowVersion:
        """Looking a version up, inside a unit of work."""
        return uow.care_flows.version(wanted.flow, wanted.version)

    def flow_versions(self, flow: CareFlowId) -> tuple[FlowVersion, ...]:
        """Every version of a flow, the first one first. Raises ``NotFound``."""
        return self._runner.ask(FLOW_VERSIONS, OfFlow(flow=flow), self.flow_versions_step)

    def flow_versions_step(self, uow: CareWork, _: Actor, wanted: OfFlow) -> tuple[FlowVersion, ...]:
        """Listing versions, inside a unit of work."""
        return tuple(uow.care_flows.versions(uow.care_flows.get(wanted.flow).id))

    def flows(self, *, states: Collection[FlowState] = (FlowState.IN_USE,)) -> Iterator[Flow]:
        """The flows in some states, those in use if none are named, in the order in which they were first saved; read
        in pages as far as looked at (COM-20).
        """
        return one_by_one(partial(self._flows_after, states))

    def _flows_after(self, states: Collection[FlowState], last: Flow | None) -> tuple[Flow, ...]:
        wanted = PageOfFlows.following(states, last)
        return self._runner.ask(FLOWS, wanted, self.flows_step).flows

    def flows_step(self, uow: CareWork, _: Actor, wanted: PageOfFlows) -> FlowsPage:
        """Listing flows, inside a unit of work."""
        found = uow.care_flows.listed(wanted.states, after=wanted.after, limit=wanted.size)
        return FlowsPage(flows=tuple(found))
