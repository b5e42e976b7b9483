"""Tags in tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from memberlogic.ids import MemberId, TagId
from memberlogic.members.tagging import Tagging
from memberlogic.members.tags import CarriedTag, Tag, TagInUse, tag_key
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of, padded
from sqlalchemy import and_, bindparam, delete, exists, func, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlTags"]

_t, _c = tables.tags.c, tables.member_tags.c
_mine = _t.organization_id == bindparam("organization", type_=_t.organization_id.type)
_carrying = _c.organization_id == bindparam("organization", type_=_c.organization_id.type)
_of_member = (_carrying, _c.member_id == bindparam("member", type_=_c.member_id.type))
_carried = tables.member_tags.join(tables.tags, and_(_t.organization_id == _c.organization_id, _t.id == _c.tag_id))
_OF = Statement(select(_t.id, _t.text, _c.since).select_from(_carried).where(*_of_member), "organization", "member")
_CARRIERS = Statement(
    select(_c.member_id)
    .select_from(_carried)
    .where(
        _mine,
        _t.tag_key == bindparam("tag", type_=_t.tag_key.type),
        _c.member_id > bindparam("after", type_=_c.member_id.type),
    )
    .order_by(_c.member_id)
    .limit(bindparam("limit")),
    "organization",
    "tag",
    "after",
    "limit",
)
_many = (
    select(func.count())
    .select_from(tables.member_tags)
    .where(_c.organization_id == _t.organization_id, _c.tag_id == _t.id)
    .scalar_subquery()
)
_LISTED = Statement(
    select(_t.id, _t.text, _many)
    .where(_mine, _t.id > bindparam("after", type_=_t.id.type))
    .order_by(_t.id)
    .limit(bindparam("limit")),
    "organization",
    "after",
    "limit",
)
_ADD = inserting(tables.tags)
_GIVE = inserting(tables.member_tags)
_TAKE = Statement(
    delete(tables.member_tags).where(*_of_member, _c.tag_id == bindparam("tag", type_=_c.tag_id.type)),
    "organization",
    "member",
    "tag",
)
_FORGET = Statement(
    delete(tables.tags).where(
        _mine, ~exists().where(_c.organization_id == _t.organization_id, _c.tag_id == _t.id).correlate(tables.tags)
    ),
    "organization",
)
_FIRST = UUID(int=0)


@family
def _known(count: int) -> Statement:
    names, among = one_of(_t.tag_key, count)
    return Statement(select(_t.tag_key, _t.id, _t.text).where(_mine, among), "organization", *names)


class SqlTags:
    """The port ``Tags``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def known(self, keys: Sequence[str]) -> Mapping[str, Tag]:
        """Those that the organization has."""
        wanted = padded(keys)
        (rows,) = self._uow.ask((_known(len(wanted)), (self._uow.org, *wanted)))
        return {key: Tag(id=TagId(self._uow.codec.id_out(id)), text=text) for key, id, text in rows}

    def of(self, member: MemberId) -> Sequence[CarriedTag]:
        """What a member carries."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_OF, (self._uow.org, codec.id_in(member))))
        return [
            CarriedTag(tag=Tag(id=TagId(codec.id_out(id)), text=text), since=codec.at_out(since))
            for id, text, since in rows
        ]

    def carriers(self, key: str, *, after: MemberId | None = None, limit: int) -> Sequence[MemberId]:
        """Who carries a tag."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_CARRIERS, (self._uow.org, key, codec.id_in(after or _FIRST), limit)))
        return [MemberId(codec.id_out(id)) for (id,) in rows]

    def listed(self, *, after: TagId | None = None, limit: int) -> Sequence[TagInUse]:
        """The organization's tags."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_LISTED, (self._uow.org, codec.id_in(after or _FIRST), limit)))
        return [TagInUse(tag=Tag(id=TagId(codec.id_out(id)), text=text), members=many) for id, text, many in rows]

    def give(self, given: Tagging) -> None:
        """Queue tags."""
        codec, org, member = self._uow.codec, self._uow.org, self._uow.codec.id_in(given.member)
        self._uow.queue_all(_ADD, [(org, codec.id_in(each.id), each.text, tag_key(each.text)) for each in given.new])
        rows = [(org, member, codec.id_in(each.tag.id), codec.at_in(each.since)) for each in given.added]
        self._uow.queue_all(_GIVE, rows)

    def take(self, member: MemberId, tags: Sequence[TagId]) -> None:
        """Queue that a member carries these no longer."""
        codec = self._uow.codec
        self._uow.queue_all(_TAKE, [(self._uow.org, codec.id_in(member), codec.id_in(each)) for each in tags])

    def forget_unused(self) -> None:
        """Queue that the tags are gone which nobody carries."""
        self._uow.queue(_FORGET, (self._uow.org,))
