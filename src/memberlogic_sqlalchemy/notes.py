"""Notes in a table of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from memberlogic.ids import MemberId, NoteId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from sqlalchemy import bindparam, delete, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlNotes"]

_n = tables.notes.c
_mine = _n.organization_id == bindparam("organization", type_=_n.organization_id.type)
_ADD = inserting(tables.notes)
_OF = Statement(
    select(_n.id, _n.note).where(_mine, _n.member_id == bindparam("member", type_=_n.member_id.type)).order_by(_n.id),
    "organization",
    "member",
)
_ERASE = Statement(
    delete(tables.notes).where(_mine, _n.member_id == bindparam("member", type_=_n.member_id.type)),
    "organization",
    "member",
)


@family
def _texts(count: int) -> Statement:
    names, among = one_of(_n.id, count)
    return Statement(select(_n.id, _n.note).where(_mine, among), "organization", *names)


class SqlNotes:
    """The port ``Notes``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def add(self, id: NoteId, member: MemberId, text: str) -> None:
        """Queue a note."""
        codec = self._uow.codec
        self._uow.queue(_ADD, (self._uow.org, codec.id_in(id), codec.id_in(member), text))

    def texts(self, ids: Sequence[NoteId]) -> Mapping[NoteId, str]:
        """What was noted."""
        if not ids:
            return {}
        wanted = padded([self._uow.codec.id_in(each) for each in ids])
        (rows,) = self._uow.ask((_texts(len(wanted)), (self._uow.org, *wanted)))
        return {NoteId(self._uow.codec.id_out(id)): text for id, text in rows}

    def of(self, member: MemberId) -> Mapping[NoteId, str]:
        """Everything that was noted of a member."""
        (rows,) = self._uow.ask((_OF, (self._uow.org, self._uow.codec.id_in(member))))
        return {NoteId(self._uow.codec.id_out(id)): text for id, text in rows}

    def erase(self, member: MemberId) -> None:
        """Queue that nothing noted of a member is there."""
        self._uow.queue(_ERASE, (self._uow.org, self._uow.codec.id_in(member)))
