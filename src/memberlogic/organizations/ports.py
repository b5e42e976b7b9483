"""What organizations ask of storage, and the two registers that every capability uses."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from memberlogic.events import Recorded
from memberlogic.ids import ExternalId, MemberId, OrganizationId
from memberlogic.notifying import Posted
from memberlogic.organizations.model import Organization, Studio
from memberlogic.storing import UnitOfWork

__all__ = ["ExternalIds", "History", "Messages", "Organizations", "OrganizationsWork", "Studios", "TypesInUse"]


class Organizations(Protocol):
    """The tenants."""

    def get(self, id: OrganizationId) -> tuple[Organization, bytes]:
        """One organization, and the secret under which its inputs are fingerprinted (COM-9), which stays in the store
        and the runner. Raises ``NotFound`` if there is none.
        """
        ...

    def add(self, organization: Organization, secret: bytes) -> None:
        """Queue a new one. Raises ``Duplicate`` if the id is taken; what comes in between is a conflict."""
        ...

    def locked(self) -> Organization:
        """The organization of this unit, locked until it ends. Raises ``NotFound``."""
        ...

    def change(self, organization: Organization) -> None:
        """Queue its name, tier and settings; a version that is the stored one changes nothing."""
        ...


class Studios(Protocol):
    """The organization's places."""

    def get(self, code: str) -> Studio:
        """One by its code. Raises ``NotFound``."""
        ...

    def all(self) -> Sequence[Studio]:
        """Every one, in order of their codes."""
        ...

    def add(self, studio: Studio) -> None:
        """Queue a new one. Raises ``Duplicate`` if the code is taken; what comes in between is a conflict."""
        ...


class ExternalIds(Protocol):
    """The host's own ids for records (COM-19)."""

    def add(self, kind: str, id: UUID, external_ids: Sequence[ExternalId]) -> None:
        """Queue external ids of a record. Raises ``Duplicate`` if one is taken; what comes in between is a conflict."""
        ...

    def enter(self, kind: str, records: Mapping[ExternalId, UUID]) -> None:
        """Queue an external id for each of many records, none of which was known; what comes in between is a
        conflict.
        """
        ...

    def remove(self, kind: str, id: UUID, external_ids: Sequence[ExternalId]) -> None:
        """Queue that a record has these no longer."""
        ...

    def known(self, kind: str, external_ids: Sequence[ExternalId]) -> Mapping[ExternalId, UUID]:
        """Those of the external ids that are there, and their records."""
        ...

    def of(self, kind: str, id: UUID) -> Sequence[ExternalId]:
        """A record's external ids, by source and value."""
        ...

    def find(self, kind: str, external_id: ExternalId) -> UUID:
        """The record with this external id. Raises ``NotFound`` if there is none in this organization."""
        ...


class History(Protocol):
    """The events that were recorded (COM-10), those that entries and purchases are among them."""

    def events(self, *, after: UUID | None = None, limit: int = 500) -> Sequence[Recorded]:
        """The next events in order of their ids, which ascend as they are made; those after an id, at most
        ``limit``.
        """
        ...


class Messages(Protocol):
    """The messages that were queued for members (COM-17), whatever became of them."""

    def of(self, member: MemberId) -> Sequence[Posted]:
        """A member's, in order of their ids."""
        ...

    def unsent(self, *, after: tuple[datetime, UUID] | None = None, limit: int = 500) -> Sequence[Posted]:
        """The next messages that were set aside, in order of when they were due and of their ids; those after an
        instant and an id, at most ``limit``.
        """
        ...

    def held(self, ids: Sequence[UUID]) -> Mapping[UUID, Posted]:
        """Those of these messages that there are, locked until the unit ends."""
        ...

    def retry(self, ids: Sequence[UUID]) -> None:
        """Queue that these messages, which are locked, wait again from now on, as if none had been tried."""
        ...

    def withdraw(self, ids: Sequence[UUID], reason: str) -> None:
        """Queue that those of these messages that still wait are not sent, for a reason. What is unknown or settled is
        passed over; what a relay has claimed may still be sent, and then says so.
        """
        ...

    def postpone(self, ids: Sequence[UUID], not_before: datetime) -> None:
        """Queue that those of these messages that still wait are not sent before an instant, be it later or earlier
        than they were to be. What is unknown or settled is passed over; what a relay has claimed may still be sent.
        """
        ...

    def cancel(self, member: MemberId, reason: str) -> None:
        """Queue that what waits for a member is not sent, for a reason, and that no message of theirs says anything any
        more: also what this unit has queued for them before.
        """
        ...


class TypesInUse(Protocol):
    """What an organization has to know of its members' records."""

    def in_use(self, types: Sequence[str]) -> Collection[str]:
        """Those of the member types that somebody is of."""
        ...


class OrganizationsWork(UnitOfWork, Protocol):
    """A unit of work that reaches organizations."""

    @property
    def members(self) -> TypesInUse:
        """Of which types its members are."""
        ...

    @property
    def organizations(self) -> Organizations:
        """The tenants."""
        ...

    @property
    def studios(self) -> Studios:
        """The organization's places."""
        ...

    @property
    def external_ids(self) -> ExternalIds:
        """The host's ids."""
        ...

    @property
    def history(self) -> History:
        """The recorded events."""
        ...

    @property
    def messages(self) -> Messages:
        """The messages that were queued for members."""
        ...
