"""PTS-10: points that were spent come back, the slice taken last first, each to its lot, with the later of its expiry
and the club's grace term from then. They settle debt first, as everything that comes in does.

Points that come back with their lot's own expiry go back into that lot; with a later one they lie in a lot of their
own, whose origin is the lot in which they first arrived. What would have expired meanwhile, where the club has no grace
term, expires at the instant at which it comes back, and settles no debt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.calendar import local_day, start_of_day
from memberlogic.changing import changed
from memberlogic.ids import LotId, NewId
from memberlogic.ledger.consuming import NEVER, with_lots
from memberlogic.ledger.entering import entered
from memberlogic.ledger.expiring import expire
from memberlogic.ledger.giving_back import as_taken
from memberlogic.ledger.model import Entry, EntryKind, Lot, Slice, Terms, Wallet
from memberlogic.ledger.posting import posted
from memberlogic.outcomes import Because, Outcome

__all__ = ["Restoring", "grace_until", "restore"]


@frozen(kw_only=True)
class Restoring:
    """Points of one entry that come back: ``points`` of its slices, after ``before`` of them came back earlier."""

    spent: Entry
    lots: Sequence[Lot]
    """The lots that it took from."""
    before: int
    points: int
    reference: str | None
    because: tuple[Because, ...]


@frozen
class _Part:
    """Points that go back to a lot, and until when they live."""

    lot: Lot
    points: int
    until: datetime | None


def grace_until(terms: Terms, at: datetime) -> datetime | None:
    """Until when points live at least that come back at an instant; None if the club has no grace term."""
    if terms.grace is None:
        return None
    return start_of_day(terms.grace.after(local_day(at, terms.zone)), terms.zone)


def restore(
    wallet: Wallet, wanted: Restoring, actor: Actor, now: datetime, new_id: NewId
) -> Outcome[Wallet, Entry, int]:
    """Give points back to a settled wallet whose lots are all known; nothing, if none are to come back. The result is
    how many of them settled debt.
    """
    if not wanted.points:
        return Outcome(wallet, (), 0)
    assert wallet.all_lots, "what it does not know would be given back twice"
    # What the wallet does not know has nothing left, also what settling has just emptied.
    known = with_lots(wallet, [changed(lot, remaining=0, held=0) for lot in wanted.lots])
    parts = tuple(_parts(known, wanted, grace_until(wallet.terms, now)))
    living = sorted((part for part in parts if _lives(part, now)), key=_gone)
    settled = min(known.debt, sum(part.points for part in living))
    # Of an account that became one with this the lots stay where they are (MEM-17): nothing is put back into them.
    own = wanted.spent.wallet == wallet.id
    back = (*_after_debt(living, settled), *(part for part in parts if not _lives(part, now)))
    entry = entered(
        wallet,
        EntryKind.RESTORE,
        wanted.points,
        wanted.because,
        actor=actor.label,
        at=now,
        new_id=new_id,
        debt=settled,
        slices=tuple(Slice(part.lot.id, part.points) for part in back if _goes_back(part, own=own)),
        opened=tuple(_opened(part, new_id) for part in back if not _goes_back(part, own=own)),
        reference=wanted.reference,
        corrects=wanted.spent.id,
    )
    gone = expire(posted(known, entry), now, new_id, now, freed_at=now)
    return Outcome(gone.facts, (entry, *gone.events), settled)


def _goes_back(part: _Part, *, own: bool) -> bool:
    """Whether points go back into their lot."""
    return own and part.until == part.lot.expires_at


def _lives(part: _Part, at: datetime) -> bool:
    return part.until is None or part.until > at


def _gone(part: _Part) -> tuple[datetime, datetime, LotId]:
    """Where it stands among what comes back: what expires soonest settles debt first; ties as everywhere (PTS-7)."""
    return (part.until or NEVER, part.lot.earned_at, part.lot.id)


def _parts(known: Wallet, wanted: Restoring, grace: datetime | None) -> Iterator[_Part]:
    """What comes back to which lot: from the last slice backwards, after what came back before."""
    skip, missing = wanted.before, wanted.points
    for taken, lot in reversed(as_taken(wanted.spent, {each.id: each for each in known.lots}, known.terms)):
        left = max(0, taken - skip)
        skip = max(0, skip - taken)
        points = min(left, missing)
        missing -= points
        if points:
            later = lot.expires_at if grace is None or lot.expires_at is None else max(lot.expires_at, grace)
            yield _Part(lot, points, later)
    assert not missing, "no more comes back than was spent"


def _after_debt(living: Iterable[_Part], owed: int) -> Iterator[_Part]:
    """What is left once debt is settled, from what expires soonest."""
    for part in living:
        settled = min(owed, part.points)
        owed -= settled
        if part.points > settled:
            yield _Part(part.lot, part.points - settled, part.until)


def _opened(part: _Part, new_id: NewId) -> Lot:
    return Lot(
        id=LotId(new_id()),
        amount=part.points,
        remaining=part.points,
        earned_at=part.lot.earned_at,
        expires_at=part.until,
        origin=part.lot.origin or part.lot.id,
        idle=part.lot.idle,
    )
