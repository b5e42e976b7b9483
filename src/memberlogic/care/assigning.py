"""CARE-8 to CARE-11: assigning a flow. A member has one active run: assigning settles the one that there is, then
cancels it, in the same transaction; both runs are named in both events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from memberlogic.care.advancing import Advanced, closed
from memberlogic.care.checking import never_starting
from memberlogic.care.configurations import Configuration
from memberlogic.care.events import CareAssigned, CareRunCancelled
from memberlogic.care.flows import Flow, FlowState
from memberlogic.care.keeping import Posted, posted
from memberlogic.care.lifecycle import state
from memberlogic.care.model import AssignedBy, Ended, EndReason, Run, RunState
from memberlogic.care.pausing import pauses_of
from memberlogic.errors import IllegalTransition, MemberLogicError, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import CareFlowId, CareRunId, ContractId, MemberId
from memberlogic.inputs import an_id, code, instance, optional
from memberlogic.members.lifecycle import present
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.model import Member
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Because, Explanation, Outcome
from memberlogic.rules import Policies, policy

__all__ = [
    "ASSIGNING",
    "AskFlows",
    "AssignFlow",
    "Assigned",
    "AssigningFacts",
    "Assignment",
    "AvailableFlows",
    "FlowChoice",
    "NoCareAtStudio",
    "assign",
    "available",
    "begin",
    "end_run",
]


@frozen(kw_only=True)
class AssignFlow:
    """Assign a flow to a member by hand, at a studio; the member's home studio, where none is named."""

    member: MemberId = field(validator=an_id)
    flow: CareFlowId = field(validator=an_id)
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))
    restart: bool = field(default=False, validator=instance(bool, "true or false"))


@frozen(kw_only=True)
class Assigned:
    """A flow was assigned: the run, what it is now, and the run whose place it took.

    Args:
        waits_since: since when time stands still for it, if it does: the member is not MEMBER.
        never_start: the places, counted from 0, of milestones that never start, as they or one before them has no
            schedule (CARE-2).
    """

    run: CareRunId
    member: MemberId
    flow: CareFlowId
    flow_version: int
    studio: str
    state: RunState
    superseded: CareRunId | None
    waits_since: datetime | None
    never_start: tuple[int, ...]

    def explain(self) -> Explanation:
        """What was done, and why nothing happens yet, if nothing does."""
        reasons = [Because("CARE-9", "care.assigned", {"flow": str(self.flow), "version": self.flow_version})]
        if self.superseded is not None:
            reasons.append(Because("CARE-10", "care.superseded", {"run": str(self.superseded)}))
        if self.waits_since is not None:
            figures = {"since": self.waits_since.isoformat()}
            reasons.append(Because("CARE-3", "care.paused", figures))
        reasons += never_starting(self.never_start)
        said = "The flow was assigned"
        if self.state is RunState.PAUSED:
            said += "; it is paused, as the member is not a member now"
        return Explanation(f"{said}.", tuple(reasons))


@frozen(kw_only=True)
class AssigningFacts:
    """What the rules of assigning look at.

    Args:
        configuration: the one that is active at the studio; None if none is.
        running: the member's active run, settled to now.
        missing: which prerequisites of the flow are missing (CARE-5).
    """

    member: Member
    flow: Flow
    studio: Studio
    configuration: Configuration | None
    running: Advanced | None
    stored: Run | None
    spans: Sequence[MembershipSpan]
    missing: Sequence[MemberLogicError]
    restart: bool
    now: datetime

    @property
    def run(self) -> Run | None:
        """The run that is active still."""
        return self.running.run if self.running is not None and self.running.run.active else None


class NoCareAtStudio(RuleViolation):
    """Nothing is active there."""

    code = "care.none_at_studio"
    rule = "CARE-7"
    sentence = "The studio {studio} has no Member Care: activate a configuration there."


class FlowNotAssigned(RuleViolation):
    """It was retired."""

    code = "care.flow_not_assigned"
    rule = "CARE-1"
    sentence = "The flow {flow} is retired: runs of it go on, and it is assigned no more."


class FlowNotManual(RuleViolation):
    """Staff may not pick it there."""

    code = "care.flow_not_manual"
    rule = "CARE-9"
    sentence = "The flow {flow} is not on the list of flows that may be assigned by hand at the studio {studio}."


class FlowRunsAlready(RuleViolation):
    """The same again would begin anew."""

    code = "care.flow_runs_already"
    rule = "CARE-11"
    sentence = "The flow {flow} is running for this member (run {run}); restart=True begins it anew."


@policy("CARE-7", "A studio where nothing is active has no Member Care.")
def studio_must_have_care(a: AssigningFacts) -> MemberLogicError | None:
    """Nothing is assigned there."""
    return NoCareAtStudio(studio=a.studio.code) if a.configuration is None else None


@policy("CARE-1", "A retired flow is assigned no more.")
def flow_must_be_in_use(a: AssigningFacts) -> MemberLogicError | None:
    """Runs of it go on."""
    return None if a.flow.state is FlowState.IN_USE else FlowNotAssigned(flow=str(a.flow.id))


@policy("CARE-9", "By hand, flows of the manual list are assigned, and no others.")
def flow_must_be_on_the_manual_list(a: AssigningFacts) -> MemberLogicError | None:
    """The list of the configuration that is active at the studio."""
    if a.configuration is not None and a.flow.id in a.configuration.terms.manual:
        return None
    return FlowNotManual(flow=str(a.flow.id), studio=a.studio.code)


@policy("CARE-5", "What a flow refers to is there and in use.")
def prerequisites_must_be_there(a: AssigningFacts) -> MemberLogicError | None:
    """The first that is missing; it was there when the flow was saved."""
    return a.missing[0] if a.missing else None


@policy("CARE-11", "A flow that is running begins anew only if that is asked for.")
def must_not_run_already(a: AssigningFacts) -> MemberLogicError | None:
    """Whatever its version."""
    if a.restart or a.run is None or a.run.flow.flow != a.flow.id:
        return None
    return FlowRunsAlready(flow=str(a.flow.id), run=str(a.run.id))


_ANY = (flow_must_be_in_use, prerequisites_must_be_there)
CHOSEN: Policies[AssigningFacts] = Policies(*_ANY)
"""What keeps a flow from being assigned that a contract chose (CARE-8)."""

ASSIGNING: Policies[AssigningFacts] = Policies(
    studio_must_have_care,
    flow_must_be_on_the_manual_list,
    flow_must_be_in_use,
    prerequisites_must_be_there,
    must_not_run_already,
)


@frozen(kw_only=True)
class Assignment:
    """How a flow comes to a member."""

    id: CareRunId
    by: AssignedBy
    contract: ContractId | None = None


def assign(facts: AssigningFacts, how: Assignment) -> Outcome[Posted, Event, Assigned]:
    """A new run in the place of the one that there is.

    Raises:
        IllegalTransition: if the member was anonymised.
        RuleViolation: the first of :data:`ASSIGNING` that refuses.
    """
    present(facts.member, "assign a flow")
    ASSIGNING.require(facts)
    return begin(facts, how)


def _refusals(facts: AssigningFacts) -> tuple[MemberLogicError, ...]:
    """Everything that keeps a flow from being assigned by hand; what :func:`assign` raises is the first of it."""
    try:
        present(facts.member, "assign a flow")
    except IllegalTransition as refusal:
        return (refusal,)
    return ASSIGNING.refusals(facts)


def begin(facts: AssigningFacts, how: Assignment) -> Outcome[Posted, Event, Assigned]:
    """A new run, that nothing keeps from being assigned."""
    assert facts.configuration is not None, "a studio without a configuration assigns nothing"
    terms = facts.flow.current.terms
    run = Run(
        id=how.id,
        member=facts.member.id,
        flow=facts.flow.current,
        configuration=facts.configuration.id,
        studio=facts.studio,
        assigned_at=facts.now,
        assigned_by=how.by,
        contract=how.contract,
        complete_automatically_after=facts.configuration.terms.complete_automatically_after,
        pauses=pauses_of(facts.spans, facts.now, while_frozen=terms.pauses_while_frozen),
        effective_at=facts.now,
    )
    before = facts.run
    ended = Posted() if facts.running is None else _ended(facts, run.id)
    event = CareAssigned(
        members=(run.member,),
        run=run.id,
        flow=run.flow.flow,
        flow_version=run.flow.version,
        by=how.by,
        studio=run.studio.code,
        contract=how.contract,
        superseded=None if before is None else before.id,
    )
    result = Assigned(
        run=run.id,
        member=run.member,
        flow=run.flow.flow,
        flow_version=run.flow.version,
        studio=run.studio.code,
        state=state(run, facts.now),
        superseded=None if before is None else before.id,
        waits_since=next((each.since for each in run.still if facts.now in each), None),
        never_start=tuple(terms.never_start),
    )
    return Outcome(ended + posted(None, Advanced(run), facts.now, [event]), (event,), result)


def _ended(facts: AssigningFacts, by: CareRunId) -> Posted:
    """The run that was there: settled, and cancelled if its last step was not due by now."""
    assert facts.running is not None
    if not facts.running.run.active:
        return posted(facts.stored, facts.running, facts.now)
    over, event = end_run(facts.running.run, facts.now, EndReason.SUPERSEDED, by=by)
    return posted(facts.stored, evolve(facts.running, run=over), facts.now, [event])


def end_run(
    run: Run, at: datetime, reason: EndReason, *, code: str | None = None, by: CareRunId | None = None
) -> tuple[Run, CareRunCancelled]:
    """A run that ends before its last milestone is done, with what was open of it cancelled."""
    event = CareRunCancelled(
        members=(run.member,),
        run=run.id,
        flow=run.flow.flow,
        reason=reason.value,
        code=code,
        superseded_by=by,
    )
    over = evolve(run, steps=closed(run.steps), ended=Ended(at=at, reason=reason, code=code, by=by))
    return over, event


@frozen(kw_only=True)
class AskFlows:
    """What may be assigned to a member by hand, at a studio; at the member's home studio, where none is named."""

    member: MemberId = field(validator=an_id)
    studio: str | None = field(default=None, validator=optional(code("a studio's code")))


@frozen(kw_only=True)
class FlowChoice:
    """A flow of the manual list, and everything that keeps it from being assigned now."""

    flow: CareFlowId
    version: int
    name: str
    refusals: tuple[MemberLogicError, ...]

    @property
    def may_be_assigned(self) -> bool:
        """Whether nothing keeps it from that."""
        return not self.refusals


@frozen(kw_only=True)
class AvailableFlows:
    """The manual list at a studio (CARE-5, CARE-9), in its order."""

    studio: str
    flows: tuple[FlowChoice, ...]


def available(studio: Studio, facts: Sequence[AssigningFacts]) -> AvailableFlows:
    """Each flow of the list, with everything that keeps it from being assigned by hand."""
    choices = (
        FlowChoice(
            flow=each.flow.id,
            version=each.flow.current.version,
            name=each.flow.name,
            refusals=_refusals(each),
        )
        for each in facts
    )
    return AvailableFlows(studio=studio.code, flows=tuple(choices))
