"""PTS-6: points that live by activity. Earning, redeeming and capturing move the expiry of lots that live by it;
transfers, adjustments and returns do not. As settling comes first, what has expired does not revive by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from memberlogic.calendar import Term, local_day, start_of_day
from memberlogic.changing import changed
from memberlogic.ledger.model import Entry, EntryKind, Inactivity, Lot, Wallet

__all__ = ["ACTIVITY", "active", "gone_after", "is_activity", "kept_alive", "known_expiry", "lives_by"]

ACTIVITY = (EntryKind.EARN, EntryKind.AWARD, EntryKind.REDEEM, EntryKind.CAPTURE)
"""What is activity: it moves the expiry of lots that live by it."""


def is_activity(entry: Entry) -> bool:
    """Whether an entry keeps points alive."""
    return entry.kind in ACTIVITY


def gone_after(term: Term, day: date, zone: ZoneInfo) -> datetime:
    """The instant from which points are gone if nothing happens after a business day."""
    return start_of_day(term.after(day), zone)


def lives_by(wallet: Wallet, expires: datetime | None) -> tuple[Term | None, datetime | None]:
    """By which term without activity points live that arrive under the club's policy, and until when: where the wallet
    was active after the day that ``expires`` counts from, as when they are recorded late, that day counts.
    """
    policy = wallet.terms.expiry
    if not isinstance(policy, Inactivity) or expires is None:
        return None, expires
    if wallet.activity_at is None:
        return policy.term, expires
    zone = wallet.terms.zone
    return policy.term, max(expires, gone_after(policy.term, local_day(wallet.activity_at, zone), zone))


def kept_alive(lots: Iterable[Lot], at: datetime, zone: ZoneInfo) -> list[Lot]:
    """Lots after an activity: those that live by it, and have not expired by then, live for their term from its day."""
    day = local_day(at, zone)
    found = []
    for lot in lots:
        if lot.idle is not None and lot.expires_at is not None and lot.expires_at > at:
            until = gone_after(lot.idle, day, zone)
            found.append(changed(lot, expires_at=until) if until > lot.expires_at else lot)
        else:
            found.append(lot)
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
