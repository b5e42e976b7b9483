"""COM-10: what staff note beside a cancellation is kept apart from it, as a note of the contract's holder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from attrs import field, frozen

from memberlogic.contracts.cancellations import CancellationTold
from memberlogic.contracts.model import Contract
from memberlogic.contracts.ports import ContractsWork
from memberlogic.contracts.posting import Changed
from memberlogic.ids import ContractId, MemberId, NoteId
from memberlogic.inputs import an_id

__all__ = ["CancellationOf", "note", "notes_of", "tell"]


@frozen(kw_only=True)
class CancellationOf:
    """Look at the cancellation of a contract."""

    contract: ContractId = field(validator=an_id)


def note(uow: ContractsWork, changes: Sequence[Changed], text: str | None) -> None:
    """Queue what was noted beside the cancellation of a contract, if anything was."""
    for each in changes:
        filed = each.contract.cancellation
        if filed is not None and filed.note is not None and text is not None:
            uow.notes.add(filed.note, _holder(each.contract, filed.filed_on), text)


def _holder(contract: Contract, day: date) -> MemberId:
    """Who holds a contract on a day; on its first, if that is to come: a switch covers nobody before its day."""
    first = min(each.since for each in contract.coverage if each.since != each.until)
    return contract.covered_on(max(day, first))[0].member


def notes_of(contract: Contract) -> Sequence[NoteId]:
    """The notes that a contract refers to."""
    filed = contract.cancellation
    return () if filed is None or filed.note is None else (filed.note,)


def tell(contract: Contract, texts: Mapping[NoteId, str]) -> CancellationTold:
    """The cancellation of a contract with what was noted, unless it was erased."""
    (text,) = [texts.get(each) for each in notes_of(contract)] or [None]
    return CancellationTold(contract=contract.id, cancellation=contract.cancellation, note=text)
