"""COM-21, PTS-6: points that expired only for lack of an activity live again when that activity is recorded late.

What they would have lived until is computed from all activity that is known now. They come back as another lot with the
same origin, by an entry that corrects the one that said they were gone, in effect at the same instant; if they are over
by then too, they are gone again at their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve

from memberlogic.errors import JSON
from memberlogic.ids import LotId, NewId
from memberlogic.ledger import owing
from memberlogic.ledger.entering import lived_again
from memberlogic.ledger.idling import is_activity, kept_alive_since
from memberlogic.ledger.model import Entry, EntryKind, Lot, Wallet
from memberlogic.ledger.past import KEPT_ALIVE, Past
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because

__all__ = ["revived"]


def revived(
    wallet: Wallet, past: Past, made: Sequence[Entry], reference: str, new_id: NewId
) -> tuple[Wallet, tuple[Entry, ...]]:
    """What lives again by the activity among the entries that a late purchase made, and what that settles of debt."""
    activity = next((each for each in made if is_activity(each)), None)
    if activity is None or not wallet.idle:
        return wallet, ()
    at, instants = activity.effective_at, {*past.active, activity.effective_at}
    expiring = [*past.expiring, *(each for each in made if each.kind is EntryKind.REINSTATE)]
    entries = []
    for expired in (each for each in past.expiring if each.kind is EntryKind.EXPIRE and each.effective_at > at):
        opened = []
        for id, points in _left_of(expired, expiring, past.lots).items():
            lot = past.lots[id]
            until = _lived_until(lot, instants, wallet) if past.arrived.get(lot.origin or id, at) <= at else None
            if points > 0 and until is not None and until > expired.effective_at:
                opened.append(_again(lot, points, until, new_id))
        if opened:
            entries.append(_reinstate(expired, opened, activity, reference, new_id))
    if not entries:
        return wallet, ()
    settled = owing.settle_debt(posted(wallet, *entries), wallet.effective_at, new_id, activity.recorded_at)
    return settled.facts, (*entries, *settled.events)


def _left_of(expired: Entry, expiring: Iterable[Entry], lots: Mapping[LotId, Lot]) -> Mapping[LotId, int]:
    """What an expiry took of each lot and does not live again."""
    left = Counter({each.lot: -each.points for each in expired.slices})
    for entry in (each for each in expiring if each.corrects == expired.id):
        for slice_ in (each for each in entry.slices if each.points > 0):
            left[slice_.lot] -= slice_.points
        for lot in entry.opened:
            again = lot.amount
            for id in (id for id in left if (lots[id].origin or id) == lot.origin):
                part = min(again, left[id])
                left[id] -= part
                again -= part
    return left


def _lived_until(lot: Lot, instants: Iterable[datetime], wallet: Wallet) -> datetime | None:
    """Until when a lot would have lived; None if it does not live by activity."""
    if lot.idle is None:
        return None
    (after,) = kept_alive_since((lot,), instants, wallet.terms.zone)
    return after.expires_at


def _again(lot: Lot, points: int, until: datetime, new_id: NewId) -> Lot:
    root = lot.origin or lot.id
    return evolve(
        lot, id=LotId(new_id()), amount=points, remaining=points, held=0, pending=False, expires_at=until, origin=root
    )


def _reinstate(expired: Entry, opened: Sequence[Lot], activity: Entry, reference: str, new_id: NewId) -> Entry:
    points = sum(lot.amount for lot in opened)
    figures: dict[str, JSON] = {
        "points": points,
        "lots": len(opened),
        "active_at": activity.effective_at.isoformat(),
    }
    return lived_again(
        expired,
        points,
        Because("COM-21", KEPT_ALIVE, figures),
        actor=activity.actor,
        recorded_at=activity.recorded_at,
        reference=reference,
        new_id=new_id,
        opened=tuple(opened),
    )
