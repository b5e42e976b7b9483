"""What the services of care gather before a rule decides, and how what it decided is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from attrs import frozen

from memberlogic.care.advancing import Advanced, Heard
from memberlogic.care.assigning import AskFlows, AssignFlow, AssigningFacts, AvailableFlows, available
from memberlogic.care.catalogues import Catalogues
from memberlogic.care.checking import prerequisites
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
        stored, terms = self.held(uow, member.id), flow.current.terms
        return AssigningFacts(
            member=member,
            flow=flow,
            studio=studio,
            configuration=uow.care_configurations.active_at(studio.code),
            running=None if stored is None else self.settled(uow, stored),
            stored=stored,
            spans=spans,
            missing=prerequisites(terms, look_up(uow, self.catalogues, [terms])),
            restart=restart,
            now=uow.now,
        )

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
        flows = () if configuration is None else [uow.care_flows.get(each) for each in configuration.terms.manual]
        spans = uow.memberships.of(member.id)
        run = uow.care_runs.active([member.id]).get(member.id)
        stored = None if run is None else with_lapses(run, self.organization)
        found = look_up(uow, self.catalogues, [each.current.terms for each in flows])
        return available(
            studio,
            [
                AssigningFacts(
                    member=member,
                    flow=each,
                    studio=studio,
                    configuration=configuration,
                    running=None if stored is None else self.settled(uow, stored),
                    stored=stored,
                    spans=spans,
                    missing=prerequisites(each.current.terms, found),
                    restart=False,
                    now=uow.now,
                )
                for each in flows
            ],
        )

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
        lapsing = with_lapses(run, self.organization)
        heard = hear(uow, lapsing)
        now = settled(lapsing, heard, uow.now, self.new_id).run
        queued = uow.messages.of(run.member) if any(each.message for each in now.steps) else ()
        return tell(now, uow.now, heard, {each.message.id: each for each in queued})

    def active(self, uow: CareWork, member: MemberId) -> ActiveCare:
        """What runs for a member now; nothing is written."""
        run = uow.care_runs.active([member]).get(member)
        told = None if run is None else self.told(uow, run)
        return ActiveCare(member=member, run=told if told is not None and told.ended_at is None else None)

    def history(self, uow: CareWork, member: MemberId) -> tuple[RunTold, ...]:
        """Every run of a member, the latest first."""
        return tuple(self.told(uow, each) for each in uow.care_runs.of(member))

    def keep(self, uow: CareWork, written: Posted) -> None:
        """Queue what a command came to."""
        uow.care_runs.keep(written.changes)
        uow.put(written.events, written.messages)
        if written.withdrawn:
            uow.messages.withdraw(written.withdrawn, CANCELLED)
