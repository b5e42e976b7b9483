"""CARE-1: saving flows: every save is a new version, milestones keep their ids over all of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.care.checking import never_starting, require_prerequisites
from memberlogic.care.flow_lifecycle import require_takes
from memberlogic.care.flows import Flow, FlowTerms, FlowVersion, Milestone
from memberlogic.care.looking_up import Found
from memberlogic.errors import InvalidInput
from memberlogic.events import Event
from memberlogic.ids import CareFlowId, CareMilestoneId, ExternalId, NewId
from memberlogic.inputs import an_id, as_tuple, instance, sequence_of, text
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = ["CareFlowSaved", "ChangeFlow", "CopyFlow", "FlowSaved", "SaveFlow", "change_flow", "copied", "save_flow"]

_terms = instance(FlowTerms, "the terms of a flow")


@frozen(kw_only=True)
class SaveFlow:
    """A new flow."""

    terms: FlowTerms = field(validator=_terms)
    external_ids: tuple[ExternalId, ...] = field(
        default=(), converter=as_tuple, validator=sequence_of(ExternalId, "an ExternalId", most=20)
    )


@frozen(kw_only=True)
class ChangeFlow:
    """A flow as it is from now on, for runs that are assigned from now on."""

    flow: CareFlowId = field(validator=an_id)
    terms: FlowTerms = field(validator=_terms)


@frozen(kw_only=True)
class CopyFlow:
    """A new flow like another one, under its own name."""

    flow: CareFlowId = field(validator=an_id)
    name: str = field(validator=text(200))


@frozen(kw_only=True)
class CareFlowSaved(Event):
    """A flow was saved in a version."""

    type: ClassVar[str] = "care.flow_saved"
    flow: CareFlowId
    flow_version: int
    milestones: int


@frozen(kw_only=True)
class FlowSaved:
    """A flow as it is saved now. ``new_version`` is False where nothing was different."""

    flow: Flow
    new_version: bool = True

    @property
    def never_start(self) -> tuple[int, ...]:
        """The places, counted from 0, of milestones that nothing will ever start: the first without a schedule, and all
        behind it (CARE-2).
        """
        return tuple(self.flow.current.terms.never_start)

    def explain(self) -> Explanation:
        """In which version it was saved, and what will never start."""
        current = self.flow.current
        said = {"version": current.version, "milestones": len(current.terms.milestones)}
        saved = Because("CARE-1", "care.flow_saved" if self.new_version else "care.flow_unchanged", said)
        summary = f"Saved as version {current.version}." if self.new_version else "Nothing was different."
        places = self.never_start
        if places:
            many = f"{len(places)} of {len(current.terms.milestones)}"
            summary += f" Milestones that never start, as they or one before them has no schedule: {many}."
        return Explanation(summary, (saved, *never_starting(places)))


def save_flow(id: CareFlowId, terms: FlowTerms, found: Found, new_id: NewId) -> Outcome[Flow, Event, FlowSaved]:
    """A new flow, in its first version.

    Raises:
        InvalidInput: for a milestone that has an id already.
        RuleViolation: the first of what is missing (CARE-5).
    """
    flow = Flow(current=FlowVersion(flow=id, version=0, terms=_identified(terms, frozenset(), new_id)))
    require_prerequisites(flow.current.terms, found)
    return _saved(flow)


def change_flow(
    flow: Flow, terms: FlowTerms, before: Collection[FlowVersion], found: Found, new_id: NewId
) -> Outcome[Flow, Event, FlowSaved]:
    """The flow in its next version; terms that are no different change nothing. A milestone may come back from any
    version before.

    Raises:
        IllegalTransition: if the flow is deleted.
        InvalidInput: for a milestone that has the id of none of this flow's.
        RuleViolation: the first of what is missing (CARE-5).
    """
    state = require_takes(flow, "change")
    known = {each.id for version in before for each in version.terms.milestones if each.id is not None}
    identified = _identified(terms, known, new_id)
    if identified == flow.current.terms:
        return Outcome(flow, (), FlowSaved(flow=flow, new_version=False))
    require_prerequisites(identified, found)
    version = FlowVersion(flow=flow.id, version=flow.current.version + 1, terms=identified)
    return _saved(evolve(flow, current=version, state=state))


def copied(flow: Flow, name: str) -> FlowTerms:
    """What a copy of a flow is: the same milestones, as ones of its own.

    Raises:
        IllegalTransition: if the flow is deleted.
    """
    require_takes(flow, "change")
    terms = flow.current.terms
    return evolve(terms, name=name, milestones=tuple(evolve(each, id=None) for each in terms.milestones))


def _saved(flow: Flow) -> Outcome[Flow, Event, FlowSaved]:
    current = flow.current
    event = CareFlowSaved(flow=flow.id, flow_version=current.version, milestones=len(current.terms.milestones))
    return Outcome(flow, (event,), FlowSaved(flow=flow))


def _identified(terms: FlowTerms, known: Collection[CareMilestoneId], new_id: NewId) -> FlowTerms:
    """The terms with an id for every milestone."""

    def identified(place: int, milestone: Milestone) -> Milestone:
        if milestone.id is None:
            return evolve(milestone, id=CareMilestoneId(new_id()))
        if milestone.id not in known:
            expected = "the id of a milestone of this flow, or none for a new one"
            raise InvalidInput(path=f"terms.milestones[{place}].id", expected=expected, got="another id")
        return milestone

    return evolve(terms, milestones=tuple(identified(*each) for each in enumerate(terms.milestones)))
