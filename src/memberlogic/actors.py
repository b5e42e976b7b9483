"""Who acts, and what they may do (COM-13).

A permission is an area and one of create, read, update, delete: ``members.points:update``. Deny is the default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from uuid import UUID

from attrs import frozen

from memberlogic.errors import InvalidInput, PermissionDenied
from memberlogic.ids import MemberId
from memberlogic.inputs import describe

__all__ = ["Actor", "ActorKind"]

_PERMISSION = re.compile(r"[a-z]+(\.[a-z_]+)*:(create|read|update|delete)")
_STAFF_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class ActorKind(Enum):
    """The three kinds of actor."""

    STAFF = "staff"
    MEMBER = "member"
    SYSTEM = "system"


@frozen
class Actor:
    """Whoever a handle acts for; made by :meth:`staff`, :meth:`member` or :meth:`system`."""

    kind: ActorKind
    id: str
    permissions: frozenset[str] = frozenset()

    @classmethod
    def staff(cls, id: str, permissions: Iterable[str]) -> Actor:
        """A member of staff, by the host's own id for them (letters, digits, ``_.:-``, no name), with permissions.

        Raises:
            InvalidInput: naming the permission that is not ``area:create|read|update|delete``.
        """
        if not isinstance(id, str) or not _STAFF_ID.fullmatch(id):
            raise InvalidInput(path="id", expected="1 to 64 letters, digits or _.:-", got=describe(id))
        if isinstance(permissions, str) or not isinstance(permissions, Iterable):
            raise InvalidInput(path="permissions", expected="a collection of permissions", got=describe(permissions))
        given = list(permissions)
        for each in given:
            if not isinstance(each, str) or not _PERMISSION.fullmatch(each):
                raise InvalidInput(
                    path="permissions",
                    expected="area:create, :read, :update or :delete",
                    got=repr(each) if isinstance(each, str) and len(each) <= 64 else describe(each),
                )
        return cls(ActorKind.STAFF, id, frozenset(given))

    @classmethod
    def member(cls, id: MemberId) -> Actor:
        """A member who acts for themself and reaches only their own record."""
        if not isinstance(id, UUID):
            raise InvalidInput(path="id", expected="an id (a UUID)", got=describe(id))
        return cls(ActorKind.MEMBER, str(id), _MEMBERS_OWN)

    @classmethod
    def system(cls) -> Actor:
        """The organization's own machinery: jobs, importers, effects of other commands. It may do everything."""
        return cls(ActorKind.SYSTEM, "system")

    def may(self, permission: str) -> bool:
        """Whether the actor has a permission."""
        return self.kind is ActorKind.SYSTEM or permission in self.permissions

    def require(self, permission: str) -> None:
        """Refuse unless the actor has the permission.

        Raises:
            PermissionDenied: naming it.
        """
        if not self.may(permission):
            raise PermissionDenied(permission=permission)

    @property
    def label(self) -> str:
        """The actor as it is stored: ``staff:anna``, ``member:<id>``, ``system``."""
        return self.id if self.kind is ActorKind.SYSTEM else f"{self.kind.value}:{self.id}"

    @property
    def member_id(self) -> MemberId | None:
        """The member's id if the actor is a member, else None."""
        return MemberId(UUID(self.id)) if self.kind is ActorKind.MEMBER else None


# What members may do with their own record; which record is theirs is asked after loading (COM-11).
_MEMBERS_OWN = frozenset(
    {
        "members.profile:read",
        "members.profile:update",
        "members.points:read",
        "members.points:update",
        "members.accounts:read",
        "members.purchases:read",
        "members.consents:read",
        "members.consents:update",
        "members.parameters:read",
        "members.contracts:read",
        "members.notices:read",
        "members.visits:read",
        "members.freezes:read",
        "members.export:read",
        "members.messages:read",
    }
)
