"""Holds in tables: what is reserved of lots, until when, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, HoldId, LotId
from memberlogic.ledger.model import Hold, HoldState, Slice, WalletId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Query
from memberlogic_sqlalchemy.statements import Statement, family, inserting, one_of
from sqlalchemy import and_, bindparam, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlHolds"]

_d, _ds = tables.holds.c, tables.hold_slices.c
_mine = _d.organization_id == bindparam("organization", type_=_d.organization_id.type)
_one = _d.id == bindparam("id_", type_=_d.id.type)
_rows = select(
    _d.id,
    _d.account_id,
    _d.unit,
    _d.until,
    _d.state,
    _d.captured,
    _d.held_at,
    _d.resolved_at,
    _d.actor,
    _d.reason,
    _d.reference,
    _ds.lot_id,
    _ds.points,
).select_from(
    tables.holds.join(tables.hold_slices, and_(_ds.organization_id == _d.organization_id, _ds.hold_id == _d.id))
)
_WHERE = Statement(select(_d.account_id, _d.unit).where(_mine, _one), "organization", "id_")
_HOLD = Statement(_rows.where(_mine, _one).order_by(_ds.lot_id), "organization", "id_")


@family
def _open(count: int) -> Statement:
    """The open holds of these accounts, a row for each slice."""
    names, among = one_of(_d.account_id, count)
    core = _rows.where(_mine, among, _d.state == bindparam("state_", type_=_d.state.type))
    return Statement(core.order_by(_d.until, _d.id, _ds.lot_id), "organization", *names, "state_")


@family
def _lapsed(count: int) -> Statement:
    """The holds of these accounts that ran out after an instant, a row for each slice."""
    names, among = one_of(_d.account_id, count)
    core = _rows.where(
        _mine,
        among,
        _d.state == bindparam("state_", type_=_d.state.type),
        _d.until > bindparam("since", type_=_d.until.type),
    )
    return Statement(core.order_by(_d.until, _d.id, _ds.lot_id), "organization", *names, "state_", "since")


_BEGUN = Statement(
    _rows.where(
        _mine,
        _d.account_id == bindparam("account", type_=_d.account_id.type),
        _d.unit == bindparam("unit_", type_=_d.unit.type),
        _d.held_at <= bindparam("by", type_=_d.held_at.type),
    ).order_by(_d.until, _d.id, _ds.lot_id),
    "organization",
    "account",
    "unit_",
    "by",
)
_ADD = inserting(tables.holds)
_ADD_SLICE = inserting(tables.hold_slices)
_RESOLVE = Statement(
    update(tables.holds)
    .values(
        state=bindparam("new_state", type_=_d.state.type),
        captured=bindparam("new_captured", type_=_d.captured.type),
        resolved_at=bindparam("new_resolved", type_=_d.resolved_at.type),
    )
    .where(_mine, _one),
    "new_state",
    "new_captured",
    "new_resolved",
    "organization",
    "id_",
)


class SqlHolds:
    """The part of the port ``Wallets`` that is about holds."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def where(self, id: HoldId) -> WalletId:
        """The wallet of a hold."""
        query = (_WHERE, (self._uow.org, self._uow.codec.id_in(id)))
        (rows,) = self._uow.ask(query)
        for account, unit in rows:
            return WalletId(AccountId(self._uow.codec.id_out(account)), unit)
        self._uow.lock(query)
        raise NotFound(kind="hold", id=id)

    def get(self, id: HoldId) -> Hold:
        """A hold as it is stored."""
        (rows,) = self._uow.ask((_HOLD, (self._uow.org, self._uow.codec.id_in(id))))
        for hold in self._holds(rows):
            return hold
        raise NotFound(kind="hold", id=id)

    def open(self, accounts: Sequence[AccountId]) -> Sequence[Hold]:
        """The open holds of these accounts, in order of their deadlines."""
        row = (self._uow.org, *map(self._uow.codec.id_in, accounts), HoldState.OPEN.value)
        (rows,) = self._uow.ask((_open(len(accounts)), row))
        return self._holds(rows)

    def lapsing(self, accounts: Sequence[AccountId], since: datetime) -> Query:
        """What asks for the holds of these accounts that ran out after an instant."""
        codec = self._uow.codec
        row = (self._uow.org, *map(codec.id_in, accounts), HoldState.LAPSED.value, codec.at_in(since))
        return _lapsed(len(accounts)), row

    def lapsed(self, rows: Sequence[Any]) -> Sequence[Hold]:
        """The holds that :meth:`lapsing` found."""
        return self._holds(rows)

    def begun(self, wallet: WalletId, by: datetime) -> Sequence[Hold]:
        """Every hold of a wallet that began by an instant, whatever became of it."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(wallet.account), wallet.unit, codec.at_in(by))
        (rows,) = self._uow.ask((_BEGUN, row))
        return self._holds(rows)

    def _holds(self, rows: Sequence[Any]) -> Sequence[Hold]:
        codec = self._uow.codec
        slices: dict[Any, list[Slice]] = {}
        for id, *_, lot, points in rows:
            slices.setdefault(id, []).append(Slice(LotId(codec.id_out(lot)), points))
        holds: dict[Any, Hold] = {}
        for id, account, unit, until, state, captured, held_at, resolved_at, actor, reason, reference, *_ in rows:
            if id not in holds:
                holds[id] = Hold(
                    id=HoldId(codec.id_out(id)),
                    wallet=WalletId(AccountId(codec.id_out(account)), unit),
                    slices=tuple(slices[id]),
                    until=codec.at_out(until),
                    state=HoldState(state),
                    captured=captured,
                    held_at=codec.at_out(held_at),
                    resolved_at=None if resolved_at is None else codec.at_out(resolved_at),
                    actor=actor,
                    reason=reason,
                    reference=reference,
                )
        return list(holds.values())

    def write(self, holds: Iterable[Hold], stored: Iterable[HoldId]) -> None:
        """Queue holds as they are at the end of the unit; ``stored`` ones are there already."""
        known = set(stored)
        for hold in holds:
            if hold.id in known:
                self._resolve(hold)
            else:
                self._add(hold)

    def _resolve(self, hold: Hold) -> None:
        codec = self._uow.codec
        resolved_at = None if hold.resolved_at is None else codec.at_in(hold.resolved_at)
        row = (hold.state.value, hold.captured, resolved_at, self._uow.org, codec.id_in(hold.id))
        self._uow.queue(_RESOLVE, row)

    def _add(self, hold: Hold) -> None:
        codec, org = self._uow.codec, self._uow.org
        row = (
            org,
            codec.id_in(hold.id),
            codec.id_in(hold.wallet.account),
            hold.wallet.unit,
            codec.at_in(hold.until),
            hold.state.value,
            hold.captured,
            codec.at_in(hold.held_at),
            None if hold.resolved_at is None else codec.at_in(hold.resolved_at),
            hold.actor,
            hold.reason,
            hold.reference,
            codec.id_in(self._uow.command_id),
        )
        self._uow.queue(_ADD, row)
        for each in hold.slices:
            self._uow.queue(_ADD_SLICE, (org, codec.id_in(hold.id), codec.id_in(each.lot), each.points))
