"""Member records in tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memberlogic.errors import NotFound
from memberlogic.ids import MemberId
from memberlogic.members import Member, MemberState
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting, next_version
from sqlalchemy import bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlMembers"]

_t = tables.members
_m = _t.c
_key = (
    _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
    _m.id == bindparam("id_", type_=_m.id.type),
)
_one = select(_m.member_type, _m.state, _m.before_block, _m.version).where(*_key)
_GET = Statement(_one, "organization", "id_")
_LOCK = Statement(_one.with_for_update(key_share=True), "organization", "id_")
_ADD = inserting(_t)
_CHANGE = Statement(
    update(_t)
    .values(
        state=bindparam("new_state", type_=_m.state.type),
        before_block=bindparam("new_before", type_=_m.before_block.type),
        version=next_version(_m.version),
    )
    .where(*_key),
    "new_state",
    "new_before",
    "expected",
    "organization",
    "id_",
)


class SqlMembers:
    """The port ``Members``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: MemberId) -> Member:
        """One record."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        return self._member(id, rows)

    def locked(self, id: MemberId) -> Member:
        """One record, locked."""
        (rows,) = self._uow.lock((_LOCK, (self._uow.org, self._uow.codec.id_in(id))))
        return self._member(id, rows)

    def _member(self, id: MemberId, rows: Sequence[Any]) -> Member:
        for member_type, state, before, version in rows:
            return Member(
                id=id,
                type=member_type,
                state=MemberState(state),
                before_block=MemberState(before) if before else None,
                version=version,
            )
        raise NotFound(kind="member", id=id)

    def add(self, member: Member) -> None:
        """Queue a new record."""
        before = member.before_block.value if member.before_block else None
        id = self._uow.codec.id_in(member.id)
        self._uow.queue(_ADD, (self._uow.org, id, member.type, member.state.value, before, member.version))

    def change(self, members: Sequence[Member]) -> None:
        """Queue changes."""
        for member in members:
            before = member.before_block.value if member.before_block else None
            id = self._uow.codec.id_in(member.id)
            self._uow.queue(_CHANGE, (member.state.value, before, member.version - 1, self._uow.org, id))
