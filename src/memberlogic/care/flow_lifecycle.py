"""The states of a flow, as a table (CARE-1): nothing is ever lost, as runs keep the version they were assigned."""

from __future__ import annotations

from memberlogic.care.flows import Flow, FlowState
from memberlogic.lifecycle import Lifecycle

__all__ = ["FLOW_STATES", "require_takes"]

FLOW_STATES = Lifecycle(
    "flow",
    FlowState.IN_USE,
    {
        FlowState.IN_USE: {
            "change": FlowState.IN_USE,
            "bring_back": FlowState.IN_USE,
            "retire": FlowState.RETIRED,
            "delete": FlowState.DELETED,
        },
        FlowState.RETIRED: {
            "change": FlowState.RETIRED,
            "bring_back": FlowState.IN_USE,
            "retire": FlowState.RETIRED,
            "delete": FlowState.DELETED,
        },
        FlowState.DELETED: {"delete": FlowState.DELETED},
    },
)


def require_takes(flow: Flow, action: str) -> FlowState:
    """What the flow is after an action.

    Raises:
        IllegalTransition: if its state does not take it.
    """
    return FLOW_STATES.after(flow.state, action)
