"""CON-12: a contract with those that it follows and that follow it, from the store: all of them are one sale."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from memberlogic.contracts.handing_on import awaited, took_over
from memberlogic.contracts.model import Contract
from memberlogic.contracts.ports import AllHeld, ContractsWork
from memberlogic.errors import ConcurrencyConflict
from memberlogic.ids import ContractId

__all__ = ["followed_by", "linked_held", "one_after_the_other"]


def linked_held(uow: ContractsWork, id: ContractId) -> AllHeld:
    """A contract and every one that is linked with it by switches and transfers, locked after everybody on any of them.

    Raises:
        NotFound: if there is no such contract.
        ConcurrencyConflict: if one more was linked before the lock was taken.
    """
    ids = _linked(id, uow.contracts.get)
    held = uow.contracts.all_held(sorted(ids))
    again = _linked(id, lambda each: held.contracts[each] if each in held.contracts else uow.contracts.get(each))
    if again != ids:
        raise ConcurrencyConflict(reason="the contract was switched or transferred")
    return held


def followed_by(uow: ContractsWork, contract: Contract) -> Mapping[ContractId, Contract]:
    """The contract that follows one, if one does."""
    return {} if contract.successor is None else {contract.successor: uow.contracts.get(contract.successor)}


def _linked(id: ContractId, get: Callable[[ContractId], Contract]) -> set[ContractId]:
    first, found = get(id), {id}
    before, after = first.predecessor, first.successor
    while before is not None and before not in found:
        found.add(before)
        before = get(before).predecessor
    while after is not None and after not in found:
        found.add(after)
        after = get(after).successor
    return found


def one_after_the_other(contract: Contract, known: Mapping[ContractId, Contract], today: date) -> tuple[Contract, ...]:
    """A contract with those before it that it took over from and those that follow it, or will as soon as the fee of a
    switch is paid; the first that was signed at first.
    """
    chain = [contract]
    while (before := _at(known, chain[0].predecessor)) is not None and took_over(chain[0], before):
        chain.insert(0, before)
    while (after := _at(known, chain[-1].successor)) is not None and (
        took_over(after, chain[-1]) or awaited(chain[-1], known, today) is after
    ):
        chain.append(after)
    return tuple(chain)


def _at(known: Mapping[ContractId, Contract], id: ContractId | None) -> Contract | None:
    return None if id is None else known.get(id)
