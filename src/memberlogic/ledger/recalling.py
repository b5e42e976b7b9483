"""PTS-16: a wallet as of a past instant, from what was recorded by then, with deadlines and expiry by the clock: what
it said then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from memberlogic.errors import InvalidInput
from memberlogic.ledger.consuming import in_order
from memberlogic.ledger.model import Hold, HoldState, Lot, Slice, Wallet

__all__ = ["must_have_passed", "recalled"]


def must_have_passed(as_of: datetime | None, now: datetime) -> None:
    """Nobody knows yet what will have been recorded.

    Raises:
        InvalidInput: for an instant after now.
    """
    if as_of is not None and as_of > now:
        raise InvalidInput(path="as_of", expected="an instant that has come", got="one after now")


def recalled(wallet: Wallet, lots: Iterable[Lot], total: int, holds: Iterable[Hold], at: datetime) -> Wallet:
    """The wallet by what was recorded by an instant, before it is settled to it. ``lots`` had something left then,
    ``total`` is what its entries came to, ``holds`` began by then, whatever became of them.
    """
    left = {lot.id: lot for lot in lots}
    running = []
    # Deadlines are settled in their order: what was written of any by then is gone of the earliest ones.
    for hold in sorted((each for each in holds if not _resolved(each, at)), key=lambda each: each.until, reverse=True):
        slices = []
        for each in hold.slices:
            lot = left.get(each.lot)
            points = min(each.points, lot.free) if lot is not None else 0
            if lot is not None and points:
                left[lot.id] = evolve(lot, held=lot.held + points)
                slices.append(Slice(lot.id, points))
        running.append(evolve(hold, slices=tuple(slices), state=HoldState.OPEN, captured=0, resolved_at=None))
    remaining = sum(lot.remaining for lot in left.values())
    return evolve(
        wallet,
        lots=in_order(left.values(), wallet.terms.order),
        all_lots=True,
        holds=tuple(sorted(running, key=lambda hold: (hold.until, hold.id))),
        remaining=remaining,
        held=sum(hold.points for hold in running),
        pending=sum(lot.remaining for lot in left.values() if lot.pending),
        debt=remaining - total,
        next_change=at,
    )


def _resolved(hold: Hold, at: datetime) -> bool:
    """Whether somebody had captured or released it. One that ran out frees by the clock, whoever wrote that down and
    when: what was written of it by then is gone from its lots already.
    """
    by_somebody = hold.state in (HoldState.CAPTURED, HoldState.RELEASED)
    return by_somebody and hold.resolved_at is not None and hold.resolved_at <= at
