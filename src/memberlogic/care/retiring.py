"""CARE-1: retiring and deleting flows: neither touches a run, and one that a configuration names is only retired."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.care.configurations import Configuration
from memberlogic.care.flow_lifecycle import require_takes
from memberlogic.care.flows import Flow
from memberlogic.errors import RuleViolation
from memberlogic.events import Event
from memberlogic.ids import CareFlowId
from memberlogic.inputs import an_id
from memberlogic.outcomes import Outcome

__all__ = [
    "CareFlowBroughtBack",
    "CareFlowDeleted",
    "CareFlowRetired",
    "FlowInUse",
    "OfFlow",
    "bring_flow_back",
    "delete_flow",
    "naming",
    "retire_flow",
]


@frozen(kw_only=True)
class OfFlow:
    """A flow by id."""

    flow: CareFlowId = field(validator=an_id)


@frozen(kw_only=True)
class CareFlowRetired(Event):
    """A flow is assigned no more; runs of it go on."""

    type: ClassVar[str] = "care.flow_retired"
    flow: CareFlowId


@frozen(kw_only=True)
class CareFlowBroughtBack(Event):
    """A retired flow is assigned again."""

    type: ClassVar[str] = "care.flow_brought_back"
    flow: CareFlowId


@frozen(kw_only=True)
class CareFlowDeleted(Event):
    """A flow is listed no more; runs of it go on."""

    type: ClassVar[str] = "care.flow_deleted"
    flow: CareFlowId


class FlowInUse(RuleViolation):
    """A configuration would name nothing."""

    code = "care.flow_in_use"
    rule = "CARE-1"
    sentence = "The flow {flow} is named by the configurations {configurations}: retire it, or take it out of them."


def naming(flow: CareFlowId, configurations: Iterable[Configuration]) -> tuple[Configuration, ...]:
    """The configurations that name a flow, in their order."""
    return tuple(each for each in configurations if flow in each.terms.flows)


def retire_flow(flow: Flow) -> Outcome[Flow, Event, Flow]:
    """The flow, assigned no more; a retired one does not change.

    Raises:
        IllegalTransition: if the flow is deleted.
    """
    retired = evolve(flow, state=require_takes(flow, "retire"))
    return Outcome(retired, () if retired == flow else (CareFlowRetired(flow=flow.id),), retired)


def bring_flow_back(flow: Flow) -> Outcome[Flow, Event, Flow]:
    """The flow, assigned again; one that is in use does not change.

    Raises:
        IllegalTransition: if the flow is deleted.
    """
    back = evolve(flow, state=require_takes(flow, "bring_back"))
    return Outcome(back, () if back == flow else (CareFlowBroughtBack(flow=flow.id),), back)


def delete_flow(flow: Flow, configurations: Iterable[Configuration]) -> Outcome[Flow, Event, Flow]:
    """The flow, listed no more, its name free for another; its versions stay for the runs that keep them.

    Raises:
        FlowInUse: naming the configurations that name it.
    """
    using = naming(flow.id, configurations)
    if using:
        raise FlowInUse(flow=str(flow.id), configurations=[str(each.id) for each in using])
    deleted = evolve(flow, state=require_takes(flow, "delete"))
    return Outcome(deleted, () if deleted == flow else (CareFlowDeleted(flow=flow.id),), deleted)
