"""What a host calls to assign flows and to ask what runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from memberlogic.actors import Actor
from memberlogic.care import assigning, listening, sending, settling
from memberlogic.care.assigning import AskFlows, Assigned, AssignFlow, Assignment, AvailableFlows
from memberlogic.care.gathering import CareDesk
from memberlogic.care.listening import Listen, Listened
from memberlogic.care.model import AssignedBy
from memberlogic.care.ports import CareWork
from memberlogic.care.sending import CheckMessage, MessageChecked
from memberlogic.care.settling import RunsSettled, SettleRuns
from memberlogic.care.telling import ActiveCare, OfCare, OfRun, RunTold
from memberlogic.ids import CareFlowId, CareRunId, MemberId
from memberlogic.members.residing import residence
from memberlogic.organizations.model import Tier
from memberlogic.running import Asks, Runner

__all__ = ["RunService"]

ASSIGN = Asks("care.assign", "members.care:create", Assigned, tier=Tier.PRO)
AVAILABLE = Asks("care.available_flows", "members.care:read", AvailableFlows, tier=Tier.PRO)
RUN = Asks("care.run", "members.care:read", RunTold, tier=Tier.PRO)
RUNS = Asks("care.runs", "members.care:read", tuple[RunTold, ...], tier=Tier.PRO)
ACTIVE = Asks("care.active", "members.care:read", ActiveCare, tier=Tier.PRO)
CHECK_MESSAGE = Asks("care.check_message", "members.care:read", MessageChecked)
SETTLE = Asks("care.settle", "members.care:update", RunsSettled)
LISTEN = Asks("care.listen", "members.care:update", Listened)


class RunService:
    """Runs of flows (CARE-8 to CARE-11, CARE-16)."""

    _runner: Runner[CareWork]
    desk: CareDesk

    def assign(
        self,
        member: MemberId,
        flow: CareFlowId,
        *,
        studio: str | None = None,
        restart: bool = False,
        idempotency_key: str | None = None,
    ) -> Assigned:
        """Assign a flow to a member by hand (CARE-9). The run that is active is settled, then cancelled: a member has
        one (CARE-10). Whoever is not a member now may be assigned one: then it is paused, and the answer says so.

        Args:
            studio: where staff acts; the member's home studio if left out. Its configuration says what may be picked.
            restart: begin a flow anew that is running already (CARE-11).

        Raises:
            InvalidInput: naming the field; ``studio``, if none is given and the member has no home studio.
            NotFound: if there is no such member, flow or studio.
            FeatureUnavailable: without the tier PRO.
            IllegalTransition: if the member was anonymised.
            RuleViolation: if nothing is active at the studio, the flow is not on its list or retired, a prerequisite is
                missing, or the flow is running already.
        """
        wanted = AssignFlow(member=member, flow=flow, studio=studio, restart=restart)
        return self._runner.run(ASSIGN, wanted, idempotency_key, self.assign_step)

    def assign_step(self, uow: CareWork, _: Actor, wanted: AssignFlow) -> Assigned:
        """Assigning, inside a unit of work."""
        facts = self.desk.facts(uow, wanted)
        how = Assignment(id=CareRunId(self._runner.new_id()), by=AssignedBy.STAFF)
        outcome = assigning.assign(facts, how)
        self.desk.keep(uow, outcome.facts)
        return outcome.result

    def available_flows(self, member: MemberId, *, studio: str | None = None) -> AvailableFlows:
        """The flows of the manual list at a studio, each with everything that keeps it from being assigned to a member
        by hand now (CARE-5, CARE-9); none where nothing is active.

        Args:
            studio: the member's home studio if left out.

        Raises:
            InvalidInput: if no studio is given and the member has no home studio.
            NotFound: if there is no such member or studio.
        """
        return self._runner.ask(AVAILABLE, AskFlows(member=member, studio=studio), self.available_flows_step)

    def available_flows_step(self, uow: CareWork, _: Actor, wanted: AskFlows) -> AvailableFlows:
        """Listing what may be assigned, inside a unit of work."""
        return self.desk.choices(uow, wanted)

    def run(self, run: CareRunId) -> RunTold:
        """One run, as it is now. Raises ``NotFound``."""
        return self._runner.ask(RUN, OfRun(run=run), self.run_step)

    def run_step(self, uow: CareWork, _: Actor, wanted: OfRun) -> RunTold:
        """Looking a run up, inside a unit of work."""
        return self.desk.told(uow, uow.care_runs.get(wanted.run))

    def active(self, member: MemberId) -> ActiveCare:
        """The member's active run, as it is now, if one is. Raises ``NotFound``."""
        return self._runner.ask(ACTIVE, OfCare(member=member), self.active_step)

    def active_step(self, uow: CareWork, _: Actor, wanted: OfCare) -> ActiveCare:
        """Looking up what runs, inside a unit of work."""
        return self.desk.active(uow, uow.members.get(wanted.member).id)

    def runs(self, member: MemberId) -> tuple[RunTold, ...]:
        """Every run that a member ever had, the latest first (CARE-18). Raises ``NotFound``."""
        return self._runner.ask(RUNS, OfCare(member=member), self.runs_step)

    def runs_step(self, uow: CareWork, _: Actor, wanted: OfCare) -> tuple[RunTold, ...]:
        """Looking up a member's care history, inside a unit of work."""
        return self.desk.history(uow, uow.members.get(wanted.member).id)

    def check_message(self, member: MemberId, message: UUID) -> MessageChecked:
        """Whether a message of a run may leave now (CARE-14), or why it waits or is not sent; the relay asks for it at
        the moment of sending. Consent, block and quiet hours are asked for every message beside (``check_sending``,
        ``messages.earliest``).

        Raises:
            NotFound: if there is no such member, or no run of theirs queued this message.
        """
        return self._runner.ask(CHECK_MESSAGE, CheckMessage(member=member, message=message), self.check_message_step)

    def check_message_step(self, uow: CareWork, _: Actor, wanted: CheckMessage) -> MessageChecked:
        """Checking a message, inside a unit of work."""
        organization = self._runner.organization
        member = uow.members.get(wanted.member).id
        run, step = sending.step_of(self.desk.seen(uow, uow.care_runs.of(member)), wanted.message)
        zone = residence(uow, member, organization.zone).zone
        posted = uow.messages.of(member)
        return sending.check(run, step, posted, zone, organization.care_message_limit_days, uow.now)

    def settle(
        self, runs: Sequence[CareRunId], *, as_of: datetime | None = None, idempotency_key: str | None = None
    ) -> RunsSettled:
        """Bring runs to now (CARE-16); the jobs do it for all that are due. It needs no tier: without it, time stands
        still.

        Args:
            as_of: only what came about by then (inclusive); everything by now if left out.

        Raises:
            InvalidInput: for an ``as_of`` that is naive or to come.
            NotFound: if there is no such run.
        """
        return self._runner.run(SETTLE, SettleRuns(runs=runs, as_of=as_of), idempotency_key, self.settle_step)

    def settle_step(self, uow: CareWork, _: Actor, wanted: SettleRuns) -> RunsSettled:
        """Settling, inside a unit of work."""
        runs = self.desk.lapsing(uow.care_runs.settling(sorted(set(wanted.runs))))
        at = wanted.as_of or uow.now
        written, result = settling.settle_all(runs, self.desk.heard(uow, runs), at, uow.now, self._runner.new_id)
        self.desk.keep(uow, written)
        return result

    def listen(
        self, *, after: UUID | None = None, as_of: datetime | None = None, idempotency_key: str | None = None
    ) -> Listened:
        """Look through the next events of the organization for what runs wait for, and settle those that do (CARE-2);
        the jobs do it.

        Args:
            after: the event to read on from; where the last call stopped if left out.
            as_of: settle only what came about by then (inclusive).

        Raises:
            InvalidInput: for an ``as_of`` that is naive or to come.
        """
        return self._runner.run(LISTEN, Listen(after=after, as_of=as_of), idempotency_key, self.listen_step)

    def listen_step(self, uow: CareWork, actor: Actor, wanted: Listen) -> Listened:
        """Listening, inside a unit of work."""
        heard_to = uow.care_runs.heard_to()
        events = uow.history.events(after=listening.since(wanted, heard_to), limit=listening.PAGE)
        runs = self.desk.waiting(uow, listening.kinds_by_member(events))
        told = self.settle_step(uow, actor, SettleRuns(runs=runs, as_of=wanted.as_of))
        self.desk.hear_to(uow, listening.further(events, heard_to))
        return listening.told(events, told)
