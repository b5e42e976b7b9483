"""What a desk works with: the library, one studio, and the clerks who may stand there."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from attrs import field, frozen

from memberlogic import Actor, Handle, MemberLogic, Studio
from memberlogic.calendar import local_day
from memberlogic.ids import OrganizationId

__all__ = ["CARD", "CLERKS", "DEMONSTRATION", "NORTH", "Clerk", "Desk"]

CARD = "card"
"""The source of external ids that stand on members' cards."""
DEMONSTRATION = OrganizationId(UUID("0190a0a0-0000-7000-8000-00000000de5c"))
"""The one organization in the demonstration's file."""
NORTH = "north"

_LOOKING = (
    "members:read",
    "members.profile:read",
    "members.timeline:read",
    "members.notices:read",
    "members.contracts:read",
    "members.freezes:read",
    "members.cancellations:read",
    "members.visits:read",
    "reports.visits:read",
    "members.passes:read",
    "members.suspensions:read",
    "members.billing:read",
    "members.consents:read",
    "members.tags:read",
    "members.parameters:read",
    "members.care:read",
    "members.accounts:read",
    "members.points:read",
    "members.purchases:read",
    "settings.rates:read",
    "settings.loyalty:read",
    "settings.organization:read",
    "settings.studios:read",
    "settings.care:read",
)
_DOOR = ("members.visits:create", "members.visits:update", "members.care:update")
_CONTRACTS = (
    "members.freezes:create",
    "members.freezes:update",
    "members.cancellations:create",
    "members.cancellations:delete",
    "members.visits.override:create",
)


@frozen(kw_only=True)
class Clerk:
    """Somebody who may stand at the desk: the host's id for them, what they are called, what they may do."""

    id: str
    name: str
    permissions: tuple[str, ...]

    @property
    def actor(self) -> Actor:
        """As the library knows them."""
        return Actor.staff(self.id, self.permissions)


CLERKS: Mapping[str, Clerk] = {
    each.id: each
    for each in (
        Clerk(id="amber", name="Clerk Amber", permissions=(*_LOOKING, *_DOOR, *_CONTRACTS)),
        Clerk(id="blue", name="Clerk Blue", permissions=(*_LOOKING, *_DOOR, *_CONTRACTS)),
        Clerk(id="trainee", name="Trainee (checks in, changes no contract)", permissions=(*_LOOKING, *_DOOR)),
    )
}


@frozen(kw_only=True)
class Desk:
    """A desk at a studio of an organization."""

    ml: MemberLogic
    organization: OrganizationId
    studio: Studio
    clerks: Mapping[str, Clerk] = CLERKS
    secret: bytes = field(factory=lambda: secrets.token_bytes(32), repr=False)
    """What the cookie that says what was just done is signed with; anew with each start."""

    @classmethod
    def of_demonstration(cls, ml: MemberLogic) -> Desk:
        """The desk of the club that ``seeding`` makes."""
        studio = ml.organization(DEMONSTRATION, Actor.system()).settings.studio(NORTH)
        return cls(ml=ml, organization=DEMONSTRATION, studio=studio)

    def for_clerk(self, clerk: Clerk) -> Handle:
        """A handle for whoever stands at the desk; one for each request."""
        return self.ml.organization(self.organization, clerk.actor)

    @property
    def today(self) -> date:
        """The studio's business day."""
        return local_day(self.ml.clock.now(), self.studio.zone)
