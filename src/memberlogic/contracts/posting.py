"""What a command changes of contracts, and what follows from it for the people on them: said once for every command.

A rule settles the contract, decides, and answers :func:`changed`; a service hands that to :func:`keep`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeVar

from attrs import evolve, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts import announcing
from memberlogic.contracts.covering import membership
from memberlogic.contracts.model import Contract, ContractStatus, Coverage, Freeze, Payment
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.spanning import status
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, MemberId
from memberlogic.outcomes import Outcome

__all__ = ["Changed", "Part", "Settled", "changed", "keep", "settled"]

Part = Coverage | Payment | Freeze
R = TypeVar("R")


@frozen(kw_only=True)
class Settled:
    """A contract brought to now, and what was announced on the way."""

    contract: Contract
    announced: tuple[OfItself, ...]
    now: datetime
    today: date
    """The business day of the contract's studio."""
    status: ContractStatus | None


@frozen(kw_only=True)
class Changed:
    """A contract as it is to be stored, with the parts of it that are new and those that are different."""

    contract: Contract
    new: tuple[Part, ...] = ()
    different: tuple[Part, ...] = ()
    drafted: bool = False
    """Whether the contract itself is new."""


def settled(contract: Contract, now: datetime) -> Settled:
    """Bring a contract to now (COM-8): what every rule begins with."""
    after, announced = announcing.settle(contract, now)
    today = local_day(now, contract.studio.zone)
    return Settled(contract=after, announced=announced, now=now, today=today, status=status(after, today))


def changed(
    before: Settled,
    after: Contract,
    filed: Event,
    result: R,
    *,
    new: tuple[Part, ...] = (),
    different: tuple[Part, ...] = (),
) -> Outcome[tuple[Changed, ...], Event | OfItself, R]:
    """What a command comes to that changed one contract: what was announced before, what was filed, and what that
    changes up to today.
    """
    kept = evolve(after, version=before.contract.version + 1, effective_at=before.now)
    events: tuple[Event | OfItself, ...] = (
        *before.announced,
        filed,
        *announcing.corrected(before.contract, kept, before.now),
    )
    return Outcome((Changed(contract=kept, new=new, different=different),), events, result)


def keep(
    uow: ContractsWork,
    outcome: Outcome[tuple[Changed, ...], Event | OfItself, R],
    others: Mapping[ContractId, Contract] | None = None,
) -> R:
    """Queue what a command came to, with what every person on its contracts is by them now (MEM-18).

    Args:
        others: the other contracts of these people, as they were read under their lock.
    """
    uow.contracts.write(outcome.facts)
    contracts = dict(others or {}) | {each.contract.id: each.contract for each in outcome.facts}
    uow.memberships.write(
        {member: membership(member, _of(member, contracts.values())) for member in _people(outcome.facts)}
    )
    uow.put(outcome.events)
    return outcome.result


def _people(facts: Iterable[Changed]) -> Iterable[MemberId]:
    return sorted({member for each in facts for member in each.contract.members})


def _of(member: MemberId, contracts: Iterable[Contract]) -> list[Contract]:
    return [each for each in contracts if member in each.members]
