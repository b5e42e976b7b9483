"""Wallets, lots and entries in tables: the port of the ledger, and the SQL of every movement of points.

What a command reads is one trip: lock the accounts in id order, then, in statements of their own, the key, the wallets
with their holders and the first lots in order of consumption. What it writes are relative updates under CHECKs, so
that a total or a lot can never fall below zero, and the account's version, so that nothing is built on stale facts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import evolve

from memberlogic import converting
from memberlogic.calendar import Days, Term, local_day
from memberlogic.errors import NotFound
from memberlogic.ids import AccountId, ClubId, EntryId, HoldId, LotId, MemberId, NewId
from memberlogic.ledger.consuming import in_order
from memberlogic.ledger.expiring import Expired
from memberlogic.ledger.idling import ACTIVITY, ARRIVING, gone_after, is_activity
from memberlogic.ledger.model import (
    AccountState,
    Entry,
    EntryKind,
    Hold,
    Holder,
    HoldState,
    Lot,
    Move,
    Order,
    Slice,
    Wallet,
    WalletId,
)
from memberlogic.ledger.past import EXPIRING, Past
from memberlogic.members import MemberState
from memberlogic.outcomes import Because
from memberlogic.storing import Signpost
from memberlogic_sqlalchemy import tables
from memberlogic_sqlalchemy.dialects.base import Query
from memberlogic_sqlalchemy.expiring import SqlExpiring
from memberlogic_sqlalchemy.holds import SqlHolds
from memberlogic_sqlalchemy.statements import Statement, family, inserting, next_version, one_of, padded
from memberlogic_sqlalchemy.values import Codec
from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

if TYPE_CHECKING:
    from memberlogic_sqlalchemy.work import SqlWork

__all__ = ["ENTRY_COLUMNS", "LOT_COLUMNS", "SqlWallets", "entry_from", "term_from"]

_FIRST_LOTS = 32
"""How many lots travel with the first trip; more are read if the points are not in them."""
_FEW_LOTS = 8
"""How many of each wallet are read at first where something is taken of several."""
_AT_ONCE = 16
"""Of how many wallets one statement reads the first lots."""

_a, _c, _h, _m, _w = (
    tables.accounts.c,
    tables.clubs.c,
    tables.account_holders.c,
    tables.members.c,
    tables.wallets.c,
)
_l, _e, _s = tables.lots.c, tables.entries.c, tables.slices.c
_p, _r = tables.purchases.c, tables.returns.c
_ORGANIZATION = bindparam("organization", type_=_a.organization_id.type)
_ACCOUNT = (
    _a.id,
    _a.club_id,
    _a.scheme,
    _a.state,
    _a.next_review,
    _a.effective_at,
    _a.version,
    _a.merged_into_id,
)


@family
def _lock(count: int) -> Statement:
    """The account rows, locked in id order: the only lock of their wallets."""
    names, among = one_of(_a.id, count)
    core = select(*_ACCOUNT).where(_a.organization_id == _ORGANIZATION, among).order_by(_a.id)
    return Statement(core.with_for_update(key_share=True), "organization", *names)


@family
def _look(count: int) -> Statement:
    """The same rows, not locked."""
    names, among = one_of(_a.id, count)
    core = select(*_ACCOUNT)
    return Statement(core.where(_a.organization_id == _ORGANIZATION, among), "organization", *names)


@family
def _facts(count: int) -> Statement:
    """Each account's club version, wallets and holders: a row for each wallet and holder."""
    names, among = one_of(_a.id, count)
    joined = (
        tables.accounts.join(tables.clubs, and_(_c.organization_id == _a.organization_id, _c.id == _a.club_id))
        .join(tables.account_holders, and_(_h.organization_id == _a.organization_id, _h.account_id == _a.id))
        .join(tables.members, and_(_m.organization_id == _h.organization_id, _m.id == _h.member_id))
        .outerjoin(tables.wallets, and_(_w.organization_id == _a.organization_id, _w.account_id == _a.id))
    )
    core = (
        select(
            _a.id,
            _c.version,
            _h.member_id,
            _m.state,
            _w.unit,
            _w.remaining,
            _w.held,
            _w.pending,
            _w.debt,
            _w.next_change,
            _w.next_warning,
            _w.idle,
            _w.activity_at,
        )
        .select_from(joined)
        .where(_a.organization_id == _ORGANIZATION, among)
        .order_by(_a.id, _h.position)
    )
    return Statement(core, "organization", *names)


_LOT = (
    _l.account_id,
    _l.unit,
    _l.id,
    _l.amount,
    _l.remaining,
    _l.held,
    _l.earned_at,
    _l.expires_at,
    _l.origin_id,
    _l.available_at,
    _l.pending,
    _l.idle,
)
LOT_COLUMNS = _LOT
_PLACES = {Order.SOONEST_EXPIRY: itemgetter(7, 6, 2), Order.OLDEST_FIRST: itemgetter(6, 7, 2)}
"""What says where a row of a lot stands in an order of consumption."""
_open = (_l.organization_id == _ORGANIZATION, _l.is_open == literal_column("1"))
_IN_ORDER = {
    Order.SOONEST_EXPIRY: (_l.expires_at, _l.earned_at, _l.id),
    Order.OLDEST_FIRST: (_l.earned_at, _l.expires_at, _l.id),
}


def _first_of(order: Order, number: str = "") -> Select[Any]:
    """The first lots of a wallet in an order of consumption."""
    account = bindparam(f"account{number}", type_=_l.account_id.type)
    unit = bindparam(f"unit{number}", type_=_l.unit.type)
    core = select(*_LOT).where(*_open, _l.account_id == account, _l.unit == unit)
    return core.order_by(*_IN_ORDER[order]).limit(bindparam("limit"))


_FIRST = {order: Statement(_first_of(order), "organization", "account", "unit", "limit") for order in Order}
"""The first lots of a wallet, in each order of consumption."""


@cache
def _first_of_each(order: Order, count: int) -> Statement:
    """The first lots of each of several wallets: of each only as many as are asked for are looked at."""
    parts = [_first_of(order, f"_{index}").subquery(f"first_{index}") for index in range(count)]
    names = [name for index in range(count) for name in (f"account_{index}", f"unit_{index}")]
    return Statement(union_all(*map(select, parts)), "organization", "limit", *names)


@family
def _all_lots(count: int) -> Statement:
    """Every lot of these accounts that has something left, in order of consumption."""
    names, among = one_of(_l.account_id, count)
    core = select(*_LOT).where(*_open, among).order_by(_l.account_id, _l.unit, _l.expires_at, _l.earned_at, _l.id)
    return Statement(core, "organization", *names)


_TOUCH = Statement(
    update(tables.accounts)
    .values(
        effective_at=bindparam("new_effective", type_=_a.effective_at.type),
        version=next_version(_a.version),
    )
    .where(_a.organization_id == _ORGANIZATION, _a.id == bindparam("id_", type_=_a.id.type)),
    "new_effective",
    "expected",
    "organization",
    "id_",
    apart_by=("id_",),
)
_ADD_WALLET = inserting(tables.wallets)
_MOVE_WALLET = Statement(
    update(tables.wallets)
    .values(
        remaining=_w.remaining + bindparam("points", type_=_w.remaining.type),
        held=_w.held + bindparam("reserved", type_=_w.held.type),
        pending=bindparam("waiting", type_=_w.pending.type),
        debt=_w.debt + bindparam("owed", type_=_w.debt.type),
        next_change=bindparam("next", type_=_w.next_change.type),
        next_warning=bindparam("warning", type_=_w.next_warning.type),
    )
    .where(
        _w.organization_id == _ORGANIZATION,
        _w.account_id == bindparam("account", type_=_w.account_id.type),
        _w.unit == bindparam("unit_", type_=_w.unit.type),
    ),
    "points",
    "reserved",
    "waiting",
    "owed",
    "next",
    "warning",
    "organization",
    "account",
    "unit_",
    apart_by=("account", "unit_"),
)
_ADD_ENTRY = inserting(tables.entries)
_ADD_LOT = inserting(tables.lots)
_ADD_SLICE = inserting(tables.slices)
_left = _l.remaining + bindparam("points", type_=_l.remaining.type)
_TAKE = Statement(
    # MySQL assigns from left to right: is_open is computed while remaining is still what it was.
    update(tables.lots)
    .ordered_values(
        (_l.is_open, case((_left > literal_column("0"), literal_column("1")), else_=literal_column("0"))),
        (_l.remaining, _left),
        (_l.held, _l.held + bindparam("reserved", type_=_l.held.type)),
    )
    .where(_l.organization_id == _ORGANIZATION, _l.id == bindparam("id_", type_=_l.id.type)),
    "points",
    "reserved",
    "organization",
    "id_",
    apart_by=("id_",),
)
_LIVELY = Statement(
    update(tables.wallets)
    .values(
        idle=bindparam("idle_", type_=_w.idle.type),
        activity_at=bindparam("active", type_=_w.activity_at.type),
    )
    .where(
        _w.organization_id == _ORGANIZATION,
        _w.account_id == bindparam("account", type_=_w.account_id.type),
        _w.unit == bindparam("unit_", type_=_w.unit.type),
    ),
    "idle_",
    "active",
    "organization",
    "account",
    "unit_",
)
_KEEP_ALIVE = Statement(
    # Both states of is_open are named, so that the index on it leads to the few that have not expired.
    update(tables.lots)
    .values(expires_at=bindparam("until", type_=_l.expires_at.type))
    .where(
        _l.organization_id == _ORGANIZATION,
        _l.account_id == bindparam("account", type_=_l.account_id.type),
        _l.unit == bindparam("unit_", type_=_l.unit.type),
        _l.is_open.in_([literal_column("0"), literal_column("1")]),
        _l.expires_at > bindparam("at", type_=_l.expires_at.type),
        _l.expires_at < bindparam("before", type_=_l.expires_at.type),
        _l.idle == bindparam("term", type_=_l.idle.type),
        # Late, it does not keep alive what was sent here after it.
        ~exists().where(
            _e.organization_id == _l.organization_id,
            _e.id == _l.entry_id,
            _e.kind.in_([literal_column(f"'{kind.value}'", _e.kind.type) for kind in ARRIVING]),
            _e.effective_at > bindparam("since", type_=_e.effective_at.type),
        ),
    ),
    "until",
    "organization",
    "account",
    "unit_",
    "at",
    "before",
    "term",
    "since",
)
_MAKE_AVAILABLE = Statement(
    update(tables.lots)
    .values(pending=literal_column("0"))
    .where(_l.organization_id == _ORGANIZATION, _l.id == bindparam("id_", type_=_l.id.type)),
    "organization",
    "id_",
    apart_by=("id_",),
)
_SENT = Statement(
    select(func.coalesce(func.sum(_e.amount), literal_column("0"))).where(
        _e.organization_id == _ORGANIZATION,
        _e.account_id == bindparam("account", type_=_e.account_id.type),
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        _e.kind == bindparam("kind_", type_=_e.kind.type),
        _e.business_day >= bindparam("start", type_=_e.business_day.type),
        _e.business_day < bindparam("end", type_=_e.business_day.type),
    ),
    "organization",
    "account",
    "unit_",
    "kind_",
    "start",
    "end",
)


@family
def _sent_by(count: int) -> Statement:
    """What left by a kind of entry on business days of one span, by account."""
    names, among = one_of(_e.account_id, count)
    core = select(_e.account_id, _e.unit, func.sum(_e.amount)).where(
        _e.organization_id == _ORGANIZATION,
        among,
        _e.kind == bindparam("kind_", type_=_e.kind.type),
        _e.business_day >= bindparam("start", type_=_e.business_day.type),
        _e.business_day < bindparam("end", type_=_e.business_day.type),
    )
    return Statement(core.group_by(_e.account_id, _e.unit), "organization", *names, "kind_", "start", "end")


ENTRY_COLUMNS = tuple(
    column for column in tables.entries.columns if column.name not in ("organization_id", "command_id")
)
_ENTRIES = Statement(
    select(*ENTRY_COLUMNS)
    .where(
        _e.organization_id == _ORGANIZATION,
        _e.account_id == bindparam("account", type_=_e.account_id.type),
        _e.unit == bindparam("unit_", type_=_e.unit.type),
        tuple_(_e.effective_at, _e.id)
        > tuple_(bindparam("after_at", type_=_e.effective_at.type), bindparam("after_id", type_=_e.id.type)),
    )
    .order_by(_e.effective_at, _e.id)
    .limit(bindparam("limit")),
    "organization",
    "account",
    "unit_",
    "after_at",
    "after_id",
    "limit",
)


@family
def _slices_of(count: int) -> Statement:
    names, among = one_of(_s.entry_id, count)
    core = select(_s.entry_id, _s.lot_id, _s.points).where(_s.organization_id == _ORGANIZATION, among)
    return Statement(core.order_by(_s.entry_id, _s.lot_id), "organization", *names)


@family
def _opened_by(count: int) -> Statement:
    names, among = one_of(_l.entry_id, count)
    core = select(
        _l.entry_id,
        _l.id,
        _l.amount,
        _l.earned_at,
        _l.expires_at,
        _l.origin_id,
        _l.available_at,
        _l.idle,
        _l.opened_until,
    )
    return Statement(
        core.where(_l.organization_id == _ORGANIZATION, among).order_by(_l.entry_id, _l.id), "organization", *names
    )


@family
def _expiring(count: int) -> Statement:
    """The entries of these accounts after an instant that say that points were gone, or live again."""
    names, among = one_of(_e.account_id, count)
    core = select(*ENTRY_COLUMNS).where(*_since(among))
    core = core.where(_e.kind.in_([literal_column(f"'{kind.value}'") for kind in EXPIRING]))
    return Statement(core.order_by(_e.effective_at, _e.id), "organization", *names, "since")


@family
def _active(count: int) -> Statement:
    """When these accounts were active after an instant."""
    names, among = one_of(_e.account_id, count)
    core = select(_e.account_id, _e.unit, _e.effective_at).where(*_since(among))
    core = core.where(_e.kind.in_([literal_column(f"'{kind.value}'") for kind in ACTIVITY]))
    return Statement(core.order_by(_e.effective_at), "organization", *names, "since")


@family
def _arrived(count: int) -> Statement:
    """The lots of these accounts that were opened after an instant, and with what else
    they came (:func:`~memberlogic.ledger.past.came_as`).
    """
    names, among = one_of(_e.account_id, count)
    joined = tables.lots.join(tables.entries, and_(_e.organization_id == _l.organization_id, _e.id == _l.entry_id))
    merged = and_(_e.kind == literal_column(f"'{EntryKind.MERGE_IN.value}'"), _l.origin_id.is_not(None))
    core = select(_l.account_id, _l.unit, _l.id, case((merged, _l.origin_id)), _e.effective_at).select_from(joined)
    return Statement(core.where(*_since(among)), "organization", *names, "since")


def _since(among: Any) -> tuple[Any, ...]:
    after = bindparam("since", type_=_e.effective_at.type)
    return (_e.organization_id == _ORGANIZATION, among, _e.effective_at > after)


@cache
def _entries_in(column: Any, count: int) -> Statement:
    names, among = one_of(column, count)
    core = select(*ENTRY_COLUMNS).where(_e.organization_id == _ORGANIZATION, among)
    return Statement(core.order_by(_e.recorded_at, _e.id), "organization", *names)


@family
def _touching(count: int) -> Statement:
    """The entries that took from or gave back to lots, or opened them."""
    names = [f"lot_{index}" for index in range(count)]
    given = [bindparam(name, type_=_l.id.type) for name in names]
    moved = select(_s.entry_id).where(_s.organization_id == _ORGANIZATION, _s.lot_id.in_(given))
    opened = select(_l.entry_id).where(_l.organization_id == _ORGANIZATION, _l.id.in_(given))
    return Statement(moved.union(opened), "organization", *names)


@family
def _lots_in(count: int) -> Statement:
    """Lots by their own id or their origin's."""
    names = [f"lot_{index}" for index in range(count)]
    given = [bindparam(name, type_=_l.id.type) for name in names]
    among = or_(_l.id.in_(given), _l.origin_id.in_(given))
    return Statement(select(*_LOT).where(_l.organization_id == _ORGANIZATION, among), "organization", *names)


@family
def _moved(count: int) -> Statement:
    """Slices of these lots, by the kind of their entries."""
    names, among = one_of(_s.lot_id, count)
    entries = and_(_e.organization_id == _s.organization_id, _e.id == _s.entry_id)
    core = select(_e.kind, func.sum(_s.points)).select_from(tables.slices.join(tables.entries, entries))
    return Statement(core.where(_s.organization_id == _ORGANIZATION, among).group_by(_e.kind), "organization", *names)


@family
def _opening(count: int) -> Statement:
    """What opened these lots, by the kind of their entries."""
    names, among = one_of(_l.id, count)
    entries = and_(_e.organization_id == _l.organization_id, _e.id == _l.entry_id)
    core = select(_e.kind, func.sum(_l.amount)).select_from(tables.lots.join(tables.entries, entries))
    return Statement(core.where(_l.organization_id == _ORGANIZATION, among).group_by(_e.kind), "organization", *names)


@family
def _counted_expired(count: int) -> Statement:
    """What returns counted as taken without taking it or letting it go, by the entry that had given it."""
    names, among = one_of(_p.earn_entry_id, count)
    purchases = and_(_p.organization_id == _r.organization_id, _p.id == _r.purchase_id)
    core = select(_p.earn_entry_id, func.sum(_r.unearned - _r.taken - _r.clamped)).select_from(
        tables.returns.join(tables.purchases, purchases)
    )
    of = and_(_p.organization_id == _ORGANIZATION, _p.account_id == bindparam("account", type_=_p.account_id.type))
    return Statement(core.where(of, among).group_by(_p.earn_entry_id), "organization", "account", *names)


def entry_from(codec: Codec, row: Sequence[Any], slices: Sequence[Slice] = (), opened: Sequence[Lot] = ()) -> Entry:
    """An entry from its row of :data:`ENTRY_COLUMNS`."""
    (id, account, unit, club, scheme, kind, amount, debt, day, effective_at, recorded_at, *rest) = row
    actor, reason, reference, counterpart, because, corrects_id = rest
    other, corrects = codec.id_or_none_out(counterpart), codec.id_or_none_out(corrects_id)
    return Entry(
        id=EntryId(codec.id_out(id)),
        wallet=WalletId(AccountId(codec.id_out(account)), unit),
        club=ClubId(codec.id_out(club)),
        scheme=scheme,
        kind=EntryKind(kind),
        amount=amount,
        debt=debt,
        slices=tuple(slices),
        opened=tuple(opened),
        business_day=codec.day_out(day),
        effective_at=codec.at_out(effective_at),
        recorded_at=codec.at_out(recorded_at),
        actor=actor,
        reason=reason,
        reference=reference,
        counterpart=None if other is None else AccountId(other),
        corrects=None if corrects is None else EntryId(corrects),
        because=converting.from_json(tuple[Because, ...], converting.loads(because)),
    )


class SqlWallets:
    """The port ``Wallets``."""

    def __init__(self, uow: SqlWork) -> None:
        self._uow = uow
        self._stored: set[WalletId] = set()
        self._after: dict[WalletId, Wallet] = {}
        self._entries: list[Entry] = []
        self._holds: dict[HoldId, Hold] = {}
        self._reserved: dict[WalletId, dict[LotId, int]] = {}
        self._known: set[HoldId] = set()
        self._of_holds = SqlHolds(uow)
        self._expiring = SqlExpiring(uow)

    def moving(self, moves: Sequence[Move]) -> Sequence[Wallet]:
        """The wallets that are about to move, their accounts locked in id order."""
        return self.moving_with(moves)[0]

    def moving_with(self, moves: Sequence[Move], *queries: Query) -> tuple[Sequence[Wallet], list[Sequence[Any]]]:
        """The same, and the rows of further queries that look after the locks were had, in the same trip."""
        uow = self._uow
        if not moves:
            return [], uow.ask(*queries) if queries else []
        accounts = padded(sorted({move.wallet.account for move in moves}))
        row = (uow.org, *map(uow.codec.id_in, accounts))
        taking = [move for move in moves if move.takes]
        first = [self._first_lots(taking[0].wallet, _FIRST_LOTS)] if len(taking) == 1 else []
        size = len(accounts)
        locked, facts, *found = uow.lock((_lock(size), row), (_facts(size), row), *first, *queries)
        for account in locked:
            uow.not_before(uow.codec.at_out(account[5]))
        wallets = self._wallets([move.wallet for move in moves], locked, facts)
        if first:
            wallets |= self._first(wallets[taking[0].wallet], taking[0].takes, found[0])
        needed = {id for id, wallet in wallets.items() if _is_due(wallet, uow.now)}
        needed = {id for id in needed if not wallets[id].lots} | {
            id for id, wallet in wallets.items() if wallet.held or wallet.pending or wallet.idle
        }
        if len(taking) > 1:
            wallets |= self._first_of_several(wallets, taking, needed)
        wallets |= self._complete([wallets[id] for id in sorted(needed)])
        return [wallets[move.wallet] for move in moves], found[len(first) :]

    def viewing(self, wallets: Sequence[WalletId]) -> Sequence[Wallet]:
        """The wallets with all their lots."""
        uow = self._uow
        if not wallets:
            return []
        accounts = padded(sorted({wallet.account for wallet in wallets}))
        row = (uow.org, *map(uow.codec.id_in, accounts))
        size = len(accounts)
        looked, facts, lots = uow.ask((_look(size), row), (_facts(size), row), (_all_lots(size), row))
        loaded = self._wallets(wallets, looked, facts)
        loaded |= self._with_all(list(loaded.values()), lots)
        return [loaded[wallet] for wallet in wallets]

    def _wallets(
        self, asked: Sequence[WalletId], accounts: Sequence[Any], facts: Sequence[Any]
    ) -> dict[WalletId, Wallet]:
        """The wallets asked for, without lots yet."""
        codec = self._uow.codec
        if leads := {codec.id_out(row[0]): codec.id_out(row[-1]) for row in accounts if row[-1] is not None}:
            raise Signpost("account", leads)
        by_id = {codec.id_out(account[0]): account for account in accounts}
        holders: dict[UUID, dict[UUID, Holder]] = {id: {} for id in by_id}
        versions: dict[UUID, int] = {}
        totals: dict[tuple[UUID, str], Any] = {}
        for (
            account_id,
            version,
            member_id,
            state,
            unit,
            remaining,
            held,
            pending,
            debt,
            next_change,
            warning,
            idle,
            active,
        ) in facts:
            account, member = codec.id_out(account_id), MemberId(codec.id_out(member_id))
            versions[account] = version
            holders[account].setdefault(member, Holder(member, MemberState(state)))
            if unit is not None and (account, unit) not in totals:
                totals[account, unit] = (
                    remaining,
                    held,
                    pending,
                    debt,
                    codec.until_out(next_change),
                    warning,
                    () if idle is None else tuple(map(term_from, idle.split(","))),
                    None if active is None else codec.at_out(active),
                )
        wallets = {}
        for id in asked:
            if id.account not in by_id:
                raise NotFound(kind="account", id=id.account)
            _, club_id, scheme, state, next_review, effective_at, version, _ = by_id[id.account]
            club = self._uow.clubs.at(ClubId(codec.id_out(club_id)), versions[id.account])
            terms = club.terms.get(id.unit)
            if terms is None:
                raise NotFound(kind="wallet", id=f"{id.account}/{id.unit}")
            if (id.account, id.unit) in totals:
                self._stored.add(id)
            found = totals.get((id.account, id.unit), _NOTHING)
            remaining, held, pending, debt, next_change, warning, idle, active = found
            wallets[id] = Wallet(
                id=id,
                club=club.id,
                scheme=scheme,
                state=AccountState(state),
                holders=tuple(holders[id.account].values()),
                terms=terms,
                remaining=remaining,
                held=held,
                pending=pending,
                debt=debt,
                lots=(),
                all_lots=not remaining,
                idle=idle,
                activity_at=active,
                next_change=next_change,
                next_warning=None if warning is None else codec.at_out(warning),
                next_review=codec.until_out(next_review),
                effective_at=codec.at_out(effective_at),
                version=version,
            )
        return wallets

    def _first_lots(self, wallet: WalletId, limit: int, order: Order = Order.SOONEST_EXPIRY) -> Query:
        return _FIRST[order], (self._uow.org, self._uow.codec.id_in(wallet.account), wallet.unit, limit)

    def _first(self, wallet: Wallet, takes: int, rows: Sequence[Any]) -> dict[WalletId, Wallet]:
        """The wallet with its first lots in its own order, of which ``rows`` are those that expire soonest. Where the
        oldest are used up first these say only what is due: then all lots are needed, and come after.
        """
        if wallet.terms.order is Order.SOONEST_EXPIRY:
            return self._enough(wallet, takes, rows)
        if _is_due(wallet, self._uow.now):
            return {}
        if len(rows) == _FIRST_LOTS:
            (rows,) = self._uow.ask(self._first_lots(wallet.id, _FIRST_LOTS, wallet.terms.order))
        else:
            rows = sorted(rows, key=_PLACES[wallet.terms.order])
        return self._enough(wallet, takes, rows)

    def _enough(self, wallet: Wallet, takes: int, rows: Sequence[Any]) -> dict[WalletId, Wallet]:
        """The wallet with everything that is due, then lots worth the points and one that is not due."""
        limit, now = _FIRST_LOTS, self._uow.now
        lots, enough = self._until_enough(rows, takes, now)
        while not enough and len(rows) == limit:
            limit *= 16
            (rows,) = self._uow.ask(self._first_lots(wallet.id, limit, wallet.terms.order))
            lots, enough = self._until_enough(rows, takes, now)
        every = len(lots) == len(rows) < limit
        return {wallet.id: evolve(wallet, lots=tuple(lots), all_lots=every)}

    def _first_of_several(
        self, wallets: Mapping[WalletId, Wallet], taking: Sequence[Move], needed: set[WalletId]
    ) -> dict[WalletId, Wallet]:
        """Wallets of which something is taken, but not everything, each with lots worth its points and one more: only
        the first few are read, however many there are. Those of which everything is taken join the ``needed``, which
        come with all their lots; so does what has something due.
        """
        takes: dict[WalletId, int] = {}
        for move in taking:
            takes[move.wallet] = takes.get(move.wallet, 0) + move.takes
        needed |= {id for id, points in takes.items() if points >= wallets[id].remaining}
        found: dict[WalletId, Wallet] = {}
        waiting = [wallets[id] for id in sorted(takes.keys() - needed)]
        limit, now = _FEW_LOTS, self._uow.now
        while waiting:
            by_wallet = self._lots_of_several(waiting, limit)
            for wallet in waiting:
                rows = by_wallet[wallet.id]
                lots, enough = self._until_enough(rows, takes[wallet.id], now)
                if enough or len(rows) < limit:
                    every = len(lots) == len(rows) < limit
                    found[wallet.id] = evolve(wallet, lots=tuple(lots), all_lots=every)
            waiting = [wallet for wallet in waiting if wallet.id not in found]
            limit *= 16
        return found

    def _lots_of_several(self, wallets: Sequence[Wallet], limit: int) -> dict[WalletId, Sequence[Any]]:
        """The rows of the first lots of each of these wallets, in its own order of consumption, in one trip."""
        id_in, queries = self._uow.codec.id_in, []
        for order in Order:
            asked = [wallet.id for wallet in wallets if wallet.terms.order is order]
            for start in range(0, len(asked), _AT_ONCE):
                some = asked[start : start + _AT_ONCE]
                named = [value for id in some for value in (id_in(id.account), id.unit)]
                queries.append((_first_of_each(order, len(some)), (self._uow.org, limit, *named)))
        rows: dict[tuple[Any, str], list[Any]] = {}
        for each in self._uow.ask(*queries):
            for row in each:
                rows.setdefault((row[0], row[1]), []).append(row)
        return {
            wallet.id: sorted(rows.get((id_in(wallet.id.account), wallet.id.unit), ()), key=_PLACES[wallet.terms.order])
            for wallet in wallets
        }

    def _until_enough(self, rows: Sequence[Any], takes: int, now: datetime) -> tuple[list[Lot], bool]:
        """Lots that are due, then lots worth the points, and one more, so that the wallet knows when it changes next;
        and whether the points are there. What comes after them is not even converted.
        """
        lots: list[Lot] = []
        missing = max(takes, 1)
        for row in rows:
            lot = self.as_lot(row)
            lots.append(lot)
            if missing <= 0:
                break
            missing -= 0 if lot.due(now) else lot.free
        return lots, missing <= 0

    def _complete(self, wallets: Sequence[Wallet]) -> dict[WalletId, Wallet]:
        """The wallets with all their lots."""
        if not wallets:
            return {}
        accounts = padded(sorted({wallet.id.account for wallet in wallets}))
        row = (self._uow.org, *map(self._uow.codec.id_in, accounts))
        (rows,) = self._uow.ask((_all_lots(len(accounts)), row))
        return self._with_all(wallets, rows)

    def _with_all(self, wallets: Sequence[Wallet], rows: Sequence[Any]) -> dict[WalletId, Wallet]:
        lots: dict[tuple[Any, str], list[Lot]] = {}
        for row in rows:
            lots.setdefault((row[0], row[1]), []).append(self.as_lot(row))
        holds = self._open_holds(wallets)
        id_in = self._uow.codec.id_in
        return {
            wallet.id: evolve(
                wallet,
                lots=_ordered(lots.get((id_in(wallet.id.account), wallet.id.unit), ()), wallet.terms.order),
                all_lots=True,
                holds=tuple(holds.get(wallet.id, ())),
            )
            for wallet in wallets
        }

    def _open_holds(self, wallets: Sequence[Wallet]) -> dict[WalletId, list[Hold]]:
        """The open holds of wallets that hold anything; nothing is asked where nothing is held."""
        held = sorted({wallet.id.account for wallet in wallets if wallet.held})
        found: dict[WalletId, list[Hold]] = {}
        for hold in self._of_holds.open(padded(held)) if held else ():
            found.setdefault(hold.wallet, []).append(hold)
            self._known.add(hold.id)
        return found

    def as_lot(self, row: Sequence[Any]) -> Lot:
        """A lot from its row of :data:`LOT_COLUMNS`."""
        codec = self._uow.codec
        _, _, id, amount, remaining, held, earned_at, expires_at, origin, available_at, pending, idle = row
        return Lot(
            id=LotId(codec.id_out(id)),
            amount=amount,
            remaining=remaining,
            held=held,
            earned_at=codec.at_out(earned_at),
            expires_at=codec.until_out(expires_at),
            origin=None if origin is None else LotId(codec.id_out(origin)),
            available_at=None if available_at is None else codec.at_out(available_at),
            pending=pending == 1,
            idle=None if idle is None else term_from(idle),
        )

    def past(self, wallets: Collection[WalletId], since: datetime) -> Mapping[WalletId, Past]:
        """What took effect on these wallets after an instant: two trips, a third where lots expired."""
        if not wallets:
            return {}
        codec = self._uow.codec
        accounts = padded(sorted({wallet.account for wallet in wallets}))
        row = (self._uow.org, *map(codec.id_in, accounts), codec.at_in(since))
        found, arrived_rows, active_rows, held = self._uow.ask(
            (_expiring(len(accounts)), row),
            (_arrived(len(accounts)), row),
            (_active(len(accounts)), row),
            self._of_holds.lapsing(accounts, since),
        )
        expiring: dict[WalletId, list[Entry]] = {}
        for entry in self._whole(found):
            expiring.setdefault(entry.wallet, []).append(entry)
        arrived: dict[WalletId, dict[LotId, datetime]] = {}
        for account, unit, lot, origin, at in arrived_rows:
            wallet = WalletId(AccountId(codec.id_out(account)), unit)
            came = [LotId(codec.id_out(each)) for each in (lot, origin) if each is not None]
            arrived.setdefault(wallet, {}).update(dict.fromkeys(came, codec.at_out(at)))
        active: dict[WalletId, list[datetime]] = {}
        for account, unit, at in active_rows:
            active.setdefault(WalletId(AccountId(codec.id_out(account)), unit), []).append(codec.at_out(at))
        lapsed: dict[WalletId, list[Hold]] = {}
        for hold in self._of_holds.lapsed(held):
            lapsed.setdefault(hold.wallet, []).append(hold)
        named = {each.lot for entries in expiring.values() for entry in entries for each in entry.slices}
        lots = {lot.id: lot for lot in self.lots(named)}
        return {
            wallet: Past(
                expiring=tuple(expiring.get(wallet, ())),
                lots={each.lot: lots[each.lot] for entry in expiring.get(wallet, ()) for each in entry.slices},
                arrived=arrived.get(wallet, {}),
                lapsed=tuple(lapsed.get(wallet, ())),
                active=tuple(active.get(wallet, ())),
            )
            for wallet in wallets
        }

    def of_hold(self, id: HoldId) -> WalletId:
        """The wallet of a hold."""
        return self._of_holds.where(id)

    def hold(self, id: HoldId) -> Hold:
        """A hold as it is stored."""
        return self._of_holds.get(id)

    def expire_due(self, wallets: Sequence[WalletId], until: datetime, new_id: NewId) -> Expired:
        """Let the lots of wallets expire for which nothing else is due."""
        return self._expiring.expire_due(wallets, until, new_id)

    def post(self, wallets: Sequence[Wallet], entries: Sequence[Entry], holds: Sequence[Hold] = ()) -> None:
        """Keep entries, holds and wallets for the end of the unit."""
        self._after |= {wallet.id: wallet for wallet in wallets}
        self._entries += entries
        for hold in holds:
            self._holds[hold.id] = hold
            reserved = self._reserved.setdefault(hold.wallet, {})
            for each in hold.slices:
                points = each.points if hold.state is HoldState.OPEN else -each.points
                reserved[each.lot] = reserved.get(each.lot, 0) + points

    def write(self) -> None:
        """Queue what the entries and wallets of this unit come to: each row once."""
        self._write_wallets()
        opened = {lot.id: lot for entry in self._entries for lot in entry.opened}
        left = {id: lot.remaining for id, lot in opened.items()}
        taken: dict[LotId, int] = {}
        for each in (each for entry in self._entries for each in entry.slices):
            where = left if each.lot in left else taken
            where[each.lot] = where.get(each.lot, 0) + each.points
        for entry in self._entries:
            self._write_entry(entry)
        available = {each.lot for entry in self._entries if entry.kind is EntryKind.AVAILABLE for each in entry.slices}
        reserved = {lot: points for lots in self._reserved.values() for lot, points in lots.items()}
        for entry in self._entries:
            for lot in entry.opened:
                pending = lot.pending and lot.id not in available
                self._write_lot(entry, lot, left[lot.id], reserved.pop(lot.id, 0), pending=pending)
        id_in, org = self._uow.codec.id_in, self._uow.org
        for entry in self._entries:
            for lot_id, points in _by_lot(entry.slices):
                self._uow.queue(_ADD_SLICE, (org, id_in(entry.id), id_in(lot_id), points))
        for lot_id in sorted(taken.keys() | reserved.keys()):
            moved = taken.get(lot_id, 0), reserved.get(lot_id, 0)
            if moved != (0, 0):
                self._uow.queue(_TAKE, (*moved, org, id_in(lot_id)))
        for lot_id in sorted(available - opened.keys()) if available else ():
            self._uow.queue(_MAKE_AVAILABLE, (org, id_in(lot_id)))
        self._keep_alive()
        self._of_holds.write(self._holds.values(), self._known)
        self._write_expired()

    def _write_expired(self) -> None:
        """Queue what expired all at once, in the order in which everything is written."""
        rows = self._expiring.rows
        for statement, written in (
            (_TOUCH, rows.accounts),
            (_MOVE_WALLET, rows.wallets),
            (_ADD_ENTRY, rows.entries),
            (_ADD_SLICE, rows.slices),
            (_TAKE, rows.lots),
        ):
            if written:
                self._uow.queue_all(statement, written)

    def _keep_alive(self) -> None:
        """Queue what activity does to lots that live by it: a statement for each wallet, term and business day, in
        order; the first activity of a day decides for all of it, as lots expire where days begin.
        """
        codec, org = self._uow.codec, self._uow.org
        lively = {id: wallet for id, wallet in self._after.items() if wallet.idle}
        moving: dict[WalletId, dict[datetime, datetime]] = {}
        for id, wallet in lively.items():
            # What followed a late one moved already what came at its instant or after it.
            moving[id] = {at: at - _MOMENT for at in wallet.followed}
        for entry in self._entries if lively else ():
            if entry.wallet in lively and is_activity(entry):
                moving[entry.wallet][entry.effective_at] = entry.effective_at
        for id, instants in moving.items():
            zone, key = lively[id].terms.zone, (org, codec.id_in(id.account), id.unit)
            days: dict[date, list[datetime]] = {}
            for at in sorted(instants):
                days.setdefault(local_day(at, zone), []).append(at)
            for day, same in days.items():
                at, since = same[0], max(instants[each] for each in same)
                for term in lively[id].idle:
                    until = codec.at_in(gone_after(term, day, zone))
                    row = (until, *key, codec.at_in(at), until, _text(term), codec.at_in(since))
                    self._uow.queue(_KEEP_ALIVE, row)
        for id, wallet in lively.items():
            active = None if wallet.activity_at is None else codec.at_in(wallet.activity_at)
            idle = ",".join(map(_text, wallet.idle))
            self._uow.queue(_LIVELY, (idle, active, org, codec.id_in(id.account), id.unit))

    def _write_wallets(self) -> None:
        codec, org = self._uow.codec, self._uow.org
        moved: dict[WalletId, tuple[int, int]] = {}
        for entry in self._entries:
            points, owed = moved.get(entry.wallet, (0, 0))
            moved[entry.wallet] = (points + entry.amount - entry.debt, owed - entry.debt)
        touched: dict[AccountId, Wallet] = {}
        for wallet in self._after.values():
            known = touched.get(wallet.id.account)
            if known is None or known.effective_at < wallet.effective_at:
                touched[wallet.id.account] = wallet
        for account, wallet in sorted(touched.items()):
            at = codec.at_in(wallet.effective_at)
            self._uow.queue(_TOUCH, (at, wallet.version, org, codec.id_in(account)))
        for id, wallet in sorted(self._after.items()):
            points, owed = moved.get(id, (0, 0))
            reserved = sum(self._reserved.get(id, {}).values())
            account, until = codec.id_in(id.account), codec.until_in(wallet.next_change)
            warning = None if wallet.next_warning is None else codec.at_in(wallet.next_warning)
            if id in self._stored:
                row = (points, reserved, wallet.pending, owed, until, warning, org, account, id.unit)
                self._uow.queue(_MOVE_WALLET, row)
            elif id in moved or wallet.next_change is not None:
                new = (org, account, id.unit, points, reserved, owed, until, warning, wallet.pending, None, None)
                self._uow.queue(_ADD_WALLET, new)

    def _write_entry(self, entry: Entry) -> None:
        codec = self._uow.codec
        row = (
            self._uow.org,
            codec.id_in(entry.id),
            codec.id_in(entry.wallet.account),
            entry.wallet.unit,
            codec.id_in(entry.club),
            entry.scheme,
            entry.kind.value,
            entry.amount,
            entry.debt,
            codec.day_in(entry.business_day),
            codec.at_in(entry.effective_at),
            codec.at_in(entry.recorded_at),
            entry.actor,
            entry.reason,
            entry.reference,
            codec.id_or_none_in(entry.counterpart),
            self._uow.explained(entry.because),
            codec.id_in(self._uow.command_id),
            codec.id_or_none_in(entry.corrects),
        )
        self._uow.queue(_ADD_ENTRY, row)

    def _write_lot(self, entry: Entry, lot: Lot, left: int, held: int, *, pending: bool) -> None:
        codec = self._uow.codec
        row = (
            self._uow.org,
            codec.id_in(lot.id),
            codec.id_in(entry.wallet.account),
            entry.wallet.unit,
            codec.id_in(entry.id),
            lot.amount,
            left,
            held,
            1 if left else 0,
            codec.at_in(lot.earned_at),
            codec.until_in(lot.expires_at),
            codec.id_or_none_in(lot.origin),
            None if lot.available_at is None else codec.at_in(lot.available_at),
            1 if pending else 0,
            None if lot.idle is None else _text(lot.idle),
            None if lot.idle is None else codec.until_in(lot.expires_at),
        )
        self._uow.queue(_ADD_LOT, row)

    def sent(self, wallet: WalletId, kind: EntryKind, days: Days | None) -> int:
        """Points that left on these days by entries of a kind."""
        if days is None:
            return 0
        codec = self._uow.codec
        span = (codec.day_in(days.start), codec.day_in(days.end))
        row = (self._uow.org, codec.id_in(wallet.account), wallet.unit, kind.value, *span)
        ((total,),) = self._uow.ask((_SENT, row))[0]
        return -int(total)

    def sent_by(self, days: Mapping[WalletId, Days], kind: EntryKind) -> Mapping[WalletId, int]:
        """The same for several wallets: a query for each span of days, in one trip."""
        codec, spans = self._uow.codec, sorted({*days.values()}, key=lambda span: (span.start, span.end))
        queries: list[Query] = []
        for span in spans:
            ids = padded([codec.id_in(id.account) for id in sorted(days) if days[id] == span])
            row = (self._uow.org, *ids, kind.value, codec.day_in(span.start), codec.day_in(span.end))
            queries.append((_sent_by(len(ids)), row))
        found = {}
        for rows in self._uow.ask(*queries):
            for account, unit, total in rows:
                found[WalletId(AccountId(codec.id_out(account)), unit)] = -int(total)
        return found

    def entries(
        self, wallet: WalletId, *, after: tuple[datetime, UUID] | None = None, limit: int = 500
    ) -> Sequence[Entry]:
        """The next entries of a wallet, with their slices and the lots they opened."""
        codec, org = self._uow.codec, self._uow.org
        at, id = after or _BEGINNING
        row = (org, codec.id_in(wallet.account), wallet.unit, codec.at_in(at), codec.id_in(id), limit)
        (rows,) = self._uow.ask((_ENTRIES, row))
        return self._whole(rows)

    def entry(self, id: EntryId) -> Entry:
        """One entry."""
        (rows,) = self._uow.ask((_entries_in(_e.id, 1), (self._uow.org, self._uow.codec.id_in(id))))
        if not rows:
            raise NotFound(kind="entry", id=id)
        return self._whole(rows)[0]

    def corrections(self, entries: Collection[EntryId]) -> Sequence[Entry]:
        """What corrects these entries."""
        if not entries:
            return ()
        ids = padded([*map(self._uow.codec.id_in, sorted({*entries}))])
        (rows,) = self._uow.ask((_entries_in(_e.corrects_id, len(ids)), (self._uow.org, *ids)))
        return self._whole(rows)

    def touching(self, lots: Collection[LotId]) -> Sequence[Entry]:
        """The entries that opened, took from or gave back to these lots."""
        if not lots:
            return ()
        asked = padded([*map(self._uow.codec.id_in, sorted({*lots}))])
        (found,) = self._uow.ask((_touching(len(asked)), (self._uow.org, *asked)))
        if not found:
            return ()
        ids = padded(sorted(id for (id,) in found))
        (rows,) = self._uow.ask((_entries_in(_e.id, len(ids)), (self._uow.org, *ids)))
        return self._whole(rows)

    def lots(self, ids: Collection[LotId]) -> Sequence[Lot]:
        """These lots, spent ones too, and those that came from them."""
        if not ids:
            return ()
        asked = padded([*map(self._uow.codec.id_in, sorted({*ids}))])
        (rows,) = self._uow.ask((_lots_in(len(asked)), (self._uow.org, *asked)))
        return in_order(map(self.as_lot, rows))

    def moved(self, lots: Collection[LotId]) -> Mapping[EntryKind, int]:
        """What entries of each kind did to these lots."""
        found: dict[EntryKind, int] = {}
        if not lots:
            return found
        asked = padded([*map(self._uow.codec.id_in, sorted({*lots}))])
        row = (self._uow.org, *asked)
        for rows in self._uow.ask((_moved(len(asked)), row), (_opening(len(asked)), row)):
            for kind, points in rows:
                found[EntryKind(kind)] = found.get(EntryKind(kind), 0) + int(points)
        return {kind: points for kind, points in found.items() if points}

    def counted_expired(self, account: AccountId, earned: Collection[EntryId]) -> Mapping[EntryId, int]:
        """How many expired points of these entries returns counted as taken."""
        if not earned:
            return {}
        codec = self._uow.codec
        asked = padded([*map(codec.id_in, sorted({*earned}))])
        (rows,) = self._uow.ask((_counted_expired(len(asked)), (self._uow.org, codec.id_in(account), *asked)))
        return {EntryId(codec.id_out(id)): int(points) for id, points in rows}

    def _whole(self, rows: Sequence[Any]) -> Sequence[Entry]:
        """Entries from their rows, with their slices and the lots they opened."""
        if not rows:
            return ()
        codec, org = self._uow.codec, self._uow.org
        ids = (org, *(each[0] for each in rows))
        slice_rows, lot_rows = self._uow.ask((_slices_of(len(rows)), ids), (_opened_by(len(rows)), ids))
        slices: dict[Any, list[Slice]] = {}
        for entry_id, lot_id, points in slice_rows:
            slices.setdefault(entry_id, []).append(Slice(LotId(codec.id_out(lot_id)), points))
        opened: dict[Any, list[Lot]] = {}
        for entry_id, lot_id, amount, earned_at, expires_at, origin, available_at, idle, until in lot_rows:
            lot = Lot(
                id=LotId(codec.id_out(lot_id)),
                amount=amount,
                remaining=amount,
                earned_at=codec.at_out(earned_at),
                expires_at=codec.until_out(expires_at if until is None else until),
                idle=None if idle is None else term_from(idle),
                origin=None if origin is None else LotId(codec.id_out(origin)),
                available_at=None if available_at is None else codec.at_out(available_at),
                pending=available_at is not None,
            )
            opened.setdefault(entry_id, []).append(lot)
        return [entry_from(codec, each, slices.get(each[0], ()), opened.get(each[0], ())) for each in rows]


_MOMENT = timedelta(microseconds=1)
_BEGINNING = (datetime(1000, 1, 1, tzinfo=UTC), UUID(int=0))


def _ordered(lots: Sequence[Lot], order: Order) -> tuple[Lot, ...]:
    """Lots that the store gave soonest expiry first, in an order of consumption."""
    return tuple(lots) if order is Order.SOONEST_EXPIRY else in_order(lots, order)


_NOTHING = (0, 0, 0, 0, None, None, (), None)
"""What is in a wallet that is not there yet."""


def _text(term: Term) -> str:
    """A term as it is stored: ``90d``, ``12m``."""
    return f"{term.days}d" if term.days else f"{term.months}m"


def term_from(text: str) -> Term:
    """A term as it is stored."""
    number, of = int(text[:-1]), text[-1]
    return Term.of_days(number) if of == "d" else Term.of_months(number)


def _is_due(wallet: Wallet, now: datetime) -> bool:
    if wallet.next_change is not None and wallet.next_change <= now:
        return True
    return wallet.next_warning is not None and wallet.next_warning <= now


def _by_lot(slices: Sequence[Slice]) -> Sequence[tuple[LotId, int]]:
    """The slices of one entry, one for each lot."""
    points: dict[LotId, int] = {}
    for each in slices:
        points[each.lot] = points.get(each.lot, 0) + each.points
    return sorted(points.items())
