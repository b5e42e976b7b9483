"""Wallets, lots and entries in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import evolve, frozen

from memberlogic.calendar import Days, Term
from memberlogic.changing import changed
from memberlogic.errors import ConcurrencyConflict, NotFound
from memberlogic.ids import AccountId, EntryId, HoldId, LotId, NewId
from memberlogic.ledger.consuming import in_order
from memberlogic.ledger.expiring import Expired, only_expires
from memberlogic.ledger.idling import is_activity, kept_alive_since, kept_since, with_followers
from memberlogic.ledger.model import Entry, EntryKind, Hold, Holder, HoldState, Lot, Move, Wallet, WalletId
from memberlogic.ledger.past import EXPIRING, Past, came_as
from memberlogic.ledger.settling import settle_all
from memberlogic.storing import Signpost

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork

__all__ = ["MemoryWallets", "Totals"]


@frozen
class Totals:
    """What is kept of a wallet beside its lots."""

    remaining: int = 0
    held: int = 0
    pending: int = 0
    debt: int = 0
    next_change: datetime | None = None
    next_warning: datetime | None = None
    idle: tuple[Term, ...] = ()
    activity_at: datetime | None = None


def _is_by(at: datetime | None, instant: datetime) -> bool:
    return at is not None and at <= instant


class MemoryWallets:
    """The port ``Wallets``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow
        self._changes: dict[WalletId, dict[LotId, tuple[int, int]]] = {}

    def moving(self, moves: Sequence[Move]) -> Sequence[Wallet]:
        """The wallets that are about to move, locked."""
        if self._uow.tenant.merged_accounts:
            self._follow([move.wallet for move in moves])
        wallets = [self._load(move.wallet) for move in moves]
        for wallet in wallets:
            self._uow.not_before(wallet.effective_at)
        return wallets

    def viewing(self, wallets: Sequence[WalletId]) -> Sequence[Wallet]:
        """The wallets with all their lots."""
        if self._uow.tenant.merged_accounts:
            self._follow(wallets)
        return [self._load(wallet) for wallet in wallets]

    def _follow(self, wallets: Sequence[WalletId]) -> None:
        """Accounts that became one with others lead there."""
        merged = self._uow.tenant.merged_accounts
        leads: dict[UUID, UUID] = {each.account: merged[each.account] for each in wallets if each.account in merged}
        if leads:
            raise Signpost("account", leads)

    def _load(self, id: WalletId) -> Wallet:
        tenant = self._uow.tenant
        account = tenant.accounts.get(id.account)
        if account is None:
            raise NotFound(kind="account", id=id.account)
        terms = tenant.clubs[account.club].terms.get(id.unit)
        if terms is None:
            raise NotFound(kind="wallet", id=f"{id.account}/{id.unit}")
        totals = tenant.totals.get(id, Totals())
        return Wallet(
            id=id,
            club=account.club,
            scheme=account.scheme,
            state=account.state,
            holders=tuple(Holder(each, tenant.members[each].state) for each in account.holders),
            terms=terms,
            remaining=totals.remaining,
            held=totals.held,
            pending=totals.pending,
            debt=totals.debt,
            lots=in_order(tenant.lots.get(id, {}).values(), terms.order),
            all_lots=True,
            holds=tuple(sorted(tenant.open_holds.get(id, {}).values(), key=lambda hold: (hold.until, hold.id))),
            idle=totals.idle,
            activity_at=totals.activity_at,
            next_change=totals.next_change,
            next_warning=totals.next_warning,
            next_review=account.next_review,
            effective_at=account.effective_at,
            version=account.version,
        )

    def post(self, wallets: Sequence[Wallet], entries: Sequence[Entry], holds: Sequence[Hold] = ()) -> None:
        """Queue entries, holds and the wallets as they are after them."""
        for wallet in wallets:
            self._queue_wallet(wallet)
        if (entries or holds) and not self._changes:
            self._uow.queue(lambda: None, self._guard_lots)
        for hold in (each for each in holds if each.state is not HoldState.OPEN):
            self._queue_hold(hold, -1)
        for entry in entries:
            for lot in entry.opened:
                self._change(entry.wallet, lot.id, lot.remaining, 0)
            for each in entry.slices:
                self._change(entry.wallet, each.lot, each.points, 0)
        followed = {wallet.id: wallet.followed for wallet in wallets if wallet.followed}
        self._uow.queue(partial(self._apply, entries, followed))
        for hold in (each for each in holds if each.state is HoldState.OPEN):
            self._queue_hold(hold, 1)

    def expire_due(self, wallets: Sequence[WalletId], until: datetime, new_id: NewId) -> Expired:
        """Let the lots of wallets expire for which nothing else is due."""
        accounts = self._uow.tenant.accounts
        there = [self._load(id) for id in wallets if id.account in accounts]
        for wallet in there:
            self._uow.not_before(wallet.effective_at)
        now = self._uow.now
        others = {
            wallet.id.account
            for wallet in there
            if not only_expires(wallet, until, now)
            or _is_by(wallet.next_review, until)
            or _is_by(accounts[wallet.id.account].next_warning, now)
        }
        plain = [wallet for wallet in there if wallet.id.account not in others]
        outcome = settle_all(plain, until, new_id, recorded_at=now)
        self.post(outcome.result.wallets, outcome.events)
        return Expired(frozenset(wallet.id for wallet in plain), len(outcome.events))

    def _change(self, wallet: WalletId, lot: LotId, points: int, held: int) -> None:
        lots = self._changes.setdefault(wallet, {})
        before = lots.get(lot)
        lots[lot] = (points, held) if before is None else (before[0] + points, before[1] + held)

    def _queue_hold(self, hold: Hold, sign: int) -> None:
        for each in hold.slices:
            self._change(hold.wallet, each.lot, 0, sign * each.points)
        self._uow.queue(partial(self._apply_hold, hold, sign))

    def _guard_lots(self) -> None:
        """No lot falls below what is held of it, over everything that this unit does to it."""
        for wallet, changes in self._changes.items():
            lots = self._uow.tenant.lots.get(wallet, {})
            for lot_id, (points, held) in changes.items():
                lot = lots.get(lot_id)
                reserved = held + (lot.held if lot else 0)
                opened = self._uow.tenant.opened.get(lot_id)
                left = points + (lot.remaining if lot else 0)
                if not 0 <= reserved <= left or (opened is not None and left > opened.amount):
                    raise ConcurrencyConflict(reason="the points were taken")

    def _queue_wallet(self, wallet: Wallet) -> None:
        tenant, account_id, version = self._uow.tenant, wallet.id.account, wallet.version

        def guard() -> None:
            if tenant.accounts[account_id].version != version:
                raise ConcurrencyConflict(reason="the account was changed")

        def write() -> None:
            account = tenant.accounts[account_id]
            effective_at = max(account.effective_at, wallet.effective_at)
            tenant.accounts[account_id] = changed(account, version=version + 1, effective_at=effective_at)
            totals = tenant.totals.get(wallet.id, Totals())
            tenant.totals[wallet.id] = changed(
                totals,
                next_change=wallet.next_change,
                next_warning=wallet.next_warning,
                pending=wallet.pending,
                idle=wallet.idle,
                activity_at=wallet.activity_at,
            )

        self._uow.queue(write, guard)

    def _apply(self, entries: Sequence[Entry], followed: Mapping[WalletId, Sequence[datetime]]) -> None:
        tenant = self._uow.tenant
        moved: dict[WalletId, list[Entry]] = {}
        for entry in entries:
            moved.setdefault(entry.wallet, []).append(entry)
            tenant.entries[entry.id] = entry
            if entry.corrects is not None:
                tenant.corrections.setdefault(entry.corrects, []).append(entry)
        for wallet, mine in moved.items():
            totals = tenant.totals.get(wallet, Totals())
            settled = sum([entry.debt for entry in mine])
            remaining = totals.remaining + sum([entry.amount for entry in mine]) - settled
            tenant.totals[wallet] = changed(totals, remaining=remaining, debt=totals.debt - settled)
            tenant.entries_of.setdefault(wallet, []).extend(mine)
            lots = tenant.lots.setdefault(wallet, {})
            for entry in mine:
                self._apply_lots(lots, entry)
                self._keep_alive(wallet, lots, entry, followed.get(wallet, ()))

    def _apply_lots(self, lots: dict[LotId, Lot], entry: Entry) -> None:
        tenant = self._uow.tenant
        for lot in entry.opened:
            lots[lot.id] = tenant.opened[lot.id] = lot
            tenant.place_of[lot.id] = entry.wallet
            if lot.origin is not None:
                tenant.came_from.setdefault(lot.origin, []).append(lot.id)
        for each in entry.slices:
            lot = lots.get(each.lot) or _spent(tenant.opened[each.lot])
            lot = changed(lot, remaining=lot.remaining + each.points)
            if entry.kind is EntryKind.AVAILABLE:
                lot = changed(lot, pending=False)
                tenant.opened[lot.id] = changed(tenant.opened[lot.id], pending=False)
            if lot.remaining:
                lots[lot.id] = lot
            else:
                del lots[lot.id]

    def _keep_alive(self, wallet: WalletId, lots: dict[LotId, Lot], entry: Entry, followed: Sequence[datetime]) -> None:
        """Move the expiry of lots that live by activity, those with nothing left too."""
        tenant = self._uow.tenant
        for lot in entry.opened:
            if lot.idle is not None:
                tenant.idle.setdefault(wallet, {})[lot.id] = kept_since(entry.kind, entry.effective_at, lot)
        mine = tenant.idle.get(wallet)
        if not mine or not is_activity(entry):
            return
        zone = tenant.clubs[entry.club].zone
        for id in (each for each, since in mine.items() if since <= entry.effective_at):
            (lot,) = kept_alive_since([tenant.opened[id]], with_followers(entry.effective_at, followed), zone)
            if lot is not tenant.opened[id]:
                tenant.opened[id] = lot
                if id in lots:
                    lots[id] = changed(lots[id], expires_at=lot.expires_at)

    def _apply_hold(self, hold: Hold, sign: int) -> None:
        tenant = self._uow.tenant
        lots = tenant.lots[hold.wallet]
        for each in hold.slices:
            lots[each.lot] = evolve(lots[each.lot], held=lots[each.lot].held + sign * each.points)
        totals = tenant.totals.get(hold.wallet, Totals())
        tenant.totals[hold.wallet] = evolve(totals, held=totals.held + sign * hold.points)
        tenant.holds[hold.id] = hold
        mine = tenant.open_holds.setdefault(hold.wallet, {})
        if hold.state is HoldState.OPEN:
            mine[hold.id] = hold
        else:
            mine.pop(hold.id, None)

    def past(self, wallets: Collection[WalletId], since: datetime) -> Mapping[WalletId, Past]:
        """What took effect on these wallets after an instant."""
        return {wallet: self._past(wallet, since) for wallet in wallets}

    def _past(self, wallet: WalletId, since: datetime) -> Past:
        tenant = self._uow.tenant
        entries = [each for each in tenant.entries_of.get(wallet, ()) if each.effective_at > since]
        expiring = [each for each in entries if each.kind in EXPIRING]
        lots = self.lots({each.lot for entry in expiring for each in entry.slices})
        return Past(
            expiring=tuple(sorted(expiring, key=lambda each: (each.effective_at, each.id))),
            lots={lot.id: lot for lot in lots},
            active=tuple(sorted(each.effective_at for each in entries if is_activity(each))),
            arrived={
                id: each.effective_at for each in entries for lot in each.opened for id in came_as(each.kind, lot)
            },
            lapsed=tuple(
                hold
                for hold in tenant.holds.values()
                if hold.wallet == wallet and hold.state is HoldState.LAPSED and hold.until > since
            ),
        )

    def of_hold(self, id: HoldId) -> WalletId:
        """The wallet of a hold."""
        return self.hold(id).wallet

    def hold(self, id: HoldId) -> Hold:
        """A hold as it is stored."""
        hold = self._uow.tenant.holds.get(id)
        if hold is None:
            raise NotFound(kind="hold", id=id)
        return hold

    def sent(self, wallet: WalletId, kind: EntryKind, days: Days | None) -> int:
        """Points that left on these days by entries of a kind."""
        if days is None:
            return 0
        entries = self._uow.tenant.entries_of.get(wallet, ())
        return -sum(entry.amount for entry in entries if entry.kind is kind and entry.business_day in days)

    def sent_by(self, days: Mapping[WalletId, Days], kind: EntryKind) -> Mapping[WalletId, int]:
        """The same for several wallets."""
        return {wallet: self.sent(wallet, kind, each) for wallet, each in days.items()}

    def entries(
        self, wallet: WalletId, *, after: tuple[datetime, UUID] | None = None, limit: int = 500
    ) -> Sequence[Entry]:
        """The next entries of a wallet."""
        ordered = sorted(self._uow.tenant.entries_of.get(wallet, ()), key=lambda e: (e.effective_at, e.id))
        return [each for each in ordered if after is None or (each.effective_at, each.id) > after][:limit]

    def entry(self, id: EntryId) -> Entry:
        """One entry."""
        entry = self._uow.tenant.entries.get(id)
        if entry is None:
            raise NotFound(kind="entry", id=id)
        return entry

    def corrections(self, entries: Collection[EntryId]) -> Sequence[Entry]:
        """What corrects these entries."""
        found = [each for id in {*entries} for each in self._uow.tenant.corrections.get(id, ())]
        return sorted(found, key=lambda each: (each.recorded_at, each.id))

    def lots(self, ids: Collection[LotId]) -> Sequence[Lot]:
        """These lots, spent ones too, and those that came from them."""
        tenant = self._uow.tenant
        found = {each for id in ids if id in tenant.opened for each in (id, *tenant.came_from.get(id, ()))}
        return in_order(tenant.lots.get(tenant.place_of[id], {}).get(id) or _spent(tenant.opened[id]) for id in found)

    def moved(self, lots: Collection[LotId]) -> Mapping[EntryKind, int]:
        """What entries of each kind did to these lots."""
        found: Counter[EntryKind] = Counter()
        for wallet in {self._uow.tenant.place_of[id] for id in lots}:
            for entry in self._uow.tenant.entries_of.get(wallet, ()):
                found[entry.kind] += sum(each.points for each in entry.slices if each.lot in lots)
                found[entry.kind] += sum(each.amount for each in entry.opened if each.id in lots)
        return {kind: points for kind, points in found.items() if points}

    def counted_expired(self, account: AccountId, earned: Collection[EntryId]) -> Mapping[EntryId, int]:
        """How many expired points of these entries returns counted as taken."""
        tenant = self._uow.tenant
        return {
            each.earn_entry: sum(made.unearned - made.taken - made.clamped for made in tenant.returns_of[each.id])
            for each in tenant.purchases_of.get(account, ())
            if each.earn_entry is not None and each.earn_entry in earned and each.id in tenant.returns_of
        }

    def touching(self, lots: Collection[LotId]) -> Sequence[Entry]:
        """The entries that opened, took from or gave back to these lots."""
        tenant, named = self._uow.tenant, {*lots}
        wallets = {tenant.place_of[id] for id in named if id in tenant.place_of}
        found = [
            each
            for wallet in wallets
            for each in tenant.entries_of.get(wallet, ())
            if any(slice_.lot in named for slice_ in each.slices) or any(lot.id in named for lot in each.opened)
        ]
        return sorted(found, key=lambda each: (each.recorded_at, each.id))


def _spent(lot: Lot) -> Lot:
    """A lot as it was opened, with nothing left."""
    return evolve(lot, remaining=0, held=0)
