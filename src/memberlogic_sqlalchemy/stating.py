"""What statements and reports count, in tables: one statement each, however many accounts there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from memberlogic.amounts import Unit
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, ClubId
from memberlogic.ledger.model import EntryKind, Hold, HoldState, Terms, WalletId
from memberlogic.ledger.outstanding import KindTotal
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.holds import SqlHolds
from memberlogic_sqlalchemy.statements import Statement
from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, or_, select

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


_BEFORE = Statement(
    select(func.coalesce(func.sum(_e.amount), _nothing)).where(
        _e.organization_id == _ORGANIZATION,
        _e.account_id == bindparam("account", type_=_e.account_id.type),
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        _e.effective_at < bindparam("start", type_=_e.effective_at.type),
        or_(
            _e.recorded_at < bindparam("recorded", type_=_e.recorded_at.type),
            _e.kind == bindparam("of_itself", type_=_e.kind.type),
        ),
    ),
    "organization",
    "account",
    "unit_",
    "start",
    "recorded",
    "of_itself",
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
_FREE = Statement(
    select(_l.expires_at, func.sum(_l.remaining - _l.held))
    .select_from(_of_club(tables.lots))
    .where(_in_club(_l), _l.is_open == literal_column("1"))
    .group_by(_l.expires_at),
    "organization",
    "club",
    "unit_",
)
_RUN_OUT = Statement(
    select(_l.expires_at, func.sum(_ds.points))
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
    .group_by(_l.expires_at),
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

    def before(self, wallet: WalletId, start: datetime, recorded: datetime) -> int:
        """What took effect before a period."""
        codec = self._uow.codec
        until = (codec.at_in(start), codec.at_in(recorded), EntryKind.EXPIRE.value)
        row = (self._uow.org, codec.id_in(wallet.account), wallet.unit, *until)
        ((total,),) = self._uow.ask((_BEFORE, row))[0]
        return int(total)

    def holds(self, wallet: WalletId, by: datetime) -> Sequence[Hold]:
        """Every hold that began by an instant."""
        return SqlHolds(self._uow).begun(wallet, by)

    def kinds(self, club: ClubId, unit: Unit) -> Sequence[KindTotal]:
        """What all entries come to, by kind."""
        (rows,) = self._uow.ask((_KINDS, self._key(club, unit)))
        return [KindTotal(EntryKind(kind), int(count), int(points)) for kind, count, points in rows]

    def free(self, club: ClubId, unit: Unit, now: datetime) -> Sequence[tuple[datetime | None, int]]:
        """What no hold reserves, by expiry."""
        codec, key = self._uow.codec, self._key(club, unit)
        run_out = (*key, HoldState.OPEN.value, codec.at_in(now))
        found: dict[datetime | None, int] = {}
        for rows in self._uow.ask((_FREE, key), (_RUN_OUT, run_out)):
            for expires_at, points in rows:
                until = codec.until_out(expires_at)
                found[until] = found.get(until, 0) + int(points)
        return list(found.items())

    def debt(self, club: ClubId, unit: Unit) -> int:
        """What all accounts owe."""
        ((total,),) = self._uow.ask((_DEBT, self._key(club, unit)))[0]
        return int(total)

    def owing(self, club: ClubId, unit: Unit, by: datetime) -> Sequence[WalletId]:
        """The wallets that owe, and change of themselves by an instant."""
        codec = self._uow.codec
        (rows,) = self._uow.ask((_OWING, (*self._key(club, unit), codec.at_in(by))))
        return [WalletId(AccountId(codec.id_out(account)), unit) for account, unit in rows]

    def _key(self, club: ClubId, unit: Unit) -> tuple[Any, ...]:
        return (self._uow.org, self._uow.codec.id_in(club), unit)
