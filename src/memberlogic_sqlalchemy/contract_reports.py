"""Figures and lists over contracts in tables: each one statement over the spans that commands keep."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.calendar import Days, first_day_of
from memberlogic.contracts.deadlines import Look
from memberlogic.contracts.model import FINAL, FOLLOWED, CancellationKind, Contract, ContractStatus
from memberlogic.contracts.reporting import Absent, CancelledFor, Ending, PageOfAbsent, PageOfEndings, Standing
from memberlogic.ids import ContractId, MemberId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement
from memberlogic_sqlalchemy.values import LAST
from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlContractReports"]

_c, _m, _s = tables.contracts.c, tables.contract_members.c, tables.contract_spans.c
_day = partial(bindparam, type_=_s.since.type)
_mine = _c.organization_id == bindparam("organization", type_=_c.organization_id.type)
# One studio, or all: an empty code is none.
_there = or_(bindparam("studio", type_=_c.studio.type) == "", _c.studio == bindparam("studio", type_=_c.studio.type))
# What would have followed and was taken back never was a contract of its own.
_not_taken_back = or_(
    _c.cancelled_as.is_(None), _c.cancelled_as != CancellationKind.WITHDRAWN.value, _c.predecessor_id.is_(None)
)
_FIRST = (date(1000, 1, 1), ContractId(UUID(int=0)))
_spans_of = and_(_s.organization_id == _c.organization_id, _s.contract_id == _c.id)
_people_of = and_(_m.organization_id == _c.organization_id, _m.contract_id == _c.id)


def _is_one_of(statuses: Collection[ContractStatus]) -> ColumnElement[bool]:
    return or_(*(_s.status == value for value in sorted(each.value for each in statuses)))


def _covers(day: Any) -> Any:
    return and_(_m.since <= day, or_(_m.until.is_(None), _m.until > day))


def _has(day: Any) -> Any:
    return and_(_s.since <= day, _s.until > day)


_STANDING = Statement(
    select(_c.studio, _s.status, func.count(_c.id.distinct()), func.count(_m.member_id.distinct()))
    .select_from(
        tables.contracts.join(tables.contract_spans, _spans_of).outerjoin(
            tables.contract_members, and_(_people_of, _covers(_day("day")))
        )
    )
    .where(_mine, _there, _not_taken_back, _has(_day("day")))
    .group_by(_c.studio, _s.status),
    "organization",
    "studio",
    "day",
)


def _among(day: Any) -> Any:
    return and_(day >= _day("start"), day < _day("end"))


def _counted(of: Any, *where: Any) -> Any:
    return select(_c.studio, func.count()).select_from(of).where(_mine, _there, *where).group_by(_c.studio)


def _filed(*where: Any) -> Statement:
    return Statement(_counted(tables.contracts, *where), "organization", "studio", "start", "end")


def _begun(status: ContractStatus, *where: Any) -> Statement:
    of = tables.contracts.join(tables.contract_spans, _spans_of)
    core = _counted(of, _s.status == status.value, _among(_s.since), *where)
    return Statement(core, "organization", "studio", "start", "end", "never")


# Said for the index, where the last day of a status stands before its first: what is over stays so, and what began
# among days ended after the first of them.
_for_good = _s.until == _day("never")
_ends_later = and_(_s.until > _day("start"), _s.until <= _day("never"))


_b = tables.contract_spans.alias("before").c
# A freeze over the day of a transfer began on the contract before.
_frozen_before = exists().where(
    _s.since == _c.begins_on,
    _b.organization_id == _c.organization_id,
    _b.contract_id == _c.predecessor_id,
    _b.status == ContractStatus.FROZEN.value,
    _b.until == _s.since,
)
_FILED = {
    "signed": _filed(_among(_c.signed_on), _c.predecessor_id.is_(None)),
    "started": _filed(_among(_c.started_on)),
}
_BEGUN = {
    "frozen": _begun(ContractStatus.FROZEN, _ends_later, ~_frozen_before),
    "expired": _begun(ContractStatus.EXPIRED, _for_good),
}
_CANCELLED = Statement(
    select(_c.studio, _c.cancelled_as, _c.cancelled_for, func.count())
    .select_from(tables.contracts.join(tables.contract_spans, _spans_of))
    .where(
        _mine,
        _there,
        _s.status == ContractStatus.CANCELLED.value,
        _for_good,
        _among(_s.since),
        _not_taken_back,
    )
    .group_by(_c.studio, _c.cancelled_as, _c.cancelled_for),
    "organization",
    "studio",
    "start",
    "end",
    "never",
)


def _active(day: str) -> Any:
    of = tables.contracts.join(tables.contract_spans, _spans_of).join(tables.contract_members, _people_of)
    core = select(_m.member_id).select_from(of).distinct()
    active = _s.status == ContractStatus.ACTIVE.value
    return core.where(_mine, _there, active, _has(_day(day)), _covers(_day(day)))


_before, _after = _active("first").subquery(), _active("second").subquery()
_KEPT = Statement(
    select(func.count(), func.count(_after.c.member_id)).select_from(
        _before.outerjoin(_after, _after.c.member_id == _before.c.member_id)
    ),
    "organization",
    "studio",
    "first",
    "second",
)
_ENDING = Statement(
    select(_c.id, _c.studio, _s.since, _s.status, _c.cancelled_as, _c.cancelled_for, _c.successor_id)
    .select_from(tables.contracts.join(tables.contract_spans, _spans_of))
    .where(
        _mine,
        _there,
        _is_one_of(FINAL),
        _not_taken_back,
        _for_good,
        _among(_s.since),
        or_(
            _s.since > _day("last"),
            and_(_s.since == _day("last"), _c.id > bindparam("after", type_=_c.id.type)),
        ),
    )
    .order_by(_s.since, _c.id)
    .limit(bindparam("limit")),
    "organization",
    "studio",
    "start",
    "end",
    "never",
    "last",
    "after",
    "limit",
)


_vi = tables.visits.c
_there_today = _active("day").subquery()
_came = (
    select(_vi.member_id, func.max(_vi.business_day).label("last"))
    .where(
        _vi.organization_id == bindparam("organization", type_=_vi.organization_id.type),
        _vi.allowed == 1,
        _vi.undone_at.is_(None),
    )
    .group_by(_vi.member_id)
    .subquery()
)
_ABSENT = Statement(
    select(_there_today.c.member_id, _came.c.last)
    .select_from(_there_today.outerjoin(_came, _came.c.member_id == _there_today.c.member_id))
    .where(
        or_(_came.c.last.is_(None), _came.c.last < _day("since")),
        _there_today.c.member_id > bindparam("after", type_=_m.member_id.type),
    )
    .order_by(_there_today.c.member_id)
    .limit(bindparam("limit")),
    "organization",
    "studio",
    "day",
    "since",
    "after",
    "limit",
)


_LOOKED_AT = Statement(
    select(_c.look_from, _c.id)
    .where(
        _mine,
        _there,
        _c.look_from < _day("before"),
        # Said twice, as an index is entered by the first and not by the second.
        _c.look_from >= _day("last"),
        or_(_c.look_from > _day("last"), _c.id > bindparam("after", type_=_c.id.type)),
    )
    .order_by(_c.look_from, _c.id)
    .limit(bindparam("limit")),
    "organization",
    "studio",
    "before",
    "last",
    "after",
    "limit",
)


class SqlContractReports:
    """The port ``ContractReports``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._never = uow.codec.day_in(LAST)

    def standing(self, on: date, studio: str | None) -> Sequence[Standing]:
        """How many contracts have which status on a day."""
        (rows,) = self._uow.ask((_STANDING, (self._uow.org, studio or "", self._uow.codec.day_in(on))))
        # Sorted here: databases disagree on the order of texts.
        return [
            Standing(studio=code, status=ContractStatus(status), contracts=contracts, members=members)
            for code, status, contracts, members in sorted(tuple(row) for row in rows)
        ]

    def moved(self, days: Days, studio: str | None) -> Mapping[str, Mapping[str, int]]:
        """What became of contracts."""
        row = self._over(days, studio)
        filed = ((statement, row) for statement in _FILED.values())
        begun = ((statement, (*row, self._never)) for statement in _BEGUN.values())
        counted = self._uow.ask(*filed, *begun)
        return {figure: dict(rows) for figure, rows in zip((*_FILED, *_BEGUN), counted, strict=True)}

    def cancelled(self, days: Days, studio: str | None) -> Sequence[CancelledFor]:
        """Why contracts ended."""
        (rows,) = self._uow.ask((_CANCELLED, (*self._over(days, studio), self._never)))
        return [
            CancelledFor(studio=code, kind=CancellationKind(kind), reason=reason, contracts=many)
            for code, kind, reason, many in rows
        ]

    def kept(self, first: date, second: date, studio: str | None) -> tuple[int, int]:
        """Who was active, and who still is."""
        days = map(self._uow.codec.day_in, (first, second))
        (((before, kept),),) = self._uow.ask((_KEPT, (self._uow.org, studio or "", *days)))
        return before, kept

    def ending(self, page: PageOfEndings) -> Sequence[Ending]:
        """Contracts that end."""
        codec = self._uow.codec
        last, after = page.after or _FIRST
        over = self._over(Days(page.since, page.until), page.studio)
        row = (*over, self._never, codec.day_in(last), codec.id_in(after), page.size)
        (rows,) = self._uow.ask((_ENDING, row))
        return [self._ending(*each) for each in rows]

    def _ending(self, id: Any, studio: str, on: Any, status: str, kind: str, reason: str, follows: Any) -> Ending:
        codec = self._uow.codec
        now_is = ContractStatus(status)
        filed = CancellationKind(kind) if now_is is ContractStatus.CANCELLED else None
        return Ending(
            contract=ContractId(codec.id_out(id)),
            studio=studio,
            on=codec.day_out(on),
            status=now_is,
            kind=filed,
            reason=None if filed is None else reason,
            successor=ContractId(codec.id_out(follows)) if filed in FOLLOWED else None,
        )

    def looked_at(
        self, before: date, studio: str | None, *, after: Look | None = None, limit: int = 500
    ) -> Sequence[tuple[date, Contract]]:
        """Contracts that may have a deadline."""
        codec = self._uow.codec
        last, id_after = after or _FIRST
        row = (self._uow.org, studio or "", *map(codec.day_in, (before, last)), codec.id_in(id_after), limit)
        (rows,) = self._uow.ask((_LOOKED_AT, row))
        places = [(codec.day_out(day), ContractId(codec.id_out(id))) for day, id in rows]
        found = self._uow.contracts.several([id for _, id in places])
        return [(day, found[id]) for day, id in places]

    def absent(self, today: date, page: PageOfAbsent) -> Sequence[Absent]:
        """Who does not come."""
        codec = self._uow.codec
        since = first_day_of(page.days, today)
        row = (self._uow.org, page.studio or "", codec.day_in(today), codec.day_in(since))
        after = codec.id_in(page.after or MemberId(UUID(int=0)))
        (rows,) = self._uow.ask((_ABSENT, (*row, after, page.size)))
        return [
            Absent(member=MemberId(codec.id_out(id)), last_visit=None if last is None else codec.day_out(last))
            for id, last in rows
        ]

    def _over(self, days: Days, studio: str | None) -> tuple[Any, ...]:
        codec = self._uow.codec
        return (self._uow.org, studio or "", codec.day_in(days.start), codec.day_in(days.end))
