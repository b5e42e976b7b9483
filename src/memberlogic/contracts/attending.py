"""CON-15: what is known of somebody at the door, gathered from the store; whoever checks in is locked before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from memberlogic.actors import Actor
from memberlogic.calendar import Days, local_day
from memberlogic.contracts.admitting import AtTheDoor
from memberlogic.contracts.checking_in import Written
from memberlogic.contracts.issuing import IssuePass
from memberlogic.contracts.model import Contract
from memberlogic.contracts.passes import VisitorPass
from memberlogic.contracts.ports import CheckInNotices, ContractsWork
from memberlogic.contracts.serving import entitlements
from memberlogic.contracts.visits import Visit, VisitTold
from memberlogic.errors import NotFound
from memberlogic.events import Event
from memberlogic.ids import MemberId, PassId, VisitId
from memberlogic.members.membership import MembershipSpan
from memberlogic.members.model import Member
from memberlogic.organizations.model import Organization, Studio

__all__ = [
    "at_the_door",
    "host_of",
    "keep",
    "pass_held",
    "pass_of",
    "reachable",
    "require_studios",
    "visit_held",
    "with_note",
]


def at_the_door(
    uow: ContractsWork,
    organization: Organization,
    member: Member,
    studio: Studio,
    service: str | None,
    at: datetime,
    above: Sequence[CheckInNotices],
) -> AtTheDoor:
    """Everything that is known of a member who stands at the door of a studio."""
    second_scan = timedelta(minutes=organization.second_scan_minutes)
    contracts = tuple(uow.contracts.of([member.id]).values())
    counted = _counted(contracts, member.id, at, local_day(at, studio.zone))
    return AtTheDoor(
        member=member,
        studio=studio,
        service=service,
        at=at,
        contracts=contracts,
        suspensions=tuple(
            uow.suspensions.of(
                member.id, sorted({id for each in contracts for id in (each.id, each.predecessor) if id})
            )
        ),
        passes=tuple(uow.passes.of(member.id)),
        billing=uow.billing.of(member.id),
        around=tuple(uow.visits.around(member.id, at - second_scan, at + second_scan)),
        tallies=() if counted is None else tuple(uow.visits.tallies(member.id, counted)),
        second_scan=second_scan,
        above=tuple(notice for each in above for notice in each.of(uow, member.id, studio, at)),
    )


def _counted(contracts: Iterable[Contract], member: MemberId, at: datetime, day: date) -> Days | None:
    """The days of all periods that a limit looks at; None if there is no limit."""
    limits = [limit for _, given in entitlements(contracts, member, at) for limit in given.limits]
    periods = [each.period.containing(day) for each in limits]
    if not periods:
        return None
    return Days(min(each.start for each in periods), max(each.end for each in periods))


def visit_held(uow: ContractsWork, id: VisitId) -> Visit:
    """A visit, with its member locked.

    Raises:
        NotFound: if there is no such visit.
    """
    uow.members.locked(uow.visits.get(id).member)
    return uow.visits.get(id)


def pass_of(uow: ContractsWork, visit: Visit) -> VisitorPass | None:
    """The visitor pass that let somebody in, if one did."""
    return None if visit.visitor_pass is None else uow.passes.get(visit.visitor_pass)


def pass_held(uow: ContractsWork, id: PassId) -> VisitorPass:
    """A visitor pass, with its owner locked.

    Raises:
        NotFound: if there is no such pass.
    """
    uow.members.locked(uow.passes.get(id).member)
    return uow.passes.get(id)


def host_of(uow: ContractsWork, wanted: IssuePass) -> Sequence[MembershipSpan]:
    """What the host of a guest is to the organization; nothing, if there is none."""
    return () if wanted.host is None else uow.memberships.of(wanted.host)


def reachable(visit: Visit, actor: Actor) -> Visit:
    """The visit, if the actor may know of it.

    Raises:
        NotFound: for a member whose it is not; it does not exist for them (COM-11, COM-13).
    """
    if actor.member_id is not None and actor.member_id != visit.member:
        raise NotFound(kind="visit", id=visit.id)
    return visit


def with_note(uow: ContractsWork, visit: Visit) -> VisitTold:
    """A visit with what staff noted."""
    texts = {} if visit.note is None else uow.notes.texts([visit.note])
    return VisitTold(visit=visit, note=next(iter(texts.values()), None))


def require_studios(uow: ContractsWork, codes: Sequence[str]) -> None:
    """Refuse a studio that the organization does not have.

    Raises:
        NotFound: naming its code.
    """
    for code in codes:
        uow.studios.get(code)


def keep(uow: ContractsWork, written: Written, events: Sequence[Event], effective_at: datetime) -> None:
    """Queue what a check-in, or undoing one, leaves behind."""
    if written.note is not None:
        uow.notes.add(written.note.id, written.note.member, written.note.text)
    uow.visits.add(written.new)
    uow.visits.change(written.different)
    uow.passes.change(written.passes)
    uow.put(events, effective_at=effective_at)
