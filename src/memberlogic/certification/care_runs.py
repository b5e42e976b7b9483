"""What a store promises of runs (CARE-10, CARE-16): what was kept comes back, one is active, the agenda is right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve

from memberlogic.application import Work
from memberlogic.calendar import Term
from memberlogic.care.advancing import Advanced
from memberlogic.care.configurations import Configuration, ConfigurationTerms
from memberlogic.care.flows import Flow
from memberlogic.care.keeping import changed
from memberlogic.care.model import AssignedBy, Ended, EndReason, Pause, Run, Step, StepState
from memberlogic.certification.base import Certification
from memberlogic.certification.care_flows import a_flow, writing
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import CareConfigurationId, CareRunId, CareStepId, MemberId, new_id
from memberlogic.testing.worlds import World

__all__ = ["CareRunsPromises", "a_run", "a_step", "keep", "on_the_ground"]


def on_the_ground(world: World) -> tuple[Flow, Configuration]:
    """A flow and a configuration that are stored."""
    flow = a_flow(str(new_id()))
    configuration = Configuration(id=CareConfigurationId(new_id()), terms=ConfigurationTerms(name=str(new_id())))
    writing(world, lambda uow: uow.care_flows.add(flow))
    writing(world, lambda uow: uow.care_configurations.add(configuration))
    return flow, configuration


def a_run(world: World, flow: Flow, configuration: Configuration, member: MemberId) -> Run:
    now, studio = world.clock.now(), world.org.settings.studio(world.studio())
    return Run(
        id=CareRunId(new_id()),
        member=member,
        flow=flow.current,
        configuration=configuration.id,
        studio=studio,
        assigned_at=now,
        assigned_by=AssignedBy.STAFF,
        complete_automatically_after=Term.of_months(2),
        pauses=(
            Pause(since=now + timedelta(days=3), until=now + timedelta(days=5)),
            Pause(since=now + timedelta(days=9), until=None),
        ),
        effective_at=now,
    )


def a_step(world: World, place: int = 0, **said: Any) -> Step:
    now = world.clock.now()
    step = Step(
        id=CareStepId(new_id()),
        place=place,
        state=StepState.ACTIVE,
        due_at=now,
        event=new_id(),
        assignee="e-1",
        competence=None,
        message=new_id(),
    )
    return evolve(step, **said)


def keep(world: World, before: Run | None, after: Run) -> None:
    writing(world, lambda uow: _kept(uow, world, before, after))


def _kept(uow: Work, world: World, before: Run | None, after: Run) -> None:
    uow.members.locked(after.member)
    uow.care_runs.held([after.member])
    change = changed(before, Advanced(after), world.clock.now())
    assert change is not None
    uow.care_runs.keep([change])


def _look(world: World, look: Callable[[Work], object]) -> object:
    with world.storage.reading(world.organization.id, world.clock) as uow:
        return look(uow)


def _stored(world: World, run: Run) -> object:
    return _look(world, lambda uow: uow.care_runs.get(run.id))


class CareRunsPromises(Certification):
    """The port ``CareRuns``."""

    def test_a_run_comes_back_whole(self, world: World) -> None:
        """With its pauses and steps, whatever became of them."""
        run = evolve(a_run(world, *on_the_ground(world), world.member()), steps=(a_step(world),))
        keep(world, None, run)
        assert _look(world, lambda uow: uow.care_runs.get(run.id)) == run
        assert _look(world, lambda uow: uow.care_runs.of_step(run.steps[0].id)) == run
        assert _look(world, lambda uow: uow.care_runs.active([run.member])) == {run.member: run}
        done = evolve(
            run.steps[0],
            state=StepState.COMPLETED,
            done_at=world.clock.now(),
            outcome="reached",
            reason="because",
            assignee=None,
            competence="trainer",
            postponed_to=date(2026, 2, 1),
            postponed_at=world.clock.now(),
        )
        later = evolve(run, steps=(done, a_step(world, 1, due_at=world.clock.now() + timedelta(days=1))), pauses=())
        keep(world, run, later)
        assert _look(world, lambda uow: uow.care_runs.get(run.id)) == evolve(later, version=1)

    def test_of_a_member_one_is_active_and_all_are_kept(self, world: World) -> None:
        """The one that took the place of the other, in one unit."""
        flow, configuration = on_the_ground(world)
        first = a_run(world, flow, configuration, world.member())
        second = evolve(
            a_run(world, flow, configuration, first.member), assigned_at=first.assigned_at + timedelta(hours=1)
        )
        keep(world, None, first)
        over = evolve(first, ended=Ended(at=world.clock.now(), reason=EndReason.SUPERSEDED, by=second.id))

        def both(uow: Work) -> None:
            _kept(uow, world, first, over)
            assert uow.care_runs.held([first.member]) == {}, "what a unit keeps, it sees"
            _kept(uow, world, None, second)
            assert uow.care_runs.held([first.member]) == {first.member: second}

        writing(world, both)
        assert _look(world, lambda uow: uow.care_runs.active([first.member])) == {first.member: second}
        assert _look(world, lambda uow: [each.id for each in uow.care_runs.of(first.member)]) == [second.id, first.id]
        closed = evolve(second, ended=Ended(at=world.clock.now(), reason=EndReason.CLOSED, code="moved"))
        keep(world, second, closed)
        assert _look(world, lambda uow: uow.care_runs.active([first.member])) == {}
        assert _look(world, lambda uow: uow.care_runs.get(second.id)) == evolve(closed, version=1)

    def test_several_runs_of_one_unit_are_each_kept_whole(self, world: World) -> None:
        """As of a contract for two, of whom one has a run already: what is new of the one takes nothing from the other,
        whichever comes first; also where one takes the place of another.
        """
        flow, configuration = on_the_ground(world)
        kinds, now = ["training_plan.updated"], world.clock.now()
        for order in ((0, 1), (1, 0)):
            there = evolve(a_run(world, flow, configuration, world.member()), version=0)
            keep(world, None, there)
            gone = a_run(world, flow, configuration, world.member())
            keep(world, None, gone)
            new = [a_run(world, flow, configuration, member) for member in (world.member(), gone.member)]
            new = [evolve(each, steps=(a_step(world, state=StepState.COMPLETED, done_at=now),)) for each in new]
            over = evolve(gone, pauses=(), ended=Ended(at=now, reason=EndReason.SUPERSEDED, by=new[1].id))
            waits = evolve(
                there, pauses=there.pauses[:1], steps=(a_step(world, state=StepState.COMPLETED, done_at=now),)
            )
            pairs: list[list[tuple[Run | None, Run]]] = [
                [(there, waits)],
                [(None, new[0]), (gone, over), (None, new[1])],
            ]

            def several(
                uow: Work,
                order: tuple[int, int] = order,
                pairs: list[list[tuple[Run | None, Run]]] = pairs,
            ) -> None:
                for place in order:
                    for before, after in pairs[place]:
                        _kept(uow, world, before, after)

            writing(world, several)
            stored = {each.id: _stored(world, each) for each in (waits, over)}
            assert stored == {each.id: evolve(each, version=1) for each in (waits, over)}
            members = [waits.member, *(each.member for each in new)]
            expected = {each.member: each for each in (evolve(waits, version=1), *new)}
            with world.storage.reading(world.organization.id, world.clock) as uow:
                assert uow.care_runs.active(members) == expected
                found = uow.care_runs.waiting(members, kinds)
                assert found == sorted(each.id for each in expected.values()), "what a run waits for is stored, too"

    def test_the_first_runs_that_wait_for_events_may_come_together(self, world: World) -> None:
        """As of a contract for two: the jobs listen from then on, once."""
        flow, configuration = on_the_ground(world)
        runs = [a_run(world, flow, configuration, world.member()) for _ in range(3)]
        before = new_id()

        def all_of_them(uow: Work) -> None:
            for each in runs:
                _kept(uow, world, None, each)

        writing(world, all_of_them)
        heard = _look(world, lambda uow: uow.care_runs.heard_to())
        assert heard is not None
        assert heard > before  # type: ignore[operator]
        assert world.storage.care_listening().count(world.organization.id) == 1
        for each in runs:
            assert _stored(world, each) == each

    def test_changes_of_one_run_in_one_unit_are_one(self, world: World) -> None:
        """As when two contracts of a member are frozen at once."""
        run = evolve(a_run(world, *on_the_ground(world), world.member()), steps=(a_step(world),))
        keep(world, None, run)
        once = evolve(run, pauses=run.pauses[:1])
        done = evolve(run.steps[0], state=StepState.SKIPPED, reason="away", done_at=world.clock.now())
        twice = evolve(once, version=1, steps=(done, a_step(world, 1, due_at=world.clock.now() + timedelta(days=1))))

        def both(uow: Work) -> None:
            _kept(uow, world, run, once)
            (held,) = uow.care_runs.held([run.member]).values()
            assert held == evolve(once, version=1)
            _kept(uow, world, held, twice)

        writing(world, both)
        assert _look(world, lambda uow: uow.care_runs.get(run.id)) == evolve(twice, version=1)

    def test_whoever_was_slower_is_a_conflict(self, world: World) -> None:
        """Of the run, and of the member's first."""
        flow, configuration = on_the_ground(world)
        run = a_run(world, flow, configuration, world.member())
        keep(world, None, run)
        keep(world, run, evolve(run, pauses=()))
        with pytest.raises(ConcurrencyConflict):
            keep(world, run, evolve(run, pauses=run.pauses[:1]))

    def test_the_agenda_names_what_is_due_and_nothing_else(self, world: World) -> None:
        """Over all organizations, the longest due first; what waits for events is found by them."""
        flow, configuration = on_the_ground(world)
        run = a_run(world, flow, configuration, world.member())
        keep(world, None, run)
        now, mine = world.clock.now(), world.organization.id

        def due(days: int) -> list[CareRunId]:
            found = world.storage.care_due(now + timedelta(days=days), 1000)
            assert [each.order() for each in found] == sorted(each.order() for each in found)
            return [each.run for each in found if each.organization == mine]

        assert due(-1) == []
        assert due(40) == [run.id], "its first milestone"
        assert run.id not in [each.run for each in world.storage.care_due(now + timedelta(days=40), 1000, {mine})]
        assert mine in world.storage.care_listening()
        assert mine not in world.storage.care_listening({mine})
        waits = evolve(run, steps=(a_step(world, state=StepState.COMPLETED, done_at=now),))
        keep(world, run, waits)
        assert due(400) == []
        kinds = ["training_plan.updated"]
        assert _look(world, lambda uow: uow.care_runs.waiting([run.member], kinds)) == [run.id]
        assert _look(world, lambda uow: uow.care_runs.waiting([run.member], ["visit.recorded"])) == []
        assert _look(world, lambda uow: uow.care_runs.waiting([world.club.id], kinds)) == []  # type: ignore[list-item]
        writing(world, lambda uow: uow.care_runs.wake(now))
        assert due(0) == [run.id]
        over = evolve(waits, version=1, ended=Ended(at=now, reason=EndReason.CLOSED))
        keep(world, evolve(waits, version=1), over)
        assert due(400) == []
        assert _look(world, lambda uow: uow.care_runs.waiting([run.member], kinds)) == []

    def test_up_to_where_was_listened_is_remembered(self, world: World) -> None:
        """By the id of an event."""
        assert _look(world, lambda uow: uow.care_runs.heard_to()) is None
        run = a_run(world, *on_the_ground(world), world.member())
        before = new_id()
        keep(world, None, run)
        first = _look(world, lambda uow: uow.care_runs.heard_to())
        assert first is not None
        assert first > before  # type: ignore[operator]
        event = new_id()
        writing(world, lambda uow: uow.care_runs.hear_to(event))
        assert _look(world, lambda uow: uow.care_runs.heard_to()) == event

    def test_runs_to_be_settled_are_the_active_ones_by_their_ids(self, world: World) -> None:
        """And what is not there is not found."""
        flow, configuration = on_the_ground(world)
        runs = [a_run(world, flow, configuration, world.member()) for _ in range(3)]
        for each in runs:
            keep(world, None, each)
        keep(world, runs[1], evolve(runs[1], ended=Ended(at=world.clock.now())))

        def settle(uow: Work) -> None:
            found = uow.care_runs.settling([each.id for each in reversed(runs)])
            assert list(found) == [runs[0], runs[2]]

        writing(world, settle)
        for look in (
            lambda uow: uow.care_runs.settling([CareRunId(new_id())]),
            lambda uow: uow.care_runs.get(CareRunId(new_id())),
            lambda uow: uow.care_runs.of_step(CareStepId(new_id())),
        ):
            with pytest.raises(NotFound):
                writing(world, look)

    def test_another_organization_sees_nothing(self, world: World) -> None:
        """Neither runs nor what guards them (COM-1)."""
        run = a_run(world, *on_the_ground(world), world.member())
        keep(world, None, run)
        other = World(world.storage)
        with other.storage.reading(other.organization.id, other.clock) as uow:
            assert uow.care_runs.active([run.member]) == {}
            assert list(uow.care_runs.of(run.member)) == []
            with pytest.raises(NotFound):
                uow.care_runs.get(run.id)
