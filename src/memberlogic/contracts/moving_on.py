"""CON-12: a contract that will go on at another studio is one sale: what is filed of it is decided by the whole of it,
and kept on both contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeVar

from attrs import evolve

from memberlogic.calendar import local_day
from memberlogic.contracts.cancelling import FollowedByAnother
from memberlogic.contracts.lifecycle import cancelled_on
from memberlogic.contracts.model import CancellationKind, Contract
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.renewing import Course
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractId
from memberlogic.outcomes import Outcome

__all__ = ["on_both", "require_still_to_move", "whole"]

R = TypeVar("R")


def whole(contract: Contract, known: Mapping[ContractId, Contract], now: datetime) -> Contract:
    """A contract as if it stayed where it is, if it is to go on at another studio: its end is the one that is on file
    of the contract that follows. Any other contract as it is.
    """
    next_ = _to_come(contract, known, now)
    return contract if next_ is None else evolve(contract, cancellation=next_.cancellation)


def on_both(
    outcome: Outcome[tuple[Changed, ...], Event | OfItself, R],
    contract: Contract,
    known: Mapping[ContractId, Contract],
    now: datetime,
) -> Outcome[tuple[Changed, ...], Event | OfItself, R]:
    """What was decided of the :func:`whole` of a contract, kept on both: the contract still ends on the day of the
    transfer, and a cancellation is on file of the one that follows.

    Raises:
        FollowedByAnother: if it would end by that day: then there is nothing to transfer.
    """
    next_, facts = _to_come(contract, known, now), outcome.facts
    if next_ is None:
        return outcome
    (change,) = facts
    filed = change.contract.cancellation
    facts = (evolve(change, contract=evolve(change.contract, cancellation=contract.cancellation)),)
    if filed != next_.cancellation:
        require_still_to_move(contract, known, cancelled_on(Course.of(change.contract)), now)
        after = evolve(next_, cancellation=filed, version=next_.version + 1, effective_at=now)
        facts = (*facts, Changed(contract=after))
    return Outcome(facts, outcome.events, outcome.result)


def require_still_to_move(
    contract: Contract, known: Mapping[ContractId, Contract], ends: date | None, now: datetime
) -> None:
    """Refuse a cancellation by which a contract ends before it goes on at another studio.

    Raises:
        FollowedByAnother: if it would end by that day.
    """
    filed = contract.cancellation
    if filed is None or ends is None or _to_come(contract, known, now) is None or ends > filed.effective_on:
        return
    raise FollowedByAnother(effective_on=filed.effective_on.isoformat())


def _to_come(contract: Contract, known: Mapping[ContractId, Contract], now: datetime) -> Contract | None:
    """The contract that goes on at another studio on a day to come."""
    filed, follows = contract.cancellation, contract.successor
    if filed is None or filed.kind is not CancellationKind.TRANSFERRED or follows is None:
        return None
    return known.get(follows) if local_day(now, contract.studio.zone) < filed.effective_on else None
