"""Member records in tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from memberlogic.errors import NotFound
from memberlogic.ids import MemberId
from memberlogic.members import Member, MemberState
from memberlogic.members.finding import PageOfMembers
from memberlogic.members.membership import MembershipDetail, MembershipSpan, MembershipStatus
from memberlogic.storing import Signpost
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, family, inserting, next_version, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import bindparam, delete, exists, literal_column, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlMembers", "member_from"]
__all__ = ["SqlMembers", "SqlMemberships"]

_t = tables.members
_m = _t.c
_key = (
    _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
    _m.id == bindparam("id_", type_=_m.id.type),
)
MEMBER_COLUMNS = (
    _m.id,
    _m.member_type,
    _m.state,
    _m.before_block,
    _m.version,
    _m.support_id,
    _m.blocked_for,
    _m.deleted,
)
_one = select(*MEMBER_COLUMNS, _m.merged_into_id).where(*_key)
_GET = Statement(_one, "organization", "id_")
_LOCK = Statement(_one.with_for_update(key_share=True), "organization", "id_")
_BY_SUPPORT_ID = Statement(
    select(*MEMBER_COLUMNS, _m.merged_into_id).where(
        _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
        _m.support_id == bindparam("said", type_=_m.support_id.type),
    ),
    "organization",
    "said",
)


@family
def _locking(count: int) -> Statement:
    names, among = one_of(_m.id, count)
    core = select(*MEMBER_COLUMNS, _m.merged_into_id).where(_key[0], among)
    return Statement(core.order_by(_m.id).with_for_update(key_share=True), "organization", *names)


_ADD = inserting(_t)
_CHANGE = Statement(
    update(_t)
    .values(
        state=bindparam("new_state", type_=_m.state.type),
        before_block=bindparam("new_before", type_=_m.before_block.type),
        blocked_for=bindparam("new_blocked_for", type_=_m.blocked_for.type),
        deleted=bindparam("new_deleted", type_=_m.deleted.type),
        version=next_version(_m.version),
    )
    .where(*_key),
    "new_state",
    "new_before",
    "new_blocked_for",
    "new_deleted",
    "expected",
    "organization",
    "id_",
)


@family
def _several(count: int) -> Statement:
    names, among = one_of(_m.id, count)
    organization = bindparam("organization", type_=_m.organization_id.type)
    return Statement(select(*MEMBER_COLUMNS).where(_m.organization_id == organization, among), "organization", *names)


def _listed(by_type: bool, by_state: bool) -> Statement:
    core = select(*MEMBER_COLUMNS).where(
        _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
        _m.id > bindparam("after", type_=_m.id.type),
        _m.deleted == literal_column("0", _m.deleted.type),
    )
    names = ["organization", "after"]
    if by_type:
        core, names = core.where(_m.member_type == bindparam("type_", type_=_m.member_type.type)), [*names, "type_"]
    if by_state:
        core, names = core.where(_m.state == bindparam("state_", type_=_m.state.type)), [*names, "state_"]
    return Statement(core.order_by(_m.id).limit(bindparam("limit")), *names, "limit")


_LISTED = {(by_type, by_state): _listed(by_type, by_state) for by_type in (False, True) for by_state in (False, True)}
_FIRST = UUID(int=0)
_OF_TYPE = Statement(
    select(_m.id)
    .where(
        _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
        _m.member_type == bindparam("type_", type_=_m.member_type.type),
    )
    .limit(literal_column("1")),
    "organization",
    "type_",
)
_TYPES = Statement(
    select(_m.member_type)
    .where(_m.organization_id == bindparam("organization", type_=_m.organization_id.type))
    .distinct(),
    "organization",
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
    id, member_type, state, before, version, support_id, blocked_for, deleted, *_ = row
    return Member(
        id=MemberId(codec.id_out(id)),
        type=member_type,
        state=MemberState(state),
        before_block=MemberState(before) if before else None,
        version=version,
        support_id=support_id,
        blocked_for=blocked_for,
        deleted=bool(deleted),
    )


class SqlMembers:
    """The port ``Members``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: MemberId) -> Member:
        """One record."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        return self._members([id], rows)[id]

    def locked(self, id: MemberId) -> Member:
        """One record, locked."""
        (rows,) = self._uow.lock((_LOCK, (self._uow.org, self._uow.codec.id_in(id))))
        return self._members([id], rows)[id]

    def all_locked(self, ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Several records, locked."""
        wanted = padded([self._uow.codec.id_in(each) for each in sorted(ids)])
        (rows,) = self._uow.lock((_locking(len(wanted)), (self._uow.org, *wanted)))
        return self._members(ids, rows)

    def _members(self, ids: Sequence[MemberId], rows: Sequence[Row]) -> Mapping[MemberId, Member]:
        codec = self._uow.codec
        found = {member.id: member for member in (member_from(codec, row) for row in rows)}
        for id in sorted(ids):
            if id not in found:
                raise NotFound(kind="member", id=id)
        if leads := {codec.id_out(row[0]): codec.id_out(row[-1]) for row in rows if row[-1] is not None}:
            raise Signpost("member", leads)
        return found

    def by_support_id(self, support_id: str) -> Member:
        """The record with a support id."""
        (rows,) = self._uow.ask((_BY_SUPPORT_ID, (self._uow.org, support_id)))
        for row in rows:
            if row[-1] is not None:
                return self.get(MemberId(self._uow.codec.id_out(row[-1])))
            return member_from(self._uow.codec, row)
        raise NotFound(kind="member", id="with this support id")

    def several(self, ids: Sequence[MemberId]) -> Mapping[MemberId, Member]:
        """Several records."""
        if not ids:
            return {}
        codec = self._uow.codec
        wanted = padded([codec.id_in(each) for each in ids])
        (rows,) = self._uow.ask((_several(len(wanted)), (self._uow.org, *wanted)))
        return {each.id: each for each in (member_from(codec, row) for row in rows)}

    def listed(self, page: PageOfMembers) -> Sequence[Member]:
        """The next records of a type and state."""
        said = (page.member_type, page.state and page.state.value)
        given = [each for each in said if each is not None]
        statement = _LISTED[page.member_type is not None, page.state is not None]
        row = (self._uow.org, self._uow.codec.id_in(page.after or _FIRST), *given, page.size)
        (rows,) = self._uow.ask((statement, row))
        return [member_from(self._uow.codec, each) for each in rows]

    def taken(self, support_ids: Collection[str]) -> Collection[str]:
        """Those that somebody has."""
        wanted = padded(sorted(support_ids))
        (rows,) = self._uow.ask((_taken(len(wanted)), (self._uow.org, *wanted)))
        return {support_id for (support_id,) in rows}

    def in_use(self, types: Sequence[str]) -> Collection[str]:
        """Those that somebody is of."""
        answers = self._uow.ask(*((_OF_TYPE, (self._uow.org, each)) for each in types))
        return {each for each, rows in zip(types, answers, strict=True) if rows}

    def types(self) -> Collection[str]:
        """All that somebody is of."""
        (rows,) = self._uow.ask((_TYPES, (self._uow.org,)))
        return {each for (each,) in rows}

    def add(self, member: Member) -> None:
        """Queue a new record."""
        before = member.before_block.value if member.before_block else None
        id = self._uow.codec.id_in(member.id)
        row = (self._uow.org, id, member.type, member.state.value, before, member.version, member.support_id)
        self._uow.queue(_ADD, (*row, member.blocked_for, int(member.deleted), None))

    def change(self, members: Sequence[Member]) -> None:
        """Queue changes."""
        for member in members:
            before = member.before_block.value if member.before_block else None
            id = self._uow.codec.id_in(member.id)
            said = (member.state.value, before, member.blocked_for, int(member.deleted), member.version - 1)
            self._uow.queue(_CHANGE, (*said, self._uow.org, id))


_s = tables.member_spans.c
_whose = (
    _s.organization_id == bindparam("organization", type_=_s.organization_id.type),
    _s.member_id == bindparam("member", type_=_s.member_id.type),
)
_SPANS = Statement(
    select(_s.status, _s.detail, _s.since, _s.until).where(*_whose).order_by(_s.since), "organization", "member"
)


@family
def _spans_of(count: int) -> Statement:
    names, among = one_of(_s.member_id, count)
    core = select(_s.member_id, _s.status, _s.detail, _s.since, _s.until).where(_whose[0], among).order_by(_s.since)
    return Statement(core, "organization", *names)


_FORGET_SPANS = Statement(delete(tables.member_spans).where(*_whose), "organization", "member")
_ADD_SPAN = inserting(tables.member_spans)
_AT = Statement(
    select(_s.member_id)
    .where(
        _whose[0],
        _s.status == bindparam("status_", type_=_s.status.type),
        _s.member_id > bindparam("after", type_=_s.member_id.type),
        _s.since <= bindparam("at", type_=_s.since.type),
        _s.until > bindparam("at", type_=_s.until.type),
        exists().where(
            _m.organization_id == _s.organization_id,
            _m.id == _s.member_id,
            _m.deleted == literal_column("0", _m.deleted.type),
        ),
    )
    .order_by(_s.member_id)
    .limit(bindparam("limit")),
    "organization",
    "status_",
    "after",
    "at",
    "limit",
)
_FIRST = MemberId(UUID(int=0))


class SqlMemberships:
    """The port ``Memberships``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Sequence[MembershipSpan]:
        """The spans of a person."""
        (rows,) = self._uow.ask((_SPANS, (self._uow.org, self._uow.codec.id_in(member))))
        return [self._span(each) for each in rows]

    def several(self, members: Sequence[MemberId]) -> Mapping[MemberId, Sequence[MembershipSpan]]:
        """The spans of several people."""
        found: dict[MemberId, list[MembershipSpan]] = {each: [] for each in members}
        if members:
            wanted = padded([self._uow.codec.id_in(each) for each in sorted(found)])
            (rows,) = self._uow.ask((_spans_of(len(wanted)), (self._uow.org, *wanted)))
            for member, *span in rows:
                found[MemberId(self._uow.codec.id_out(member))].append(self._span(span))
        return found

    def _span(self, row: Row) -> MembershipSpan:
        status, detail, since, until = row
        return MembershipSpan(
            status=MembershipStatus(status),
            detail=MembershipDetail(detail) if detail else None,
            since=self._uow.codec.at_out(since),
            until=self._uow.codec.until_out(until),
        )

    def at(
        self, instant: datetime, status: MembershipStatus, *, after: MemberId | None = None, limit: int = 500
    ) -> Sequence[MemberId]:
        """Whoever has a status at an instant."""
        codec = self._uow.codec
        row = (self._uow.org, status.value, codec.id_in(after or _FIRST), codec.at_in(instant), limit)
        (rows,) = self._uow.ask((_AT, row))
        return [MemberId(codec.id_out(id)) for (id,) in rows]

    def write(self, spans: Mapping[MemberId, Sequence[MembershipSpan]]) -> None:
        """Queue the spans of people."""
        codec = self._uow.codec
        for member in spans:
            self._uow.queue(_FORGET_SPANS, (self._uow.org, codec.id_in(member)))
        for member, each in spans.items():
            for span in each:
                said = (span.status.value, None if span.detail is None else span.detail.value)
                days = (codec.at_in(span.since), codec.until_in(span.until))
                self._uow.queue(_ADD_SPAN, (self._uow.org, codec.id_in(member), *days, *said))
