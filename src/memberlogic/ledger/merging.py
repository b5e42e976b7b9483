"""MEM-17: a wallet brings everything to another one of the same club and unit: each lot with its dates, as much of it
as remains, and what is owed. One entry leaves and one arrives, and together they come to nothing.

What was pending stays pending until the same instant, what expires does so when it would have, what lives by activity
lives by the other wallet's from then on. Debt is settled by what is free, as ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import evolve

from memberlogic.actors import Actor
from memberlogic.calendar import local_day
from memberlogic.ids import EntryId, LotId, NewId
from memberlogic.ledger.crediting import require_room
from memberlogic.ledger.model import Entry, EntryKind, Lot, Slice, Wallet
from memberlogic.ledger.owing import settle_debt
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because, Outcome

__all__ = ["join"]


def join(
    source: Wallet, target: Wallet, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[tuple[Wallet, Wallet], Entry, None]:
    """Two settled wallets, of which all lots are known, after everything went from one to the other. Nothing is held of
    the one that is emptied.

    Raises:
        WalletFull: if the other cannot hold so much.
    """
    assert source.all_lots, "what it does not know would be left behind"
    assert target.all_lots, "what it does not know could not settle debt"
    assert not source.held, "what is held stays where it is"
    require_room(target, source.remaining)
    lots = tuple(lot for lot in source.lots if lot.remaining)
    if not lots and not source.debt:
        return Outcome((_emptied(source), target), (), None)
    figures = {"points": source.remaining, "lots": len(lots), "pending": source.pending, "owed": source.debt}
    because = (Because("MEM-17", "points.merged", figures),)
    amount = source.remaining - source.debt
    leaving = Entry(
        id=EntryId(new_id()),
        wallet=source.id,
        club=source.club,
        scheme=source.scheme,
        kind=EntryKind.MERGE_OUT,
        amount=-amount,
        debt=source.debt,
        slices=tuple(Slice(lot.id, -lot.remaining) for lot in lots),
        business_day=local_day(now, source.terms.zone),
        effective_at=now,
        recorded_at=now,
        actor=actor.label,
        counterpart=target.id.account,
        because=because,
    )
    arriving = Entry(
        id=EntryId(new_id()),
        wallet=target.id,
        club=target.club,
        scheme=target.scheme,
        kind=EntryKind.MERGE_IN,
        amount=amount,
        debt=-source.debt,
        opened=tuple(_arrived(lots, new_id)),
        business_day=local_day(now, target.terms.zone),
        effective_at=now,
        recorded_at=now,
        actor=actor.label,
        counterpart=source.id.account,
        because=because,
    )
    settled = settle_debt(posted(target, arriving), now, new_id, now, actor=actor.label)
    return Outcome(
        (_emptied(posted(source, leaving)), settled.facts),
        (leaving, arriving, *settled.events),
        None,
    )


def _arrived(lots: Iterable[Lot], new_id: NewId) -> Iterable[Lot]:
    for lot in lots:
        yield Lot(
            id=LotId(new_id()),
            amount=lot.remaining,
            remaining=lot.remaining,
            earned_at=lot.earned_at,
            expires_at=lot.expires_at,
            origin=lot.origin or lot.id,
            available_at=lot.available_at if lot.pending else None,
            pending=lot.pending,
            idle=lot.idle,
        )


def _emptied(wallet: Wallet) -> Wallet:
    """Nothing changes in it any more, and nobody is warned."""
    return evolve(wallet, next_change=None, next_warning=None)
