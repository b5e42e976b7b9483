"""What a host calls to ask why, how many, and what if."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from memberlogic.actors import Actor
from memberlogic.calendar import Term
from memberlogic.care import explaining, simulating
from memberlogic.care.asking_why import gather, gather_course, gather_simulation
from memberlogic.care.counting import count
from memberlogic.care.courses import Course
from memberlogic.care.explaining import CareExplained, ExplainCare
from memberlogic.care.flows import FlowTerms
from memberlogic.care.gathering import CareDesk
from memberlogic.care.ports import CareWork
from memberlogic.care.reporting import FiguresOf, FlowFigures
from memberlogic.care.simulating import PlannedEvent, SimulateFlow
from memberlogic.care.telling import OfRun
from memberlogic.ids import CareFlowId, CareRunId, MemberId
from memberlogic.members.membership import MembershipSpan
from memberlogic.organizations.model import Tier
from memberlogic.running import Asks, Runner

__all__ = ["ExplainService"]

# No tier: that there is none is one of the answers.
EXPLAIN = Asks("care.explain", "members.care:read", CareExplained)
FIGURES = Asks("care.figures", "members.care:read", FlowFigures, tier=Tier.PRO)
COURSE = Asks("care.course", "members.care:read", Course, tier=Tier.PRO)
SIMULATE = Asks("care.simulate", "settings.care:read", Course, tier=Tier.PRO)


class ExplainService:
    """Nothing happens: why? (CARE-17) What became of it (CARE-18), and what would."""

    _runner: Runner[CareWork]
    desk: CareDesk

    def explain(self, member: MemberId, *, studio: str | None = None) -> CareExplained:
        """What runs for a member, what it waits for and until when; or why nothing runs. Nothing is refused that is an
        answer: it needs no tier, as that may be the reason, and whoever runs nothing is told why. Nothing is written.

        Args:
            studio: where staff acts; the member's home studio if left out, else that of their newest contract.

        Raises:
            NotFound: if there is no such member or studio.
            PermissionDenied: without ``members.care:read``.
        """
        return self._runner.ask(EXPLAIN, ExplainCare(member=member, studio=studio), self.explain_step)

    def explain_step(self, uow: CareWork, _: Actor, wanted: ExplainCare) -> CareExplained:
        """Explaining, inside a unit of work."""
        return explaining.explain(gather(self.desk, uow, wanted))

    def figures(
        self, flow: CareFlowId, *, since: date | None = None, until: date | None = None, studio: str | None = None
    ) -> FlowFigures:
        """What became of the runs of a flow and of each of its milestones, now (CARE-18): right at any moment, whether
        the jobs ran or not. Versions of the flow are counted together.

        Args:
            since: runs assigned on this business day of their studio or later (inclusive); ``until`` before a day
                (exclusive). All, if left out.
            studio: runs of one studio only.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such flow or studio.
            FeatureUnavailable: without the tier PRO.
        """
        wanted = FiguresOf(flow=flow, since=since, until=until, studio=studio)
        return self._runner.ask(FIGURES, wanted, self.figures_step)

    def figures_step(self, uow: CareWork, _: Actor, wanted: FiguresOf) -> FlowFigures:
        """Counting, inside a unit of work."""
        return count(self.desk, uow, wanted)

    def course(self, run: CareRunId) -> Course:
        """The course that a run took from its assignment until now, day by day, and what it waits for (CARE-18); one
        that is over until its end. It is told as it is now, also what no job has written down yet, and can be drawn as
        a timeline.

        Raises:
            NotFound: if there is no such run.
            FeatureUnavailable: without the tier PRO.
        """
        return self._runner.ask(COURSE, OfRun(run=run), self.course_step)

    def course_step(self, uow: CareWork, _: Actor, wanted: OfRun) -> Course:
        """Looking back on a run, inside a unit of work."""
        return gather_course(self.desk, uow, uow.care_runs.get(wanted.run))

    def simulate(
        self,
        flow: CareFlowId | FlowTerms,
        *,
        member: MemberId | None = None,
        statuses: Sequence[MembershipSpan] | None = None,
        studio: str | None = None,
        start: datetime | None = None,
        until: datetime | None = None,
        actions_done_after: Term | None = None,
        complete_automatically_after: Term | None = None,
        events: Sequence[PlannedEvent] = (),
    ) -> Course:
        """The course that a run of a flow would take, day by day, by the same rules by which runs are settled (CARE-2,
        CARE-3). Nothing is written, and nobody is assigned anything. It goes by what is known now, also of the past: in
        a run that was there, time went on only once it was recorded what ended a pause, if that was later.

        Args:
            flow: one that is saved, by its current version, or one as it would be saved.
            member: by whose contracts time stands still; or ``statuses``, what somebody would be over time. Somebody
                who is a member all the time, if neither is given.
            studio: in whose zone days are counted; the organization's zone if left out.
            start: when it would be assigned; now if left out.
            until: how far to look, ten years at most; a year if left out.
            actions_done_after: how long after it opened staff does each action; nobody does any if left out.
            complete_automatically_after: what a configuration would say (CARE-6).
            events: what would happen meanwhile: visits, and whatever else milestones wait for.

        Raises:
            InvalidInput: naming the field.
            NotFound: if there is no such flow, member or studio.
            FeatureUnavailable: without the tier PRO.
        """
        wanted = SimulateFlow(
            flow=flow,
            member=member,
            statuses=statuses,
            studio=studio,
            start=start,
            until=until,
            actions_done_after=actions_done_after,
            complete_automatically_after=complete_automatically_after,
            events=events,
        )
        return self._runner.ask(SIMULATE, wanted, self.simulate_step)

    def simulate_step(self, uow: CareWork, _: Actor, wanted: SimulateFlow) -> Course:
        """Simulating, inside a unit of work."""
        return simulating.simulate(gather_simulation(self.desk, uow, wanted))
