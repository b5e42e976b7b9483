"""CON-18: a batch is opened, which changes no contract; looked at; run, in chunks; and undone, in chunks, where nothing
else was filed since. What refuses one contract refuses no other, and is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from memberlogic.calendar import local_day
from memberlogic.contracts import freezing, giving, unfreezing
from memberlogic.contracts.batches import (
    Audience,
    Batch,
    BatchAction,
    BatchLine,
    FreezeAll,
    GiveDays,
    LineState,
    Named,
    OpenAt,
    stamp,
)
from memberlogic.contracts.freezing import FileFreeze
from memberlogic.contracts.model import CancellationKind, Contract
from memberlogic.contracts.moving import Moves
from memberlogic.contracts.ports import Contracts
from memberlogic.contracts.posting import Changed
from memberlogic.contracts.unfreezing import WithdrawFreeze
from memberlogic.errors import IllegalTransition, NotFound, RuleViolation
from memberlogic.events import Event, OfItself
from memberlogic.ids import ContractBatchId, ContractId, FreezeId, GiftId, NewId
from memberlogic.inputs import an_id, as_tuple, ids, instance, optional, whole
from memberlogic.organizations.ports import Studios
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = [
    "BatchOpened",
    "BatchPreview",
    "BatchTold",
    "BatchUndone",
    "LinePreview",
    "LinesOf",
    "OfBatch",
    "OpenBatch",
    "audience",
    "begin_undoing",
    "counted",
    "preview",
    "recounted",
    "run",
    "states",
    "tell",
    "undo",
]

_Done = Outcome[tuple[Changed, ...], Event | OfItself, tuple[BatchLine, ...]]


@frozen(kw_only=True)
class OpenBatch:
    """What is to be done, to which contracts, and which of them stay out of it."""

    action: BatchAction = field(validator=instance((FreezeAll, GiveDays), "FreezeAll or GiveDays"))
    audience: Audience = field(validator=instance((Named, OpenAt), "Named or OpenAt"))
    without: tuple[ContractId, ...] = field(default=(), converter=as_tuple, validator=ids(most=10_000))


@frozen(kw_only=True)
class OfBatch:
    """A batch, and how many of its contracts to take at once."""

    batch: ContractBatchId = field(validator=an_id)
    limit: int = field(default=200, validator=whole(least=1, most=1_000))


@frozen(kw_only=True)
class LinesOf:
    """The contracts of a batch after one of them, in order of their ids; of one state, or all."""

    batch: ContractBatchId = field(validator=an_id)
    state: LineState | None = field(default=None, validator=optional(instance(LineState, "a state of a line")))
    after: ContractId | None = field(default=None, validator=optional(an_id))
    limit: int = field(default=200, validator=whole(least=1, most=1_000))


@frozen(kw_only=True)
class BatchOpened(Event):
    """A batch of contracts was put together; none was changed."""

    type: ClassVar[str] = "contract_batch.opened"
    batch: ContractBatchId
    contracts: int


@frozen(kw_only=True)
class BatchUndone(Event):
    """A batch is to be undone."""

    type: ClassVar[str] = "contract_batch.undone"
    batch: ContractBatchId


@frozen(kw_only=True)
class BatchTold:
    """A batch, and how many of its contracts are in each state."""

    batch: ContractBatchId
    action: BatchAction
    undone: bool
    waiting: int
    done: int
    left_out: int
    restored: int
    kept: int

    @property
    def finished(self) -> bool:
        """Whether running, or undoing once that was begun, has nothing left to do."""
        return self.waiting == 0 and not (self.undone and self.done)

    def explain(self) -> Explanation:
        """How far it is."""
        figures = {
            "waiting": self.waiting,
            "done": self.done,
            "left_out": self.left_out,
            "restored": self.restored,
            "kept": self.kept,
        }
        said = f"{self.done} contracts are done, {self.left_out} were left out, {self.waiting} wait."
        if self.undone:
            said = f"{self.restored} contracts are as they were, {self.kept} were kept, {self.done} are to be undone."
        return Explanation(said, (Because("CON-18", "batch.lines", figures),))


@frozen(kw_only=True)
class LinePreview:
    """What a contract of a batch would come to: what moves, or the code of what leaves it out."""

    contract: ContractId
    code: str | None
    moves: Moves | None


@frozen(kw_only=True)
class BatchPreview:
    """What running a batch would do to the next contracts that wait; ``after`` asks for those behind them, None if
    there are none.
    """

    batch: ContractBatchId
    lines: tuple[LinePreview, ...]
    after: ContractId | None

    def explain(self) -> Explanation:
        """How many would be left out, and why."""
        codes = [each.code for each in self.lines if each.code is not None]
        reasons = tuple(Because("CON-18", each, {"contracts": codes.count(each)}) for each in sorted(set(codes)))
        return Explanation(f"{len(self.lines) - len(codes)} of {len(self.lines)} contracts would be changed.", reasons)


def audience(wanted: OpenBatch, contracts: Contracts, studios: Studios, now: datetime) -> tuple[BatchLine, ...]:
    """A line for each contract that is meant; those that stay out by name are there with the reason.

    Raises:
        NotFound: for the first contract that was named, or the studio, that is not there.
    """
    named = wanted.audience.contracts if isinstance(wanted.audience, Named) else ()
    without = set(wanted.without)
    missing = sorted({*named, *without} - {each.id for each in contracts.present([*named, *without])})
    if missing:
        raise NotFound(kind="contract", id=missing[0])
    match wanted.audience:
        case Named():
            meant = sorted(set(named))
        case OpenAt(studio=code):
            studio = studios.get(code)
            meant = list(contracts.open_at(studio, local_day(now, studio.zone)))
    out = LineState.LEFT_OUT
    return tuple(
        BatchLine(contract=each, state=out, code="batch.opted_out") if each in without else BatchLine(contract=each)
        for each in meant
    )


def states(wanted: LineState | None) -> tuple[LineState, ...]:
    """One state, or all."""
    return tuple(LineState) if wanted is None else (wanted,)


def counted(lines: Sequence[BatchLine]) -> Mapping[LineState, int]:
    """How many contracts are in each state."""
    return Counter(each.state for each in lines)


def recounted(
    stored: Mapping[LineState, int], before: Sequence[BatchLine], after: Sequence[BatchLine]
) -> Mapping[LineState, int]:
    """The same, after some lines changed."""
    was, is_now = counted(before), counted(after)
    return {each: stored.get(each, 0) - was.get(each, 0) + is_now.get(each, 0) for each in LineState}


def tell(batch: Batch, counts: Mapping[LineState, int]) -> BatchTold:
    """A batch with its figures."""
    return BatchTold(
        batch=batch.id,
        action=batch.action,
        undone=batch.undone_at is not None,
        waiting=counts.get(LineState.WAITING, 0),
        done=counts.get(LineState.DONE, 0),
        left_out=counts.get(LineState.LEFT_OUT, 0),
        restored=counts.get(LineState.UNDONE, 0),
        kept=counts.get(LineState.KEPT, 0),
    )


def begin_undoing(batch: Batch, now: datetime) -> Outcome[Batch, Event, None]:
    """A batch that is being undone; one that is already stays as it is."""
    if batch.undone_at is not None:
        return Outcome(batch, (), None)
    return Outcome(evolve(batch, undone_at=now), (BatchUndone(batch=batch.id),), None)


class ContractBeingTransferred(RuleViolation):
    """What is filed of it concerns two contracts: it is filed by itself."""

    code = "batch.transferred"
    rule = "CON-18"
    sentence = "The contract goes on at another studio as {successor}; what is filed of it holds for both."


def _act(
    action: BatchAction, contract: Contract, now: datetime, new_id: NewId
) -> tuple[Outcome[tuple[Changed, ...], Event | OfItself, Moves], FreezeId | None, GiftId | None]:
    if contract.cancellation is not None and contract.cancellation.kind is CancellationKind.TRANSFERRED:
        raise ContractBeingTransferred(successor=str(contract.successor))
    match action:
        case FreezeAll(since=since, until=until, reason=reason):
            id = FreezeId(new_id())
            wanted = FileFreeze(contract=contract.id, since=since, until=until, reason=reason)
            filed = freezing.freeze(contract, wanted, id, now)
            return Outcome(filed.facts, filed.events, filed.result.moves), id, None
        case GiveDays():
            gift = GiftId(new_id())
            return giving.give_days(contract, action, gift, now), None, gift


def preview(batch: Batch, contracts: Sequence[Contract], limit: int, now: datetime, new_id: NewId) -> BatchPreview:
    """What running a batch would come to."""
    lines = []
    for contract in contracts:
        try:
            outcome, _, _ = _act(batch.action, contract, now, new_id)
        except (RuleViolation, IllegalTransition) as refusal:
            lines.append(LinePreview(contract=contract.id, code=refusal.code, moves=None))
        else:
            lines.append(LinePreview(contract=contract.id, code=None, moves=outcome.result))
    more = len(lines) == limit
    return BatchPreview(batch=batch.id, lines=tuple(lines), after=lines[-1].contract if more else None)


def run(
    batch: Batch, lines: Sequence[BatchLine], contracts: Mapping[ContractId, Contract], now: datetime, new_id: NewId
) -> _Done:
    """Do it to contracts that wait; each one that its own rules refuse is left out."""

    def done(line: BatchLine, contract: Contract) -> tuple[BatchLine, _Changes]:
        outcome, freeze, gift = _act(batch.action, contract, now, new_id)
        (kept,) = outcome.facts
        after = evolve(line, state=LineState.DONE, freeze=freeze, gift=gift, stamp=stamp(kept.contract))
        return after, (outcome.facts, outcome.events)

    if batch.undone_at is not None:
        told = tuple(evolve(each, state=LineState.LEFT_OUT, code="batch.undone") for each in lines)
        return Outcome((), (), told)
    return _each(lines, contracts, done, LineState.LEFT_OUT)


_Changes = tuple[tuple[Changed, ...], tuple[Event | OfItself, ...]]


def undo(lines: Sequence[BatchLine], contracts: Mapping[ContractId, Contract], now: datetime) -> _Done:
    """Take it back from contracts of which nothing else was filed since; of the others it is kept. Those that wait are
    left out.
    """

    def undone(line: BatchLine, contract: Contract) -> tuple[BatchLine, _Changes]:
        if line.state is LineState.WAITING:
            return evolve(line, state=LineState.LEFT_OUT, code="batch.undone"), ((), ())
        if stamp(contract) != line.stamp:
            return evolve(line, state=LineState.KEPT, code="batch.touched_since"), ((), ())
        after = evolve(line, state=LineState.UNDONE)
        if line.freeze is not None:
            wanted = WithdrawFreeze(contract=contract.id, freeze=line.freeze)
            withdrawn = unfreezing.withdraw_freeze(contract, wanted, now)
            return after, (withdrawn.facts, withdrawn.events)
        gift = next(each for each in contract.gifts if each.id == line.gift)
        taken = giving.take_back(contract, gift, now)
        return after, (taken.facts, taken.events)

    return _each(lines, contracts, undone, LineState.KEPT)


def _each(
    lines: Sequence[BatchLine],
    contracts: Mapping[ContractId, Contract],
    act: Callable[[BatchLine, Contract], tuple[BatchLine, _Changes]],
    refused: LineState,
) -> _Done:
    after: list[BatchLine] = []
    facts: list[Changed] = []
    events: list[Event | OfItself] = []
    for line in lines:
        try:
            told, (changes, happened) = act(line, contracts[line.contract])
        except (RuleViolation, IllegalTransition) as refusal:
            told, changes, happened = evolve(line, state=refused, code=refusal.code), (), ()
        after.append(told)
        facts += changes
        events += happened
    return Outcome(tuple(facts), tuple(events), tuple(after))
