"""Batches of contracts, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from memberlogic.contracts.batches import Batch, BatchLine, LineState
from memberlogic.errors import NotFound
from memberlogic.ids import ContractBatchId, ContractId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryContractBatches"]


class MemoryContractBatches:
    """The port ``ContractBatches``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: ContractBatchId) -> Batch:
        """One batch."""
        batch = self._uow.tenant.contract_batches.get(id)
        if batch is None:
            raise NotFound(kind="contract batch", id=id)
        return batch

    def locked(self, id: ContractBatchId) -> Batch:
        """One batch, locked."""
        return self.get(id)

    def add(self, batch: Batch, lines: Sequence[BatchLine]) -> None:
        """Queue a new batch."""
        self._uow.queue(partial(self._store, batch, lines))

    def change(self, batch: Batch, lines: Sequence[BatchLine]) -> None:
        """Queue what a batch became."""
        self._uow.queue(partial(self._store, batch, lines))

    def _store(self, batch: Batch, lines: Sequence[BatchLine]) -> None:
        tenant = self._uow.tenant
        tenant.contract_batches[batch.id] = batch
        tenant.contract_batch_lines.setdefault(batch.id, {}).update({each.contract: each for each in lines})

    def counts(self, id: ContractBatchId) -> Mapping[LineState, int]:
        """How many lines are in each state."""
        return Counter(each.state for each in self._uow.tenant.contract_batch_lines.get(id, {}).values())

    def lines(
        self, id: ContractBatchId, states: Sequence[LineState], *, after: ContractId | None, limit: int
    ) -> Sequence[BatchLine]:
        """The next lines."""
        known = sorted(self._uow.tenant.contract_batch_lines.get(id, {}).items())
        found = [line for key, line in known if line.state in states and (after is None or key > after)]
        return found[:limit]
