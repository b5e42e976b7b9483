"""What the services of care gather before a rule decides, and how what it decided is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from attrs import evolve, frozen

from memberlogic.care.advancing import Advanced, Heard
from memberlogic.care.assigning import AskFlows, AssignFlow, AssigningFacts, AvailableFlows, available
from memberlogic.care.catalogues import Catalogues
from memberlogic.care.checking import prerequisites
from memberlogic.care.configurations import Configuration
from memberlogic.care.flows import Flow
from memberlogic.care.hearing import hear
from memberlogic.care.keeping import Posted
from memberlogic.care.looking_up import look_up
from memberlogic.care.model import Run
from memberlogic.care.ports import CareWork
from memberlogic.care.sending import CANCELLED
from memberlogic.care.settling import settled, with_lapses
from memberlogic.care.telling import ActiveCare, RunTold, tell
from memberlogic.errors import InvalidInput
from memberlogic.ids import CareFlowId, CareRunId, MemberId, NewId
from memberlogic.members.lifecycle import present
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.model import Member
from memberlogic.organizations.model import Organization, Studio

__all__ = ["CareDesk"]


@frozen
class CareDesk:
    """What is gathered for the rules of care, and where what they decided is written.

    Args:
        organization: as it was when the handle was opened.
        catalogues: what flows refer to.
    """

    organization: Organization
    catalogues: Catalogues
    new_id: NewId

    def facts(self, uow: CareWork, wanted: AssignFlow) -> AssigningFacts:
        """For assigning by hand; the member is locked, then what runs."""
        member = uow.members.locked(wanted.member)
        present(member, "assign a flow")
        flow = uow.care_flows.get(wanted.flow)
        studio = uow.studios.get(self._studio(uow, wanted))
        return self.assigning(uow, member, flow, studio, uow.memberships.of(member.id), restart=wanted.restart)

    def assigning(
        self,
        uow: CareWork,
        member: Member,
        flow: Flow,
        studio: Studio,
        spans: Sequence[MembershipSpan],
        *,
        restart: bool,
    ) -> AssigningFacts:
        """For assigning a flow to a locked member."""
        configuration = uow.care_configurations.active_at(studio.code)
        (facts,) = self._assigning(uow, self.held(uow, member.id), member, [flow], studio, configuration, spans)
        return evolve(facts, restart=restart)

    def _assigning(
        self,
        uow: CareWork,
        stored: Run | None,
        member: Member,
        flows: Sequence[Flow],
        studio: Studio,
        configuration: Configuration | None,
        spans: Sequence[MembershipSpan],
    ) -> Sequence[AssigningFacts]:
        """For assigning each of some flows to a member, of whom a run is active or not."""
        running = None if stored is None else self.settled(uow, stored)
        found = look_up(uow, self.catalogues, [each.current.terms for each in flows])
        return [
            AssigningFacts(
                member=member,
                flow=each,
                studio=studio,
                configuration=configuration,
                running=running,
                stored=stored,
                spans=spans,
                missing=prerequisites(each.current.terms, found),
                restart=False,
                now=uow.now,
            )
            for each in flows
        ]

    def _studio(self, uow: CareWork, wanted: AssignFlow) -> str:
        """Where staff acts: the member's home studio, where they do not say."""
        if wanted.studio is not None:
            return wanted.studio
        home = uow.people.of(wanted.member).home_studio
        if home is None:
            raise InvalidInput(path="studio", expected="a studio, as the member has no home studio", got="none")
        return home

    def choices(self, uow: CareWork, wanted: AskFlows) -> AvailableFlows:
        """What may be assigned to a member by hand at a studio, and what keeps the rest from it."""
        member = uow.members.get(wanted.member)
        asked = AssignFlow(member=member.id, flow=CareFlowId(member.id), studio=wanted.studio)
        studio = uow.studios.get(self._studio(uow, asked))
        configuration = uow.care_configurations.active_at(studio.code)
        run = uow.care_runs.active([member.id]).get(member.id)
        stored = None if run is None else with_lapses(run, self.organization)
        return self.offered(uow, stored, member, studio, configuration, uow.memberships.of(member.id))

    def offered(
        self,
        uow: CareWork,
        stored: Run | None,
        member: Member,
        studio: Studio,
        configuration: Configuration | None,
        spans: Sequence[MembershipSpan],
    ) -> AvailableFlows:
        """The manual list of a configuration, with what keeps each flow from a member, whatever runs for them."""
        flows = () if configuration is None else [uow.care_flows.get(each) for each in configuration.terms.manual]
        return available(studio, self._assigning(uow, stored, member, flows, studio, configuration, spans))

    def held(self, uow: CareWork, member: MemberId) -> Run | None:
        """The member's active run, locked."""
        run = uow.care_runs.held([member]).get(member)
        return None if run is None else with_lapses(run, self.organization)

    def settled(self, uow: CareWork, run: Run) -> Advanced:
        """A run, brought to now."""
        return settled(run, hear(uow, run), uow.now, self.new_id)

    def lapsing(self, runs: Sequence[Run]) -> Sequence[Run]:
        """Runs that know when the organization had no tier."""
        return [with_lapses(each, self.organization) for each in runs]

    def heard(self, uow: CareWork, runs: Sequence[Run]) -> Mapping[CareRunId, Sequence[Heard]]:
        """What each run hears."""
        return {each.id: hear(uow, each) for each in runs}

    def waiting(self, uow: CareWork, happened: Mapping[MemberId, Collection[str]]) -> Sequence[CareRunId]:
        """The runs that wait for something of what happened to their members."""
        kinds = {kind for each in happened.values() for kind in each}
        return uow.care_runs.waiting(sorted(happened), kinds) if happened else ()

    def hear_to(self, uow: CareWork, event: UUID | None) -> None:
        """Queue up to which event was read, if that is further than before."""
        if event is not None:
            uow.care_runs.hear_to(event)

    def seen(self, uow: CareWork, runs: Sequence[Run]) -> Sequence[Run]:
        """Runs as they are now; nothing is written."""
        return [self.settled(uow, each).run for each in self.lapsing(runs)]

    def told(self, uow: CareWork, run: Run) -> RunTold:
        """A run as it is now; nothing is written."""
        (told,) = self._told(uow, [run])
        return told

    def _told(self, uow: CareWork, runs: Sequence[Run]) -> tuple[RunTold, ...]:
        """Runs of one member as they are now; what became of the messages is asked once."""
        now = [self.settled(uow, each) for each in self.lapsing(runs)]
        messages = next((each.run.member for each in now if any(step.message for step in each.run.steps)), None)
        queued = () if messages is None else uow.messages.of(messages)
        sent = {each.message.id: each for each in queued}
        return tuple(tell(each.run, uow.now, each.heard, sent) for each in now)

    def active(self, uow: CareWork, member: MemberId) -> ActiveCare:
        """What runs for a member now; nothing is written."""
        run = uow.care_runs.active([member]).get(member)
        told = None if run is None else self.told(uow, run)
        return ActiveCare(member=member, run=told if told is not None and told.ended_at is None else None)

    def history(self, uow: CareWork, member: MemberId) -> tuple[RunTold, ...]:
        """Every run of a member, the latest first."""
        return self._told(uow, uow.care_runs.of(member))

    def keep(self, uow: CareWork, written: Posted) -> None:
        """Queue what a command came to."""
        uow.care_runs.keep(written.changes)
        uow.put(written.events, written.messages)
        if written.withdrawn:
            uow.messages.withdraw(written.withdrawn, CANCELLED)
