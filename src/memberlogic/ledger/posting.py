"""What entries and holds do to a wallet: the one place where totals and lots follow from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve

from memberlogic.calendar import local_day
from memberlogic.changing import changed
from memberlogic.ledger.consuming import in_order, position, soonest_expiry
from memberlogic.ledger.model import Entry, Hold, HoldState, Lot, Order, Slice, Wallet
from memberlogic.warning import next_moment

__all__ = ["held", "posted", "rescheduled", "resolved"]


def posted(wallet: Wallet, *entries: Entry) -> Wallet:
    """The wallet after its entries: totals, lots less what was taken with what was opened, in order of consumption,
    and the next instant at which something changes by itself.
    """
    if not entries:
        return wallet
    taken = [slice_ for entry in entries for slice_ in entry.slices]
    opened: list[Lot] = []
    remaining, debt, effective_at = wallet.remaining, wallet.debt, wallet.effective_at
    for entry in entries:
        opened += entry.opened
        remaining += entry.amount - entry.debt
        debt -= entry.debt
        effective_at = max(effective_at, entry.effective_at)
    if taken and opened:
        opened, taken = _used_at_once(opened, taken)
    lots = _after_slices(wallet.lots, taken) if taken else wallet.lots
    return changed(
        wallet,
        lots=_lots_after(wallet, lots, opened),
        remaining=remaining,
        debt=debt,
        effective_at=effective_at,
        next_change=_next_change(wallet, lots, opened, wallet.holds),
        next_warning=_next_warning(wallet, lots, entries) if wallet.terms.warnings else None,
    )


def _next_warning(wallet: Wallet, lots: Iterable[Lot], entries: Sequence[Entry]) -> datetime | None:
    """No later than the next moment of a warning: the sooner of what was said before, and the first moment to come of
    what has arrived or was given back.
    """
    back = {slice_.lot for entry in entries for slice_ in entry.slices if slice_.points > 0}
    arrived = [*(lot for entry in entries for lot in entry.opened), *(lot for lot in lots if lot.id in back)]
    terms = wallet.terms
    days = [local_day(lot.expires_at, terms.zone) for lot in arrived if lot.expires_at is not None]
    first = next_moment(days, terms.warnings, terms.zone, max(entry.recorded_at for entry in entries))
    return min((each for each in (first, wallet.next_warning) if each is not None), default=None)


def _used_at_once(opened: list[Lot], slices: list[Slice]) -> tuple[list[Lot], list[Slice]]:
    """The lots that were opened, less what an entry used of them at once, to settle debt; and the other slices."""
    new = {lot.id for lot in opened}
    used = [each for each in slices if each.lot in new]
    if not used:
        return opened, slices
    left = [lot for lot in _after_slices(opened, used) if lot.remaining]
    return left, [each for each in slices if each.lot not in new]


def _after_slices(lots: Sequence[Lot], slices: Iterable[Slice]) -> Sequence[Lot]:
    """Lots less what was taken of them, with what was given back to them."""
    by_id = {lot.id: lot for lot in lots}
    for slice_ in slices:
        lot = by_id[slice_.lot]
        by_id[lot.id] = changed(lot, remaining=lot.remaining + slice_.points)
    return tuple(by_id.values())


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
        next_change=_next_change(wallet, tuple(lots.values()), (), holds),
    )


def _lots_after(wallet: Wallet, lots: Sequence[Lot], opened: list[Lot]) -> tuple[Lot, ...]:
    """What is left of the known lots, in order. Where the store holds more lots than it gave, a new lot is only known
    to be next if it comes before the last one given.
    """
    left = tuple([lot for lot in lots if lot.remaining])
    if not opened:
        return left
    place = position(wallet.terms.order)
    if wallet.all_lots and (not left or place(left[-1]) < place(opened[0])) and len(opened) == 1:
        return (*left, *opened)
    if not wallet.all_lots:
        last = wallet.lots[-1] if wallet.lots else None
        opened = [lot for lot in opened if last is not None and place(lot) < place(last)]
    return in_order((*left, *opened), wallet.terms.order)


def _next_change(wallet: Wallet, lots: Sequence[Lot], opened: Iterable[Lot], holds: Iterable[Hold]) -> datetime | None:
    """The soonest deadline of a hold, or expiry of what is free. Where lots are not known, what was said before still
    stands: an instant that is too early costs a look, one that is too late would be wrong.
    """
    instants = [lot.expires_at for lot in opened if lot.expires_at is not None]
    instants += [hold.until for hold in holds]
    known = soonest_expiry(lots, wallet.terms.order)
    if not wallet.all_lots and (wallet.terms.order is Order.OLDEST_FIRST or not any(lot.free for lot in lots)):
        known = wallet.next_change
    return min([*instants, known] if known is not None else instants, default=None)


def rescheduled(wallet: Wallet, now: datetime) -> Wallet:
    """A settled wallet that still says it has something due, told what really comes next."""
    if wallet.next_change is None or wallet.next_change > now:
        return wallet
    instants = [hold.until for hold in wallet.holds]
    expiry = soonest_expiry((lot for lot in wallet.lots if not lot.due(now)), wallet.terms.order)
    return evolve(wallet, next_change=min([*instants, expiry] if expiry is not None else instants, default=None))
