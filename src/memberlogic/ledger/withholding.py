"""PTS-5: points that are held back for a term. They are in the ledger, visible as pending and not spendable, and become
available by the clock alone.

The entry that says so moves no points: its amount is 0, and it names each lot that became available with a slice of 0.
What is owed is settled of them at the same instant, by an entry of its own (PTS-10).
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import NewId
from memberlogic.ledger.entering import entered
from memberlogic.ledger.model import Entry, EntryKind, Slice, Wallet
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because, Outcome

__all__ = ["Awaited", "arrivals", "awaited", "become_available"]


@frozen
class Awaited:
    """So many pending points become available at the start of a business day; what is owed then is settled of them."""

    day: date
    points: int


def awaited(wallet: Wallet) -> tuple[Awaited, ...]:
    """What is pending in a settled wallet whose lots are all known, by the day on which it becomes available."""
    zone = wallet.terms.zone
    dated = sorted(
        (local_day(lot.available_at, zone), lot.remaining) for lot in wallet.lots if lot.pending and lot.available_at
    )
    days = groupby(dated, lambda each: each[0])
    return tuple(Awaited(day, sum(points for _, points in of_day)) for day, of_day in days)


def arrivals(wallet: Wallet, now: datetime) -> set[datetime]:
    """The instants by ``now`` at which something pending becomes available."""
    if not wallet.pending:
        return set()
    return {lot.available_at for lot in wallet.lots if lot.pending and lot.available_at and lot.available_at <= now}


def become_available(
    wallet: Wallet, at: datetime, new_id: NewId, recorded_at: datetime
) -> Outcome[Wallet, Entry, None]:
    """Everything that becomes available at an instant, in one entry; also what came back to a lot that had nothing when
    its points became available.
    """
    lots = [lot for lot in wallet.lots if lot.pending and lot.remaining and lot.available_at and lot.available_at <= at]
    if not lots:
        return Outcome(wallet, (), None)
    points = sum(lot.remaining for lot in lots)
    entry = entered(
        wallet,
        EntryKind.AVAILABLE,
        0,
        (Because("PTS-5", "points.available", {"points": points, "lots": len(lots)}),),
        actor=Actor.system().label,
        at=at,
        new_id=new_id,
        recorded_at=recorded_at,
        slices=tuple(Slice(lot.id, 0) for lot in lots),
    )
    return Outcome(posted(wallet, entry), (entry,), None)
