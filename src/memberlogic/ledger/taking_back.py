"""PTS-10, PTS-14: taking back points that came in: only what the club has not taken already, from the lots in which
they arrived, then by PTS-7; never from held points. What is not there is owed, or let go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import assert_never
from uuid import UUID

from attrs import frozen

from memberlogic.ids import EntryId, LotId
from memberlogic.ledger.consuming import first
from memberlogic.ledger.model import Entry, EntryKind, Lot, Shortfall, Slice, Wallet

__all__ = ["TakenBack", "already_taken", "arrived_in", "openers", "take_back", "undone_since", "written"]

_BY_THE_CLUB = frozenset({EntryKind.EXPIRE, EntryKind.WRITE_OFF, EntryKind.ADJUST})
"""What takes points from a member without the member having anything of them."""


@frozen(kw_only=True)
class TakenBack:
    """What an entry has to say of points that are taken back."""

    slices: tuple[Slice, ...]
    own: int
    """How many came from the lots in which they had arrived."""
    debt: int
    """How many are owed now."""
    clamped: int
    """How many were let go."""

    @property
    def points(self) -> int:
        """How many are taken."""
        return -sum(each.points for each in self.slices) + self.debt


def arrived_in(entry: Entry, lots: Iterable[Lot]) -> frozenset[LotId]:
    """The lots that an entry opened, and those in which their points came back since."""
    opened = {lot.id for lot in entry.opened}
    return frozenset(opened | {lot.id for lot in lots if lot.origin in opened})


def openers(touched: Iterable[Entry]) -> Mapping[LotId, EntryId]:
    """The entry that opened each lot."""
    return {lot.id: entry.id for entry in touched for lot in entry.opened}


def undone_since(
    lot: Lot,
    entry: Entry,
    opened_by: Mapping[LotId, EntryId],
    corrections: Iterable[Entry],
    kinds: frozenset[EntryKind],
) -> bool:
    """Whether the entry by which a lot's points first arrived was reversed after another
    entry: what that one had done to the points was counted then.
    """
    first_arrived = opened_by.get(lot.origin or lot.id)
    return any(
        each.kind in kinds and each.corrects == first_arrived and written(each) > written(entry)
        for each in corrections
        if first_arrived not in (None, entry.id)
    )


def written(entry: Entry) -> tuple[datetime, UUID]:
    """When an entry was written down: what came before it, it knew of."""
    return entry.recorded_at, entry.id


def already_taken(entry: Entry, lots: Sequence[Lot], corrections: Sequence[Entry], touched: Sequence[Entry]) -> int:
    """How many points of an entry the club has taken already: by returns of its purchase; from the lots in which they
    arrived by expiry, write-off and adjustment, where that was not undone; and, where they had only come back by it,
    by reversing what they came from.
    """
    returned = -sum(each.amount for each in corrections if (each.kind, each.corrects) == (EntryKind.RETURN, entry.id))
    reversed_ = {each.corrects for each in corrections if each.kind is EntryKind.REVERSE}
    by, opened = openers(touched), {lot.id for lot in entry.opened}
    undone = {
        lot.id: lot.amount
        for lot in entry.opened
        if undone_since(lot, entry, by, corrections, frozenset({EntryKind.REVERSE}))
    }
    # What lived again by an entry that was reversed is that reversal's business, and of no other.
    others = {
        lot.id
        for each in touched
        if each.kind is EntryKind.REINSTATE and each.id in reversed_ - {entry.id}
        for lot in each.opened
    }
    family = arrived_in(entry, lots) - others - undone.keys()
    # Of a transfer the giver gets back what the club took from the receiver, who owes it until that is undone.
    sent = entry.kind is EntryKind.TRANSFER_IN
    by_the_club = frozenset({EntryKind.EXPIRE}) if sent else _BY_THE_CLUB
    taken = 0
    for each in (each for each in touched if each.id != entry.id and each.id not in reversed_):
        if each.kind in by_the_club:
            taken -= sum(slice_.points for slice_ in each.slices if slice_.lot in family)
        elif each.kind is EntryKind.REINSTATE:
            taken -= sum(lot.amount for lot in each.opened if lot.id in family - opened)
            taken -= sum(slice_.points for slice_ in each.slices if slice_.lot in family and slice_.points > 0)
    return returned + max(0, taken) + sum(undone.values())


def take_back(wallet: Wallet, points: int, family: frozenset[LotId], shortfall: Shortfall) -> TakenBack:
    """Take points from a settled wallet that knows all its lots: their own lots first, those that are pending too, then
    others in order of consumption.
    """
    mine = [(lot.id, lot.unreserved) for lot in wallet.lots if lot.id in family]
    others = [(lot.id, lot.free) for lot in wallet.lots if lot.id not in family]
    there = min(points, sum(part for _, part in (*mine, *others)))
    parts = first((*mine, *others), there)
    missing = points - there
    match shortfall:
        case Shortfall.DEBT:
            debt, clamped = missing, 0
        case Shortfall.CLAMP:
            debt, clamped = 0, missing
        case _:  # pragma: no cover
            assert_never(shortfall)
    return TakenBack(
        slices=tuple(Slice(lot, -part) for lot, part in parts),
        own=sum(part for lot, part in parts if lot in family),
        debt=debt,
        clamped=clamped,
    )
