"""COM-10: what staff note beside an action is kept apart from it, as a note of the member."""

from __future__ import annotations

from memberlogic.care.ports import CareWork
from memberlogic.ids import MemberId, NewId, NoteId

__all__ = ["note"]


def note(uow: CareWork, member: MemberId, text: str | None, new_id: NewId) -> NoteId | None:
    """Queue a note, if there is one; what refuses the command leaves none behind."""
    if text is None:
        return None
    id = NoteId(new_id())
    uow.notes.add(id, member, text)
    return id
