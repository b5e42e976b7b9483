"""A contact point: an e-mail address or phone number of a member, as written and as compared (MEM-2)."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from attrs import field, frozen

from memberlogic.ids import ConfirmationId, ContactPointId, MemberId

__all__ = ["Confirmation", "ContactKey", "ContactKind", "ContactPoint", "Written"]


class ContactKind(Enum):
    """What a contact point is."""

    EMAIL = "email"
    PHONE = "phone"


@frozen(cache_hash=True, order=True)
class ContactKey:
    """By what contact points are compared: no two members of an organization have the same."""

    kind: ContactKind = field(order=lambda kind: kind.value)
    value: str


@frozen(kw_only=True)
class ContactPoint:
    """Where a member can be reached."""

    id: ContactPointId
    member: MemberId
    kind: ContactKind
    written: str
    """What the person wrote."""
    match_key: str
    verified: bool = False

    @property
    def key(self) -> ContactKey:
        """By what it is compared."""
        return ContactKey(self.kind, self.match_key)


@frozen(kw_only=True)
class Confirmation:
    """That a contact point waits to be confirmed: one at a time, and of its token only the digest."""

    id: ConfirmationId
    member: MemberId
    contact_point: ContactPointId
    digest: str
    expires_at: datetime
    """The first instant at which it confirms nothing."""


@frozen
class Written:
    """A contact point as somebody wrote it, and the field in which they did."""

    kind: ContactKind
    text: str
    path: str
