"""What a command changes of contracts, and what follows from it for the people on them: said once for every command.

A rule settles the contract, decides, and answers :func:`changed`; a service hands that to :func:`keep`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from attrs import evolve, frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.contracts import announcing
from memberlogic.contracts.covering import membership
from memberlogic.contracts.model import CancellationKind, Contract, ContractStatus, Coverage, Freeze, Gift, Payment
from memberlogic.contracts.parts import ContractParts, Heard, Sale, SaleKind
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.spanning import status
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId, MemberId
from memberlogic.members.membership import MembershipSpan
from memberlogic.outcomes import Outcome

__all__ = ["Changed", "Part", "Settled", "changed", "keep", "publish", "settled"]

Part = Coverage | Payment | Freeze | Gift
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
    sold: SaleKind | None = None
    """How it is sold by this command, if it is."""


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
    actor: Actor,
    parts: ContractParts,
    outcome: Outcome[tuple[Changed, ...], Event | OfItself, R],
    others: Mapping[ContractId, Contract] | None = None,
) -> R:
    """Queue what a command came to, with what every person on its contracts is by them now (MEM-18), and tell the rooms
    above.

    Args:
        others: the other contracts of these people, as they were read under their lock.
    """
    known = dict(others or {})
    passed_on = [*_passed_on(outcome.facts, known, uow.now)]
    facts = (*outcome.facts, *(each for each, _ in passed_on))
    events = (*outcome.events, *(event for _, told in passed_on for event in told))
    uow.contracts.write(facts)
    contracts = known | {each.contract.id: each.contract for each in facts}
    of = _by_member(contracts.values())
    spans = {member: membership(member, of[member]) for member in _people(facts)}
    uow.memberships.write(spans)
    uow.put(events)
    for each in facts:
        if each.sold is not None:
            _sell(uow, actor, parts, each.sold, each.contract, contracts, spans)
    for part in parts.memberships if spans else ():
        part.written(uow, actor, spans)
    publish(uow, actor, parts, events)
    return outcome.result


def _sell(
    uow: ContractsWork,
    actor: Actor,
    parts: ContractParts,
    kind: SaleKind,
    contract: Contract,
    contracts: Mapping[ContractId, Contract],
    spans: Mapping[MemberId, Sequence[MembershipSpan]],
) -> None:
    others = {id: each for id, each in contracts.items() if id != contract.id}
    for part in parts.selling:
        part.sold(uow, actor, Sale(kind=kind, contract=contract, others=others, spans=spans))


def publish(
    uow: ContractsWork,
    actor: Actor,
    parts: ContractParts,
    events: Sequence[Event | OfItself],
    effective_at: datetime | None = None,
) -> None:
    """Tell the rooms above what happened, where one listens and something did.

    Args:
        effective_at: when it took effect; now if left out. What came about by itself carries its own instant.
    """
    if not parts.hearing or not events:
        return
    at = effective_at or uow.now
    heard = [_heard(each, at) for each in events]
    for part in parts.hearing:
        part.happened(uow, actor, heard)


def _heard(event: Event | OfItself, at: datetime) -> Heard:
    if isinstance(event, OfItself):
        return Heard(event=event.event, effective_at=event.effective_at, of_itself=True)
    return Heard(event=event, effective_at=at, of_itself=False)


def _passed_on(
    facts: Sequence[Changed], others: Mapping[ContractId, Contract], now: datetime
) -> Iterable[tuple[Changed, Sequence[OfItself]]]:
    """What is filed of a contract before it is transferred holds for the one that follows, unchanged (CON-12), where
    the command did not see to that itself. Its studio may have the day already: then that is announced, too.
    """
    written = {each.contract.id for each in facts}
    for each in facts:
        filed, follows = each.contract.cancellation, each.contract.successor
        if filed is None or filed.kind is not CancellationKind.TRANSFERRED or follows is None or follows not in others:
            continue
        if follows in written:
            continue
        if each.new or each.different:
            yield _following(settled(others[follows], now), each, filed.effective_on)


def _following(one: Settled, before: Changed, day: date) -> tuple[Changed, Sequence[OfItself]]:
    contract = one.contract
    filed = (*before.new, *before.different)
    have: tuple[Part, ...] = (*contract.coverage, *contract.payments, *contract.freezes, *contract.gifts)
    known = {each.id for each in have}
    different: dict[UUID, Part] = {each.id: each for each in filed if each.id in known}
    new = tuple(each for each in filed if each.id not in known and _passes(each, day))
    parts: tuple[Part, ...] = (*(different.get(each.id, each) for each in have), *new)
    after = evolve(
        contract,
        coverage=tuple(each for each in parts if isinstance(each, Coverage)),
        payments=tuple(each for each in parts if isinstance(each, Payment)),
        freezes=tuple(each for each in parts if isinstance(each, Freeze)),
        gifts=tuple(each for each in parts if isinstance(each, Gift)),
        effective_at=before.contract.effective_at,
        version=contract.version + 1,
    )
    told = (*one.announced, *announcing.corrected(contract, after, one.now))
    return Changed(contract=after, new=new, different=tuple(different.values())), told


def _passes(part: Part, day: date) -> bool:
    """Whoever left before the day is not on the contract that follows."""
    return not isinstance(part, Coverage) or part.until is None or part.until > day


def _people(facts: Iterable[Changed]) -> Iterable[MemberId]:
    return sorted({member for each in facts for member in each.contract.members})


def _by_member(contracts: Iterable[Contract]) -> Mapping[MemberId, list[Contract]]:
    found: dict[MemberId, list[Contract]] = {}
    for each in contracts:
        for member in each.members:
            found.setdefault(member, []).append(each)
    return found
