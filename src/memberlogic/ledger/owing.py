"""PTS-10: what an account owes is settled first, by the next points that come in, or by those that become free, at the
instant at which they do. So while there is debt, nothing is available.
"""

from __future__ import annotations

from datetime import datetime

from memberlogic.actors import Actor
from memberlogic.ids import NewId
from memberlogic.ledger.consuming import first
from memberlogic.ledger.entering import entered
from memberlogic.ledger.model import Entry, EntryKind, Slice, Wallet
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because, Outcome

__all__ = ["settle_debt"]


def settle_debt(
    wallet: Wallet, at: datetime, new_id: NewId, recorded_at: datetime, *, actor: str = Actor.system().label
) -> Outcome[Wallet, Entry, None]:
    """The wallet after what is free at an instant settled its debt, in the order in which points are used up; points
    that are expired by then settle nothing. One entry, of nothing in all: so many less in lots, so many less owed.
    """
    if not wallet.debt:
        return Outcome(wallet, (), None)
    free = [(lot.id, lot.free) for lot in wallet.lots if lot.free and not lot.due(at)]
    points = min(wallet.debt, sum(part for _, part in free))
    if not points:
        return Outcome(wallet, (), None)
    taken = first(free, points)
    entry = entered(
        wallet,
        EntryKind.SETTLE,
        0,
        (Because("PTS-10", "debt.settled", {"points": points, "owed": wallet.debt}),),
        actor=actor,
        at=at,
        new_id=new_id,
        recorded_at=recorded_at,
        debt=points,
        slices=tuple(Slice(lot, -part) for lot, part in taken),
    )
    return Outcome(posted(wallet, entry), (entry,), None)
