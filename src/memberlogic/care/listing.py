"""COM-20: flows in pages by key; and one of them, locked."""

from __future__ import annotations

from collections.abc import Collection

from attrs import field, frozen

from memberlogic.care.flows import Flow, FlowState
from memberlogic.care.ports import CareFlows
from memberlogic.errors import NotFound
from memberlogic.ids import CareFlowId
from memberlogic.inputs import an_id, as_tuple, optional, sequence_of, whole

__all__ = ["FlowsPage", "OfVersion", "PageOfFlows", "locked"]


@frozen(kw_only=True)
class OfVersion:
    """A version of a flow, counted from 0."""

    flow: CareFlowId = field(validator=an_id)
    version: int = field(validator=whole(least=0))


@frozen(kw_only=True)
class PageOfFlows:
    """The next flows in some states."""

    states: tuple[FlowState, ...] = field(
        default=(FlowState.IN_USE,),
        converter=as_tuple,
        validator=sequence_of(FlowState, "in_use, retired or deleted", least=1, most=3),
    )
    after: CareFlowId | None = field(default=None, validator=optional(an_id))
    size: int = field(default=200, validator=whole(least=1, most=1000))

    @classmethod
    def following(cls, states: Collection[FlowState], last: Flow | None) -> PageOfFlows:
        """The page after the last flow of the page before; the first one after None."""
        named = tuple(states) if isinstance(states, set | frozenset) else states
        return cls(states=named, after=None if last is None else last.id)


@frozen(kw_only=True)
class FlowsPage:
    """Some flows, in order of their ids."""

    flows: tuple[Flow, ...]


def locked(flows: CareFlows, id: CareFlowId) -> Flow:
    """One flow, locked until the unit ends. Raises ``NotFound``."""
    found = flows.locked([id])
    if id not in found:
        raise NotFound(kind="care_flow", id=id)
    return found[id]
