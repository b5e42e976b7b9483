"""Adjustments by staff in tables: what was posted, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic.amounts import Unit
from memberlogic.calendar import Days
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, AdjustmentId, ClubId, EntryId
from memberlogic.ledger.adjusted import Alone, StaffTotal
from memberlogic.ledger.model import Adjustment, AdjustmentState, WalletId
from memberlogic.ledger.paging import BEGINNING
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Statement, inserting
from sqlalchemy import bindparam, case, func, literal_column, select, tuple_, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlAdjustments"]

_j = tables.adjustments.c
_COLUMNS = tuple(
    column for column in tables.adjustments.columns if column.name not in ("organization_id", "command_id")
)
_mine = _j.organization_id == bindparam("organization", type_=_j.organization_id.type)
_in_state = _j.state == bindparam("state_", type_=_j.state.type)
_of_club = (
    _mine,
    _j.club_id == bindparam("club", type_=_j.club_id.type),
    _j.unit == bindparam("unit_", type_=_j.unit.type),
    _in_state,
)
_CLUB = ("organization", "club", "unit_", "state_")
_nothing = literal_column("0", _j.points.type)
_ONE = Statement(select(*_COLUMNS).where(_mine, _j.id == bindparam("id_", type_=_j.id.type)), "organization", "id_")
_WAITING_FOR = Statement(
    select(*_COLUMNS).where(
        _mine,
        _j.account_id == bindparam("account", type_=_j.account_id.type),
        _j.unit == bindparam("unit_", type_=_j.unit.type),
        _in_state,
    ),
    "organization",
    "account",
    "unit_",
    "state_",
)
_ALONE = Statement(
    select(func.count(), func.coalesce(func.sum(func.abs(_j.points)), _nothing)).where(
        *_of_club,
        _j.business_day == bindparam("day", type_=_j.business_day.type),
        _j.asked_by == bindparam("actor", type_=_j.asked_by.type),
        _j.turn.is_not(None),
    ),
    *_CLUB,
    "day",
    "actor",
)
_WAITING = Statement(
    select(*_COLUMNS)
    .where(
        *_of_club,
        tuple_(_j.asked_at, _j.id)
        > tuple_(bindparam("after_at", type_=_j.asked_at.type), bindparam("after_id", type_=_j.id.type)),
    )
    .order_by(_j.asked_at, _j.id)
    .limit(bindparam("limit")),
    *_CLUB,
    "after_at",
    "after_id",
    "limit",
)
_up = func.sum(case((_j.points > _nothing, _j.points), else_=_nothing))
_down = func.sum(case((_j.points < _nothing, -_j.points), else_=_nothing))
_BY_STAFF = Statement(
    select(_j.asked_by, func.count(), _up, _down)
    .where(
        *_of_club,
        _j.business_day >= bindparam("start", type_=_j.business_day.type),
        _j.business_day < bindparam("end", type_=_j.business_day.type),
    )
    .group_by(_j.asked_by),
    *_CLUB,
    "start",
    "end",
)
_ADD = inserting(tables.adjustments)
_RESOLVE = Statement(
    update(tables.adjustments)
    .values(
        state=bindparam("new_state", type_=_j.state.type),
        business_day=bindparam("new_day", type_=_j.business_day.type),
        entry_id=bindparam("new_entry", type_=_j.entry_id.type),
        resolved_by=bindparam("new_by", type_=_j.resolved_by.type),
        resolved_at=bindparam("new_at", type_=_j.resolved_at.type),
    )
    .where(_mine, _j.id == bindparam("id_", type_=_j.id.type)),
    "new_state",
    "new_day",
    "new_entry",
    "new_by",
    "new_at",
    "organization",
    "id_",
)


class SqlAdjustments:
    """The port ``Adjustments``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def get(self, id: AdjustmentId) -> Adjustment:
        """One adjustment."""
        query = (_ONE, (self._uow.org, self._uow.codec.id_in(id)))
        (rows,) = self._uow.ask(query)
        for row in rows:
            return self._adjustment(row)
        raise NotFound(kind="adjustment", id=id)

    def waiting_for(self, wallet: WalletId) -> Sequence[Adjustment]:
        """What waits on a wallet."""
        row = (self._uow.org, self._uow.codec.id_in(wallet.account), wallet.unit, AdjustmentState.WAITING.value)
        (rows,) = self._uow.ask((_WAITING_FOR, row))
        return [self._adjustment(each) for each in rows]

    def alone(self, club: ClubId, unit: Unit, actor: str, day: date | None) -> Alone:
        """What an actor adjusted alone on a day."""
        if day is None:
            return Alone(0, 0)
        row = (*self._club(club, unit, AdjustmentState.POSTED), self._uow.codec.day_in(day), actor)
        ((times, points),) = self._uow.ask((_ALONE, row))[0]
        return Alone(int(times), int(points))

    def put(self, adjustment: Adjustment) -> None:
        """Queue an adjustment."""
        codec, org = self._uow.codec, self._uow.org
        day, entry = codec.day_in(adjustment.business_day), codec.id_or_none_in(adjustment.entry)
        resolved_at = None if adjustment.resolved_at is None else codec.at_in(adjustment.resolved_at)
        state, id = adjustment.state.value, codec.id_in(adjustment.id)
        if adjustment.resolved_by is not None:
            self._uow.queue(_RESOLVE, (state, day, entry, adjustment.resolved_by, resolved_at, org, id))
            return
        row = (
            org,
            id,
            codec.id_in(adjustment.wallet.account),
            codec.id_in(adjustment.club),
            adjustment.wallet.unit,
            adjustment.points,
            adjustment.reason,
            adjustment.reference,
            None if adjustment.expires_at is None else codec.at_in(adjustment.expires_at),
            state,
            adjustment.asked_by,
            codec.at_in(adjustment.asked_at),
            day,
            adjustment.turn,
            entry,
            None,
            None,
            codec.id_in(self._uow.command_id),
        )
        self._uow.queue(_ADD, row)

    def waiting(self, club: ClubId, unit: Unit, after: Adjustment | None, limit: int) -> Sequence[Adjustment]:
        """What waits in a club."""
        codec = self._uow.codec
        at, id = (BEGINNING, UUID(int=0)) if after is None else (after.asked_at, after.id)
        row = (*self._club(club, unit, AdjustmentState.WAITING), codec.at_in(at), codec.id_in(id), limit)
        (rows,) = self._uow.ask((_WAITING, row))
        return [self._adjustment(each) for each in rows]

    def by_staff(self, club: ClubId, unit: Unit, days: Days) -> Sequence[StaffTotal]:
        """What was posted, by who adjusted."""
        codec = self._uow.codec
        span = (codec.day_in(days.start), codec.day_in(days.end))
        (rows,) = self._uow.ask((_BY_STAFF, (*self._club(club, unit, AdjustmentState.POSTED), *span)))
        return [
            StaffTotal(actor=actor, adjustments=int(many), up=int(up), down=int(down))
            for actor, many, up, down in sorted(rows, key=lambda row: str(row[0]))
        ]

    def _club(self, club: ClubId, unit: Unit, state: AdjustmentState) -> tuple[Any, ...]:
        return (self._uow.org, self._uow.codec.id_in(club), unit, state.value)

    def _adjustment(self, row: Sequence[Any]) -> Adjustment:
        codec = self._uow.codec
        (id, account, club, unit, points, reason, reference, expires_at, state, asked_by, asked_at, *rest) = row
        day, turn, entry, resolved_by, resolved_at = rest
        posted = codec.id_or_none_out(entry)
        return Adjustment(
            id=AdjustmentId(codec.id_out(id)),
            wallet=WalletId(AccountId(codec.id_out(account)), unit),
            club=ClubId(codec.id_out(club)),
            points=points,
            reason=reason,
            reference=reference,
            expires_at=None if expires_at is None else codec.at_out(expires_at),
            state=AdjustmentState(state),
            asked_by=asked_by,
            asked_at=codec.at_out(asked_at),
            business_day=codec.day_out(day),
            turn=turn,
            entry=None if posted is None else EntryId(posted),
            resolved_by=resolved_by,
            resolved_at=None if resolved_at is None else codec.at_out(resolved_at),
        )
