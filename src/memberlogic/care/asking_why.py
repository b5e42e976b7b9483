"""CARE-17: what is gathered to explain a member's care, to look back on a run, or to simulate a flow. Nothing is
written.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from attrs import frozen

from memberlogic.care.advancing import Advanced
from memberlogic.care.configurations import Configuration
from memberlogic.care.courses import Course, course_of
from memberlogic.care.events import CareAssignmentSkipped, CareRunCancelled, CareRunCompleted
from memberlogic.care.explaining import ExplainCare, ExplainFacts, Sold
from memberlogic.care.explaining_runs import of_run
from memberlogic.care.flows import FlowTerms
from memberlogic.care.foreseeing import MessageFacts
from memberlogic.care.gathering import CareDesk
from memberlogic.care.lifecycle import state
from memberlogic.care.model import Run
from memberlogic.care.ports import CareWork
from memberlogic.care.simulating import SimulateFlow, Simulation, always, planned
from memberlogic.care.telling import tell
from memberlogic.contracts.model import Contract
from memberlogic.contracts.sharing import ContractCovered, HolderChanged
from memberlogic.events import Event, Recorded
from memberlogic.ids import CareRunId, ContractId, MemberId
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.model import Member
from memberlogic.members.residing import residence
from memberlogic.organizations.model import Studio
from memberlogic.outcomes import Because

__all__ = ["gather", "gather_course", "gather_simulation"]

_DRAFTED = "contract.drafted"
_ENDS = (CareRunCancelled.type, CareRunCompleted.type)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_END = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=0))
_PAGE = 500


def gather(desk: CareDesk, uow: CareWork, wanted: ExplainCare) -> ExplainFacts:
    """Everything that says what runs for a member, or why nothing does.

    Raises:
        NotFound: if there is no such member or studio.
    """
    member = uow.members.get(wanted.member)
    stored = uow.care_runs.active([member.id]).get(member.id)
    others = [each for each in uow.care_runs.of(member.id) if stored is None or each.id != stored.id]
    advanced = None if stored is None else desk.settled(uow, desk.lapsing([stored])[0])
    contracts = list(uow.contracts.of([member.id]).values())
    sold = _sold(uow, member.id, contracts)
    studio = _studio(uow, wanted, sold)
    configuration = None if studio is None else uow.care_configurations.active_at(studio.code)
    spans = uow.memberships.of(member.id)
    messages = MessageFacts(
        member=member,
        organization=desk.organization,
        consents=uow.consents.of(member.id),
        posted=uow.messages.of(member.id),
        zone=residence(uow, member.id, desk.organization.zone).zone,
    )
    return ExplainFacts(
        organization=desk.organization,
        messages=messages,
        advanced=advanced,
        told=None if advanced is None else tell(advanced.run, uow.now, advanced.heard, messages.by_id),
        others=desk.lapsing(others),
        spans=spans,
        contracts=contracts,
        sold=sold,
        studio=studio,
        configuration=configuration,
        by_hand=_by_hand(desk, uow, member, studio, configuration, advanced, spans),
        now=uow.now,
    )


def _by_hand(
    desk: CareDesk,
    uow: CareWork,
    member: Member,
    studio: Studio | None,
    configuration: Configuration | None,
    advanced: Advanced | None,
    spans: Sequence[MembershipSpan],
) -> int | None:
    """How many flows may be assigned by hand: those that ``available_flows`` offers. It is asked where nothing runs."""
    if studio is None or configuration is None or (advanced is not None and advanced.run.active):
        return None
    choices = desk.offered(uow, None, member, studio, configuration, spans)
    return sum(each.may_be_assigned for each in choices.flows)


def _studio(uow: CareWork, wanted: ExplainCare, sold: Sold | None) -> Studio | None:
    """Where staff acts: the home studio where they do not say, else that of the newest contract."""
    if wanted.studio is not None:
        return uow.studios.get(wanted.studio)
    home = uow.people.of(wanted.member).home_studio
    if home is not None:
        return uow.studios.get(home)
    return None if sold is None else sold.contract.studio


@frozen
class _Told:
    """What the history says of a contract."""

    drafted: datetime | None
    joined: date | None
    skipped: tuple[datetime, CareAssignmentSkipped] | None
    ended_after: Collection[CareRunId]


def _sold(uow: CareWork, member: MemberId, contracts: Sequence[Contract]) -> Sold | None:
    if not contracts:
        return None
    newest = max(contracts, key=lambda each: each.id)
    types = [_DRAFTED, ContractCovered.type, HolderChanged.type, CareAssignmentSkipped.type, *_ENDS]
    events = uow.timelines.of(member, types, since=_FIRST, before=_END, limit=_PAGE)
    told = _of(newest.id, member, events)
    configuration = uow.care_configurations.active_at(newest.studio.code)
    began = min(each.since for each in newest.coverage)
    came = min(each.since for each in newest.coverage if each.member == member)
    return Sold(
        contract=newest,
        configuration=configuration,
        at=told.drafted,
        joined=came if came > began else told.joined,
        skipped=told.skipped,
        ended_after=told.ended_after,
    )


def _of(contract: ContractId, member: MemberId, events: Sequence[Recorded]) -> _Told:
    came = (_came_onto(each.event, contract, member) for each in events)
    joined = next((each for each in came if each is not None), None)
    draft = next((each for each in events if _drafts(each, contract)), None)
    drafted = None if draft is None else draft.effective_at
    skipped = next(
        (
            (each.effective_at, each.event)
            for each in events
            if isinstance(each.event, CareAssignmentSkipped) and each.event.contract == contract
        ),
        None,
    )
    ends = () if draft is None else (each.event for each in events if each.id > draft.id)
    ended = {each.run for each in ends if isinstance(each, CareRunCancelled | CareRunCompleted)}
    return _Told(drafted, joined if drafted is None else None, skipped, ended)


def _came_onto(event: Event, contract: ContractId, member: MemberId) -> date | None:
    """The day from which on a member is on a contract that was there before, by an event."""
    match event:
        case ContractCovered(contract=there, member=who, since=day) | HolderChanged(contract=there, after=who, on=day):
            return day if (there, who) == (contract, member) else None
        case _:
            return None


def _drafts(recorded: Recorded, contract: ContractId) -> bool:
    return recorded.event.type == _DRAFTED and getattr(recorded.event, "contract", None) == contract


def gather_simulation(desk: CareDesk, uow: CareWork, wanted: SimulateFlow) -> Simulation:
    """What a flow is simulated by.

    Raises:
        NotFound: if there is no such flow, member or studio.
        InvalidInput: for an end that is not after the start.
    """
    terms = wanted.flow if isinstance(wanted.flow, FlowTerms) else uow.care_flows.get(wanted.flow).current.terms
    studio = Studio("simulated", desk.organization.zone) if wanted.studio is None else uow.studios.get(wanted.studio)
    spans = wanted.statuses
    if wanted.member is not None:
        spans = tuple(uow.memberships.of(uow.members.get(wanted.member).id))
    return planned(wanted, terms, studio, always(wanted.start or uow.now) if spans is None else spans, uow.now)


def gather_course(desk: CareDesk, uow: CareWork, stored: Run) -> Course:
    """The course that a run took until now, and what it waits for."""
    advanced = desk.settled(uow, desk.lapsing([stored])[0])
    run = advanced.run
    waits: tuple[Because, ...] = ()
    if run.active:
        contracts = list(uow.contracts.of([run.member]).values())
        waits = tuple(of_run(run, advanced.heard, uow.memberships.of(run.member), contracts, uow.now))
    sent = {each.message.id: each for each in uow.messages.of(run.member)}
    return course_of(run, uow.now, state(run, uow.now), waits, sent)
