"""Figures over runs of Member Care in tables: each one statement over what commands keep, page by page where it is of
every run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.calendar import start_of_day
from memberlogic.care.advancing import MESSAGE
from memberlogic.care.model import Run, StepState
from memberlogic.care.reporting import DoneIn, RunsAmong, RunsCounted, StepsCounted
from memberlogic.care.telling import UNSENT
from memberlogic.ids import CareMilestoneId, CareRunId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, family, one_of, padded
from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, or_, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlCareReports"]

_r, _s, _p, _o = tables.care_runs.c, tables.care_steps.c, tables.care_pauses.c, tables.outbox.c
_AMONG = ("organization", "flow", "since", "until")
_one: ColumnElement[int] = literal_column("1")
_zero: ColumnElement[int] = literal_column("0")


def _among(studios: int) -> tuple[list[str], list[Any]]:
    """The runs that are asked for."""
    names, there = one_of(_r.studio, studios)
    return names, [
        _r.organization_id == bindparam("organization", type_=_r.organization_id.type),
        _r.flow_id == bindparam("flow", type_=_r.flow_id.type),
        _r.assigned_at >= bindparam("since", type_=_r.assigned_at.type),
        _r.assigned_at < bindparam("until", type_=_r.assigned_at.type),
        there,
    ]


@family
def _runs(studios: int) -> Statement:
    names, among = _among(studios)
    at = bindparam("at", type_=_p.since.type)
    stands = and_(_p.organization_id == _r.organization_id, _p.run_id == _r.id, _p.since <= at, _p.until > at)
    each = (
        select(
            case((_r.ended_at.is_(None), _zero), else_=_one).label("ended"),
            _r.end_reason,
            _r.end_code,
            case((_p.run_id.is_(None), _zero), else_=_one).label("still"),
        )
        .select_from(tables.care_runs.outerjoin(tables.care_pauses, stands))
        .where(*among)
        .subquery()
        .c
    )
    keys = (each.ended, each.end_reason, each.end_code, each.still)
    return Statement(select(*keys, func.count()).group_by(*keys), *_AMONG, *names, "at")


_unsent = and_(
    _o.organization_id == _s.organization_id,
    _o.id == _s.message_id,
    _s.outcome == MESSAGE,
    or_(*(_o.state == each for each in sorted(each.value for each in UNSENT))),
)
_steps_of = and_(_s.organization_id == _r.organization_id, _s.run_id == _r.id)


@family
def _steps(studios: int) -> Statement:
    names, among = _among(studios)
    # Those that staff moved go by the day, the others by the instant at which that day begins where the studio is.
    late = or_(
        and_(_s.postponed_to.is_(None), _s.due_at < bindparam("begins", type_=_s.due_at.type)),
        _s.postponed_to < bindparam("day", type_=_s.postponed_to.type),
    )
    open_ = _s.state == StepState.ACTIVE.value
    each = (
        select(
            _s.milestone_id,
            _s.state,
            case((and_(open_, late), _one), else_=_zero).label("overdue"),
            case((_o.id.is_(None), _zero), else_=_one).label("unsent"),
        )
        .select_from(tables.care_runs.join(tables.care_steps, _steps_of).outerjoin(tables.outbox, _unsent))
        .where(*among)
        .subquery()
        .c
    )
    keys = (each.milestone_id, each.state, each.overdue, each.unsent)
    return Statement(select(*keys, func.count()).group_by(*keys), *_AMONG, *names, "begins", "day")


def _page(studios: int, *also: Any) -> tuple[list[str], Any]:
    names, among = _among(studios)
    after = bindparam("after", type_=_r.id.type)
    return names, select(_r.organization_id, _r.id).where(*among, _r.id > after, *also).order_by(_r.id).limit(
        bindparam("limit")
    )


@family
def _done(studios: int) -> Statement:
    names, page = _page(studios)
    runs = page.subquery()
    done = and_(
        _s.organization_id == runs.c.organization_id,
        _s.run_id == runs.c.id,
        _s.state == StepState.COMPLETED.value,
        _s.outcome != MESSAGE,
    )
    core = (
        select(runs.c.id, _s.milestone_id, _s.due_at, _s.done_at)
        .select_from(runs.outerjoin(tables.care_steps, done))
        .order_by(runs.c.id)
    )
    return Statement(core, *_AMONG, *names, "after", "limit")


@family
def _due(studios: int) -> Statement:
    at = bindparam("at", type_=_r.next_change.type)
    names, page = _page(studios, _r.ended_at.is_(None), _r.next_change <= at)
    return Statement(page, *_AMONG, *names, "after", "at", "limit")


class SqlCareReports:
    """The port ``CareReports``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def _row(self, among: RunsAmong) -> tuple[int, Row]:
        codec, studios = self._uow.codec, padded(among.studios)
        bounds = (codec.at_in(among.since), codec.at_in(among.until))
        return len(studios), (self._uow.org, codec.id_in(among.flow), *bounds, *studios)

    def runs(self, among: RunsAmong, at: datetime) -> Sequence[RunsCounted]:
        """How many runs are what."""
        size, row = self._row(among)
        (rows,) = self._uow.ask((_runs(size), (*row, self._uow.codec.at_in(at))))
        return [
            RunsCounted(ended=bool(ended), reason=reason, code=code, still=bool(still), runs=many)
            for ended, reason, code, still, many in rows
        ]

    def steps(self, among: RunsAmong, day: date) -> Sequence[StepsCounted]:
        """How often each milestone is in which state."""
        size, row = self._row(among)
        codec = self._uow.codec
        begins = start_of_day(day, self._uow.studios.get(among.studios[0]).zone)
        (rows,) = self._uow.ask((_steps(size), (*row, codec.at_in(begins), codec.day_in(day))))
        return [
            StepsCounted(
                milestone=CareMilestoneId(codec.id_out(milestone)),
                state=StepState(state),
                overdue=bool(overdue),
                unsent=bool(unsent),
                steps=many,
            )
            for milestone, state, overdue, unsent, many in rows
        ]

    def done(self, among: RunsAmong, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[DoneIn]:
        """How long actions took."""
        codec = self._uow.codec
        times: dict[CareRunId, list[tuple[CareMilestoneId, int]]] = {}
        for id, milestone, due_at, done_at in self._asked(_done, among, after, limit):
            found = times.setdefault(CareRunId(codec.id_out(id)), [])
            if milestone is not None:
                took = (codec.at_out(done_at) - codec.at_out(due_at)) // timedelta(microseconds=1)
                found.append((CareMilestoneId(codec.id_out(milestone)), took))
        return [DoneIn(run=run, times=tuple(found)) for run, found in times.items()]

    def due(self, among: RunsAmong, at: datetime, *, after: CareRunId | None = None, limit: int = 500) -> Sequence[Run]:
        """Runs in which something came about."""
        codec = self._uow.codec
        rows = self._asked(_due, among, after, limit, codec.at_in(at))
        runs = self._uow.care_runs.several([CareRunId(codec.id_out(id)) for _, id in rows])
        return [runs[id] for id in sorted(runs)]

    def _asked(
        self, statement: Any, among: RunsAmong, after: CareRunId | None, limit: int, *more: Any
    ) -> Sequence[Any]:
        size, row = self._row(among)
        last = self._uow.codec.id_in(after or CareRunId(UUID(int=0)))
        (rows,) = self._uow.ask((statement(size), (*row, last, *more, limit)))
        return rows
