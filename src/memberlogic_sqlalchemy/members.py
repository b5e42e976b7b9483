"""Member records in tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from memberlogic.errors import NotFound
from memberlogic.ids import MemberId
from memberlogic.members import Member, MemberState
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, family, inserting, next_version, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlMembers", "member_from"]

_t = tables.members
_m = _t.c
_key = (
    _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
    _m.id == bindparam("id_", type_=_m.id.type),
)
MEMBER_COLUMNS = (_m.id, _m.member_type, _m.state, _m.before_block, _m.version, _m.support_id)
_one = select(*MEMBER_COLUMNS).where(*_key)
_GET = Statement(_one, "organization", "id_")
_LOCK = Statement(_one.with_for_update(key_share=True), "organization", "id_")
_BY_SUPPORT_ID = Statement(
    select(*MEMBER_COLUMNS).where(
        _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
        _m.support_id == bindparam("said", type_=_m.support_id.type),
    ),
    "organization",
    "said",
)
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


@family
def _taken(count: int) -> Statement:
    names, among = one_of(_m.support_id, count)
    core = select(_m.support_id).where(
        _m.organization_id == bindparam("organization", type_=_m.organization_id.type), among
    )
    return Statement(core, "organization", *names)


def member_from(codec: Codec, row: Row) -> Member:
    """A record as its row says it."""
    id, member_type, state, before, version, support_id = row
    return Member(
        id=MemberId(codec.id_out(id)),
        type=member_type,
        state=MemberState(state),
        before_block=MemberState(before) if before else None,
        version=version,
        support_id=support_id,
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
        for row in rows:
            return member_from(self._uow.codec, row)
        raise NotFound(kind="member", id=id)

    def by_support_id(self, support_id: str) -> Member:
        """The record with a support id."""
        (rows,) = self._uow.ask((_BY_SUPPORT_ID, (self._uow.org, support_id)))
        for row in rows:
            return member_from(self._uow.codec, row)
        raise NotFound(kind="member", id="with this support id")

    def taken(self, support_ids: Collection[str]) -> Collection[str]:
        """Those that somebody has."""
        wanted = padded(sorted(support_ids))
        (rows,) = self._uow.ask((_taken(len(wanted)), (self._uow.org, *wanted)))
        return {support_id for (support_id,) in rows}

    def add(self, member: Member) -> None:
        """Queue a new record."""
        before = member.before_block.value if member.before_block else None
        id = self._uow.codec.id_in(member.id)
        row = (self._uow.org, id, member.type, member.state.value, before, member.version, member.support_id)
        self._uow.queue(_ADD, row)

    def change(self, members: Sequence[Member]) -> None:
        """Queue changes."""
        for member in members:
            before = member.before_block.value if member.before_block else None
            id = self._uow.codec.id_in(member.id)
            self._uow.queue(_CHANGE, (member.state.value, before, member.version - 1, self._uow.org, id))
