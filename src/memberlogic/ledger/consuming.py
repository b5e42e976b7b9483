"""PTS-7: consumption order. Soonest expiry first, never-expiring last; ties: earliest earned, then id. A club may
choose the oldest first: earliest earned; ties: soonest expiry, then id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, assert_never
from uuid import UUID

from memberlogic.changing import changed
from memberlogic.ids import LotId
from memberlogic.ledger.model import Lot, Order, Slice, Wallet

__all__ = ["NEVER", "figures", "first", "in_order", "position", "soonest_expiry", "take", "with_lots"]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Where points that never expire stand in the order."""


def _by_expiry(lot: Lot) -> tuple[datetime, datetime, UUID]:
    return (lot.expires_at or NEVER, lot.earned_at, lot.id)


def _by_age(lot: Lot) -> tuple[datetime, datetime, UUID]:
    return (lot.earned_at, lot.expires_at or NEVER, lot.id)


def position(order: Order) -> Callable[[Lot], tuple[datetime, datetime, UUID]]:
    """What says where a lot stands in an order."""
    match order:
        case Order.SOONEST_EXPIRY:
            return _by_expiry
        case Order.OLDEST_FIRST:
            return _by_age
        case _:  # pragma: no cover
            assert_never(order)


def in_order(lots: Iterable[Lot], order: Order = Order.SOONEST_EXPIRY) -> tuple[Lot, ...]:
    """Lots in the order in which they are used up."""
    return tuple(sorted(lots, key=position(order)))


def soonest_expiry(lots: Iterable[Lot], order: Order) -> datetime | None:
    """The first instant at which something that is free in these lots expires; they come in an order."""
    instants = (lot.expires_at for lot in lots if lot.free)
    if order is Order.SOONEST_EXPIRY:
        return next(instants, None)
    return min((each for each in instants if each is not None), default=None)


def figures(wallet: Wallet, lots: int) -> dict[str, Any]:
    """What an explanation says of lots that were taken in order; the order itself where it is not the usual one."""
    said: dict[str, Any] = {"lots": lots}
    if wallet.terms.order is not Order.SOONEST_EXPIRY:
        said["order"] = wallet.terms.order.value
    return said


def with_lots(wallet: Wallet, lots: Iterable[Lot]) -> Wallet:
    """The wallet with these lots beside those it knows, so that points can be given back to them: lots with nothing
    left are not loaded with a wallet.
    """
    known = {lot.id for lot in wallet.lots}
    return changed(
        wallet, lots=in_order((*wallet.lots, *(lot for lot in lots if lot.id not in known)), wallet.terms.order)
    )


def take(wallet: Wallet, points: int) -> tuple[tuple[Slice, Lot], ...]:
    """Which lots ``points`` come from: slices below zero, each with its lot as it was.

    The wallet is settled, and ``points`` are no more than it has available.
    """
    lots = {lot.id: lot for lot in wallet.lots}
    parts = first([(lot.id, lot.free) for lot in wallet.lots], points)
    return tuple((Slice(id, -part), lots[id]) for id, part in parts)


def first(parts: Iterable[tuple[LotId, int]], points: int) -> tuple[tuple[LotId, int], ...]:
    """The first ``points`` of what lots can give."""
    taken: list[tuple[LotId, int]] = []
    missing = points
    for lot, most in parts:
        if not missing:
            break
        part = min(most, missing)
        if part:
            taken.append((lot, part))
            missing -= part
    if missing:
        raise AssertionError(f"the store gave too few lots: {missing} of {points} points are missing")
    return tuple(taken)
