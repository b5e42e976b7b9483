"""What statements and reports count, in tables: one statement each, however many accounts there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attrs import evolve

from memberlogic.amounts import Unit
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, ClubId, EntryId
from memberlogic.ledger.idling import ACTIVITY, ARRIVING, Activity, Opening, gone_after, kept_since, known_expiry
from memberlogic.ledger.model import EntryKind, Hold, HoldState, Lot, Terms, WalletId
from memberlogic.ledger.movements import DayOfKind
from memberlogic.ledger.outstanding import KindTotal
from memberlogic.ledger.stating import Sums
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.holds import SqlHolds
from memberlogic_sqlalchemy.ledger import LOT_COLUMNS, term_from
from memberlogic_sqlalchemy.statements import Statement
from sqlalchemy import ColumnElement, and_, bindparam, case, exists, func, literal_column, or_, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlStatements"]

_a, _w, _e, _l, _d, _ds = (
    tables.accounts.c,
    tables.wallets.c,
    tables.entries.c,
    tables.lots.c,
    tables.holds.c,
    tables.hold_slices.c,
)
_ORGANIZATION = bindparam("organization", type_=_a.organization_id.type)
_CLUB = bindparam("club", type_=_a.club_id.type)
_nothing: ColumnElement[int] = literal_column("0", _e.amount.type)


def _of_club(table: Any) -> Any:
    """A table of wallets' things beside the account that says whose club it is."""
    beside = and_(_a.organization_id == table.c.organization_id, _a.id == table.c.account_id)
    return table.join(tables.accounts, beside)


def _in_club(columns: Any) -> Any:
    unit = columns.unit == bindparam("unit_", type_=_w.unit.type)
    return and_(columns.organization_id == _ORGANIZATION, _a.club_id == _CLUB, unit)


_RECORDED = bindparam("recorded", type_=_e.recorded_at.type)
_by_then = _e.recorded_at <= _RECORDED
_BEFORE = Statement(
    select(
        func.coalesce(func.sum(case((_by_then, _e.amount), else_=_nothing)), _nothing),
        func.coalesce(func.sum(_e.amount), _nothing),
    ).where(
        _e.organization_id == _ORGANIZATION,
        _e.account_id == bindparam("account", type_=_e.account_id.type),
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        _e.effective_at < bindparam("start", type_=_e.effective_at.type),
    ),
    "organization",
    "account",
    "unit_",
    "start",
    "recorded",
)
_opening, _taking = tables.entries.alias("opening"), tables.entries.alias("taking")
_left = _l.amount + func.coalesce(
    func.sum(case((_taking.c.id.is_not(None), tables.slices.c.points), else_=_nothing)), _nothing
)


def _kind(kind: EntryKind) -> ColumnElement[str]:
    return literal_column(f"'{kind.value}'", _e.kind.type)


_OF_OPENING = ("kind", "effective_at", "recorded_at", "id")
_active = tables.entries.alias("active")
_last_active = (
    # The last day of activity that moved the expiry of a lot, by what was recorded by an instant.
    select(func.max(_active.c.business_day))
    .where(
        _active.c.organization_id == _l.organization_id,
        _active.c.account_id == _l.account_id,
        _active.c.unit == _l.unit,
        _active.c.kind.in_([_kind(kind) for kind in ACTIVITY]),
        _active.c.recorded_at <= _RECORDED,
        or_(
            _active.c.recorded_at > _opening.c.recorded_at,
            and_(_active.c.recorded_at == _opening.c.recorded_at, _active.c.id > _opening.c.id),
        ),
        _active.c.effective_at < _l.expires_at,
        # What was sent here lives by what happened here since.
        or_(
            _opening.c.kind.not_in([_kind(kind) for kind in ARRIVING]),
            _active.c.effective_at >= _opening.c.effective_at,
        ),
    )
    .correlate(tables.lots, _opening)
    .scalar_subquery()
)
_said = func.max(case((_taking.c.kind == _kind(EntryKind.AVAILABLE), literal_column("1")), else_=_nothing))
_as_they_were = [column for column in LOT_COLUMNS if column not in (_l.remaining, _l.held)]
_LOTS = Statement(
    select(
        _said,
        _l.opened_until,
        *(_opening.c[name] for name in _OF_OPENING),
        *({_l.remaining: _left, _l.held: _nothing}.get(column, column) for column in LOT_COLUMNS),
    )
    .select_from(
        tables.lots.join(_opening, and_(_opening.c.organization_id == _l.organization_id, _opening.c.id == _l.entry_id))
        .outerjoin(
            tables.slices,
            and_(tables.slices.c.organization_id == _l.organization_id, tables.slices.c.lot_id == _l.id),
        )
        .outerjoin(
            _taking,
            and_(
                _taking.c.organization_id == tables.slices.c.organization_id,
                _taking.c.id == tables.slices.c.entry_id,
                _taking.c.recorded_at <= _RECORDED,
            ),
        )
    )
    .where(
        _l.organization_id == _ORGANIZATION,
        _l.account_id == bindparam("account", type_=_l.account_id.type),
        _l.unit == bindparam("unit_", type_=_l.unit.type),
        _opening.c.recorded_at <= _RECORDED,
    )
    .group_by(*_as_they_were, _l.organization_id, _l.opened_until, *(_opening.c[name] for name in _OF_OPENING))
    .having(_left > _nothing)
    .order_by(_l.expires_at, _l.earned_at, _l.id),
    "organization",
    "account",
    "unit_",
    "recorded",
)
_is_activity = _e.kind.in_([_kind(kind) for kind in ACTIVITY])
_ACTIVE = Statement(
    select(_e.effective_at, _e.recorded_at, _e.id).where(
        _e.organization_id == _ORGANIZATION,
        _e.account_id == bindparam("account", type_=_e.account_id.type),
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        _is_activity,
        _by_then,
        _e.effective_at >= bindparam("since", type_=_e.effective_at.type),
    ),
    "organization",
    "account",
    "unit_",
    "recorded",
    "since",
)
_DAILY = Statement(
    select(_e.business_day, _e.kind, func.count(), func.sum(_e.amount))
    .where(
        _e.organization_id == _ORGANIZATION,
        _e.club_id == _CLUB,
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        _e.business_day < bindparam("before", type_=_e.business_day.type),
    )
    .group_by(_e.business_day, _e.kind)
    .order_by(_e.business_day),
    "organization",
    "club",
    "unit_",
    "before",
)
_KINDS = Statement(
    select(_e.kind, func.count(), func.sum(_e.amount))
    .where(
        _e.organization_id == _ORGANIZATION,
        _e.club_id == _CLUB,
        _e.unit == bindparam("unit_", type_=_e.unit.type),
    )
    .group_by(_e.kind),
    "organization",
    "club",
    "unit_",
)
_KINDS_THEN = Statement(
    select(_e.kind, func.count(), func.sum(_e.amount))
    .where(
        _e.organization_id == _ORGANIZATION,
        _e.club_id == _CLUB,
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        _by_then,
    )
    .group_by(_e.kind),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_of_then = (
    _e.organization_id == _ORGANIZATION,
    _e.club_id == _CLUB,
    _e.unit == bindparam("unit_", type_=_e.unit.type),
    _by_then,
)
_ARRIVED = Statement(
    select(_l.expires_at, func.sum(_l.amount))
    .select_from(tables.entries.join(tables.lots, and_(_l.organization_id == _e.organization_id, _l.entry_id == _e.id)))
    .where(*_of_then, _l.idle.is_(None))
    .group_by(_l.expires_at),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_s = tables.slices.c
_TAKEN = Statement(
    select(_l.expires_at, func.sum(_s.points))
    .select_from(
        tables.entries.join(tables.slices, and_(_s.organization_id == _e.organization_id, _s.entry_id == _e.id)).join(
            tables.lots, and_(_l.organization_id == _s.organization_id, _l.id == _s.lot_id)
        )
    )
    .where(*_of_then, _l.idle.is_(None))
    .group_by(_l.expires_at),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_RUNNING = Statement(
    select(_l.expires_at, func.sum(_ds.points))
    .select_from(
        _of_club(tables.holds)
        .join(tables.hold_slices, and_(_ds.organization_id == _d.organization_id, _ds.hold_id == _d.id))
        .join(tables.lots, and_(_l.organization_id == _ds.organization_id, _l.id == _ds.lot_id))
    )
    .where(
        _in_club(_d),
        _d.held_at <= _RECORDED,
        _d.until > _RECORDED,
        or_(_d.resolved_at.is_(None), _d.resolved_at > _RECORDED),
        _l.idle.is_(None),
    )
    .group_by(_l.expires_at),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_taken_by_then = (
    select(func.coalesce(func.sum(_s.points), _nothing))
    .select_from(
        tables.slices.join(_taking, and_(_taking.c.organization_id == _s.organization_id, _taking.c.id == _s.entry_id))
    )
    .where(_s.organization_id == _l.organization_id, _s.lot_id == _l.id, _taking.c.recorded_at <= _RECORDED)
    .correlate(tables.lots)
    .scalar_subquery()
)
_held_then = (
    select(func.coalesce(func.sum(_ds.points), _nothing))
    .select_from(
        tables.hold_slices.join(tables.holds, and_(_d.organization_id == _ds.organization_id, _d.id == _ds.hold_id))
    )
    .where(
        _ds.organization_id == _l.organization_id,
        _ds.lot_id == _l.id,
        _d.held_at <= _RECORDED,
        _d.until > _RECORDED,
        or_(_d.resolved_at.is_(None), _d.resolved_at > _RECORDED),
    )
    .correlate(tables.lots)
    .scalar_subquery()
)
_lots_then = (
    _of_club(tables.wallets)
    .join(
        tables.lots,
        and_(_l.organization_id == _w.organization_id, _l.account_id == _w.account_id, _l.unit == _w.unit),
    )
    .join(_opening, and_(_opening.c.organization_id == _l.organization_id, _opening.c.id == _l.entry_id))
)
_told, _before = tables.entries.alias("told"), tables.entries.alias("before_")
_told_late = (
    # The accounts that were told of an activity after another one that followed it: with them what kept points alive by
    # an instant depends on what was known by then, in order.
    select(_told.c.account_id)
    .distinct()
    .where(
        _told.c.organization_id == _ORGANIZATION,
        _told.c.club_id == _CLUB,
        _told.c.unit == bindparam("unit_", type_=_w.unit.type),
        _told.c.kind.in_([_kind(kind) for kind in ACTIVITY]),
        _told.c.recorded_at > _told.c.effective_at,
        exists().where(
            _before.c.organization_id == _told.c.organization_id,
            _before.c.account_id == _told.c.account_id,
            _before.c.unit == _told.c.unit,
            _before.c.effective_at > _told.c.effective_at,
            _before.c.kind.in_([_kind(kind) for kind in ACTIVITY]),
            _before.c.recorded_at <= _told.c.recorded_at,
            _before.c.recorded_at <= _RECORDED,
        ),
    )
)
_lively_then = (_in_club(_w), _w.idle.is_not(None), _l.idle.is_not(None), _opening.c.recorded_at <= _RECORDED)
_lively_lots = (
    select(
        _l.idle.label("idle"),
        _l.opened_until.label("opened_until"),
        _last_active.label("active"),
        (_l.amount + _taken_by_then).label("left_then"),
        _held_then.label("held_then"),
    )
    .select_from(_lots_then)
    .where(*_lively_then, _w.account_id.not_in(_told_late))
    .subquery("lively")
)
_LIVELY_LATE = Statement(
    select(
        *(_opening.c[name] for name in _OF_OPENING),
        _l.opened_until,
        _l.amount + _taken_by_then,
        _held_then,
        *LOT_COLUMNS,
    )
    .select_from(_lots_then)
    .where(*_lively_then, _w.account_id.in_(_told_late)),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_ACTIVE_LATE = Statement(
    select(_e.account_id, _e.effective_at, _e.recorded_at, _e.id).where(
        _e.organization_id == _ORGANIZATION,
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        _is_activity,
        _by_then,
        _e.account_id.in_(_told_late),
    ),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_LIVELY = Statement(
    # Points that live by activity, by what their expiry is computed from.
    select(
        _lively_lots.c.idle,
        _lively_lots.c.opened_until,
        _lively_lots.c.active,
        func.sum(_lively_lots.c.left_then),
        func.sum(_lively_lots.c.held_then),
    ).group_by(_lively_lots.c.idle, _lively_lots.c.opened_until, _lively_lots.c.active),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_WAITED = Statement(
    select(func.coalesce(func.sum(_l.amount + _taken_by_then), _nothing))
    .select_from(_lots_then)
    .where(_in_club(_w), _l.available_at > _RECORDED, _opening.c.recorded_at <= _RECORDED),
    "organization",
    "club",
    "unit_",
    "recorded",
)
_OWED = Statement(
    select(_e.account_id)
    .where(
        *_of_then,
        or_(
            exists().where(
                _d.organization_id == _e.organization_id,
                _d.account_id == _e.account_id,
                _d.unit == _e.unit,
                _d.held_at <= _RECORDED,
                _d.until <= _RECORDED,
                _d.state.in_([bindparam("open_", type_=_d.state.type), bindparam("lapsed_", type_=_d.state.type)]),
            ),
            exists().where(
                _l.organization_id == _e.organization_id,
                _l.account_id == _e.account_id,
                _l.unit == _e.unit,
                _l.available_at <= _RECORDED,
                _opening.c.organization_id == _l.organization_id,
                _opening.c.id == _l.entry_id,
                _opening.c.recorded_at <= _RECORDED,
            ),
        ),
    )
    .group_by(_e.account_id)
    .having(func.sum(_e.debt) < _nothing)
    .order_by(_e.account_id),
    "organization",
    "club",
    "unit_",
    "recorded",
    "open_",
    "lapsed_",
)
_FREE = Statement(
    select(_l.expires_at, func.sum(_l.remaining - _l.held))
    .select_from(_of_club(tables.lots))
    .where(_in_club(_l), _l.is_open == literal_column("1"))
    .group_by(_l.expires_at),
    "organization",
    "club",
    "unit_",
)
# What a hold kept beyond its end is gone when the hold is over (PTS-9).
_freed_until = case((_d.until > _l.expires_at, _d.until), else_=_l.expires_at)
_RUN_OUT = Statement(
    select(_freed_until, func.sum(_ds.points))
    .select_from(
        _of_club(tables.holds)
        .join(tables.hold_slices, and_(_ds.organization_id == _d.organization_id, _ds.hold_id == _d.id))
        .join(tables.lots, and_(_l.organization_id == _ds.organization_id, _l.id == _ds.lot_id))
    )
    .where(
        _in_club(_d),
        _d.state == bindparam("state_", type_=_d.state.type),
        _d.until <= bindparam("now", type_=_d.until.type),
    )
    .group_by(_freed_until),
    "organization",
    "club",
    "unit_",
    "state_",
    "now",
)
_DEBT = Statement(
    select(func.coalesce(func.sum(_w.debt), _nothing)).select_from(_of_club(tables.wallets)).where(_in_club(_w)),
    "organization",
    "club",
    "unit_",
)

_PENDING = Statement(
    select(func.coalesce(func.sum(_l.remaining), _nothing))
    .select_from(
        _of_club(tables.wallets).join(
            tables.lots,
            and_(_l.organization_id == _w.organization_id, _l.account_id == _w.account_id, _l.unit == _w.unit),
        )
    )
    .where(
        _in_club(_w),
        _w.pending > _nothing,
        _l.is_open == literal_column("1"),
        _l.pending == literal_column("1"),
        _l.available_at > bindparam("now", type_=_l.available_at.type),
    ),
    "organization",
    "club",
    "unit_",
    "now",
)
_OWING = Statement(
    select(_w.account_id, _w.unit)
    .select_from(_of_club(tables.wallets))
    .where(
        _in_club(_w),
        _w.debt > _nothing,
        _w.next_change <= bindparam("by", type_=_w.next_change.type),
    )
    .order_by(_w.account_id),
    "organization",
    "club",
    "unit_",
    "by",
)


class SqlStatements:
    """The port ``Statements``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def terms(self, club: ClubId, unit: Unit) -> Terms:
        """What a club says of a unit."""
        terms = self._uow.clubs.get(club).terms.get(unit)
        if terms is None:
            raise NotFound(kind="unit", id=f"{club}/{unit}")
        return terms

    def before(self, wallet: WalletId, start: datetime, recorded: datetime) -> Sums:
        """What took effect before a period."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(wallet.account), wallet.unit, codec.at_in(start), codec.at_in(recorded))
        ((known, every),) = self._uow.ask((_BEFORE, row))[0]
        return Sums(int(known), int(every))

    def lots(self, wallet: WalletId, by: datetime) -> Sequence[Lot]:
        """The lots that had something left then."""
        codec = self._uow.codec
        row_of = (self._uow.org, codec.id_in(wallet.account), wallet.unit)
        (rows,) = self._uow.ask((_LOTS, (*row_of, codec.at_in(by))))
        found, lively = [], {}
        for said, opened_until, kind, effective_at, recorded_at, id, *row in rows:
            lot = self._uow.wallets.as_lot(row)
            pending = lot.available_at is not None and not said
            lot = evolve(lot, remaining=int(lot.remaining), held=0, pending=pending)
            if lot.idle is not None:
                lot = evolve(lot, expires_at=codec.until_out(opened_until))
                lively[lot.id] = self._opening(kind, effective_at, recorded_at, id, lot)
            found.append(lot)
        if not lively:
            return found
        since = min(opening.kept_since for opening in lively.values())
        (active,) = self._uow.ask((_ACTIVE, (*row_of, codec.at_in(by), codec.at_in(since))))
        (viewed,) = self._uow.wallets.viewing((wallet,))
        known, zone = [self._activity(*each) for each in active], viewed.terms.zone
        return [
            evolve(lot, expires_at=known_expiry(lot, lively[lot.id], known, zone)) if lot.id in lively else lot
            for lot in found
        ]

    def _opening(self, kind: str, effective_at: Any, recorded_at: Any, id: Any, lot: Lot) -> Opening:
        codec = self._uow.codec
        since = kept_since(EntryKind(kind), codec.at_out(effective_at), lot)
        return Opening(since, codec.at_out(recorded_at), EntryId(codec.id_out(id)))

    def _activity(self, effective_at: Any, recorded_at: Any, id: Any) -> Activity:
        codec = self._uow.codec
        return Activity(codec.at_out(effective_at), codec.at_out(recorded_at), EntryId(codec.id_out(id)))

    def holds(self, wallet: WalletId, by: datetime) -> Sequence[Hold]:
        """Every hold that began by an instant."""
        return SqlHolds(self._uow).begun(wallet, by)

    def kinds(self, club: ClubId, unit: Unit, by: datetime | None = None) -> Sequence[KindTotal]:
        """What all entries come to, by kind."""
        key = self._key(club, unit)
        asked = (_KINDS, key) if by is None else (_KINDS_THEN, (*key, self._uow.codec.at_in(by)))
        (rows,) = self._uow.ask(asked)
        return [KindTotal(EntryKind(kind), int(count), int(points)) for kind, count, points in rows]

    def daily(self, club: ClubId, unit: Unit, before: date) -> Sequence[DayOfKind]:
        """What all entries come to, by business day and kind."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_DAILY, (*self._key(club, unit), codec.day_in(before))))
        return [
            DayOfKind(codec.day_out(day), EntryKind(kind), int(count), int(points)) for day, kind, count, points in rows
        ]

    def free(self, club: ClubId, unit: Unit, now: datetime) -> Sequence[tuple[datetime | None, int]]:
        """What no hold reserves, by when it is gone."""
        codec, key = self._uow.codec, self._key(club, unit)
        run_out = (*key, HoldState.OPEN.value, codec.at_in(now))
        found: dict[datetime | None, int] = {}
        for rows in self._uow.ask((_FREE, key), (_RUN_OUT, run_out)):
            for expires_at, points in rows:
                until = codec.until_out(expires_at)
                found[until] = found.get(until, 0) + int(points)
        return list(found.items())

    def left(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[tuple[datetime | None, int, int]]:
        """What was left then, and held, by expiry."""
        codec, row = self._uow.codec, (*self._key(club, unit), self._uow.codec.at_in(by))
        *moved, running, lively = self._uow.ask((_ARRIVED, row), (_TAKEN, row), (_RUNNING, row), (_LIVELY, row))
        left: Counter[datetime | None] = Counter()
        for until, points in (each for rows in moved for each in rows):
            left[codec.until_out(until)] += int(points)
        held = Counter({codec.until_out(until): int(points) for until, points in running})
        zone = self._uow.clubs.get(club).zone
        for term, opened, active, remaining, reserved in lively:
            until = codec.until_out(opened)
            if until is not None and active is not None:
                until = max(until, gone_after(term_from(term), codec.day_out(active), zone))
            left[until] += int(remaining)
            held[until] += int(reserved)
        for until, remaining, reserved in self._left_late(row, zone):
            left[until] += remaining
            held[until] += reserved
        return [(until, points, held[until]) for until, points in left.items()]

    def _left_late(self, row: tuple[Any, ...], zone: ZoneInfo) -> Iterator[tuple[datetime | None, int, int]]:
        """What was left then, and held, of lots that live by activity, of accounts that were told of some late."""
        codec = self._uow.codec
        lots, known = self._uow.ask((_LIVELY_LATE, row), (_ACTIVE_LATE, row))
        active: dict[Any, list[Activity]] = {}
        for account, *each in known:
            active.setdefault(account, []).append(self._activity(*each))
        for kind, effective_at, recorded_at, id, opened_until, remaining, reserved, *of_lot in lots:
            lot = evolve(self._uow.wallets.as_lot(of_lot), expires_at=codec.until_out(opened_until))
            opening = self._opening(kind, effective_at, recorded_at, id, lot)
            yield known_expiry(lot, opening, active.get(of_lot[0], ()), zone), int(remaining), int(reserved)

    def owed(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[WalletId]:
        """The wallets that owed, and on which a hold had run out, or pending points had become available."""
        codec = self._uow.codec
        row = (*self._key(club, unit), codec.at_in(by), HoldState.OPEN.value, HoldState.LAPSED.value)
        (rows,) = self._uow.ask((_OWED, row))
        return [WalletId(AccountId(codec.id_out(account)), unit) for (account,) in rows]

    def waited(self, club: ClubId, unit: Unit, by: datetime) -> int:
        """What was left then and becomes available later."""
        row = (*self._key(club, unit), self._uow.codec.at_in(by))
        ((total,),) = self._uow.ask((_WAITED, row))[0]
        return int(total)

    def debt(self, club: ClubId, unit: Unit) -> int:
        """What all accounts owe."""
        ((total,),) = self._uow.ask((_DEBT, self._key(club, unit)))[0]
        return int(total)

    def pending(self, club: ClubId, unit: Unit, now: datetime) -> int:
        """What becomes available after now only."""
        row = (*self._key(club, unit), self._uow.codec.at_in(now))
        ((total,),) = self._uow.ask((_PENDING, row))[0]
        return int(total)

    def owing(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[WalletId]:
        """The wallets that owe, and change of themselves by an instant."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_OWING, (*self._key(club, unit), codec.at_in(by))))
        return [WalletId(AccountId(codec.id_out(account)), unit) for account, unit in rows]

    def _key(self, club: ClubId, unit: Unit) -> tuple[Any, ...]:
        return (self._uow.org, self._uow.codec.id_in(club), unit)
