"""What members ask of storage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from memberlogic.ids import MemberId
from memberlogic.members.model import Member
from memberlogic.organizations.ports import OrganizationsWork

__all__ = ["Members", "MembersWork"]


class Members(Protocol):
    """Member records."""

    def get(self, id: MemberId) -> Member:
        """One record, not locked. Raises ``NotFound`` if there is none in this organization."""
        ...

    def locked(self, id: MemberId) -> Member:
        """One record, locked until the unit ends. Raises ``NotFound``."""
        ...

    def by_support_id(self, support_id: str) -> Member:
        """The record with a support id (MEM-3), not locked. Raises ``NotFound`` if there is none here."""
        ...

    def taken(self, support_ids: Collection[str]) -> Collection[str]:
        """Those of the support ids that somebody has."""
        ...

    def add(self, member: Member) -> None:
        """Queue a new record. That its support id is taken by then is a conflict."""
        ...

    def change(self, members: Sequence[Member]) -> None:
        """Queue changes to locked records. Leaving the unit raises ``ConcurrencyConflict`` unless each version is one
        more than the stored one.
        """
        ...


class MembersWork(OrganizationsWork, Protocol):
    """A unit of work that reaches members."""

    @property
    def members(self) -> Members:
        """Member records."""
        ...
