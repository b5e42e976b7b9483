"""What became of leads, counted in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.calendar import Days
from memberlogic.ids import MemberId
from memberlogic.members.membership import MembershipStatus
from memberlogic.members.prospecting import LeadCounts, LeadReport, Stage, Staged
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement
from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal_column, or_, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlProspects"]

_l, _i, _s, _m = tables.leads.c, tables.inquiries.c, tables.member_spans.c, tables.members.c
_MEMBER: ColumnElement[str] = literal_column(f"'{MembershipStatus.MEMBER.value}'")
_first = (
    select(func.min(_s.since))
    .where(_s.organization_id == _i.organization_id, _s.member_id == _i.member_id, _s.status == _MEMBER)
    .correlate(tables.inquiries)
    .scalar_subquery()
)
_asked = (
    select(_l.source, _i.studio, _i.member_id, _i.day_began, _first.label("first_at"))
    .select_from(
        tables.inquiries.outerjoin(
            tables.leads, and_(_l.organization_id == _i.organization_id, _l.member_id == _i.member_id)
        )
    )
    .where(
        _i.organization_id == bindparam("organization", type_=_i.organization_id.type),
        _i.day >= bindparam("start", type_=_i.day.type),
        _i.day < bindparam("end", type_=_i.day.type),
    )
    .subquery("asked")
)
_a = _asked.c
_before = or_(_a.first_at.is_(None), _a.first_at >= _a.day_began)
_known = bindparam("known", type_=_i.at.type)


def _counting(*by: str) -> Statement:
    figures = (
        func.count(),
        func.count(case((_before, _a.member_id)).distinct()),
        func.count(case((and_(_a.first_at >= _a.day_began, _a.first_at <= _known), _a.member_id)).distinct()),
    )
    core = select(*(_a[name] for name in by), *figures)
    return Statement(core.group_by(*(_a[name] for name in by)) if by else core, "organization", "start", "end", "known")


_ROWS = _counting("source", "studio")
_SOURCES = _counting("source")
_STUDIOS = _counting("studio")
_TOTAL = _counting()

_status = func.coalesce(_s.status, literal_column(f"'{MembershipStatus.PROSPECT.value}'"))


def _staged(stage: Stage) -> Statement:
    """Everybody but those who stand on the other list only."""
    (other,) = set(MembershipStatus) - stage.statuses
    now = bindparam("at", type_=_s.since.type)
    spans = and_(_s.organization_id == _m.organization_id, _s.member_id == _m.id, _s.since <= now, _s.until > now)
    core = (
        select(_m.id, _status)
        .select_from(tables.members.outerjoin(tables.member_spans, spans))
        .where(
            _m.organization_id == bindparam("organization", type_=_m.organization_id.type),
            _m.id > bindparam("after", type_=_m.id.type),
            _status != literal_column(f"'{other.value}'"),
            _m.deleted == literal_column("0", _m.deleted.type),
        )
        .order_by(_m.id)
        .limit(bindparam("limit"))
    )
    return Statement(core, "at", "organization", "after", "limit")


_STAGES = {stage: _staged(stage) for stage in Stage}
_NOBODY = UUID(int=0)


class SqlProspects:
    """The port ``Prospects``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def report(self, days: Days, at: datetime) -> LeadReport:
        """What became of inquiries."""
        codec = self._uow.codec
        row = (self._uow.org, codec.day_in(days.start), codec.day_in(days.end), codec.at_in(at))
        rows, sources, studios, ((inquiries, prospects, conversions),) = self._uow.ask(
            (_ROWS, row), (_SOURCES, row), (_STUDIOS, row), (_TOTAL, row)
        )
        return LeadReport(
            since=days.start,
            until=days.end,
            at=at,
            rows=_in_order(_counts(*each) for each in rows),
            sources=_in_order(_counts(source, None, *each) for source, *each in sources),
            studios=_in_order(_counts(None, studio, *each) for studio, *each in studios),
            total=_counts(None, None, inquiries, prospects, conversions),
        )

    def staged(self, stage: Stage, at: datetime, *, after: MemberId | None = None, limit: int) -> Sequence[Staged]:
        """Who stands on a list."""
        codec = self._uow.codec
        row = (codec.at_in(at), self._uow.org, codec.id_in(after or _NOBODY), limit)
        (rows,) = self._uow.ask((_STAGES[stage], row))
        return [Staged(member=MemberId(codec.id_out(id)), status=MembershipStatus(status)) for id, status in rows]


def _counts(source: str | None, studio: str | None, inquiries: Any, prospects: Any, conversions: Any) -> LeadCounts:
    return LeadCounts(
        source=source,
        studio=studio,
        inquiries=int(inquiries),
        prospects=int(prospects),
        conversions=int(conversions),
    )


def _in_order(counts: Iterable[LeadCounts]) -> tuple[LeadCounts, ...]:
    """By source, then studio; what was not told first."""
    return tuple(
        sorted(counts, key=lambda each: tuple((key is not None, key or "") for key in (each.source, each.studio)))
    )
