"""PTS-10: points are taken back, from the lots they arrived in, then by PTS-7; never from what is held, nor from what
is not available yet and arrived otherwise. What is not there is owed, or let go, as the club says.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.ids import EntryId, LotId, NewId
from memberlogic.ledger.entering import entered
from memberlogic.ledger.model import Entry, EntryKind, Lot, Shortfall, Slice, Wallet
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because, Outcome

__all__ = ["Reclaimed", "Reclaiming", "reclaim"]


@frozen(kw_only=True)
class Reclaiming:
    """Points to take back of what an entry gave."""

    earned: EntryId
    own: Collection[LotId]
    """The lots they arrived in, and those to which they came back with another expiry."""
    points: int
    shortfall: Shortfall
    reference: str | None
    because: tuple[Because, ...]


@frozen
class Reclaimed:
    """How many points were taken back, those that became debt among them, and how many were let go."""

    points: int
    debt: int
    clamped: int


def reclaim(
    wallet: Wallet, wanted: Reclaiming, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Wallet, Entry, Reclaimed]:
    """Take points back from a settled wallet whose lots are all known; no entry if nothing is taken."""
    assert wallet.all_lots, "what it does not know could not give"
    slices = _taken(wallet, wanted.own, wanted.points)
    missing = wanted.points + sum(each.points for each in slices)
    debt, clamped = (missing, 0) if wanted.shortfall is Shortfall.DEBT else (0, missing)
    points = wanted.points - clamped
    if not points:
        return Outcome(wallet, (), Reclaimed(0, 0, clamped))
    figures = {"points": points, "lots": len(slices), "debt": debt, "clamped": clamped}
    entry = entered(
        wallet,
        EntryKind.RETURN,
        -points,
        (*wanted.because, Because("PTS-10", "return.taken", figures)),
        actor=actor.label,
        at=now,
        new_id=new_id,
        debt=-debt,
        slices=slices,
        reference=wanted.reference,
        corrects=wanted.earned,
    )
    return Outcome(posted(wallet, entry), (entry,), Reclaimed(points, debt, clamped))


def _taken(wallet: Wallet, own: Collection[LotId], points: int) -> tuple[Slice, ...]:
    """What is there of them: the own lots first, also while they are pending, each group in order of consumption."""
    mine = [(lot, lot.unreserved) for lot in wallet.lots if lot.id in own]
    others = [(lot, lot.free) for lot in wallet.lots if lot.id not in own and _may_give(lot)]
    slices = []
    for lot, most in (*mine, *others):
        part = min(most, points)
        points -= part
        if part:
            slices.append(Slice(lot.id, -part))
    return tuple(slices)


def _may_give(lot: Lot) -> bool:
    """Whether a lot of something else may be taken from: not what is held of it, nor what is pending."""
    return lot.free > 0
