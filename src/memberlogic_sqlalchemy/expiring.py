"""Wallets for which nothing is due but that lots expire, all at once: two looks, and the rows that settling them one
by one would write, without making facts of them first. What an entry says comes from the rule.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.ids import ClubId, NewId
from memberlogic.ledger.expiring import Expired, said
from memberlogic.ledger.model import EntryKind, WalletId
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.statements import Row, Statement, family, one_of, padded
from memberlogic_sqlalchemy.values import NEVER
from sqlalchemy import bindparam, func, literal_column, select

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["Rows", "SqlExpiring"]

_a, _w, _l = tables.accounts.c, tables.wallets.c, tables.lots.c
_ORGANIZATION = bindparam("organization", type_=_a.organization_id.type)
_UNTIL = bindparam("until", type_=_l.expires_at.type)


@family
def _lock(count: int) -> Statement:
    """The account rows, locked in id order: the only lock of their wallets."""
    names, among = one_of(_a.id, count)
    core = select(
        _a.id,
        _a.club_id,
        _a.scheme,
        _a.next_review,
        _a.next_warning,
        _a.effective_at,
        _a.version,
    )
    core = core.where(_a.organization_id == _ORGANIZATION, among).order_by(_a.id)
    return Statement(core.with_for_update(key_share=True), "organization", *names)


@family
def _totals(count: int) -> Statement:
    """What is kept of their wallets beside the lots."""
    names, among = one_of(_w.account_id, count)
    busy = _w.held + _w.pending + _w.debt
    core = select(_w.account_id, _w.unit, busy, _w.idle, _w.next_change, _w.next_warning)
    return Statement(core.where(_w.organization_id == _ORGANIZATION, among), "organization", *names)


@family
def _due(count: int) -> Statement:
    """Their lots that expired by an instant, together what expired together."""
    names, among = one_of(_l.account_id, count)
    core = select(_l.account_id, _l.unit, _l.expires_at, _l.id, _l.remaining).where(
        *_open(among), _l.expires_at <= _UNTIL
    )
    return Statement(core.order_by(_l.account_id, _l.unit, _l.expires_at), "organization", *names, "until")


@family
def _next(count: int) -> Statement:
    """When the first of what is left in them expires."""
    names, among = one_of(_l.account_id, count)
    core = select(_l.account_id, _l.unit, func.min(_l.expires_at)).where(*_open(among), _l.expires_at > _UNTIL)
    return Statement(core.group_by(_l.account_id, _l.unit), "organization", *names, "until")


def _open(among: Any) -> tuple[Any, ...]:
    return _l.organization_id == _ORGANIZATION, among, _l.is_open == literal_column("1")


class AccountRow(NamedTuple):
    """What is read of an account, as the database has it."""

    id: Any
    club: Any
    scheme: str
    next_review: Any
    next_warning: Any
    effective_at: Any
    version: int


class TotalsRow(NamedTuple):
    """What is read of a wallet, as the database has it."""

    account: Any
    unit: str
    busy: int
    """What is held, pending and owed in it."""
    idle: str | None
    next_change: Any
    next_warning: Any


@frozen(kw_only=True)
class Rows:
    """What is written: rows of statements that the ledger has for wallets that are settled one by one."""

    accounts: Sequence[Row]
    wallets: Sequence[Row]
    entries: Sequence[Row]
    slices: Sequence[Row]
    lots: Sequence[Row]


_Key = tuple[Any, str]
"""A wallet's account and unit, as the database has them."""


@frozen
class _Plain:
    """A wallet for which nothing else is due."""

    account: AccountRow
    zone: ZoneInfo
    next_warning: Any


_NOTHING = Rows(accounts=(), wallets=(), entries=(), slices=(), lots=())


class SqlExpiring:
    """Finds the wallets, and makes the rows."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._written: dict[tuple[Any, int, ZoneInfo], tuple[Any, str]] = {}
        self.rows = _NOTHING

    def expire_due(self, wallets: Sequence[WalletId], until: datetime, new_id: NewId) -> Expired:
        """Let the lots of wallets expire for which nothing else is due."""
        uow, codec = self._uow, self._uow.codec
        by = codec.at_in(until)
        asked = {(codec.id_in(id.account), id.unit): id for id in wallets}
        plain = self._plain(asked, by)
        if plain:
            ids = padded([*dict.fromkeys(account for account, _ in plain)])
            row = (uow.org, *ids, by)
            due, following = uow.ask((_due(len(ids)), row), (_next(len(ids)), row))
            self.rows = self._rows(plain, due, {(each[0], each[1]): each[2] for each in following}, new_id)
        return Expired(frozenset(asked[key] for key in plain), len(self.rows.entries))

    def _plain(self, asked: Collection[_Key], by: Any) -> dict[_Key, _Plain]:
        """The wallets for which nothing else is due, as the rows of their accounts, locked, and their totals say."""
        uow = self._uow
        ids = padded(sorted({account for account, _ in asked}))
        row, size = (uow.org, *ids), len(ids)
        locked, totals = uow.lock((_lock(size), row), (_totals(size), row))
        rows = [*map(AccountRow._make, locked)]
        for instant in {each.effective_at for each in rows}:
            uow.not_before(uow.codec.at_out(instant))
        now = uow.codec.at_in(uow.now)
        accounts = {
            each.id: each
            for each in rows
            if each.next_review > by and (each.next_warning is None or each.next_warning > now)
        }
        clubs = {id: uow.clubs.get(ClubId(uow.codec.id_out(id))) for id in {each.club for each in accounts.values()}}
        found: dict[_Key, _Plain] = {}
        for account_id, unit, busy, idle, next_change, warning in map(TotalsRow._make, totals):
            account = accounts.get(account_id)
            if account is None or (account_id, unit) not in asked:
                continue
            of_unit = clubs[account.club].terms.get(unit)
            if of_unit is None or busy or idle is not None or next_change > by:
                continue
            if warning is None or (of_unit.warnings and warning > now):
                found[account_id, unit] = _Plain(account, of_unit.zone, warning)
        if not found:
            return found
        others = {account for account, unit in asked if (account, unit) not in found}
        return {key: each for key, each in found.items() if key[0] not in others}

    def _rows(
        self, plain: Mapping[_Key, _Plain], due: Sequence[Any], following: Mapping[_Key, Any], new_id: NewId
    ) -> Rows:
        """One entry for each wallet and instant of expiry, and what that does to lots, totals and accounts."""
        uow, codec, org = self._uow, self._uow.codec, self._uow.org
        command, recorded_at = codec.id_in(uow.command_id), codec.at_in(uow.now)
        kind, actor = EntryKind.EXPIRE.value, Actor.system().label
        entries: list[Row] = []
        slices: list[Row] = []
        lots: list[Row] = []
        gone = dict.fromkeys(plain, 0)
        touched = {id: (each.account.effective_at, each.account.version) for (id, _), each in plain.items()}
        for (account, unit, instant), group in groupby(due, itemgetter(0, 1, 2)):
            wallet = plain.get((account, unit))
            if wallet is None:
                continue
            id = codec.id_in(new_id())
            points = 0
            before = len(slices)
            for each in group:
                lot, left = each[3], each[4]
                points += left
                slices.append((org, id, lot, -left))
                lots.append((-left, 0, org, lot))
            day, because = self._said(instant, len(slices) - before, wallet.zone)
            of_wallet = (account, unit, wallet.account.club, wallet.account.scheme)
            of_entry = (kind, -points, 0, day, instant, recorded_at, actor, None, None, None, because, command, None)
            entries.append((org, id, *of_wallet, *of_entry))
            gone[account, unit] += points
            effective_at, version = touched[account]
            touched[account] = (max(effective_at, instant), version)
        never = codec.at_in(NEVER)
        return Rows(
            accounts=[(*each, org, account) for account, each in touched.items()],
            wallets=[
                (-gone[key], 0, 0, 0, following.get(key, never), each.next_warning, org, *key)
                for key, each in plain.items()
            ],
            entries=entries,
            slices=slices,
            lots=lots,
        )

    def _said(self, instant: Any, lots: int, zone: ZoneInfo) -> tuple[Any, str]:
        known = self._written.get((instant, lots, zone))
        if known is None:
            day, because = said(self._uow.codec.at_out(instant), lots, zone)
            known = self._uow.codec.day_in(day), self._uow.explained(because)
            self._written[instant, lots, zone] = known
        return known
