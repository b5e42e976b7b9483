"""PTS-6 and PTS-12: until when points live, and the entries that say they are gone.

A lot is spendable while ``now < expires_at``, whatever job has run. Expired points stay in the ledger for ever, as an
EXPIRE entry that names their lots and took effect at the instant they expired.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.calendar import LAST_DAY, Term, local_day, next_day_of_year, start_of_day
from memberlogic.ids import EntryId, NewId
from memberlogic.ledger.idling import gone_after
from memberlogic.ledger.model import (
    After,
    Entry,
    EntryKind,
    Expiry,
    FixedDay,
    Inactivity,
    Lot,
    Never,
    Slice,
    Wallet,
    WalletId,
)
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because, Outcome

__all__ = ["Expired", "at_least", "expire", "expires_at", "only_expires", "said"]


@frozen
class Expired:
    """Wallets of which lots expired all at once, and how many entries that came to."""

    wallets: frozenset[WalletId]
    entries: int


def expires_at(expiry: Expiry, earned_on: date, zone: ZoneInfo) -> datetime | None:
    """The instant from which points of a business day are gone, unless activity keeps them; None for never.

    >>> expires_at(After(Term.of_days(90)), date(2026, 1, 1), ZoneInfo("Europe/Berlin"))  # gone from 1 April
    datetime.datetime(2026, 3, 31, 22, 0, tzinfo=datetime.timezone.utc)
    """
    match expiry:
        case Never():
            return None
        case After(term=term, to_end_of=period):
            day = term.after(earned_on)
            return start_of_day(day if period is None else period.containing(day).end, zone)
        case FixedDay(month=month, day=number, minimum_life=life):
            return start_of_day(min(next_day_of_year(month, number, life.after(earned_on)), LAST_DAY), zone)
        case Inactivity(term=term):
            return gone_after(term, earned_on, zone)
        case _:  # pragma: no cover
            assert_never(expiry)


def at_least(expires: datetime | None, grace: Term | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """An expiry, or the end of a grace term from now where that is later."""
    if expires is None or grace is None:
        return expires
    return max(expires, start_of_day(grace.after(local_day(now, zone)), zone))


def expire(
    wallet: Wallet,
    now: datetime,
    new_id: NewId,
    recorded_at: datetime,
    *,
    freed_at: datetime | None = None,
    before: datetime | None = None,
) -> Outcome[Wallet, Entry, None]:
    """Everything that expired by ``now`` and is not held: one entry for each instant at which points were gone.

    That is the instant of expiry, or of ``freed_at`` where a hold kept them longer (PTS-9). What is gone at
    ``before`` or later is left.
    """

    def gone_at(lot: Lot) -> datetime:
        assert lot.expires_at is not None, "lots that never expire are never due"
        return lot.expires_at if freed_at is None else max(lot.expires_at, freed_at)

    due = [lot for lot in wallet.lots if lot.due(now) and (before is None or gone_at(lot) < before)]
    entries = []
    for instant, group in groupby(sorted(due, key=gone_at), key=gone_at):
        lots = tuple(group)
        day, because = said(instant, len(lots), wallet.terms.zone)
        entries.append(
            Entry(
                id=EntryId(new_id()),
                wallet=wallet.id,
                club=wallet.club,
                scheme=wallet.scheme,
                kind=EntryKind.EXPIRE,
                amount=-sum(lot.free for lot in lots),
                slices=tuple(Slice(lot.id, -lot.free) for lot in lots),
                business_day=day,
                effective_at=instant,
                recorded_at=recorded_at,
                actor=Actor.system().label,
                because=because,
            )
        )
    return Outcome(posted(wallet, *entries), tuple(entries), None)


@lru_cache(maxsize=4096)
def said(instant: datetime, lots: int, zone: ZoneInfo) -> tuple[date, tuple[Because, ...]]:
    """The business day of an entry that says that so many lots were gone at an instant, and why: the same for every
    wallet to which that happened.
    """
    because = Because("PTS-12", "points.expired", {"lots": lots, "at": instant.isoformat()})
    return local_day(instant, zone), (because,)


def only_expires(wallet: Wallet, until: datetime, now: datetime) -> bool:
    """Whether something is due in a wallet by an instant, and nothing can be due but that lots expire: nothing is held,
    pending or owed, nothing lives by activity, and nobody has to be warned by now. Such wallets may expire all at once.
    """
    if wallet.next_change is None or wallet.next_change > until:
        return False
    if wallet.held or wallet.pending or wallet.debt or wallet.idle:
        return False
    return wallet.next_warning is None or (bool(wallet.terms.warnings) and wallet.next_warning > now)
