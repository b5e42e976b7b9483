"""PTS-7: consumption order. Soonest expiry first, never-expiring last; ties: earliest earned, then id."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from memberlogic.changing import changed
from memberlogic.ids import LotId
from memberlogic.ledger.model import Lot, Slice, Wallet

__all__ = ["NEVER", "first", "in_order", "position", "take", "with_lots"]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Where points that never expire stand in the order."""


def position(lot: Lot) -> tuple[datetime, datetime, UUID]:
    """Where a lot stands in the order."""
    return (lot.expires_at or NEVER, lot.earned_at, lot.id)


def in_order(lots: Iterable[Lot]) -> tuple[Lot, ...]:
    """Lots in the order in which they are used up."""
    return tuple(sorted(lots, key=position))


def with_lots(wallet: Wallet, lots: Iterable[Lot]) -> Wallet:
    """The wallet with these lots beside those it knows, so that points can be given back to them: lots with nothing
    left are not loaded with a wallet.
    """
    known = {lot.id for lot in wallet.lots}
    return changed(wallet, lots=in_order((*wallet.lots, *(lot for lot in lots if lot.id not in known))))


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
