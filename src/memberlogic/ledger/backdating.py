"""COM-21: what could have been spent at a past instant, and the points that live again because they were spent then.

A lot counts with what is free of it now and what of it has expired since: whatever the jobs have written down, the same
points are there. What was taken since is gone, what arrived since was not there yet, what lives again for an activity
since was there as it had never been gone, and what a hold kept until it ran
out is not counted: the hold may still be open in the books.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from attrs import evolve

from memberlogic.errors import JSON
from memberlogic.ids import LotId, NewId
from memberlogic.ledger.consuming import in_order, with_lots
from memberlogic.ledger.entering import lived_again
from memberlogic.ledger.model import Entry, EntryKind, Lot, Slice, Wallet
from memberlogic.ledger.past import Past
from memberlogic.outcomes import Because

__all__ = ["as_of", "living_again"]


def as_of(wallet: Wallet, past: Past, at: datetime) -> Wallet:
    """The wallet as of an instant, less what was taken since; ``wallet`` comes with all its lots."""
    lots = {**{id: evolve(lot, remaining=0, held=0) for id, lot in past.lots.items()}, **_by_id(wallet.lots)}
    changes, again = _expired(past, at, lots), past.living_again
    for hold in (each for each in past.lapsed if each.until > at):
        changes.subtract({each.lot: each.points for each in hold.slices})
    left = [
        evolve(lot, amount=max(lot.amount, free), remaining=free, held=0)
        for lot in lots.values()
        if (free := lot.free + changes[lot.id]) > 0
        and (lot.expires_at is None or lot.expires_at > at)
        and past.arrived.get(lot.origin if lot.id in again and lot.origin else lot.id, at) <= at
        and (lot.available_at is None or lot.available_at <= at)
    ]
    remaining = sum(lot.remaining for lot in left)
    return evolve(
        wallet, lots=in_order(left, wallet.terms.order), all_lots=True, holds=(), remaining=remaining, held=0, pending=0
    )


def _by_id(lots: Iterable[Lot]) -> dict[LotId, Lot]:
    return {lot.id: lot for lot in lots}


def _expired(past: Past, at: datetime, lots: dict[LotId, Lot]) -> Counter[LotId]:
    """How many points of each lot have expired since an instant and do not live again."""
    since = [each for each in past.expiring if each.effective_at > at]
    expired: Counter[LotId] = Counter()
    for entry in since:
        # What settled debt out of points that live again has not expired.
        own = entry.slices if entry.kind is EntryKind.EXPIRE else [each for each in entry.slices if each.points > 0]
        expired.subtract({each.lot: each.points for each in own})
    # Points that live again until a later instant are another lot: they are not to be had twice.
    for lot in (lot for entry in since if entry.kind is EntryKind.REINSTATE for lot in entry.opened):
        again = lot.amount
        for id in (id for id in expired if (lots[id].origin or id) == lot.origin):
            part = min(again, expired[id])
            expired[id] -= part
            again -= part
    return expired


def living_again(
    wallet: Wallet, past: Past, spent: Entry, actor: str, reference: str, new_id: NewId
) -> tuple[Wallet, tuple[Entry, ...]]:
    """The points that an entry takes although they have expired since its instant: one entry for each that said so, in
    effect at the same instant, so that the balance of every instant is what it would have been. The wallet comes back
    with the lots to which they belong.
    """
    free = {lot.id: lot.free for lot in wallet.lots}
    missing = {each.lot: part for each in spent.slices if (part := -each.points - free.get(each.lot, 0)) > 0}
    if not missing:
        return wallet, ()
    spent_lots = [evolve(past.lots[id], remaining=0, held=0) for id in missing if id in past.lots]
    made = []
    # What was free then is gone since the lot's own instant; what a hold kept went later, and could not be spent.
    for entry in (e for e in past.expiring if e.kind is EntryKind.EXPIRE and e.effective_at > spent.effective_at):
        parts = []
        for lot, points in _left_of(entry, past.expiring):
            part = min(points, missing.get(lot, 0))
            if part > 0:
                missing[lot] -= part
                parts.append(Slice(lot, part))
        if parts:
            made.append(_reinstate(entry, parts, spent, actor, reference, new_id))
    assert not any(missing.values()), "what was not free has expired"
    return with_lots(wallet, spent_lots), tuple(made)


def _left_of(expired: Entry, expiring: Sequence[Entry]) -> Iterable[tuple[LotId, int]]:
    """What an expiry took of each lot and was not given back to it."""
    left = Counter({each.lot: -each.points for each in expired.slices})
    for each in (slice_ for entry in expiring if entry.corrects == expired.id for slice_ in entry.slices):
        left[each.lot] -= each.points
    return left.items()


def _reinstate(
    expired: Entry, parts: Sequence[Slice], spent: Entry, actor: str, reference: str, new_id: NewId
) -> Entry:
    points = sum(each.points for each in parts)
    figures: dict[str, JSON] = {"points": points, "lots": len(parts), "spent_at": spent.effective_at.isoformat()}
    return lived_again(
        expired,
        points,
        Because("COM-21", "points.spent_before_they_expired", figures),
        actor=actor,
        recorded_at=spent.recorded_at,
        reference=reference,
        new_id=new_id,
        slices=tuple(parts),
    )
