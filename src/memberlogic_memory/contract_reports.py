"""Figures and lists over contracts in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from memberlogic.calendar import Days, first_day_of
from memberlogic.contracts.deadlines import Look, look_from
from memberlogic.contracts.lifecycle import cancelled_on
from memberlogic.contracts.model import FINAL, FOLLOWED, CancellationKind, Contract, ContractStatus
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.reporting import Absent, CancelledFor, Ending, PageOfAbsent, PageOfEndings, Standing
from memberlogic.contracts.spanning import Span, spans, started_on, status
from memberlogic.ids import MemberId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryContractReports"]


class MemoryContractReports:
    """The port ``ContractReports``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def standing(self, on: date, studio: str | None) -> Sequence[Standing]:
        """How many contracts have which status on a day."""
        contracts: Counter[tuple[str, ContractStatus]] = Counter()
        people: dict[tuple[str, ContractStatus], set[MemberId]] = {}
        for contract in self._contracts(studio):
            now = status(contract, on)
            if now is not None and not _taken_back(contract):
                key = (contract.studio.code, now)
                contracts[key] += 1
                people.setdefault(key, set()).update(each.member for each in contract.covered_on(on))
        return [
            Standing(studio=key[0], status=key[1], contracts=contracts[key], members=len(people[key]))
            for key in sorted(contracts, key=lambda each: (each[0], each[1].value))
        ]

    def moved(self, days: Days, studio: str | None) -> Mapping[str, Mapping[str, int]]:
        """What became of contracts."""
        found: dict[str, Counter[str]] = {each: Counter() for each in ("signed", "started", "frozen", "expired")}
        for contract, course in self._courses(studio):
            code = contract.studio.code
            found["signed"][code] += contract.signed_on in days and contract.predecessor is None
            first = started_on(contract)
            found["started"][code] += first is not None and first in days
            begun = [each for each in course if each.since in days and not self._frozen_before(contract, each)]
            found["frozen"][code] += sum(each.status is ContractStatus.FROZEN for each in begun)
            found["expired"][code] += sum(each.status is ContractStatus.EXPIRED for each in begun)
        return {figure: {code: many for code, many in each.items() if many} for figure, each in found.items()}

    def _frozen_before(self, contract: Contract, span: Span) -> bool:
        """Whether a freeze goes on that began before a transfer."""
        if contract.predecessor is None or span.since != contract.begins_on or span.status is not ContractStatus.FROZEN:
            return False
        before = spans(Course.of(self._uow.tenant.contracts[contract.predecessor]))
        return any(each.status is ContractStatus.FROZEN and each.until == span.since for each in before)

    def cancelled(self, days: Days, studio: str | None) -> Sequence[CancelledFor]:
        """Why contracts ended."""
        filed = [
            (contract.studio.code, contract.cancellation.kind, contract.cancellation.reason)
            for contract in self._contracts(studio)
            if contract.cancellation is not None and not _taken_back(contract)
            if (on := cancelled_on(Course.of(contract))) is not None and on in days
        ]
        return [
            CancelledFor(studio=code, kind=kind, reason=reason, contracts=many)
            for (code, kind, reason), many in Counter(filed).items()
        ]

    def kept(self, first: date, second: date, studio: str | None) -> tuple[int, int]:
        """Who was active, and who still is."""
        before, after = (self._active(day, studio) for day in (first, second))
        return len(before), len(before & after)

    def _active(self, day: date, studio: str | None) -> set[MemberId]:
        return {
            each.member
            for contract in self._contracts(studio)
            if status(contract, day) is ContractStatus.ACTIVE
            for each in contract.covered_on(day)
        }

    def ending(self, page: PageOfEndings) -> Sequence[Ending]:
        """Contracts that end."""
        found = [
            _ending(contract, last)
            for contract, course in self._courses(page.studio)
            if (last := course[-1]).status in FINAL
            and page.since <= last.since < page.until
            and not _taken_back(contract)
        ]
        found.sort(key=lambda each: (each.on, each.contract))
        return [each for each in found if page.after is None or (each.on, each.contract) > page.after][: page.size]

    def looked_at(
        self, before: date, studio: str | None, *, after: Look | None = None, limit: int = 500
    ) -> Sequence[tuple[date, Contract]]:
        """Contracts that may have a deadline."""
        days = ((look_from(each), each) for each in self._contracts(studio))
        found = [(day, each) for day, each in days if day is not None and day < before]
        found.sort(key=lambda each: (each[0], each[1].id))
        return [each for each in found if after is None or (each[0], each[1].id) > after][:limit]

    def absent(self, today: date, page: PageOfAbsent) -> Sequence[Absent]:
        """Who does not come."""
        came: dict[MemberId, date] = {}
        for visit in self._uow.tenant.visits.values():
            if visit.counts:
                came[visit.member] = max(visit.day, came.get(visit.member, visit.day))
        since = first_day_of(page.days, today)
        found = [
            Absent(member=member, last_visit=came.get(member))
            for member in sorted(self._active(today, page.studio))
            if member not in came or came[member] < since
        ]
        return [each for each in found if page.after is None or each.member > page.after][: page.size]

    def _contracts(self, studio: str | None) -> Iterator[Contract]:
        for contract in self._uow.tenant.contracts.values():
            if studio is None or contract.studio.code == studio:
                yield contract

    def _courses(self, studio: str | None) -> Iterator[tuple[Contract, Sequence[Span]]]:
        for contract in self._contracts(studio):
            yield contract, spans(Course.of(contract))


def _taken_back(contract: Contract) -> bool:
    """What would have followed and was taken back never was a contract of its own."""
    filed = contract.cancellation
    return filed is not None and filed.kind is CancellationKind.WITHDRAWN and contract.predecessor is not None


def _ending(contract: Contract, last: Span) -> Ending:
    filed = contract.cancellation if last.status is ContractStatus.CANCELLED else None
    followed = filed is not None and filed.kind in FOLLOWED
    return Ending(
        contract=contract.id,
        studio=contract.studio.code,
        on=last.since,
        status=last.status,
        kind=None if filed is None else filed.kind,
        reason=None if filed is None else filed.reason,
        successor=contract.successor if followed else None,
    )
