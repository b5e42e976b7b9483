"""CON-12: a contract that will go on at another studio is one sale: what is filed of it is decided by the whole of it,
and kept on both contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
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

__all__ = ["on_both", "whole"]

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
    if next_ is None or contract.cancellation is None:
        return outcome
    (change,) = facts
    filed, day = change.contract.cancellation, contract.cancellation.effective_on
    facts = (evolve(change, contract=evolve(change.contract, cancellation=contract.cancellation)),)
    if filed != next_.cancellation:
        ends = cancelled_on(Course.of(change.contract))
        if ends is not None and ends <= day:
            raise FollowedByAnother(effective_on=day.isoformat())
        after = evolve(next_, cancellation=filed, version=next_.version + 1, effective_at=now)
        facts = (*facts, Changed(contract=after))
    return Outcome(facts, outcome.events, outcome.result)


def _to_come(contract: Contract, known: Mapping[ContractId, Contract], now: datetime) -> Contract | None:
    """The contract that goes on at another studio on a day to come."""
    filed, follows = contract.cancellation, contract.successor
    if filed is None or filed.kind is not CancellationKind.TRANSFERRED or follows is None:
        return None
    return known.get(follows) if local_day(now, contract.studio.zone) < filed.effective_on else None
