"""Notes in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic.ids import MemberId, NoteId

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryNotes"]


class MemoryNotes:
    """The port ``Notes``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def add(self, id: NoteId, member: MemberId, text: str) -> None:
        """Queue a note."""
        self._uow.queue(lambda: self._uow.tenant.notes.update({id: (member, text)}))

    def texts(self, ids: Sequence[NoteId]) -> Mapping[NoteId, str]:
        """What was noted."""
        notes = self._uow.tenant.notes
        return {id: notes[id][1] for id in ids if id in notes}

    def of(self, member: MemberId) -> Mapping[NoteId, str]:
        """Everything that was noted of a member."""
        return {id: text for id, (of, text) in sorted(self._uow.tenant.notes.items()) if of == member}

    def erase(self, member: MemberId) -> None:
        """Queue that nothing noted of a member is there."""
        notes = self._uow.tenant.notes

        def write() -> None:
            for id in [id for id, (of, _) in notes.items() if of == member]:
                del notes[id]

        self._uow.queue(write)
