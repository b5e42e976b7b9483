"""What a store promises of flows (CARE-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from attrs import evolve

from memberlogic.application import Work
from memberlogic.care.flows import (
    Action,
    ActionKind,
    After,
    DelayUnit,
    Flow,
    FlowState,
    FlowTerms,
    FlowVersion,
    MessageContent,
    Milestone,
    On,
    Surface,
    Unseen,
)
from memberlogic.certification.base import Certification
from memberlogic.errors import Duplicate, NotFound
from memberlogic.ids import CareFlowId, CareMilestoneId, new_id
from memberlogic.storing import Command
from memberlogic.testing.worlds import World

__all__ = ["CareFlowsPromises", "a_flow", "writing"]


def writing(world: World, write: Callable[[Work], object]) -> None:
    """Do something in a unit of work."""
    command = Command(organization=world.organization.id, name="test", actor="system")
    with world.storage.work(command, world.clock) as uow:
        write(uow)
        uow.finish(None)


def a_flow(name: str) -> Flow:
    """A flow with every kind of schedule and objective."""
    talk = Action(kind=ActionKind.CONVERSATION, surface=Surface.CHECK_IN_DIALOG, competence="trainer")
    meet = Action(kind=ActionKind.APPOINTMENT, service="check-up", employee="e-1")
    mail = MessageContent(template="hello", channel="email")
    parts: tuple[dict[str, Any], ...] = (
        {"schedule": After(length=0, unit=DelayUnit.DAYS, at=time(23, 59, 59, 999_999)), "message": mail},
        {"schedule": On(kind="training_plan.updated", where={"plan": "ß😀", "weeks": 6, "new": True}, times=3)},
        {"schedule": Unseen(days=14), "action": meet, "message": mail},
        {"schedule": None},
    )
    milestones = [
        Milestone(**({"action": talk} | each), name=f"Step {place} 😀", id=CareMilestoneId(new_id()))
        for place, each in enumerate(parts)
    ]
    terms = FlowTerms(name=name, milestones=milestones, pauses_while_frozen=True, purpose="coaching")
    return Flow(current=FlowVersion(flow=CareFlowId(new_id()), version=0, terms=terms))


def _next(flow: Flow, *, name: str | None = None, state: FlowState | None = None) -> Flow:
    """The flow in another version if it has another name, or in another state."""
    if name is None:
        return evolve(flow, state=state or flow.state)
    terms = evolve(flow.current.terms, name=name)
    return evolve(flow, current=evolve(flow.current, version=flow.current.version + 1, terms=terms))


class CareFlowsPromises(Certification):
    """The port ``CareFlows``."""

    def test_a_flow_comes_back_whole(self, world: World) -> None:
        """Every kind of schedule and objective, by id and by name."""
        flow = a_flow("Onboarding 😀 '; --")
        writing(world, lambda uow: uow.care_flows.add(flow))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            flows = uow.care_flows
            assert flows.get(flow.id) == flow
            assert flows.named(flow.name) == flow
            assert flows.named(flow.name.upper()) is None, "names are compared as they are written"
            assert flows.version(flow.id, 0) == flow.current
            assert list(flows.versions(flow.id)) == [flow.current]

    def test_every_version_stays(self, world: World) -> None:
        """Whatever becomes of the flow."""
        first = a_flow("First")
        second = _next(first, name="Second")
        deleted = _next(second, state=FlowState.DELETED)
        writing(world, lambda uow: uow.care_flows.add(first))
        for each in (second, _next(second, state=FlowState.RETIRED), deleted):
            writing(world, lambda uow, each=each: _changed(uow, each))  # type: ignore[misc]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.care_flows.get(first.id) == deleted
            assert list(uow.care_flows.versions(first.id)) == [first.current, second.current]
            assert [uow.care_flows.version(first.id, each) for each in (0, 1)] == [first.current, second.current]
            with pytest.raises(NotFound):
                uow.care_flows.version(first.id, 2)

    def test_flows_are_listed_in_pages_by_state(self, world: World) -> None:
        """In order of their ids."""
        used, retired, deleted, last = (a_flow(name) for name in ("a", "b", "c", "d"))
        for flow in (used, retired, deleted, last):
            writing(world, lambda uow, flow=flow: uow.care_flows.add(flow))  # type: ignore[misc]
        retired, deleted = _next(retired, state=FlowState.RETIRED), _next(deleted, state=FlowState.DELETED)
        for each in (retired, deleted):
            writing(world, lambda uow, each=each: _changed(uow, each))  # type: ignore[misc]
        with world.storage.reading(world.organization.id, world.clock) as uow:
            flows, both = uow.care_flows, (FlowState.RETIRED, FlowState.IN_USE)
            assert list(flows.listed([FlowState.IN_USE])) == [used, last]
            assert list(flows.listed(both)) == [used, retired, last]
            assert list(flows.listed(both, limit=1)) == [used]
            assert list(flows.listed(both, after=used.id, limit=1)) == [retired]
            assert list(flows.listed(tuple(FlowState), after=retired.id)) == [deleted, last]
            assert list(flows.listed([])) == []

    def test_a_name_is_one_flows_until_it_is_deleted(self, world: World) -> None:
        """Also when it is changed to; a retired one keeps its name."""
        first, second = a_flow("Same"), a_flow("Other")
        for flow in (first, second):
            writing(world, lambda uow, flow=flow: uow.care_flows.add(flow))  # type: ignore[misc]
        for state in (FlowState.IN_USE, FlowState.RETIRED):
            writing(world, lambda uow, state=state: _changed(uow, _next(first, state=state)))  # type: ignore[misc]
            with pytest.raises(Duplicate):
                writing(world, lambda uow: uow.care_flows.add(a_flow("Same")))
            with pytest.raises(Duplicate):
                writing(world, lambda uow: _changed(uow, _next(second, name="Same")))
        writing(world, lambda uow: _changed(uow, _next(first, state=FlowState.DELETED)))
        writing(world, lambda uow: _changed(uow, _next(second, name="Same")))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert uow.care_flows.named("Same") == _next(second, name="Same")

    def test_some_flows_are_locked_at_once(self, world: World) -> None:
        """Those that are there, each once, in order of their ids."""
        first, second = a_flow("a"), a_flow("b")
        for flow in (first, second):
            writing(world, lambda uow, flow=flow: uow.care_flows.add(flow))  # type: ignore[misc]

        def look(uow: Work) -> None:
            found = uow.care_flows.locked([second.id, CareFlowId(new_id()), first.id, first.id])
            assert list(found.items()) == [(first.id, first), (second.id, second)]
            assert dict(uow.care_flows.locked([])) == {}

        writing(world, look)

    def test_a_flow_of_another_organization_is_not_found(self, world: World) -> None:
        """COM-1: nor one that is not there; its name is free here."""
        other, flow = World(world.storage), a_flow("Same")
        writing(world, lambda uow: uow.care_flows.add(flow))
        with other.storage.reading(other.organization.id, other.clock) as uow:
            for read in (uow.care_flows.get, lambda id: uow.care_flows.version(id, 0)):
                with pytest.raises(NotFound):
                    read(flow.id)
            assert not uow.care_flows.versions(flow.id)
            assert not uow.care_flows.listed(tuple(FlowState))
            assert uow.care_flows.named("Same") is None
        writing(other, lambda uow: uow.care_flows.add(a_flow("Same")))


def _changed(uow: Work, flow: Flow) -> None:
    uow.care_flows.locked([flow.id])
    uow.care_flows.change(flow)
