"""What a host calls to freeze many contracts at once, or to give them days (CON-18).
:class:`~memberlogic.contracts.service.ContractsService` is one of these.
"""

from __future__ import annotations

from collections.abc import Sequence

from memberlogic.actors import Actor
from memberlogic.contracts import batching
from memberlogic.contracts.batches import Audience, Batch, BatchAction, BatchLine, LineState
from memberlogic.contracts.batching import BatchOpened, BatchPreview, BatchTold, LinesOf, OfBatch, OpenBatch
from memberlogic.contracts.parts import ContractParts
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import keep
from memberlogic.ids import ContractBatchId, ContractId
from memberlogic.running import Asks, Runner

__all__ = ["BatchService"]

OPEN_BATCH = Asks("contracts.open_batch", "members.freezes:create", BatchTold)
CHECK_BATCH = Asks("contracts.check_batch", "members.batches:read", BatchPreview)
RUN_BATCH = Asks("contracts.run_batch", "members.freezes:create", BatchTold)
UNDO_BATCH = Asks("contracts.undo_batch", "members.freezes:update", BatchTold)
BATCH = Asks("contracts.batch", "members.batches:read", BatchTold)
BATCH_LINES = Asks("contracts.batch_lines", "members.batches:read", tuple[BatchLine, ...])

_WAITING = (LineState.WAITING,)
_TO_UNDO = (LineState.WAITING, LineState.DONE)


class BatchService:
    """The same freeze, or the same days given, for many contracts."""

    _runner: Runner[ContractsWork]
    _parts: ContractParts

    def open_batch(
        self,
        action: BatchAction,
        audience: Audience,
        *,
        without: Sequence[ContractId] = (),
        idempotency_key: str | None = None,
    ) -> BatchTold:
        """Put a batch together: what is to be done (``FreezeAll`` or ``GiveDays``) to which contracts. It changes none
        of them: look at it with ``check_batch``, then ``run_batch``.

        Args:
            audience: the contracts that are ``Named``, at most 10,000, or all that are ``OpenAt`` a studio today.
            without: contracts that stay out of it; they are listed as left out.

        Raises:
            InvalidInput: naming the field.
            NotFound: for the first contract, or the studio, that is not there.
        """
        wanted = OpenBatch(action=action, audience=audience, without=without)
        return self._runner.run(OPEN_BATCH, wanted, idempotency_key, self.open_batch_step)

    def open_batch_step(self, uow: ContractsWork, _: Actor, wanted: OpenBatch) -> BatchTold:
        """Opening a batch, inside a unit of work."""
        lines = batching.audience(wanted, uow.contracts, uow.studios, uow.now)
        batch = Batch(id=ContractBatchId(self._runner.new_id()), action=wanted.action, opened_at=uow.now)
        uow.contract_batches.add(batch, lines)
        uow.put([BatchOpened(batch=batch.id, contracts=len(lines))])
        return batching.tell(batch, batching.counted(lines))

    def check_batch(self, batch: ContractBatchId, *, after: ContractId | None = None, limit: int = 200) -> BatchPreview:
        """What running a batch would do to the next contracts that wait: what moves, or the code of what would leave it
        out. Nothing is changed. Raises ``NotFound``.
        """
        wanted = LinesOf(batch=batch, state=LineState.WAITING, after=after, limit=limit)
        return self._runner.ask(CHECK_BATCH, wanted, self.check_batch_step)

    def check_batch_step(self, uow: ContractsWork, _: Actor, wanted: LinesOf) -> BatchPreview:
        """Looking at what a batch would do, inside a unit of work."""
        batch = uow.contract_batches.get(wanted.batch)
        lines = uow.contract_batches.lines(batch.id, _WAITING, after=wanted.after, limit=wanted.limit)
        contracts = uow.contracts.present([each.contract for each in lines])
        return batching.preview(batch, contracts, wanted.limit, uow.now, self._runner.new_id)

    def run_batch(self, batch: ContractBatchId, *, limit: int = 200, idempotency_key: str | None = None) -> BatchTold:
        """Do it to the next contracts that wait, in one transaction; call it until the answer is ``finished``. A
        contract that its own rules refuse is left out, with the code of what refused it. Killed in between, it goes on
        where it was; run twice at once, each contract is done once (COM-18).

        Args:
            limit: how many contracts to take, 1 to 1000.

        Raises:
            NotFound: if there is no such batch.
        """
        return self._runner.run(RUN_BATCH, OfBatch(batch=batch, limit=limit), idempotency_key, self.run_batch_step)

    def run_batch_step(self, uow: ContractsWork, actor: Actor, wanted: OfBatch) -> BatchTold:
        """Running a batch, inside a unit of work."""
        batch = uow.contract_batches.locked(wanted.batch)
        lines = uow.contract_batches.lines(batch.id, _WAITING, after=None, limit=wanted.limit)
        held = uow.contracts.all_held([each.contract for each in lines])
        outcome = batching.run(batch, lines, held.contracts, uow.now, self._runner.new_id)
        counts = uow.contract_batches.counts(batch.id)
        became = keep(uow, actor, self._parts, outcome, held.all)
        uow.contract_batches.change(batch, became)
        return batching.tell(batch, batching.recounted(counts, lines, became))

    def undo_batch(self, batch: ContractBatchId, *, limit: int = 200, idempotency_key: str | None = None) -> BatchTold:
        """Undo a batch for its next contracts, in one transaction; call it until the answer is ``finished``. Freezes
        that have not begun are withdrawn, days that were not used are taken back, contracts that wait are left out.
        Where anything else was filed of a contract since, or it can be undone no more, it is kept, with the reason.

        Args:
            limit: how many contracts to take, 1 to 1000.

        Raises:
            NotFound: if there is no such batch.
        """
        return self._runner.run(UNDO_BATCH, OfBatch(batch=batch, limit=limit), idempotency_key, self.undo_batch_step)

    def undo_batch_step(self, uow: ContractsWork, actor: Actor, wanted: OfBatch) -> BatchTold:
        """Undoing a batch, inside a unit of work."""
        undoing = batching.begin_undoing(uow.contract_batches.locked(wanted.batch), uow.now)
        uow.put(undoing.events)
        batch = undoing.facts
        lines = uow.contract_batches.lines(batch.id, _TO_UNDO, after=None, limit=wanted.limit)
        held = uow.contracts.all_held([each.contract for each in lines])
        outcome = batching.undo(lines, held.contracts, uow.now)
        counts = uow.contract_batches.counts(batch.id)
        became = keep(uow, actor, self._parts, outcome, held.all)
        uow.contract_batches.change(batch, became)
        return batching.tell(batch, batching.recounted(counts, lines, became))

    def batch(self, batch: ContractBatchId) -> BatchTold:
        """A batch, and how many of its contracts are in each state. Raises ``NotFound``."""
        return self._runner.ask(BATCH, OfBatch(batch=batch), self.batch_step)

    def batch_step(self, uow: ContractsWork, _: Actor, wanted: OfBatch) -> BatchTold:
        """Looking a batch up, inside a unit of work."""
        batch = uow.contract_batches.get(wanted.batch)
        return batching.tell(batch, uow.contract_batches.counts(batch.id))

    def batch_lines(
        self,
        batch: ContractBatchId,
        *,
        state: LineState | None = None,
        after: ContractId | None = None,
        limit: int = 200,
    ) -> tuple[BatchLine, ...]:
        """The contracts of a batch, in order of their ids: who was left out or kept, and why. Raises ``NotFound``."""
        wanted = LinesOf(batch=batch, state=state, after=after, limit=limit)
        return self._runner.ask(BATCH_LINES, wanted, self.batch_lines_step)

    def batch_lines_step(self, uow: ContractsWork, _: Actor, wanted: LinesOf) -> tuple[BatchLine, ...]:
        """Listing contracts of a batch, inside a unit of work."""
        batch = uow.contract_batches.get(wanted.batch)
        states = batching.states(wanted.state)
        return tuple(uow.contract_batches.lines(batch.id, states, after=wanted.after, limit=wanted.limit))
