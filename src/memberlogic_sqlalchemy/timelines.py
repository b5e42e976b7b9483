"""What happened to members, from tables: events by their index of members, entries and purchases by who holds their
account.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memberlogic.events import Recorded
from memberlogic.ids import MemberId
from memberlogic.ledger.events import EVENTS
from memberlogic.loyalty.events import PurchaseWasRecorded
from memberlogic.members.looking_back import Position
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.ledger import ENTRY_COLUMNS, entry_from
from memberlogic_sqlalchemy.organizations import EVENT_COLUMNS, recorded
from memberlogic_sqlalchemy.purchases import PURCHASE_COLUMNS, purchase_from
from memberlogic_sqlalchemy.statements import Statement, family, one_of, padded
from sqlalchemy import Column, and_, bindparam, func, or_, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlTimelines"]

_x, _ev = tables.event_members.c, tables.events.c
_en, _pu, _h = tables.entries.c, tables.purchases.c, tables.account_holders.c
_PARAMETERS = ("organization", "member", "since", "before_at", "before_id")


def _of_account(table: Any) -> Any:
    """What is of an account. The organization is compared as a value, not as a column: SQLite, which has no statistics,
    would else rather read everything of the organization than what is of one member's accounts.
    """
    organization = func.coalesce(table.organization_id, table.organization_id)
    return and_(organization == _h.organization_id, table.account_id == _h.account_id)


def _newest(core: Any, member: Column[Any], at: Column[Any], id: Column[Any], *among: Any) -> Any:
    """The rows of a member in a span before a position, newest first."""
    before = bindparam("before_at", type_=at.type)
    return (
        core.where(
            member.table.c.organization_id == bindparam("organization", type_=member.table.c.organization_id.type),
            member == bindparam("member", type_=member.type),
            at >= bindparam("since", type_=at.type),
            at <= before,
            or_(at < before, id < bindparam("before_id", type_=id.type)),
            *among,
        )
        .order_by(at.desc(), id.desc())
        .limit(bindparam("limit"))
    )


@family
def _events(count: int) -> Statement:
    """Those of so many types; of all if 0."""
    names, among = one_of(_ev.type, count)
    joined = tables.event_members.join(
        tables.events, and_(_ev.organization_id == _x.organization_id, _ev.id == _x.event_id)
    )
    core = select(*EVENT_COLUMNS).select_from(joined)
    return Statement(
        _newest(core, _x.member_id, _x.effective_at, _x.event_id, *([among] if count else [])),
        *_PARAMETERS,
        *names,
        "limit",
    )


@family
def _entries(count: int) -> Statement:
    """Those of so many kinds; of all if 0."""
    names, among = one_of(_en.kind, count)
    joined = tables.account_holders.join(tables.entries, _of_account(_en))
    core = select(*ENTRY_COLUMNS).select_from(joined)
    return Statement(
        _newest(core, _h.member_id, _en.effective_at, _en.id, *([among] if count else [])),
        *_PARAMETERS,
        *names,
        "limit",
    )


_PURCHASES = Statement(
    _newest(
        select(*PURCHASE_COLUMNS).select_from(tables.account_holders.join(tables.purchases, _of_account(_pu))),
        _h.member_id,
        _pu.at,
        _pu.id,
    ),
    *_PARAMETERS,
    "limit",
)
_KINDS = {event.type: kind.value for kind, event in EVENTS.items()}
_READ = {*_KINDS, PurchaseWasRecorded.type}
"""What is read as an event and never written as one."""


class SqlTimelines:
    """The port ``Timelines``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(
        self, member: MemberId, types: Collection[str] | None, *, since: datetime, before: Position, limit: int
    ) -> Sequence[Recorded]:
        """The events that concern a member, newest first: the newest of each table, in one trip."""
        codec, (at, id) = self._uow.codec, before
        row = (self._uow.org, codec.id_in(member), codec.at_in(since), codec.at_in(at), codec.id_in(id))
        events = [] if types is None else sorted(set(types) - _READ)
        kinds = [] if types is None else sorted(_KINDS[each] for each in types if each in _KINDS)
        queries, readers = [], []
        if types is None or events:
            queries.append((_events(len(padded(events)) if events else 0), (*row, *_padded(events), limit)))
            readers.append(0)
        if types is None or kinds:
            queries.append((_entries(len(padded(kinds)) if kinds else 0), (*row, *_padded(kinds), limit)))
            readers.append(1)
        if types is None or PurchaseWasRecorded.type in types:
            queries.append((_PURCHASES, (*row, limit)))
            readers.append(2)
        if not queries:
            return ()
        rows: list[Sequence[Any]] = [(), (), ()]
        for place, answer in zip(readers, self._uow.ask(*queries), strict=True):
            rows[place] = answer
        moved = [entry_from(codec, each) for each in rows[1]]
        bought = [purchase_from(codec, each) for each in rows[2]]
        found = recorded(self._uow, rows[0], moved, bought)
        return sorted(found, key=lambda each: (each.effective_at, each.id), reverse=True)[:limit]


def _padded(values: Sequence[str]) -> Sequence[str]:
    return padded(values) if values else ()
