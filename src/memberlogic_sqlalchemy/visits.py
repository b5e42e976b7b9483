"""Visits in tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.calendar import Days
from memberlogic.contracts.visits import Tally, Visit
from memberlogic.errors import NotFound
from memberlogic.ids import ContractId, MemberId, NoteId, PassId, VisitId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from memberlogic_sqlalchemy.values import NEVER, Codec
from sqlalchemy import bindparam, func, literal_column, or_, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlVisits"]

_v = tables.visits.c
_COLUMNS = tuple(column for column in tables.visits.columns if column.name != "organization_id")
_mine = _v.organization_id == bindparam("organization", type_=_v.organization_id.type)
_on_days = (
    _mine,
    _v.member_id == bindparam("member", type_=_v.member_id.type),
    _v.business_day >= bindparam("start", type_=_v.business_day.type),
    _v.business_day < bindparam("end", type_=_v.business_day.type),
)
_DAYS = ("organization", "member", "start", "end")
_GET = Statement(
    select(*_COLUMNS).where(_mine, _v.id == bindparam("id_", type_=_v.id.type)),
    "organization",
    "id_",
)
_OVER = Statement(select(*_COLUMNS).where(*_on_days).order_by(_v.at, _v.id), *_DAYS)
_AROUND = Statement(
    select(*_COLUMNS)
    .where(
        *_on_days,
        _v.at >= bindparam("first", type_=_v.at.type),
        _v.at <= bindparam("last", type_=_v.at.type),
    )
    .order_by(_v.at, _v.id),
    *_DAYS,
    "first",
    "last",
)
_AT = Statement(
    select(*_COLUMNS)
    .where(
        _mine,
        _v.studio == bindparam("studio", type_=_v.studio.type),
        _v.business_day == bindparam("day", type_=_v.business_day.type),
        _v.at <= bindparam("last", type_=_v.at.type),
        or_(
            _v.at < bindparam("last", type_=_v.at.type),
            _v.id < bindparam("after", type_=_v.id.type),
        ),
    )
    .order_by(_v.at.desc(), _v.id.desc())
    .limit(bindparam("limit")),
    "organization",
    "studio",
    "day",
    "last",
    "after",
    "limit",
)
_TALLIES = Statement(
    select(_v.contract_id, _v.service, _v.business_day, func.count())
    .where(*_on_days, _v.allowed == literal_column("1"), _v.undone_at.is_(None))
    .group_by(_v.contract_id, _v.service, _v.business_day),
    *_DAYS,
)
_ADD = inserting(tables.visits)
_UNDO = Statement(
    update(tables.visits)
    .values(
        undone_at=bindparam("new_undone_at", type_=_v.undone_at.type),
        undone_for=bindparam("new_undone_for", type_=_v.undone_for.type),
    )
    .where(_mine, _v.id == bindparam("id_", type_=_v.id.type)),
    "new_undone_at",
    "new_undone_for",
    "organization",
    "id_",
)
_A_DAY = timedelta(days=1)


class SqlVisits:
    """The port ``Visits``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: VisitId) -> Visit:
        """One by its id."""
        (rows,) = self._uow.ask((_GET, (self._uow.org, self._uow.codec.id_in(id))))
        for row in rows:
            return _visit(self._uow.codec, row)
        raise NotFound(kind="visit", id=id)

    def around(self, member: MemberId, since: datetime, until: datetime) -> Sequence[Visit]:
        """Those between two instants; a place's day is at most a day off that of UTC, by which the index finds them."""
        codec = self._uow.codec
        days = self._days(member, since.date() - _A_DAY, until.date() + 2 * _A_DAY)
        (rows,) = self._uow.ask((_AROUND, (*days, codec.at_in(since), codec.at_in(until))))
        return [_visit(codec, row) for row in rows]

    def over(self, member: MemberId, days: Days) -> Sequence[Visit]:
        """Those on some days."""
        (rows,) = self._uow.ask((_OVER, self._days(member, days.start, days.end)))
        return [_visit(self._uow.codec, row) for row in rows]

    def at(
        self, studio: str, day: date, *, after: tuple[datetime, VisitId] | None = None, limit: int = 500
    ) -> Sequence[Visit]:
        """Those at a studio on a day."""
        codec = self._uow.codec
        last, before = after or (NEVER, UUID(int=0))
        row = (self._uow.org, studio, codec.day_in(day), codec.at_in(last), codec.id_in(before), limit)
        (rows,) = self._uow.ask((_AT, row))
        return [_visit(codec, each) for each in rows]

    def tallies(self, member: MemberId, days: Days) -> Sequence[Tally]:
        """How many count."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_TALLIES, self._days(member, days.start, days.end)))
        return [
            Tally(
                contract=None if contract is None else ContractId(codec.id_out(contract)),
                service=service,
                day=codec.day_out(day),
                visits=visits,
            )
            for contract, service, day, visits in rows
        ]

    def _days(self, member: MemberId, start: date, end: date) -> tuple[Any, ...]:
        codec = self._uow.codec
        return (self._uow.org, codec.id_in(member), codec.day_in(start), codec.day_in(end))

    def add(self, visits: Sequence[Visit]) -> None:
        """Queue new ones."""
        codec = self._uow.codec
        for each in visits:
            row = (
                self._uow.org,
                codec.id_in(each.id),
                codec.id_in(each.member),
                each.studio,
                each.service,
                codec.at_in(each.at),
                codec.day_in(each.day),
                codec.at_in(each.recorded_at),
                each.actor,
                int(each.allowed),
                codec.id_or_none_in(each.contract),
                codec.id_or_none_in(each.visitor_pass),
                converting.dumps(list(each.told)),
                int(each.overridden),
                codec.id_or_none_in(each.note),
                *_undone(codec, each),
            )
            self._uow.queue(_ADD, row)

    def change(self, visits: Sequence[Visit]) -> None:
        """Queue that some were undone."""
        codec = self._uow.codec
        self._uow.queue_all(_UNDO, [(*_undone(codec, each), self._uow.org, codec.id_in(each.id)) for each in visits])


def _undone(codec: Codec, visit: Visit) -> tuple[Any, ...]:
    return (None if visit.undone_at is None else codec.at_in(visit.undone_at), visit.undone_for)


def _visit(codec: Codec, row: Sequence[Any]) -> Visit:
    id, member, studio, service, at, day, recorded_at, actor, allowed, contract, taken, told, overridden, *rest = row
    note, undone_at, undone_for = rest
    return Visit(
        id=VisitId(codec.id_out(id)),
        member=MemberId(codec.id_out(member)),
        studio=studio,
        service=service,
        at=codec.at_out(at),
        day=codec.day_out(day),
        recorded_at=codec.at_out(recorded_at),
        actor=actor,
        allowed=bool(allowed),
        contract=None if contract is None else ContractId(codec.id_out(contract)),
        visitor_pass=None if taken is None else PassId(codec.id_out(taken)),
        told=tuple(converting.loads(told)),
        overridden=bool(overridden),
        note=None if note is None else NoteId(codec.id_out(note)),
        undone_at=None if undone_at is None else codec.at_out(undone_at),
        undone_for=undone_for,
    )
