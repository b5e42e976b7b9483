"""What became of a wallet after an instant, for what is decided as of that instant later on (COM-21)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from memberlogic.ids import LotId
from memberlogic.ledger.idling import is_activity
from memberlogic.ledger.model import Entry, EntryKind, Hold, Lot, Wallet

__all__ = ["EXPIRING", "KEPT_ALIVE", "Past", "came_as"]

KEPT_ALIVE = "points.kept_alive_after_all"
"""Why points live again that expired only for lack of an activity."""

EXPIRING = (EntryKind.EXPIRE, EntryKind.REINSTATE)
"""The kinds of entries that say that points were gone, and that they live again."""


def came_as(kind: EntryKind, lot: Lot) -> tuple[LotId, ...]:
    """The lots that came to a wallet with one that an entry opened: what a merge brings came with its origin, too, by
    which it is known if it comes back later.
    """
    return (lot.id,) if kind is not EntryKind.MERGE_IN or lot.origin is None else (lot.id, lot.origin)


@frozen(kw_only=True)
class Past:
    """What took effect on a wallet since an instant, as far as it says what could have been spent at it."""

    expiring: tuple[Entry, ...] = ()
    """The entries of the kinds :data:`EXPIRING`, in order of (effective_at, id)."""
    lots: Mapping[LotId, Lot] = field(factory=dict)
    """The lots that these entries name."""
    arrived: Mapping[LotId, datetime] = field(factory=dict)
    """The lots that were opened since, with the instants from which they were there; by :func:`came_as`."""
    lapsed: tuple[Hold, ...] = ()
    """The holds that ran out since."""

    active: tuple[datetime, ...] = ()
    """When it was earned, redeemed or captured since (PTS-6)."""

    @property
    def living_again(self) -> frozenset[LotId]:
        """The lots in which points live again for an activity that was recorded late."""
        late = (each for each in self.expiring if any(why.code == KEPT_ALIVE for why in each.because))
        return frozenset(lot.id for entry in late for lot in entry.opened)

    def arrived_after(self, lots: Iterable[Lot], at: datetime) -> frozenset[LotId]:
        """Those of some lots whose points came to the wallet after an instant; what lives again came when it first
        did.
        """
        return frozenset(lot.id for lot in lots if self.arrived.get(lot.origin or lot.id, at) > at)

    def after(self, before: Wallet, entries: Sequence[Entry], lapsed: Iterable[Hold]) -> Past:
        """The same with what was decided meanwhile; ``before`` is the wallet that it was decided on."""
        expiring, lots, arrived = [*self.expiring], dict(self.lots), dict(self.arrived)
        known = {lot.id: lot for lot in before.lots}
        for entry in entries:
            for lot in entry.opened:
                known[lot.id] = lot
                arrived |= dict.fromkeys(came_as(entry.kind, lot), entry.effective_at)
            if entry.kind in EXPIRING:
                expiring.append(entry)
                lots |= {each.lot: known[each.lot] for each in entry.slices if each.lot not in lots}
        return Past(
            expiring=tuple(sorted(expiring, key=lambda each: (each.effective_at, each.id))),
            lots=lots,
            arrived=arrived,
            lapsed=(*self.lapsed, *lapsed),
            active=(*self.active, *(each.effective_at for each in entries if is_activity(each))),
        )
