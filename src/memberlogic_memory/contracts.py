"""Rates, contracts, and what people are by them, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from memberlogic.contracts.lapsing import LyingDrafts
from memberlogic.contracts.model import FINAL, Contract, ContractStatus
from memberlogic.contracts.ports import AllHeld, Held
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.rates import Rate
from memberlogic.contracts.renewing import Course
from memberlogic.contracts.spanning import spans, status
from memberlogic.errors import ConcurrencyConflict, Duplicate, NotFound
from memberlogic.ids import ContractId, MemberId, RateId
from memberlogic.organizations.model import Studio

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryContracts", "MemoryRates"]


class MemoryRates:
    """The port ``Rates``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: RateId) -> Rate:
        """One rate."""
        rate = self._uow.tenant.rates.get(id)
        if rate is None:
            raise NotFound(kind="rate", id=id)
        return rate

    def locked(self, id: RateId) -> Rate:
        """One rate, locked."""
        return self.get(id)

    def all(self) -> Sequence[Rate]:
        """Every rate."""
        return sorted(self._uow.tenant.rates.values(), key=lambda rate: rate.code)

    def add(self, rate: Rate) -> None:
        """Queue a new rate."""
        if any(each.code == rate.code for each in self._uow.tenant.rates.values()):
            raise Duplicate(kind="rate", field="code")
        self.change(rate)

    def change(self, rate: Rate) -> None:
        """Queue what a rate became."""
        self._uow.queue(lambda: self._uow.tenant.rates.update({rate.id: rate}))


class MemoryContracts:
    """The port ``Contracts``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: ContractId) -> Contract:
        """One contract."""
        contract = self._uow.tenant.contracts.get(id)
        if contract is None:
            raise NotFound(kind="contract", id=id)
        return contract

    def held(self, id: ContractId, also: Sequence[MemberId] = ()) -> Held:
        """A contract with the other contracts of the people on it."""
        contract = self.get(id)
        people = sorted({*contract.members, *also})
        self._uow.members.all_locked(people)
        self._uow.not_before(contract.effective_at)
        others = {key: each for key, each in self.of(people).items() if key != id}
        return Held(contract=contract, others=others)

    def lying(self, wanted: LyingDrafts) -> Sequence[Contract]:
        """Drafts that lie on hold."""
        contracts = self._uow.tenant.contracts
        later = (contracts[id] for id in sorted(contracts) if wanted.after is None or id > wanted.after)
        found = [
            each
            for each in later
            if each.studio.code in wanted.today
            and each.cancellation is None
            and each.signed_on <= wanted.signed_by(each.studio.code)
            and _on_hold_until(each, wanted.today[each.studio.code])
        ]
        return found[: wanted.size]

    def of(self, members: Sequence[MemberId]) -> Mapping[ContractId, Contract]:
        """Every contract of some members."""
        known = self._uow.tenant.contracts_of
        ids = {id for member in members for id in known.get(member, ())}
        return {id: self._uow.tenant.contracts[id] for id in sorted(ids)}

    def present(self, ids: Sequence[ContractId]) -> Sequence[Contract]:
        """Those of some contracts that are there."""
        return [self._uow.tenant.contracts[id] for id in sorted(set(ids)) if id in self._uow.tenant.contracts]

    def all_held(self, ids: Sequence[ContractId]) -> AllHeld:
        """Several contracts with the other contracts of the people on them."""
        found = {each.id: each for each in self.settling(ids)}
        people = sorted({member for each in found.values() for member in each.members})
        return AllHeld(contracts=found, others={id: each for id, each in self.of(people).items() if id not in found})

    def open_at(self, studio: Studio, day: date) -> Sequence[ContractId]:
        """Every open contract of a studio."""
        at = (each for each in self._uow.tenant.contracts.values() if each.studio.code == studio.code)
        return sorted(each.id for each in at if (now := status(each, day)) is not None and now not in FINAL)

    def settling(self, ids: Sequence[ContractId]) -> Sequence[Contract]:
        """Contracts to be announced."""
        found = [self.get(id) for id in sorted(ids)]
        for each in found:
            self._uow.not_before(each.effective_at)
        return found

    def write(self, changes: Sequence[Changed]) -> None:
        """Queue new contracts and what became of others."""
        for each in changes:
            guard = None if each.drafted else partial(self._require_next, each.contract)
            self._uow.queue(partial(self._store, each.contract), guard)

    def _require_next(self, contract: Contract) -> None:
        if self._uow.tenant.contracts[contract.id].version != contract.version - 1:
            raise ConcurrencyConflict(reason="the contract was changed")

    def _store(self, contract: Contract) -> None:
        tenant = self._uow.tenant
        tenant.contracts[contract.id] = contract
        for member in contract.members:
            of = tenant.contracts_of.setdefault(member, [])
            if contract.id not in of:
                of.append(contract.id)


def _on_hold_until(contract: Contract, today: date) -> bool:
    """Whether it has been on hold from its first day until this one."""
    first = spans(Course.of(contract))[0]
    return (
        first.since <= today and first.status is ContractStatus.ON_HOLD and (first.until is None or today < first.until)
    )
