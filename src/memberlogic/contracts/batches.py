"""CON-18: a batch: the same freeze, or the same days given, for many contracts, as data. Each contract is a line."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any

import attrs
from attrs import field, frozen

from memberlogic import converting
from memberlogic.contracts.giving import GiveDays
from memberlogic.contracts.model import Contract
from memberlogic.errors import InvalidInput
from memberlogic.ids import ContractBatchId, ContractId, FreezeId, GiftId
from memberlogic.inputs import a_day, as_tuple, code, ids

__all__ = [
    "Audience",
    "Batch",
    "BatchAction",
    "BatchLine",
    "FreezeAll",
    "GiveDays",
    "LineState",
    "Named",
    "OpenAt",
    "action_from",
    "action_json",
    "stamp",
]


@frozen(kw_only=True)
class FreezeAll:
    """Every contract is frozen on the days ``[since, until)``, as its own rate allows."""

    since: date = field(validator=a_day)
    until: date = field(validator=a_day)
    reason: str = field(validator=code("a reason's code"))

    def __attrs_post_init__(self) -> None:
        if self.until <= self.since:
            raise InvalidInput(path="until", expected="a day after the first one", got=self.until.isoformat())


BatchAction = FreezeAll | GiveDays
converting.tagged(BatchAction)


@frozen(kw_only=True)
class Named:
    """These contracts."""

    contracts: tuple[ContractId, ...] = field(converter=as_tuple, validator=ids(least=1, most=10_000))


@frozen(kw_only=True)
class OpenAt:
    """Every contract that is neither cancelled nor expired today at a studio."""

    studio: str = field(validator=code("a studio's code"))


Audience = Named | OpenAt
converting.tagged(Audience)


@frozen
class _Acts:
    action: BatchAction


def action_json(action: BatchAction) -> Any:
    """An action as JSON values."""
    return converting.to_json(_Acts(action))


def action_from(data: Any) -> BatchAction:
    """Read what :func:`action_json` wrote."""
    return converting.from_json(_Acts, data).action


class LineState(Enum):
    """What became of a contract in a batch."""

    WAITING = "waiting"
    DONE = "done"
    LEFT_OUT = "left_out"
    """Nothing was done, for the reason that its code names."""
    UNDONE = "undone"
    KEPT = "kept"
    """It was not undone, for the reason that its code names."""


@frozen(kw_only=True)
class BatchLine:
    """A contract in a batch."""

    contract: ContractId
    state: LineState = LineState.WAITING
    code: str | None = None
    """Why it was left out or kept: the code of what refused it, or ``batch.opted_out``, ``batch.touched_since``,
    ``batch.undone``.
    """
    freeze: FreezeId | None = None
    gift: GiftId | None = None
    stamp: str | None = None
    """The facts of the contract as the batch left them."""


@frozen(kw_only=True)
class Batch:
    """The same for many contracts."""

    id: ContractBatchId
    action: BatchAction
    opened_at: datetime
    undone_at: datetime | None = None
    """When undoing it began."""


def stamp(contract: Contract) -> str:
    """What tells whether anything was filed of a contract since: its facts, without what announcing changes, so that
    it makes no difference how often jobs ran (COM-8).
    """
    facts = {
        each.name: _in_order(getattr(contract, each.name))
        for each in attrs.fields(Contract)
        if each.name not in {"announced_to", "effective_at", "version", "rates", "studio"}
    }
    return sha256(converting.dumps(converting.to_json(facts)).encode()).hexdigest()


def _in_order(value: object) -> object:
    """Parts by their ids: a store may answer them in another order."""
    return tuple(sorted(value, key=lambda each: each.id)) if isinstance(value, tuple) else value
