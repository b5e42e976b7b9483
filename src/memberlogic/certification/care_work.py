"""What a store promises of the work list and of cleaning up (CARE-13, CARE-15): the same as looking at every run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import product

from attrs import evolve

from memberlogic.care.advancing import Advanced
from memberlogic.care.flows import Surface
from memberlogic.care.model import Ended, EndReason, Run, Step, StepState
from memberlogic.care.work_list import OpenActions
from memberlogic.certification.base import Certification
from memberlogic.certification.care_runs import a_run, a_step, keep, on_the_ground
from memberlogic.ids import CareStepId
from memberlogic.testing.worlds import World

__all__ = ["CareWorkPromises"]

_STATES = (StepState.ACTIVE, StepState.ACTIVE, StepState.COMPLETED)
_WHOSE = (("ana", None), ("ben", "trainer"), (None, "trainer"), (None, None))


def _stored(world: World) -> Sequence[Run]:
    """Runs at two studios with steps of all kinds; every fourth is over."""
    flow, configuration = on_the_ground(world)
    studios = [world.org.settings.studio(each) for each in (world.studio(), world.studio("south"))]
    now, found = world.clock.now(), []
    for number in range(8):
        steps = []
        for turn, (state, who) in enumerate(product(_STATES, _WHOSE)):
            step = a_step(world, state=state, turn=turn, assignee=who[0], competence=who[1])
            to = date(2026, 3, 1 + turn) if turn % 3 == 0 else None
            steps.append(evolve(step, due_at=now + timedelta(days=(number * turn) % 7), postponed_to=to))
        run = a_run(world, flow, configuration, world.member())
        ended = Ended(at=now, reason=EndReason.CLOSED, code="x") if number % 4 == 3 else None
        if ended is not None:
            steps = [evolve(each, state=StepState.CANCELLED) for each in steps]
        still = () if number % 3 == 0 else run.pauses
        ordered = tuple(sorted(steps, key=lambda each: (each.due_at, each.place, each.turn)))
        found.append(evolve(run, studio=studios[number % 2], steps=ordered, ended=ended, pauses=still))
    for each in found:
        keep(world, None, each)
    return found


def _open(runs: Sequence[Run], wanted: OpenActions) -> list[tuple[date, CareStepId]]:
    found = []
    for run in runs:
        for step in run.steps:
            if step.state is StepState.ACTIVE and _fits(run, step, wanted):
                found.append((run.day_of(step), step.id))
    return sorted(found)


def _fits(run: Run, step: Step, wanted: OpenActions) -> bool:
    action, day = run.milestones[step.place].action, run.day_of(step)
    return (
        wanted.assignee in (None, step.assignee)
        and wanted.competence in (None, step.competence)
        and (wanted.competence is None or wanted.assignee is not None or step.assignee is None)
        and wanted.studio in (None, run.studio.code)
        and wanted.surface in (None, action.surface if action is not None else None)
        and (wanted.since is None or day >= wanted.since)
        and (wanted.before is None or day < wanted.before)
    )


class CareWorkPromises(Certification):
    """What the port ``CareRuns`` finds for the care tool, and what ``Memberships`` tells of several."""

    def test_open_actions_are_found_in_order_and_in_pages(self, world: World) -> None:
        """By everything that may be asked, of this organization."""
        runs = _stored(world)
        _stored(World(world.storage))
        asked = [
            OpenActions(assignee=assignee, competence=competence, studio=studio, surface=surface, since=since)
            for assignee, competence in (*_WHOSE, ("ben", None), ("ana", "trainer"), ("eva", None))
            for studio in (None, "south")
            for surface in (None, Surface.CARE_TOOL, Surface.CHECK_IN_LIST)
            for since in (None, date(2026, 2, 1))
        ]
        asked.append(OpenActions(before=date(2026, 2, 1)))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            for each in asked:
                told = uow.care_runs.open_actions(each)
                assert [(run.day_of(step), step.id) for run, step in told] == _open(runs, each), each
            assert all(run in runs and step in run.steps for run, step in uow.care_runs.open_actions(OpenActions()))
            paged: list[tuple[date, CareStepId]] = []
            while page := uow.care_runs.open_actions(OpenActions(), after=paged[-1] if paged else None, limit=3):
                paged += [(run.day_of(step), step.id) for run, step in page]
            assert paged == _open(runs, OpenActions())

    def test_what_is_due_and_who_stands_still_is_found_in_order_and_in_pages(self, world: World) -> None:
        """As of any instant; runs that are over are not among them."""
        runs = _stored(world)
        _stored(World(world.storage))
        with world.storage.reading(world.organization.id, world.clock) as uow:
            for wait in (0, 2, 4, 5, 9, 4000):
                at = world.clock.now() + timedelta(days=wait)
                due = sorted((each for each in runs if _due(each, at)), key=lambda each: each.id)
                still = sorted(each.member for each in runs if each.active and any(at in one for one in each.pauses))
                assert list(uow.care_runs.due(at)) == due
                assert list(uow.care_runs.standing_still(at)) == still
                assert list(uow.care_runs.due(at, limit=2)) == due[:2]
                assert list(uow.care_runs.standing_still(at, limit=1)) == still[:1]
                if due and still:
                    assert list(uow.care_runs.due(at, after=due[0].id)) == due[1:]
                    assert list(uow.care_runs.standing_still(at, after=still[0])) == still[1:]

    def test_several_people_are_told_as_each_alone(self, world: World) -> None:
        """MEM-18: those without a contract too."""
        members = [world.member(), world.member()]
        world.contract(member=members[0])
        with world.storage.reading(world.organization.id, world.clock) as uow:
            told = uow.memberships.several(members)
            assert {each: list(spans) for each, spans in told.items()} == {
                each: list(uow.memberships.of(each)) for each in members
            }
            assert told[members[0]]
            assert uow.memberships.several([]) == {}


def _due(run: Run, at: datetime) -> bool:
    following = Advanced(run).next_change
    return following is not None and following <= at
