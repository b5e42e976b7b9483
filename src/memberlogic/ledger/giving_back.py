"""PTS-10, PTS-14: giving points back to the lots they came from, each with the later of its expiry and the club's grace
term from now. Debt is settled first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from attrs import evolve, frozen

from memberlogic.calendar import local_day, start_of_day
from memberlogic.ids import LotId, NewId
from memberlogic.ledger.consuming import NEVER, position
from memberlogic.ledger.idling import gone_after
from memberlogic.ledger.model import Entry, Lot, Slice, Terms, Wallet

__all__ = ["GivenBack", "as_now", "as_taken", "give_back", "taken_first", "taken_last"]


@frozen(kw_only=True)
class GivenBack:
    """What an entry has to say of points that come back: slices of their lots, lots that live longer, debt settled."""

    slices: tuple[Slice, ...]
    opened: tuple[Lot, ...]
    debt: int


def as_now(wallet: Wallet, lots: Iterable[Lot]) -> Mapping[LotId, Lot]:
    """Lots as they are in a settled wallet that knows all that have anything left; what it does not know is spent."""
    known = {lot.id: lot for lot in wallet.lots}
    return {lot.id: known.get(lot.id) or evolve(lot, remaining=0, held=0) for lot in lots}


def as_taken(entry: Entry, lots: Mapping[LotId, Lot], terms: Terms) -> list[tuple[int, Lot]]:
    """What an entry took, in the order in which it took it. Lots that live by activity stand where the entry's own day
    left them: what kept them alive since must not change what of them has come back (PTS-6).
    """
    taken = [(-each.points, lots[each.lot]) for each in entry.slices if each.points < 0]
    day, place = local_day(entry.effective_at, terms.zone), position(terms.order)

    def then(lot: Lot) -> Lot:
        return lot if lot.idle is None else evolve(lot, expires_at=gone_after(lot.idle, day, terms.zone))

    return sorted(taken, key=lambda part: place(then(part[1])))


def taken_first(entry: Entry, lots: Mapping[LotId, Lot], terms: Terms, points: int) -> Sequence[tuple[int, Lot]]:
    """The first points of what an entry took: what is left to give back where what it took last has come back."""
    return _first(as_taken(entry, lots, terms), points)


def taken_last(entry: Entry, lots: Mapping[LotId, Lot], terms: Terms, points: int) -> Sequence[tuple[int, Lot]]:
    """The last points of what an entry took, in the order in which it took them."""
    return _first(as_taken(entry, lots, terms)[::-1], points)[::-1]


def _first(parts: Iterable[tuple[int, Lot]], points: int) -> list[tuple[int, Lot]]:
    found, missing = [], points
    for part, lot in parts:
        some = min(part, missing)
        missing -= some
        if some:
            found.append((some, lot))
    return found


def give_back(wallet: Wallet, parts: Sequence[tuple[int, Lot]], now: datetime, new_id: NewId) -> GivenBack:
    """Points that come back to a settled wallet. Those that would be gone soonest settle debt; what is left goes back
    to its lot where that lives long enough, else into a new lot with the lot's origin.

    Without a grace term points go back to lots that have expired too: they are gone at once, and settle no debt;
    nor do points that are held back still.
    """
    grace = wallet.terms.grace
    least = None
    if grace is not None:
        least = start_of_day(grace.after(local_day(now, wallet.terms.zone)), wallet.terms.zone)
    owed = wallet.debt
    slices: list[Slice] = []
    opened: list[Lot] = []
    for points, lot in sorted(parts, key=lambda part: _until(part[1], least)):
        settled = min(owed, points) if _until(lot, least) > now and not _waits(lot, now) else 0
        owed -= settled
        if settled == points:
            continue
        if least is None or _until(lot, least) == (lot.expires_at or NEVER):
            slices.append(Slice(lot.id, points - settled))
        else:
            opened.append(_longer(lot, points - settled, least, now, new_id))
    return GivenBack(slices=tuple(slices), opened=tuple(opened), debt=wallet.debt - owed)


def _until(lot: Lot, least: datetime | None) -> datetime:
    own = lot.expires_at or NEVER
    return own if least is None else max(own, least)


def _waits(lot: Lot, now: datetime) -> bool:
    """Whether its points are held back still (PTS-5)."""
    return lot.available_at is not None and lot.available_at > now


def _longer(lot: Lot, points: int, until: datetime, now: datetime, new_id: NewId) -> Lot:
    return Lot(
        id=LotId(new_id()),
        amount=points,
        remaining=points,
        earned_at=lot.earned_at,
        expires_at=until,
        origin=lot.origin or lot.id,
        available_at=lot.available_at if _waits(lot, now) else None,
        pending=_waits(lot, now),
        idle=lot.idle,
    )
