"""COM-8, COM-18: announcing what came about by itself of contracts that nobody touched: what the jobs do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from memberlogic.contracts.announcing import settle
from memberlogic.contracts.model import Contract
from memberlogic.contracts.posting import Changed
from memberlogic.errors import InvalidInput
from memberlogic.events import OfItself
from memberlogic.ids import ContractId
from memberlogic.inputs import an_instant, as_tuple, ids, optional, to_utc_or_none
from memberlogic.outcomes import Outcome

__all__ = ["ContractsSettled", "SettleContracts", "settle_all"]


@frozen(kw_only=True)
class SettleContracts:
    """Announce what came about of these contracts, by now or by an instant before."""

    contracts: tuple[ContractId, ...] = field(converter=as_tuple, validator=ids(most=1_000))
    as_of: datetime | None = field(default=None, converter=to_utc_or_none, validator=optional(an_instant))


@frozen(kw_only=True)
class ContractsSettled:
    """How many contracts had something to announce, and how much."""

    contracts: int
    announcements: int


def settle_all(
    contracts: Sequence[Contract], at: datetime, now: datetime
) -> Outcome[tuple[Changed, ...], OfItself, ContractsSettled]:
    """Contracts with everything announced that came about by an instant.

    Raises:
        InvalidInput: for an instant that is to come: what has not come about is not announced.
    """
    if at > now:
        raise InvalidInput(path="as_of", expected="an instant that is not after now", got="one that is to come")
    changes: list[Changed] = []
    announcements: list[OfItself] = []
    many = 0
    for contract in contracts:
        after, announced = settle(contract, at)
        if after is contract:
            continue
        many += bool(announced)
        announcements += announced
        changes.append(Changed(contract=evolve(after, version=contract.version + 1, effective_at=now)))
    result = ContractsSettled(contracts=many, announcements=len(announcements))
    return Outcome(tuple(changes), tuple(announcements), result)
