"""CARE-1: milestones are added at the end, moved, copied and removed; a flow always has one."""

from __future__ import annotations

from attrs import evolve, field, frozen

from memberlogic.care.flows import Flow, FlowTerms, Milestone
from memberlogic.errors import InvalidInput, NotFound, RuleViolation
from memberlogic.ids import CareFlowId, CareMilestoneId
from memberlogic.inputs import an_id, instance, whole

__all__ = [
    "AddMilestone",
    "LastMilestoneStays",
    "MoveMilestone",
    "OfMilestone",
    "adding",
    "copying",
    "moving",
    "removing",
]


@frozen(kw_only=True)
class AddMilestone:
    """A further milestone, at the end of a flow."""

    flow: CareFlowId = field(validator=an_id)
    milestone: Milestone = field(validator=instance(Milestone, "a Milestone"))


@frozen(kw_only=True)
class MoveMilestone:
    """Put a milestone at another place, counted from 0."""

    flow: CareFlowId = field(validator=an_id)
    milestone: CareMilestoneId = field(validator=an_id)
    to: int = field(validator=whole(least=0, most=10_000))


@frozen(kw_only=True)
class OfMilestone:
    """A milestone of a flow."""

    flow: CareFlowId = field(validator=an_id)
    milestone: CareMilestoneId = field(validator=an_id)


class LastMilestoneStays(RuleViolation):
    """A flow without milestones is none."""

    code = "care.last_milestone_stays"
    rule = "CARE-1"
    sentence = "The flow {flow} has no other milestone: it keeps at least one."


def adding(flow: Flow, milestone: Milestone) -> FlowTerms:
    """The flow with a further milestone at its end."""
    terms = flow.current.terms
    return evolve(terms, milestones=(*terms.milestones, milestone))


def moving(flow: Flow, milestone: CareMilestoneId, to: int) -> FlowTerms:
    """The flow with a milestone at another place; the others close up.

    Raises:
        NotFound: if the flow has no such milestone.
        InvalidInput: for a place that it does not have.
    """
    place, terms = _place(flow, milestone), flow.current.terms
    if to >= len(terms.milestones):
        raise InvalidInput(path="to", expected=f"a place from 0 to {len(terms.milestones) - 1}", got=str(to))
    left = [*terms.milestones]
    left.insert(to, left.pop(place))
    return evolve(terms, milestones=left)


def copying(flow: Flow, milestone: CareMilestoneId) -> FlowTerms:
    """The flow with a copy of a milestone right behind it, which is one of its own.

    Raises:
        NotFound: if the flow has no such milestone.
    """
    place, terms = _place(flow, milestone), flow.current.terms
    copy = evolve(terms.milestones[place], id=None)
    return evolve(terms, milestones=(*terms.milestones[: place + 1], copy, *terms.milestones[place + 1 :]))


def removing(flow: Flow, milestone: CareMilestoneId) -> FlowTerms:
    """The flow without a milestone.

    Raises:
        NotFound: if the flow has no such milestone.
        LastMilestoneStays: if it is its only one.
    """
    place, terms = _place(flow, milestone), flow.current.terms
    if len(terms.milestones) == 1:
        raise LastMilestoneStays(flow=str(flow.id))
    return evolve(terms, milestones=(*terms.milestones[:place], *terms.milestones[place + 1 :]))


def _place(flow: Flow, milestone: CareMilestoneId) -> int:
    for place, each in enumerate(flow.current.terms.milestones):
        if each.id == milestone:
            return place
    raise NotFound(kind="care_milestone", id=milestone)
