"""CON-13: what a member may use on a day: of each contract that covers them what its rate gives in its status, together
the union of all. A suspension changes nothing of it: it refuses access (CON-14).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from attrs import field, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts.handing_on import took_over
from memberlogic.contracts.lifecycle import status_on
from memberlogic.contracts.model import FINAL, Contract, ContractStatus
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.services import AllServices, OnlyServices, ServiceTerms, Usable, VisitLimit
from memberlogic.ids import ContractId, MemberId
from memberlogic.inputs import a_day, an_id, optional
from memberlogic.outcomes import Because, Explanation

__all__ = ["Entitlement", "OfServices", "ServicesOn", "entitlement", "entitlements", "services_on", "usable_in"]


@frozen(kw_only=True)
class OfServices:
    """What a member may use on a day of each contract's studio; today where none is given."""

    member: MemberId = field(validator=an_id)
    on: date | None = field(default=None, validator=optional(a_day))


@frozen(kw_only=True)
class Entitlement:
    """What one contract gives on a day of its studio, in the status that it has then."""

    contract: ContractId
    on: date
    status: ContractStatus
    services: Usable
    studios: tuple[str, ...]
    """Where; everywhere if none is named."""
    limits: tuple[VisitLimit, ...]

    def includes(self, service: str | None, studio: str) -> bool:
        """Whether a service may be used at a studio; the studio itself, where no service is named."""
        return self.services.includes(service) and (not self.studios or studio in self.studios)


@frozen(kw_only=True)
class ServicesOn:
    """What a member may use: of all contracts together, and of each."""

    member: MemberId
    services: Usable
    contracts: tuple[Entitlement, ...]

    def includes(self, service: str | None, studio: str) -> bool:
        """Whether some contract gives a service at a studio. Limits of visits are not looked at."""
        return any(each.includes(service, studio) for each in self.contracts)

    def explain(self) -> Explanation:
        """What each contract gives."""
        reasons = [
            Because(
                "CON-13",
                f"services.{each.status.value}",
                {"contract": str(each.contract), "on": each.on.isoformat(), "services": _said(each.services)},
            )
            for each in self.contracts
        ]
        return Explanation(f"By their contracts the member may use: {_said(self.services)}.", tuple(reasons))


def _said(services: Usable) -> str:
    match services:
        case AllServices():
            return "everything"
        case OnlyServices(codes):
            return ", ".join(codes) if codes else "nothing"


def usable_in(terms: ServiceTerms, status: ContractStatus) -> Usable:
    """What a rate gives in a status; nothing in a final one."""
    match status:
        case ContractStatus.ACTIVE:
            return terms.active
        case ContractStatus.FROZEN:
            return terms.frozen
        case ContractStatus.PENDING:
            return terms.pending
        case ContractStatus.ON_HOLD:
            return terms.on_hold
        case ContractStatus.CANCELLED | ContractStatus.EXPIRED:
            return OnlyServices()


def entitlement(contract: Contract, member: MemberId, day: date) -> Entitlement | None:
    """What an open contract gives a member on a day of its studio; None if it does not cover them then, or is over."""
    course = Course.of(contract)
    status = status_on(course, day)
    if status is None or status in FINAL or not any(each.member == member for each in contract.covered_on(day)):
        return None
    terms = course.rate_on(day).terms.services
    return Entitlement(
        contract=contract.id,
        on=day,
        status=status,
        services=usable_in(terms, status),
        studios=terms.studios,
        limits=terms.limits,
    )


def entitlements(
    contracts: Iterable[Contract], member: MemberId, at: datetime
) -> Sequence[tuple[Contract, Entitlement]]:
    """What every open contract gives a member at an instant, each on its own studio's day (COM-3)."""
    known = {each.id: each for each in contracts}
    found = ((each, entitlement(each, member, _day(each, known, at))) for each in known.values())
    return [(contract, given) for contract, given in found if given is not None]


def _day(contract: Contract, known: Mapping[ContractId, Contract], at: datetime) -> date:
    """Its studio's day. Where a sale goes on at a studio that has its day later (CON-12), its first day there counts
    from the instant on at which it ended at the one before: nobody stands between the two.
    """
    day, begins = local_day(at, contract.studio.zone), contract.begins_on
    before = None if contract.predecessor is None else known.get(contract.predecessor)
    if begins is None or before is None or not took_over(contract, before):
        return day
    return max(day, begins) if local_day(at, before.studio.zone) >= begins else day


def services_on(member: MemberId, contracts: Iterable[Contract], on: date | None, now: datetime) -> ServicesOn:
    """What a member may use on a day; today where none is given."""
    known = {each.id: each for each in contracts}
    found = (entitlement(each, member, on or _day(each, known, now)) for each in known.values())
    given = tuple(each for each in found if each is not None)
    return ServicesOn(member=member, services=_together([each.services for each in given]), contracts=given)


def _together(services: Sequence[Usable]) -> Usable:
    """Everything, if something gives everything; else every service that something gives."""
    codes: set[str] = set()
    for each in services:
        match each:
            case AllServices():
                return each
            case OnlyServices(some):
                codes |= set(some)
    return OnlyServices(sorted(codes))
