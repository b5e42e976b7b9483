"""CON-12: what switches and transfers have in common: one contract follows another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from attrs import evolve, frozen

from memberlogic.contracts import announcing
from memberlogic.contracts.model import (
    FINAL,
    FOLLOWED,
    Cancellation,
    CancellationKind,
    Contract,
    Coverage,
)
from memberlogic.contracts.posting import Changed, Settled, settled
from memberlogic.contracts.spanning import status
from memberlogic.errors import RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId

__all__ = [
    "AlreadyHandedOn",
    "FollowerCancelled",
    "NothingToWithdraw",
    "awaited",
    "handed_on",
    "still_there",
    "took_over",
    "voided",
    "waits_for",
]


@frozen(kw_only=True)
class _HandedOn(Event):
    contract: ContractId
    successor: ContractId
    day: date


@frozen(kw_only=True)
class SwitchWithdrawn(_HandedOn):
    """A switch will not be; ``day`` is the one that it was for."""

    type: ClassVar[str] = "contract.switch_withdrawn"


@frozen(kw_only=True)
class TransferWithdrawn(_HandedOn):
    """A transfer will not be; ``day`` is the one that it was for."""

    type: ClassVar[str] = "contract.transfer_withdrawn"


class AlreadyHandedOn(RuleViolation):
    """One switch or transfer at a time."""

    code = "contract.handed_on"
    rule = "CON-12"
    sentence = "{successor} follows the contract, or waits for its fee; that is withdrawn first."


class FollowerCancelled(RuleViolation):
    """What a member filed is not lost with a switch."""

    code = "switch.follower_cancelled"
    rule = "CON-12"
    sentence = "{successor}, which follows, is cancelled to {effective_on}; that cancellation is withdrawn first."


class NothingToWithdraw(RuleViolation):
    """There is none."""

    code = "contract.not_handed_on"
    rule = "CON-12"
    sentence = "No {kind} of the contract is on file."


def awaited(contract: Contract, others: Mapping[ContractId, Contract], today: date) -> Contract | None:
    """The contract to which one switches as soon as its fee is paid; None if there is none, or it lapsed."""
    if contract.cancellation is not None or contract.successor is None or contract.successor not in others:
        return None
    next_ = others[contract.successor]
    return None if status(next_, today) in FINAL else next_


def waits_for(contract: Contract, others: Mapping[ContractId, Contract]) -> Contract | None:
    """The contract that goes on until the fee of a switch to this one is paid; None if it waits for none."""
    old = None if contract.predecessor is None else others.get(contract.predecessor)
    if old is None or old.successor != contract.id or (old.cancellation and old.cancellation.kind in FOLLOWED):
        return None
    return old


def took_over(contract: Contract, before: Contract) -> bool:
    """Whether a contract takes over from one before it, or will on a day that is on file."""
    filed = before.cancellation
    return before.successor == contract.id and filed is not None and filed.kind in FOLLOWED


def handed_on(contract: Contract, others: Mapping[ContractId, Contract], today: date) -> AlreadyHandedOn | None:
    """The refusal of a contract that another follows, or will as soon as its fee is paid."""
    filed = contract.cancellation is not None and contract.cancellation.kind in FOLLOWED
    if not filed and awaited(contract, others, today) is None:
        return None
    return AlreadyHandedOn(successor=str(contract.successor))


def still_there(contract: Contract, day: date) -> tuple[Coverage, ...]:
    """Who is on a contract on a day or comes later."""
    return tuple(
        each for each in contract.coverage if each.since != each.until and (each.until is None or each.until > day)
    )


def filed_as(kind: CancellationKind, today: date, day: date) -> Cancellation:
    """The cancellation with which a contract is handed on, or voided."""
    return Cancellation(kind=kind, reason=kind.value, received_on=today, filed_on=today, effective_on=day)


def voided(before: Settled, received_on: date | None = None) -> tuple[Changed, tuple[Event | OfItself, ...]]:
    """A contract that counts as never in force, and what is announced of it.

    Args:
        received_on: when the sale was withdrawn from, if it was.
    """
    contract = before.contract
    void = filed_as(CancellationKind.WITHDRAWN, before.today, contract.first_day)
    void = evolve(void, received_on=received_on or void.received_on)
    after = evolve(contract, cancellation=void, version=contract.version + 1, effective_at=before.now)
    return Changed(contract=after), (*before.announced, *announcing.corrected(contract, after, before.now))


def followed(before: Settled, others: Mapping[ContractId, Contract], kind: CancellationKind) -> Settled:
    """The contract that follows, brought to now.

    Raises:
        NothingToWithdraw: if none of this kind does.
        AlreadyHandedOn: if that one is handed on itself.
    """
    contract = before.contract
    filed = contract.cancellation
    pending = awaited(contract, others, before.today) if kind is CancellationKind.SWITCHED else None
    if contract.successor is None or (pending is None and (filed is None or filed.kind is not kind)):
        raise NothingToWithdraw(kind="switch" if kind is CancellationKind.SWITCHED else "transfer")
    next_ = settled(others[contract.successor], before.now)
    if next_.contract.cancellation is not None and next_.contract.cancellation.kind in FOLLOWED:
        raise AlreadyHandedOn(successor=str(next_.contract.successor))
    return next_
