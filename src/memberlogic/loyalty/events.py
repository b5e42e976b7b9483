"""COM-10: a purchase that was recorded *is* the event that says so, as a ledger's entry is: read through
:func:`as_event`, never written twice. One that earns nothing has happened too.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from attrs import frozen

from memberlogic.actors import Actor
from memberlogic.events import Event, Recorded
from memberlogic.ids import AccountId, ClubId, ExternalId, MemberId, OrganizationId, PurchaseId
from memberlogic.loyalty.purchases import Purchase

__all__ = ["PurchaseWasRecorded", "as_event"]


@frozen(kw_only=True)
class PurchaseWasRecorded(Event):
    """A purchase was recorded; in effect since its own instant. What it moved are events of their own."""

    type: ClassVar[str] = "purchase.recorded"
    purchase: PurchaseId
    external_id: ExternalId
    account: AccountId
    club: ClubId
    scheme: str
    business_day: date
    studio: str | None
    currency: str
    total: int
    redeemed_points: int
    earned: int


def as_event(purchase: Purchase, organization: OrganizationId, members: tuple[MemberId, ...]) -> Recorded:
    """A purchase as the event that it is; ``members`` hold its account."""
    return Recorded(
        id=purchase.id,
        organization=organization,
        actor=purchase.actor or Actor.system().label,
        effective_at=purchase.at,
        recorded_at=purchase.recorded_at,
        event=PurchaseWasRecorded(
            members=members,
            purchase=purchase.id,
            external_id=purchase.external_id,
            account=purchase.account,
            club=purchase.club,
            scheme=purchase.scheme,
            business_day=purchase.business_day,
            studio=purchase.studio,
            currency=purchase.currency,
            total=purchase.total,
            redeemed_points=purchase.redeemed_points,
            earned=purchase.earned,
        ),
    )
