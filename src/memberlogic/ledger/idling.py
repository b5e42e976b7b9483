"""PTS-6: points that live by activity. Earning, redeeming and capturing move the expiry of lots that live by it;
transfers, adjustments and returns do not. As settling comes first, what has expired does not revive by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from memberlogic.calendar import Term, local_day, start_of_day
from memberlogic.changing import changed
from memberlogic.ids import LotId
from memberlogic.ledger.model import Entry, EntryKind, Inactivity, Lot, Wallet

__all__ = [
    "ACTIVITY",
    "active",
    "gone_after",
    "is_activity",
    "kept_alive",
    "kept_alive_since",
    "kept_since",
    "known_expiry",
    "lives_by",
]

ACTIVITY = (EntryKind.EARN, EntryKind.AWARD, EntryKind.REDEEM, EntryKind.CAPTURE)
"""What is activity: it moves the expiry of lots that live by it."""


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


def kept_since(opening: Entry, lot: Lot) -> datetime:
    """From when on activity keeps a lot alive that an entry opened: what was sent lives by its receiver's activity
    from its arrival on; what lives again, as if it had never been gone.
    """
    return opening.effective_at if opening.kind is EntryKind.TRANSFER_IN else lot.earned_at


def kept_alive_since(lots: Iterable[Lot], instants: Iterable[datetime], zone: ZoneInfo) -> tuple[Lot, ...]:
    """Lots after activities, in order of their instants: what was over before one of them is not moved by it."""
    found = tuple(lots)
    for at in sorted(set(instants)):
        found = tuple(kept_alive(found, at, zone))
    return found


def known_expiry(
    opened_until: datetime | None, term: Term | None, last_active: date | None, zone: ZoneInfo
) -> datetime | None:
    """Until when points lived as was known at an instant: until when they were opened, or by the last day of activity
    that moved their expiry and was recorded by then.
    """
    if opened_until is None or term is None or last_active is None:
        return opened_until
    return max(opened_until, gone_after(term, last_active, zone))


def active(wallet: Wallet, entries: Iterable[Entry]) -> datetime | None:
    """When a wallet was last active after its entries."""
    instants = [entry.effective_at for entry in entries if is_activity(entry)]
    return max([*instants, wallet.activity_at] if wallet.activity_at is not None else instants, default=None)
