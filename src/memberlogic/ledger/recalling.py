"""PTS-16: a wallet as of a past instant, from what was recorded by then, with deadlines and expiry by the clock: what
it said then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve

from memberlogic.errors import InvalidInput
from memberlogic.ids import LotId, NewId
from memberlogic.ledger import settling
from memberlogic.ledger.consuming import in_order
from memberlogic.ledger.model import Entry, Hold, Lot, Wallet

__all__ = ["must_have_passed", "recalled"]


def must_have_passed(as_of: datetime | None, now: datetime) -> None:
    """Nobody knows yet what will have been recorded.

    Raises:
        InvalidInput: for an instant after now.
    """
    if as_of is not None and as_of > now:
        raise InvalidInput(path="as_of", expected="an instant that has come", got="one after now")


def recalled(wallet: Wallet, entries: Iterable[Entry], holds: Sequence[Hold], at: datetime, new_id: NewId) -> Wallet:
    """The wallet as it was at an instant. ``entries`` are those in effect by then, ``holds`` those that began by then;
    what was recorded later is left out, whenever it took effect.
    """
    lots: dict[LotId, Lot] = {}
    remaining = debt = 0
    for entry in (each for each in entries if each.recorded_at <= at):
        lots |= {lot.id: evolve(lot, remaining=lot.amount, held=0) for lot in entry.opened}
        for slice_ in entry.slices:
            lot = lots[slice_.lot]
            lots[lot.id] = evolve(lot, remaining=lot.remaining + slice_.points)
        remaining += entry.amount - entry.debt
        debt -= entry.debt
    running = tuple(each for each in holds if at < min(each.until, each.resolved_at or each.until))
    for slice_ in (slice_ for hold in running for slice_ in hold.slices):
        lot = lots[slice_.lot]
        lots[lot.id] = evolve(lot, held=lot.held + slice_.points)
    then = evolve(
        wallet,
        lots=in_order((lot for lot in lots.values() if lot.remaining), wallet.terms.order),
        all_lots=True,
        holds=running,
        remaining=remaining,
        held=sum(hold.points for hold in running),
        debt=debt,
        next_change=at,
    )
    return settling.settle(then, at, new_id).facts
