"""CARE-17: what is gathered to explain a member's care, or to simulate a flow. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from attrs import frozen

from memberlogic.care.events import CareAssignmentSkipped
from memberlogic.care.explaining import ExplainCare, ExplainFacts, Sold
from memberlogic.care.explaining_messages import MessageFacts
from memberlogic.care.flows import FlowTerms
from memberlogic.care.gathering import CareDesk
from memberlogic.care.ports import CareWork
from memberlogic.care.simulating import SimulateFlow, Simulation, always, planned
from memberlogic.care.telling import tell
from memberlogic.contracts.model import Contract
from memberlogic.events import Recorded
from memberlogic.ids import ContractId, MemberId
from memberlogic.members.residing import residence
from memberlogic.organizations.model import Studio

__all__ = ["gather", "gather_simulation"]

_DRAFTED = "contract.drafted"
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
    zone = residence(uow, member.id, desk.organization.zone).zone
    return ExplainFacts(
        organization=desk.organization,
        messages=MessageFacts(
            member=member,
            organization=desk.organization,
            consents=uow.consents.of(member.id),
            posted=uow.messages.of(member.id),
            zone=zone,
        ),
        advanced=advanced,
        told=None if advanced is None else tell(advanced.run, uow.now, advanced.heard),
        others=desk.lapsing(others),
        spans=uow.memberships.of(member.id),
        contracts=contracts,
        sold=sold,
        studio=studio,
        configuration=None if studio is None else uow.care_configurations.active_at(studio.code),
        now=uow.now,
    )


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
    skipped: tuple[datetime, CareAssignmentSkipped] | None


def _sold(uow: CareWork, member: MemberId, contracts: Sequence[Contract]) -> Sold | None:
    if not contracts:
        return None
    newest = max(contracts, key=lambda each: each.id)
    types = [_DRAFTED, CareAssignmentSkipped.type]
    events = uow.timelines.of(member, types, since=_FIRST, before=_END, limit=_PAGE)
    told = _of(newest.id, events)
    configuration = uow.care_configurations.active_at(newest.studio.code)
    return Sold(contract=newest, configuration=configuration, at=told.drafted, skipped=told.skipped)


def _of(contract: ContractId, events: Sequence[Recorded]) -> _Told:
    drafted = next((each.effective_at for each in events if _drafts(each, contract)), None)
    skipped = next(
        (
            (each.effective_at, each.event)
            for each in events
            if isinstance(each.event, CareAssignmentSkipped) and each.event.contract == contract
        ),
        None,
    )
    return _Told(drafted, skipped)


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
