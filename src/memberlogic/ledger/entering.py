"""What every entry says of where and when it is (PTS-18): the wallet with its club and scheme, the business day of its
instant, when it was written down, and who acted.
"""

from __future__ import annotations

from datetime import datetime

from memberlogic.calendar import local_day
from memberlogic.ids import AccountId, EntryId, NewId
from memberlogic.ledger.model import Entry, EntryKind, Lot, Slice, Wallet
from memberlogic.outcomes import Because

__all__ = ["entered", "lived_again"]


def entered(
    wallet: Wallet,
    kind: EntryKind,
    amount: int,
    because: tuple[Because, ...],
    *,
    actor: str,
    at: datetime,
    new_id: NewId,
    recorded_at: datetime | None = None,
    debt: int = 0,
    slices: tuple[Slice, ...] = (),
    opened: tuple[Lot, ...] = (),
    reason: str | None = None,
    reference: str | None = None,
    counterpart: AccountId | None = None,
    corrects: EntryId | None = None,
) -> Entry:
    """An entry of a wallet at an instant, written down then unless ``recorded_at`` says when."""
    return Entry(
        id=EntryId(new_id()),
        wallet=wallet.id,
        club=wallet.club,
        scheme=wallet.scheme,
        kind=kind,
        amount=amount,
        debt=debt,
        slices=slices,
        opened=opened,
        business_day=local_day(at, wallet.terms.zone),
        effective_at=at,
        recorded_at=recorded_at or at,
        actor=actor,
        reason=reason,
        reference=reference,
        counterpart=counterpart,
        corrects=corrects,
        because=because,
    )


def lived_again(
    expired: Entry,
    points: int,
    because: Because,
    *,
    actor: str,
    recorded_at: datetime,
    reference: str,
    new_id: NewId,
    slices: tuple[Slice, ...] = (),
    opened: tuple[Lot, ...] = (),
) -> Entry:
    """COM-21: points of an entry that said they were gone live again, as if it had never said so: by an entry in effect
    at the same instant, so that the balance of every instant is what it would have been.
    """
    return Entry(
        id=EntryId(new_id()),
        wallet=expired.wallet,
        club=expired.club,
        scheme=expired.scheme,
        kind=EntryKind.REINSTATE,
        amount=points,
        slices=slices,
        opened=opened,
        business_day=expired.business_day,
        effective_at=expired.effective_at,
        recorded_at=recorded_at,
        actor=actor,
        reference=reference,
        corrects=expired.id,
        because=(because,),
    )
