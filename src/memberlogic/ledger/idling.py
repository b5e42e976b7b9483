"""PTS-6: points that live by activity. Earning, redeeming and capturing move the expiry of lots that live by it;
transfers, adjustments and returns do not. As settling comes first, what has expired does not revive by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from memberlogic.calendar import Term, local_day, start_of_day
from memberlogic.changing import changed
from memberlogic.ids import EntryId, LotId
from memberlogic.ledger.model import Entry, EntryKind, Inactivity, Lot, Wallet

__all__ = [
    "ACTIVITY",
    "ARRIVING",
    "Activity",
    "Opening",
    "active",
    "gone_after",
    "is_activity",
    "kept_alive",
    "kept_alive_since",
    "kept_since",
    "known_expiry",
    "lives_by",
    "with_followers",
]

ACTIVITY = (EntryKind.EARN, EntryKind.AWARD, EntryKind.REDEEM, EntryKind.CAPTURE)
"""What is activity: it moves the expiry of lots that live by it."""

ARRIVING = (EntryKind.TRANSFER_IN, EntryKind.MERGE_IN)
"""By what points arrive from another account, which lived by its activity before."""


class Activity(NamedTuple):
    """An entry that is activity, as far as it says what it kept alive."""

    effective_at: datetime
    recorded_at: datetime
    id: EntryId


class Opening(NamedTuple):
    """The entry that opened a lot, as far as it says by what the lot lives."""

    kept_since: datetime
    """From when on activity keeps it alive."""
    recorded_at: datetime
    id: EntryId


def is_activity(entry: Entry) -> bool:
    """Whether an entry keeps points alive."""
    return entry.kind in ACTIVITY


def gone_after(term: Term, day: date, zone: ZoneInfo) -> datetime:
    """The instant from which points are gone if nothing happens after a business day."""
    return start_of_day(term.after(day), zone)


def lives_by(wallet: Wallet, expires: datetime | None) -> tuple[Term | None, datetime | None]:
    """By which term without activity points live that arrive under the club's policy, and until when without any."""
    policy = wallet.terms.expiry
    return (policy.term if isinstance(policy, Inactivity) else None), expires


def kept_alive(lots: Iterable[Lot], at: datetime, zone: ZoneInfo, arrived: Collection[LotId] = ()) -> list[Lot]:
    """Lots after an activity: those that live by it, and have not expired by then, live for their term from its day;
    but for those that ``arrived`` after it.
    """
    day = local_day(at, zone)
    found = []
    for lot in lots:
        if lot.idle is not None and lot.expires_at is not None and lot.expires_at > at and lot.id not in arrived:
            until = gone_after(lot.idle, day, zone)
            found.append(changed(lot, expires_at=until) if until > lot.expires_at else lot)
        else:
            found.append(lot)
    return found


def kept_since(kind: EntryKind, effective_at: datetime, lot: Lot) -> datetime:
    """From when on activity keeps a lot alive that an entry of a kind opened: what was sent lives by its receiver's
    activity from its arrival on; what lives again, as if it had never been gone.
    """
    return effective_at if kind in ARRIVING else lot.earned_at


def kept_alive_since(
    lots: Iterable[Lot], instants: Iterable[datetime], zone: ZoneInfo, arrived: Collection[LotId] = ()
) -> tuple[Lot, ...]:
    """Lots after activities, in order of their instants: what was over before one of them is not moved by it."""
    found = tuple(lots)
    for at in sorted(set(instants)):
        found = tuple(kept_alive(found, at, zone, arrived))
    return found


def with_followers(at: datetime, followed: Iterable[datetime]) -> tuple[datetime, ...]:
    """An activity, and what is known to have followed it: told late, it may reach to one of them, which then kept alive
    what it had come too late for.
    """
    return (at, *(each for each in followed if each > at))


def known_expiry(lot: Lot, opening: Opening, active: Iterable[Activity], zone: ZoneInfo) -> datetime | None:
    """Until when a lot lived that is given as it was opened, by the activity that was known at an instant: what was
    recorded after it was opened moved its expiry, and so did what had followed that.
    """
    if lot.idle is None:
        return lot.expires_at
    known = [each for each in active if each.effective_at >= opening.kept_since]
    told = [each.effective_at for each in known if (each.recorded_at, each.id) > (opening.recorded_at, opening.id)]
    if not told:
        return lot.expires_at
    first = min(told)
    (after,) = kept_alive_since((lot,), (each.effective_at for each in known if each.effective_at >= first), zone)
    return after.expires_at


def active(wallet: Wallet, entries: Iterable[Entry]) -> datetime | None:
    """When a wallet was last active after its entries."""
    instants = [entry.effective_at for entry in entries if is_activity(entry)]
    return max([*instants, wallet.activity_at] if wallet.activity_at is not None else instants, default=None)
