"""Visits, visitor passes, suspensions and what billing says, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

from memberlogic.calendar import Days
from memberlogic.contracts.passes import VisitorPass
from memberlogic.contracts.suspensions import Billing, Suspension
from memberlogic.contracts.visits import Tally, Visit
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import ContractId, MemberId, PassId, SuspensionId, VisitId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryBilling", "MemoryPasses", "MemorySuspensions", "MemoryVisits"]


class MemorySuspensions:
    """The port ``Suspensions``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: SuspensionId) -> Suspension:
        """One by its id."""
        found = self._uow.tenant.suspensions.get(id)
        if found is None:
            raise NotFound(kind="suspension", id=id)
        return found

    def of(self, member: MemberId, contracts: Sequence[ContractId]) -> Sequence[Suspension]:
        """Those of a member and of contracts."""
        known = sorted(self._uow.tenant.suspensions.items())
        return [each for _, each in known if each.member == member or each.contract in contracts]

    def add(self, suspension: Suspension) -> None:
        """Queue a new one."""
        self.change(suspension)

    def change(self, suspension: Suspension) -> None:
        """Queue what became of one."""
        known = self._uow.tenant.suspensions
        self._uow.queue(lambda: known.update({suspension.id: suspension}))


class MemoryBilling:
    """The port ``BillingSaid``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Billing:
        """What it last said."""
        return self._uow.tenant.billing.get(member) or Billing(member=member)

    def keep(self, said: Sequence[Billing]) -> None:
        """Queue what it says."""
        known = self._uow.tenant.billing
        self._uow.queue(lambda: known.update({each.member: each for each in said}))


class MemoryPasses:
    """The port ``Passes``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: PassId) -> VisitorPass:
        """One by its id."""
        found = self._uow.tenant.passes.get(id)
        if found is None:
            raise NotFound(kind="pass", id=id)
        return found

    def of(self, member: MemberId) -> Sequence[VisitorPass]:
        """Those of a person."""
        return [each for _, each in sorted(self._uow.tenant.passes.items()) if each.member == member]

    def add(self, visitor_pass: VisitorPass) -> None:
        """Queue a new one."""
        self.change([visitor_pass])

    def change(self, passes: Sequence[VisitorPass]) -> None:
        """Queue what became of some."""
        known = self._uow.tenant.passes
        for each in passes:
            self._uow.queue(partial(known.update, {each.id: each}), partial(_require_left, each))


def _require_left(visitor_pass: VisitorPass) -> None:
    left = visitor_pass.left
    if visitor_pass.used < 0 or (left is not None and left < 0):
        raise ConcurrencyConflict(reason="the visitor pass was used at the same moment")


class MemoryVisits:
    """The port ``Visits``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: VisitId) -> Visit:
        """One by its id."""
        found = self._uow.tenant.visits.get(id)
        if found is None:
            raise NotFound(kind="visit", id=id)
        return found

    def _of(self, member: MemberId) -> Iterable[Visit]:
        tenant = self._uow.tenant
        mine = (tenant.visits[id] for id in tenant.visits_of.get(member, ()))
        return sorted(mine, key=lambda each: (each.at, each.id))

    def around(self, member: MemberId, since: datetime, until: datetime) -> Sequence[Visit]:
        """Those between two instants."""
        return [each for each in self._of(member) if since <= each.at <= until]

    def over(self, member: MemberId, days: Days) -> Sequence[Visit]:
        """Those on some days."""
        return [each for each in self._of(member) if each.day in days]

    def at(
        self, studio: str, day: date, *, after: tuple[datetime, VisitId] | None = None, limit: int = 500
    ) -> Sequence[Visit]:
        """Those at a studio on a day."""
        there = (each for each in self._uow.tenant.visits.values() if (each.studio, each.day) == (studio, day))
        found = sorted(there, key=lambda each: (each.at, each.id), reverse=True)
        return [each for each in found if after is None or (each.at, each.id) < after][:limit]

    def tallies(self, member: MemberId, days: Days) -> Sequence[Tally]:
        """How many count."""
        counted = Counter((each.contract, each.service, each.day) for each in self.over(member, days) if each.counts)
        return [
            Tally(contract=contract, service=service, day=day, visits=visits)
            for (contract, service, day), visits in counted.items()
        ]

    def add(self, visits: Sequence[Visit]) -> None:
        """Queue new ones."""
        tenant = self._uow.tenant
        for each in visits:
            self._uow.queue(partial(tenant.visits.update, {each.id: each}))
            self._uow.queue(partial(_append, tenant.visits_of, each))

    def change(self, visits: Sequence[Visit]) -> None:
        """Queue what became of some."""
        tenant = self._uow.tenant
        for each in visits:
            self._uow.queue(partial(tenant.visits.update, {each.id: each}))


def _append(of: dict[MemberId, list[VisitId]], visit: Visit) -> None:
    of.setdefault(visit.member, []).append(visit.id)
