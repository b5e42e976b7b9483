"""Returns of purchases in tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from memberlogic import converting
from memberlogic.ids import AccountId, ClubId, EntryId, ExternalId, PurchaseId, ReturnId
from memberlogic.loyalty.purchases import ReturnedLine
from memberlogic.loyalty.returns import Return
from memberlogic.outcomes import Because
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, family, inserting, one_of, padded
from sqlalchemy import bindparam, case, literal_column, select, update

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["SqlReturns"]

_r, _rl, _p = tables.returns.c, tables.return_lines.c, tables.purchases.c
_COLUMNS = tuple(column for column in tables.returns.columns if column.name not in ("organization_id", "command_id"))
_ADD = inserting(tables.returns)
_ADD_LINE = inserting(tables.return_lines)
_OF = Statement(
    select(*_COLUMNS)
    .where(
        _r.organization_id == bindparam("organization", type_=_r.organization_id.type),
        _r.purchase_id == bindparam("purchase", type_=_r.purchase_id.type),
    )
    .order_by(_r.recorded_at, _r.id),
    "organization",
    "purchase",
)
_KNOWN = Statement(
    select(*_COLUMNS).where(
        _r.organization_id == bindparam("organization", type_=_r.organization_id.type),
        _r.source == bindparam("source_", type_=_r.source.type),
        _r.external_id == bindparam("external", type_=_r.external_id.type),
    ),
    "organization",
    "source_",
    "external",
)
_OF_ACCOUNT = Statement(
    select(*_COLUMNS)
    .where(
        _r.organization_id == bindparam("organization", type_=_r.organization_id.type),
        _r.purchase_id.in_(
            select(_p.id).where(
                _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
                _p.account_id == bindparam("account", type_=_p.account_id.type),
            )
        ),
        _r.id > bindparam("after", type_=_r.id.type),
    )
    .order_by(_r.id)
    .limit(bindparam("limit")),
    "organization",
    "account",
    "after",
    "limit",
)
_FIRST = UUID(int=0)


@family
def _lines(count: int) -> Statement:
    names, among = one_of(_rl.return_id, count)
    core = (
        select(_rl.return_id, _rl.position, _rl.quantity, _rl.amount)
        .where(
            _rl.organization_id == bindparam("organization", type_=_rl.organization_id.type),
            among,
        )
        .order_by(_rl.return_id, _rl.position)
    )
    return Statement(core, "organization", *names)


_LOWER = Statement(
    update(tables.purchases)
    .values(
        unspent=_p.unspent + bindparam("less_spent", type_=_p.unspent.type),
        unearned=_p.unearned + bindparam("less_earned", type_=_p.unearned.type),
        returned=case(
            (bindparam("whole_", type_=_p.returned.type) > literal_column("0"), literal_column("1")), else_=_p.returned
        ),
    )
    .where(
        _p.organization_id == bindparam("organization", type_=_p.organization_id.type),
        _p.id == bindparam("purchase", type_=_p.id.type),
    ),
    "less_spent",
    "less_earned",
    "whole_",
    "organization",
    "purchase",
)


class SqlReturns:
    """The port ``Returns``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow

    def of(self, purchase: PurchaseId) -> Sequence[Return]:
        """The returns of a purchase."""
        return self._returns(self._uow.ask((_OF, (self._uow.org, self._uow.codec.id_in(purchase))))[0])

    def known(self, receipt: ExternalId) -> Return | None:
        """A return by the till's id."""
        row = (self._uow.org, receipt.source, receipt.value)
        return next(iter(self._returns(self._uow.ask((_KNOWN, row))[0])), None)

    def of_account(self, account: AccountId, *, after: ReturnId | None, limit: int) -> Sequence[Return]:
        """The next returns of an account's purchases."""
        codec = self._uow.codec
        row = (self._uow.org, codec.id_in(account), codec.id_in(after or _FIRST), limit)
        return self._returns(self._uow.ask((_OF_ACCOUNT, row))[0])

    def _returns(self, rows: Sequence[Any]) -> list[Return]:
        if not rows:
            return []
        codec = self._uow.codec
        ids = padded([row[0] for row in rows])
        lines: dict[Any, list[ReturnedLine]] = {}
        for of, position, quantity, amount in self._uow.ask((_lines(len(ids)), (self._uow.org, *ids)))[0]:
            line = ReturnedLine(position=position, quantity=quantity, amount=amount)
            lines.setdefault(codec.id_out(of), []).append(line)
        return [self._return(row, lines.get(codec.id_out(row[0]), ())) for row in rows]

    def add(self, returns: Sequence[Return]) -> None:
        """Queue new returns with their lines; their purchases count less."""
        uow, codec = self._uow, self._uow.codec
        for each in returns:
            id = codec.id_in(each.id)
            uow.queue(_ADD, self._row(each))
            lines = [(uow.org, id, line.position, line.quantity, line.amount) for line in each.lines]
            uow.queue_all(_ADD_LINE, lines)
            less = (each.unspent, each.unearned, int(each.whole))
            uow.queue(_LOWER, (*less, uow.org, codec.id_in(each.purchase)))

    def _row(self, made: Return) -> Row:
        codec = self._uow.codec
        return (
            self._uow.org,
            codec.id_in(made.id),
            codec.id_in(made.purchase),
            codec.id_in(made.account),
            codec.id_in(made.club),
            made.external_id.source,
            made.external_id.value,
            codec.at_in(made.at),
            codec.day_in(made.business_day),
            codec.at_in(made.recorded_at),
            made.amount,
            made.money,
            made.points_value,
            made.stored_value,
            made.restored,
            made.unearned,
            made.unspent,
            made.taken,
            made.debt,
            made.clamped,
            made.available,
            int(made.whole),
            codec.id_or_none_in(made.restore_entry),
            codec.id_or_none_in(made.return_entry),
            made.fingerprint,
            self._uow.explained(made.because),
            codec.id_in(self._uow.command_id),
        )

    def _return(self, row: Sequence[Any], lines: Sequence[ReturnedLine]) -> Return:
        codec = self._uow.codec
        id, purchase, account, club, source, value, at, day, recorded_at, amount, money, points_value, *rest = row
        stored_value, restored, unearned, unspent, taken, debt, clamped, available, whole, *rest = rest
        restore_entry, return_entry, fingerprint, because = rest
        back, took = codec.id_or_none_out(restore_entry), codec.id_or_none_out(return_entry)
        return Return(
            id=ReturnId(codec.id_out(id)),
            purchase=PurchaseId(codec.id_out(purchase)),
            account=AccountId(codec.id_out(account)),
            club=ClubId(codec.id_out(club)),
            external_id=ExternalId(source, value),
            at=codec.at_out(at),
            business_day=codec.day_out(day),
            recorded_at=codec.at_out(recorded_at),
            lines=tuple(lines),
            amount=amount,
            money=money,
            points_value=points_value,
            stored_value=stored_value,
            restored=restored,
            unearned=unearned,
            unspent=unspent,
            taken=taken,
            debt=debt,
            clamped=clamped,
            available=available,
            whole=bool(whole),
            restore_entry=None if back is None else EntryId(back),
            return_entry=None if took is None else EntryId(took),
            fingerprint=fingerprint,
            because=converting.from_json(tuple[Because, ...], converting.loads(because)),
        )
