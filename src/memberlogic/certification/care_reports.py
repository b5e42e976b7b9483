"""What a store promises of figures over runs (CARE-18)."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve, frozen

from memberlogic.application import Work
from memberlogic.calendar import local_day
from memberlogic.care.advancing import Advanced, advance, milestone_id
from memberlogic.care.assigning import end_run
from memberlogic.care.configurations import Configuration, ConfigurationTerms
from memberlogic.care.flows import (
    Action,
    ActionKind,
    After,
    DelayUnit,
    Flow,
    FlowTerms,
    FlowVersion,
    MessageContent,
    Milestone,
)
from memberlogic.care.keeping import posted
from memberlogic.care.model import AssignedBy, EndReason, Pause, Run, StepState
from memberlogic.care.reporting import DoneIn, RunsAmong, RunsCounted, StepsCounted
from memberlogic.certification.base import Certification
from memberlogic.certification.care_flows import writing
from memberlogic.ids import CareConfigurationId, CareFlowId, CareMilestoneId, CareRunId, new_id
from memberlogic.testing.worlds import World

__all__ = ["CareReportsPromises"]

_DAY = timedelta(days=1)


def _terms() -> FlowTerms:
    day = After(length=1, unit=DelayUnit.DAYS)
    call, mail = Action(kind=ActionKind.PHONE_CALL), MessageContent(template="hello", channel="email")
    parts = [
        Milestone(name="Mail", schedule=day, message=mail, id=CareMilestoneId(new_id())),
        Milestone(name="Call", schedule=day, action=call, id=CareMilestoneId(new_id())),
        Milestone(name="Last", schedule=day, action=call, id=CareMilestoneId(new_id())),
    ]
    return FlowTerms(name="Flow", milestones=parts)


@frozen
class _Runs:
    """Runs of one flow at a studio."""

    world: World
    flow: Flow
    configuration: Configuration

    @classmethod
    def begin(cls, world: World) -> _Runs:
        """A flow and a configuration of their own."""
        flow = Flow(current=FlowVersion(flow=CareFlowId(new_id()), version=1, terms=_terms()))
        configuration = Configuration(id=CareConfigurationId(new_id()), terms=ConfigurationTerms(name="C"))
        writing(world, lambda uow: uow.care_flows.add(flow))
        writing(world, lambda uow: uow.care_configurations.add(configuration))
        return cls(world, flow, configuration)

    @property
    def now(self) -> datetime:
        """The instant of the world."""
        return self.world.clock.now()

    def add(
        self,
        studio: str,
        *,
        settled_to: datetime | None = None,
        pauses: tuple[Pause, ...] = (),
        ended: EndReason | None = None,
        took: timedelta | None = None,
    ) -> Run:
        """A run that was assigned now; of its call, if it was reached, it is told how long it took."""
        with self.world.storage.reading(self.world.organization.id, self.world.clock) as uow:
            place = uow.studios.get(studio)
        run = Run(
            id=CareRunId(new_id()),
            member=self.world.member(),
            flow=self.flow.current,
            configuration=self.configuration.id,
            studio=place,
            assigned_at=self.now,
            assigned_by=AssignedBy.STAFF,
            pauses=pauses,
            effective_at=self.now,
        )
        advanced = advance(run, (), settled_to or self.now, new_id)
        if took is not None:
            call = evolve(advanced.run.steps[-1], state=StepState.COMPLETED, outcome="reached")
            call = evolve(call, done_at=call.due_at + took)
            advanced = Advanced(evolve(advanced.run, steps=(*advanced.run.steps[:-1], call)))
        if ended is not None:
            advanced = Advanced(end_run(advanced.run, self.now, ended, code="moved")[0])
        written = posted(None, advanced, self.now)

        def write(uow: Work) -> None:
            # The lock first: it guards whose run it is.
            uow.care_runs.held([run.member])
            uow.care_runs.keep(written.changes)
            uow.put((), written.messages)

        writing(self.world, write)
        return written.changes[0].run

    def among(self, *studios: str) -> RunsAmong:
        """Runs that were assigned from now on."""
        return RunsAmong(flow=self.flow.id, studios=studios, since=self.now, until=self.now + _DAY)


class CareReportsPromises(Certification):
    """The port ``CareReports``."""

    def test_runs_are_counted_by_how_they_ended_and_whether_a_pause_contains_the_instant(self, world: World) -> None:
        """Of one flow, at some studios, assigned between two instants."""
        runs, north, south = _Runs.begin(world), world.studio(), world.studio("south")
        now = runs.now
        for _ in range(2):
            runs.add(north)
        runs.add(north, pauses=(Pause(since=now, until=None),))
        runs.add(south, pauses=(Pause(since=now + _DAY, until=now + 2 * _DAY),))
        runs.add(south, ended=EndReason.CLOSED)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            counted = uow.care_reports.runs(runs.among(north, south), now)
            assert _sorted(counted) == [
                (False, None, None, False, 3),
                (False, None, None, True, 1),
                (True, "closed", "moved", False, 1),
            ]
            counted = uow.care_reports.runs(runs.among(north, south), now + _DAY)
            assert _sorted(counted)[:2] == [(False, None, None, False, 2), (False, None, None, True, 2)]
            assert _sorted(uow.care_reports.runs(runs.among(south), now + 2 * _DAY))[0] == (False, None, None, False, 1)
            later = evolve(runs.among(north), since=now + timedelta(microseconds=1))
            assert list(uow.care_reports.runs(later, now)) == []
            before = evolve(runs.among(north), since=now - _DAY, until=now)
            assert list(uow.care_reports.runs(before, now)) == []
            other = evolve(runs.among(north), flow=CareFlowId(new_id()))
            assert list(uow.care_reports.runs(other, now)) == []

    def test_milestones_are_counted_by_their_states_and_what_was_to_be_done_before_a_day_apart(
        self, world: World
    ) -> None:
        """A call that is due two days after the assignment is overdue on the third."""
        runs, north = _Runs.begin(world), world.studio()
        run = runs.add(north, settled_to=runs.now + 2 * _DAY)
        runs.add(north, settled_to=runs.now + _DAY)
        mail, call = (milestone_id(run, step) for step in run.steps)
        due_on = local_day(run.steps[1].due_at, run.studio.zone)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            for day, overdue in ((due_on, False), (due_on + _DAY, True)):
                counted = uow.care_reports.steps(runs.among(north), day)
                assert {(each.milestone, each.state, each.overdue, each.steps) for each in counted} == {
                    (mail, StepState.COMPLETED, False, 2),
                    (call, StepState.ACTIVE, overdue, 1),
                }
                assert all(isinstance(each, StepsCounted) for each in counted)
                assert not any(each.unsent for each in counted)

    def test_messages_that_were_withheld_or_set_aside_are_counted_apart(self, world: World) -> None:
        """Those that were sent, and those that wait, are not; nor is an action beside its message."""
        runs, north = _Runs.begin(world), world.studio()
        run = runs.add(north, settled_to=runs.now + 2 * _DAY)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            (queued,) = uow.messages.of(run.member)
        day = local_day(runs.now, run.studio.zone)

        def unsent() -> set[tuple[CareMilestoneId, bool]]:
            with world.storage.reading(world.organization.id, world.clock) as uow:
                return {(each.milestone, each.unsent) for each in uow.care_reports.steps(runs.among(north), day)}

        mail, call = (milestone_id(run, step) for step in run.steps)
        assert unsent() == {(mail, False), (call, False)}
        writing(world, lambda uow: uow.messages.withdraw([queued.message.id], "member_blocked"))
        assert unsent() == {(mail, True), (call, False)}

    def test_how_long_actions_took_is_told_run_by_run_page_by_page(self, world: World) -> None:
        """To the microsecond; messages take no time and are not there, runs without an action that is done are."""
        runs, north = _Runs.begin(world), world.studio()
        quick = runs.add(north, settled_to=runs.now + 2 * _DAY, took=timedelta(microseconds=1))
        none = runs.add(north, settled_to=runs.now + _DAY)
        slow = runs.add(north, settled_to=runs.now + 2 * _DAY, took=400 * _DAY + timedelta(microseconds=7))
        expected = [
            DoneIn(run=quick.id, times=((milestone_id(quick, quick.steps[1]), 1),)),
            DoneIn(run=none.id, times=()),
            DoneIn(run=slow.id, times=((milestone_id(slow, slow.steps[1]), 400 * 86_400_000_000 + 7),)),
        ]
        expected.sort(key=lambda each: each.run)
        with world.storage.reading(world.organization.id, world.clock) as uow:
            assert list(uow.care_reports.done(runs.among(north))) == expected
            first = uow.care_reports.done(runs.among(north), limit=2)
            assert list(first) == expected[:2]
            assert list(uow.care_reports.done(runs.among(north), after=first[-1].run, limit=2)) == expected[2:]

    def test_runs_that_are_due_are_told_in_order_of_their_ids(self, world: World) -> None:
        """By an instant, inclusive; those that are over are not due."""
        runs, north = _Runs.begin(world), world.studio()
        due = sorted((runs.add(north) for _ in range(3)), key=lambda each: each.id)
        runs.add(north, ended=EndReason.CLOSED)
        at = runs.now + _DAY
        with world.storage.reading(world.organization.id, world.clock) as uow:
            among = runs.among(north)
            assert [each.id for each in uow.care_reports.due(among, at)] == [each.id for each in due]
            assert list(uow.care_reports.due(among, at - timedelta(microseconds=1))) == []
            assert [each.id for each in uow.care_reports.due(among, at, after=due[0].id, limit=1)] == [due[1].id]

    def test_another_organization_counts_nothing_of_it(self, world: World) -> None:
        """Tenants do not meet (COM-1)."""
        runs, north = _Runs.begin(world), world.studio()
        runs.add(north, settled_to=runs.now + 2 * _DAY, took=_DAY)
        other = World(world.storage)
        other.studio()
        with world.storage.reading(other.organization.id, other.clock) as uow:
            among, now = runs.among(north), runs.now
            assert list(uow.care_reports.runs(among, now)) == []
            assert list(uow.care_reports.steps(among, now.date())) == []
            assert list(uow.care_reports.done(among)) == []
            assert list(uow.care_reports.due(among, now + _DAY)) == []


def _sorted(counted: object) -> list[tuple[bool, str | None, str | None, bool, int]]:
    assert isinstance(counted, list | tuple)
    rows = [(each.ended, each.reason, each.code, each.still, each.runs) for each in counted]
    assert all(isinstance(each, RunsCounted) for each in counted)
    return sorted(rows, key=lambda each: (each[0], each[3]))
