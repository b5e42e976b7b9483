"""E-mail addresses and phone numbers, in a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from memberlogic.errors import NotFound
from memberlogic.ids import ContactPointId, MemberId
from memberlogic.members.contact_points import ContactKey, ContactKind, ContactPoint
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, family, inserting, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, delete, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlContactPoints"]

_c = tables.contact_points.c
_ORGANIZATION = _c.organization_id == bindparam("organization", type_=_c.organization_id.type)
_COLUMNS = (_c.id, _c.member_id, _c.kind, _c.written, _c.match_key, _c.verified)
_one = (_ORGANIZATION, _c.id == bindparam("id_", type_=_c.id.type))
_OF = Statement(
    select(*_COLUMNS)
    .where(_ORGANIZATION, _c.member_id == bindparam("member", type_=_c.member_id.type))
    .order_by(_c.id),
    "organization",
    "member",
)
_GET = Statement(select(*_COLUMNS).where(*_one), "organization", "id_")
_ALL = Statement(
    select(*_COLUMNS)
    .where(_ORGANIZATION, _c.id > bindparam("after", type_=_c.id.type))
    .order_by(_c.id)
    .limit(bindparam("limit")),
    "organization",
    "after",
    "limit",
)
_ADD = inserting(tables.contact_points)
_CHANGE = Statement(
    update(tables.contact_points)
    .values(
        written=bindparam("new_written", type_=_c.written.type),
        verified=bindparam("new_verified", type_=_c.verified.type),
    )
    .where(*_one),
    "new_written",
    "new_verified",
    "organization",
    "id_",
)
_REMOVE = Statement(delete(tables.contact_points).where(*_one), "organization", "id_")
_FIRST = UUID(int=0)


@family
def _holders(count: int) -> Statement:
    names, among = one_of(_c.match_key, count)
    return Statement(select(_c.kind, _c.match_key, _c.member_id).where(_ORGANIZATION, among), "organization", *names)


def _point(codec: Codec, row: Row) -> ContactPoint:
    id, member, kind, written, key, verified = row
    return ContactPoint(
        id=ContactPointId(codec.id_out(id)),
        member=MemberId(codec.id_out(member)),
        kind=ContactKind(kind),
        written=written,
        match_key=key,
        verified=bool(verified),
    )


class SqlContactPoints:
    """The port ``ContactPoints``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Sequence[ContactPoint]:
        """A member's."""
        (rows,) = self._uow.ask((_OF, (self._uow.org, self._uow.codec.id_in(member))))
        return [_point(self._uow.codec, row) for row in rows]

    def get(self, id: ContactPointId) -> ContactPoint:
        """One by its id."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        for row in rows:
            return _point(self._uow.codec, row)
        raise NotFound(kind="contact point", id=id)

    def holders(self, keys: Collection[ContactKey]) -> Mapping[ContactKey, MemberId]:
        """Who has which of these."""
        if not keys:
            return {}
        wanted = padded(sorted({each.value for each in keys}))
        (rows,) = self._uow.ask((_holders(len(wanted)), (self._uow.org, *wanted)))
        found = {ContactKey(ContactKind(kind), key): MemberId(self._uow.codec.id_out(id)) for kind, key, id in rows}
        return {key: member for key, member in found.items() if key in keys}

    def add(self, points: Sequence[ContactPoint]) -> None:
        """Queue new ones."""
        codec, org = self._uow.codec, self._uow.org
        for each in points:
            ids = (org, codec.id_in(each.id), codec.id_in(each.member))
            self._uow.queue(_ADD, (*ids, each.kind.value, each.written, each.match_key, int(each.verified)))

    def change(self, points: Sequence[ContactPoint]) -> None:
        """Queue changes."""
        for each in points:
            row = (each.written, int(each.verified), self._uow.org, self._uow.codec.id_in(each.id))
            self._uow.queue(_CHANGE, row)

    def rekey(self, points: Sequence[ContactPoint]) -> None:
        """Queue new keys: the rows are written anew, so that no two have the same key on the way."""
        self.remove(points)
        self.add(points)

    def remove(self, points: Sequence[ContactPoint]) -> None:
        """Queue that these are gone."""
        for each in points:
            self._uow.queue(_REMOVE, (self._uow.org, self._uow.codec.id_in(each.id)))

    def all(self, after: ContactPointId | None, limit: int) -> Sequence[ContactPoint]:
        """The organization's."""
        (rows,) = self._uow.ask((_ALL, (self._uow.org, self._uow.codec.id_in(after or _FIRST), limit)))
        return [_point(self._uow.codec, row) for row in rows]
