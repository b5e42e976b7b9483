"""What entries and holds do to a wallet: the one place where totals and lots follow from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from attrs import evolve

from memberlogic.calendar import Term, local_day
from memberlogic.changing import changed
from memberlogic.ids import LotId
from memberlogic.ledger.consuming import in_order, position, soonest_expiry
from memberlogic.ledger.idling import active, is_activity, kept_alive_since, with_followers
from memberlogic.ledger.model import Entry, EntryKind, Hold, HoldState, Lot, Order, Slice, Wallet
from memberlogic.warning import next_moment

__all__ = ["held", "posted", "rescheduled", "resolved"]


def posted(
    wallet: Wallet, *entries: Entry, arrived: Collection[LotId] = (), followed: Collection[datetime] = ()
) -> Wallet:
    """The wallet after its entries: totals, lots less what was taken with what was opened, in order of consumption,
    and the next instant at which something changes by itself. Lots that ``arrived`` after the instants of late entries
    do not live by those; activity that ``followed`` them moves the others once more.
    """
    if not entries:
        return wallet
    taken = [slice_ for entry in entries for slice_ in entry.slices]
    lots, pending, idle = wallet.lots, wallet.pending, wallet.idle
    opened: list[Lot] = []
    remaining, debt, effective_at = wallet.remaining, wallet.debt, wallet.effective_at
    for entry in entries:
        opened += entry.opened
        remaining += entry.amount - entry.debt
        debt -= entry.debt
        effective_at = max(effective_at, entry.effective_at)
    for lot in opened:
        if lot.pending:
            pending += lot.remaining
        if lot.idle is not None and lot.idle not in idle:
            idle = (*idle, lot.idle)
    if taken and opened:
        opened, taken = _used_at_once(opened, taken)
    if taken:
        lots, waiting = _after_slices(lots, taken, _said_available(entries) if wallet.pending else ())
        pending += waiting
    if idle:
        return _lively(wallet, entries, lots, opened, idle, remaining, pending, debt, effective_at, arrived, followed)
    return changed(
        wallet,
        lots=_lots_after(wallet, lots, opened),
        remaining=remaining,
        pending=pending,
        debt=debt,
        effective_at=effective_at,
        next_change=_next_change(wallet, lots, opened, wallet.holds, pending),
        next_warning=_next_warning(wallet, lots, entries) if wallet.terms.warnings else None,
    )


def _next_warning(wallet: Wallet, lots: Iterable[Lot], entries: Sequence[Entry]) -> datetime | None:
    """No later than the next moment of a warning: the sooner of what was said before, and the first moment to come of
    what has arrived or was given back.
    """
    back = {slice_.lot for entry in entries for slice_ in entry.slices if slice_.points > 0}
    arrived = [*(lot for entry in entries for lot in entry.opened), *(lot for lot in lots if lot.id in back)]
    first = _first_moment(wallet, arrived, entries)
    return min((each for each in (first, wallet.next_warning) if each is not None), default=None)


def _used_at_once(opened: list[Lot], slices: list[Slice]) -> tuple[list[Lot], list[Slice]]:
    """The lots that were opened, less what an entry used of them at once, to settle debt; and the other slices."""
    new = {lot.id for lot in opened}
    used = [each for each in slices if each.lot in new]
    if not used:
        return opened, slices
    after, _ = _after_slices(opened, used, ())
    left = [lot for lot in after if lot.remaining]
    return left, [each for each in slices if each.lot not in new]


def _warning_anew(wallet: Wallet, left: Iterable[Lot], entries: Sequence[Entry]) -> datetime | None:
    """The next moment of a warning where an activity may have moved every expiry. What is due and was not told yet
    stays due; and where lots are not known, what was said before still stands.
    """
    first, before = _first_moment(wallet, left, entries), wallet.next_warning
    if before is None or (wallet.all_lots and before > max(entry.recorded_at for entry in entries)):
        return first
    return before if first is None else min(first, before)


def _first_moment(wallet: Wallet, lots: Iterable[Lot], entries: Sequence[Entry]) -> datetime | None:
    terms = wallet.terms
    days = [local_day(lot.expires_at, terms.zone) for lot in lots if lot.expires_at is not None]
    return next_moment(days, terms.warnings, terms.zone, max(entry.recorded_at for entry in entries))


def _lively(
    wallet: Wallet,
    entries: Sequence[Entry],
    lots: Sequence[Lot],
    opened: list[Lot],
    idle: tuple[Term, ...],
    remaining: int,
    pending: int,
    debt: int,
    effective_at: datetime,
    arrived: Collection[LotId],
    followed: Collection[datetime],
) -> Wallet:
    """The wallet after its entries where points live by activity: what is activity moves their expiry (PTS-6)."""
    for entry in entries:
        if is_activity(entry):
            instants = with_followers(entry.effective_at, followed)
            lots = kept_alive_since(lots, instants, wallet.terms.zone, arrived)
            opened = list(kept_alive_since(opened, instants, wallet.terms.zone, arrived))
    # The first lot that lives by activity may come to others, which are not known.
    left = in_order((lot for lot in lots if lot.remaining), wallet.terms.order)
    return changed(
        wallet,
        lots=_lots_after(wallet, left, opened),
        remaining=remaining,
        pending=pending,
        debt=debt,
        idle=idle,
        activity_at=active(wallet, entries),
        followed=(*wallet.followed, *followed),
        effective_at=effective_at,
        next_change=_next_change(wallet, left, opened, wallet.holds, pending),
        next_warning=_warning_anew(wallet, (*left, *opened), entries) if wallet.terms.warnings else None,
    )


def _after_slices(
    lots: Sequence[Lot], slices: Iterable[Slice], available: Collection[LotId]
) -> tuple[tuple[Lot, ...], int]:
    """Lots less what was taken of them, with what was given back to them; those that an entry says are available are
    not pending any more. And by how much what is pending changed.
    """
    by_id = {lot.id: lot for lot in lots}
    waiting = 0
    for slice_ in slices:
        lot = by_id[slice_.lot]
        remaining, pending = lot.remaining + slice_.points, lot.pending
        if pending:
            pending = lot.id not in available
            waiting += (remaining if pending else 0) - lot.remaining
        by_id[lot.id] = changed(lot, remaining=remaining, pending=pending)
    return tuple(by_id.values()), waiting


def _said_available(entries: Iterable[Entry]) -> Collection[LotId]:
    """The lots that entries say are available now (PTS-5)."""
    return {each.lot for entry in entries if entry.kind is EntryKind.AVAILABLE for each in entry.slices}


def _waits_of(lots: Iterable[Lot]) -> list[datetime]:
    """When what is pending in lots becomes available."""
    return [lot.available_at for lot in lots if lot.pending and lot.remaining and lot.available_at is not None]


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
        next_change=_next_change(wallet, tuple(lots.values()), (), holds, wallet.pending),
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


def _next_change(
    wallet: Wallet, lots: Sequence[Lot], opened: Iterable[Lot], holds: Iterable[Hold], pending: int
) -> datetime | None:
    """The soonest deadline of a hold, availability of what is pending, or expiry of what is free. Where lots are not
    known, what was said before still stands: an instant that is too early costs a look, one that is too late would be
    wrong.
    """
    changes = [lot.available_at if lot.pending else lot.expires_at for lot in opened]
    instants = [at for at in changes if at is not None]
    instants += [hold.until for hold in holds]
    if pending:
        instants += _waits_of(lots)
    known = soonest_expiry(lots, wallet.terms.order)
    if not wallet.all_lots and (wallet.terms.order is Order.OLDEST_FIRST or not any(lot.free for lot in lots)):
        known = wallet.next_change
    return min([*instants, known] if known is not None else instants, default=None)


def rescheduled(wallet: Wallet, now: datetime) -> Wallet:
    """A settled wallet that still says it has something due, told what really comes next."""
    if wallet.next_change is None or wallet.next_change > now:
        return wallet
    instants = [hold.until for hold in wallet.holds] + _waits_of(wallet.lots)
    expiry = soonest_expiry((lot for lot in wallet.lots if not lot.due(now)), wallet.terms.order)
    return evolve(wallet, next_change=min([*instants, expiry] if expiry is not None else instants, default=None))
