"""Batches of contracts in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.contracts.batches import Batch, BatchLine, LineState, action_from, action_json
from memberlogic.errors import NotFound
from memberlogic.ids import ContractBatchId, ContractId, FreezeId, GiftId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of
from sqlalchemy import bindparam, func, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlContractBatches"]

_b, _l = tables.contract_batches.c, tables.contract_batch_lines.c
_mine = _b.organization_id == bindparam("organization", type_=_b.organization_id.type)
_of_batch = (
    _l.organization_id == bindparam("organization", type_=_l.organization_id.type),
    _l.batch_id == bindparam("batch", type_=_l.batch_id.type),
)
_by_id = select(_b.id, _b.action, _b.opened_at, _b.undone_at).where(_mine, _b.id == bindparam("id_", type_=_b.id.type))
_GET = Statement(_by_id, "organization", "id_")
_LOCK = Statement(_by_id.with_for_update(), "organization", "id_")
_ADD = inserting(tables.contract_batches)
_ADD_LINE = inserting(tables.contract_batch_lines)
_CHANGE = Statement(
    update(tables.contract_batches)
    .values(undone_at=bindparam("new_undone_at", type_=_b.undone_at.type))
    .where(_mine, _b.id == bindparam("id_", type_=_b.id.type)),
    "new_undone_at",
    "organization",
    "id_",
)
_BECOMES = ("state", "code", "freeze_id", "gift_id", "stamp")
_CHANGE_LINE = Statement(
    update(tables.contract_batch_lines)
    .values({each: bindparam(f"new_{each}", type_=_l[each].type) for each in _BECOMES})
    .where(*_of_batch, _l.contract_id == bindparam("contract", type_=_l.contract_id.type)),
    *(f"new_{each}" for each in _BECOMES),
    "organization",
    "batch",
    "contract",
)
_COUNTS = Statement(select(_l.state, func.count()).where(*_of_batch).group_by(_l.state), "organization", "batch")


@family
def _lines(count: int) -> Statement:
    names, among = one_of(_l.state, count)
    core = (
        select(_l.contract_id, _l.state, _l.code, _l.freeze_id, _l.gift_id, _l.stamp)
        .where(*_of_batch, among, _l.contract_id > bindparam("after", type_=_l.contract_id.type))
        .order_by(_l.contract_id)
        .limit(bindparam("limit"))
    )
    return Statement(core, "organization", "batch", *names, "after", "limit")


_BEFORE_ALL = UUID(int=0)


class SqlContractBatches:
    """The port ``ContractBatches``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._codec = uow.codec

    def get(self, id: ContractBatchId) -> Batch:
        """One batch."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._codec.id_in(id))))
        return self._one(rows, id)

    def locked(self, id: ContractBatchId) -> Batch:
        """One batch, locked."""
        (rows,) = self._uow.lock((_LOCK, (self._uow.org, self._codec.id_in(id))))
        return self._one(rows, id)

    def _one(self, rows: Sequence[Any], id: ContractBatchId) -> Batch:
        codec = self._codec
        for key, action, opened_at, undone_at in rows:
            return Batch(
                id=ContractBatchId(codec.id_out(key)),
                action=action_from(converting.loads(action)),
                opened_at=codec.at_out(opened_at),
                undone_at=None if undone_at is None else codec.at_out(undone_at),
            )
        raise NotFound(kind="contract batch", id=id)

    def add(self, batch: Batch, lines: Sequence[BatchLine]) -> None:
        """Queue a new batch."""
        codec, id = self._codec, self._codec.id_in(batch.id)
        action = converting.dumps(action_json(batch.action))
        self._uow.queue(_ADD, (self._uow.org, id, action, codec.at_in(batch.opened_at), None))
        key = (self._uow.org, id)
        self._uow.queue_all(_ADD_LINE, [(*key, codec.id_in(each.contract), *self._became(each)) for each in lines])

    def change(self, batch: Batch, lines: Sequence[BatchLine]) -> None:
        """Queue what a batch became."""
        codec, key = self._codec, (self._uow.org, self._codec.id_in(batch.id))
        undone = None if batch.undone_at is None else codec.at_in(batch.undone_at)
        self._uow.queue(_CHANGE, (undone, *key))
        self._uow.queue_all(_CHANGE_LINE, [(*self._became(each), *key, codec.id_in(each.contract)) for each in lines])

    def _became(self, line: BatchLine) -> tuple[Any, ...]:
        codec = self._codec
        return (
            line.state.value,
            line.code,
            codec.id_or_none_in(line.freeze),
            codec.id_or_none_in(line.gift),
            line.stamp,
        )

    def counts(self, id: ContractBatchId) -> Mapping[LineState, int]:
        """How many lines are in each state."""
        (rows,) = self._uow.ask((_COUNTS, (self._uow.org, self._codec.id_in(id))))
        return {LineState(state): int(many) for state, many in rows}

    def lines(
        self, id: ContractBatchId, states: Sequence[LineState], *, after: ContractId | None, limit: int
    ) -> Sequence[BatchLine]:
        """The next lines."""
        codec = self._codec
        wanted = [each.value for each in states]
        row = (self._uow.org, codec.id_in(id), *wanted, codec.id_in(after or _BEFORE_ALL), limit)
        (rows,) = self._uow.ask((_lines(len(wanted)), row))
        return [self._line(each) for each in rows]

    def _line(self, row: Sequence[Any]) -> BatchLine:
        codec = self._codec
        contract, state, code, freeze, gift, stamp = row
        filed, given = codec.id_or_none_out(freeze), codec.id_or_none_out(gift)
        return BatchLine(
            contract=ContractId(codec.id_out(contract)),
            state=LineState(state),
            code=code,
            freeze=None if filed is None else FreezeId(filed),
            gift=None if given is None else GiftId(given),
            stamp=stamp,
        )
