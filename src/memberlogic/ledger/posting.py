"""What entries and holds do to a wallet: the one place where totals and lots follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from attrs import evolve

from memberlogic.ids import LotId
from memberlogic.ledger.consuming import in_order, position
from memberlogic.ledger.model import Entry, Hold, HoldState, Lot, Wallet

__all__ = ["held", "posted", "rescheduled", "resolved"]


def posted(wallet: Wallet, *entries: Entry) -> Wallet:
    """The wallet after its entries: totals, lots less what was taken with what was opened, in order of consumption,
    and the next instant at which something changes by itself.
    """
    if not entries:
        return wallet
    lots = {lot.id: lot for lot in wallet.lots}
    opened: list[Lot] = []
    remaining, debt, effective_at = wallet.remaining, wallet.debt, wallet.effective_at
    for entry in entries:
        for slice_ in entry.slices:
            lot = lots[slice_.lot]
            lots[lot.id] = evolve(lot, remaining=lot.remaining + slice_.points)
        opened += entry.opened
        remaining += entry.amount - entry.debt
        debt -= entry.debt
        effective_at = max(effective_at, entry.effective_at)
    return evolve(
        wallet,
        lots=_lots_after(wallet, lots, opened),
        remaining=remaining,
        debt=debt,
        effective_at=effective_at,
        next_change=_next_change(wallet, lots, opened, wallet.holds),
    )


def held(wallet: Wallet, hold: Hold) -> Wallet:
    """The wallet after a hold: its slices are reserved (PTS-9)."""
    holds = tuple(sorted((*wallet.holds, hold), key=lambda each: (each.until, each.id)))
    return _reserving(wallet, hold, 1, holds, hold.held_at)


def resolved(wallet: Wallet, hold: Hold) -> Wallet:
    """The wallet after an open hold was captured, released, or lapsed: nothing of it is reserved any more (PTS-9)."""
    assert hold.state is not HoldState.OPEN, "an open hold reserves"
    assert hold.resolved_at is not None, "it is resolved since an instant"
    holds = tuple(each for each in wallet.holds if each.id != hold.id)
    return _reserving(wallet, hold, -1, holds, hold.resolved_at)


def _reserving(wallet: Wallet, hold: Hold, sign: int, holds: tuple[Hold, ...], at: datetime) -> Wallet:
    lots = {lot.id: lot for lot in wallet.lots}
    for slice_ in hold.slices:
        lot = lots[slice_.lot]
        lots[lot.id] = evolve(lot, held=lot.held + sign * slice_.points)
    return evolve(
        wallet,
        lots=tuple(lots.values()),
        holds=holds,
        held=wallet.held + sign * hold.points,
        effective_at=max(wallet.effective_at, at),
        next_change=_next_change(wallet, lots, (), holds),
    )


def _lots_after(wallet: Wallet, lots: Mapping[LotId, Lot], opened: list[Lot]) -> tuple[Lot, ...]:
    """What is left of the known lots, in order. Where the store holds more lots than it gave, a new lot is only known
    to be next if it comes before the last one given.
    """
    left = tuple(lot for lot in lots.values() if lot.remaining)
    if not opened:
        return left
    if wallet.all_lots:
        return in_order((*left, *opened))
    last = wallet.lots[-1] if wallet.lots else None
    return in_order((*left, *(lot for lot in opened if last is not None and position(lot) < position(last))))


def _next_change(
    wallet: Wallet, lots: Mapping[LotId, Lot], opened: Iterable[Lot], holds: Iterable[Hold]
) -> datetime | None:
    """The soonest deadline of a hold, or expiry of what is free. Where lots are not known, what was said before still
    stands: an instant that is too early costs a look, one that is too late would be wrong.
    """
    instants = [lot.expires_at for lot in opened if lot.expires_at is not None]
    instants += [hold.until for hold in holds]
    known = next((lot.expires_at for lot in lots.values() if lot.free), None)
    if known is None and not wallet.all_lots and not any(lot.free for lot in lots.values()):
        known = wallet.next_change
    return min([*instants, known] if known is not None else instants, default=None)


def rescheduled(wallet: Wallet, now: datetime) -> Wallet:
    """A settled wallet that still says it has something due, told what really comes next."""
    if wallet.next_change is None or wallet.next_change > now:
        return wallet
    instants = [hold.until for hold in wallet.holds]
    expiry = next((lot.expires_at for lot in wallet.lots if lot.free and not lot.due(now)), None)
    return evolve(wallet, next_change=min([*instants, expiry] if expiry is not None else instants, default=None))
