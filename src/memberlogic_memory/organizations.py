"""Organizations, external ids and events in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING
from uuid import UUID

from attrs import evolve

from memberlogic.errors import ConcurrencyConflict, Duplicate, NotFound
from memberlogic.events import Recorded
from memberlogic.ids import ExternalId, MemberId, OrganizationId
from memberlogic.ledger.events import as_event
from memberlogic.loyalty.events import as_event as purchase_event
from memberlogic.notifying import Delivery, Posted
from memberlogic.organizations.model import Organization, Studio
from memberlogic_memory.outbox import Queued

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryWork, Tenant

__all__ = ["MemoryExternalIds", "MemoryHistory", "MemoryMessages", "MemoryOrganizations", "MemoryStudios", "recorded"]


class MemoryOrganizations:
    """The port ``Organizations``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, id: OrganizationId) -> tuple[Organization, bytes]:
        """One organization."""
        organization = self._uow.tenant.organization
        if organization is None or organization.id != id:
            raise NotFound(kind="organization", id=id)
        return organization, self._uow.tenant.secret

    def add(self, organization: Organization, secret: bytes) -> None:
        """Queue a new one."""
        tenant = self._uow.tenant
        if tenant.organization is not None:
            raise Duplicate(kind="organization", field="id")

        def write() -> None:
            tenant.organization = organization
            tenant.secret = secret

        self._uow.queue(write)

    def locked(self) -> Organization:
        """The organization."""
        organization = self._uow.tenant.organization
        if organization is None:
            raise NotFound(kind="organization", id="")
        return organization

    def change(self, organization: Organization) -> None:
        """Queue its settings."""
        tenant = self._uow.tenant

        def write() -> None:
            tenant.organization = organization

        self._uow.queue(write)


class MemoryStudios:
    """The port ``Studios``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def get(self, code: str) -> Studio:
        """One by its code."""
        studio = self._uow.tenant.studios.get(code)
        if studio is None:
            raise NotFound(kind="studio", id=code)
        return studio

    def all(self) -> Sequence[Studio]:
        """Every one."""
        return [studio for _, studio in sorted(self._uow.tenant.studios.items())]

    def add(self, studio: Studio) -> None:
        """Queue a new one."""
        known = self._uow.tenant.studios
        if studio.code in known:
            raise Duplicate(kind="studio", field="code")
        self._uow.queue(lambda: known.update({studio.code: studio}))


class MemoryExternalIds:
    """The port ``ExternalIds``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def add(self, kind: str, id: UUID, external_ids: Sequence[ExternalId]) -> None:
        """Queue external ids of a record."""
        known = self._uow.tenant.external_ids
        if len(set(external_ids)) < len(external_ids) or any((kind, each) in known for each in external_ids):
            raise Duplicate(kind=kind, field="external id")
        self._uow.queue(lambda: known.update({(kind, each): id for each in external_ids}))

    def enter(self, kind: str, records: Mapping[ExternalId, UUID]) -> None:
        """Queue external ids of many records."""
        known = self._uow.tenant.external_ids

        def none_is_taken() -> None:
            if any((kind, each) in known for each in records):
                raise ConcurrencyConflict(reason="a record with the same key came in between")

        self._uow.queue(lambda: known.update({(kind, each): id for each, id in records.items()}), none_is_taken)

    def remove(self, kind: str, id: UUID, external_ids: Sequence[ExternalId]) -> None:  # noqa: ARG002
        """Queue that a record has these no longer."""
        known = self._uow.tenant.external_ids

        def write() -> None:
            for each in external_ids:
                del known[kind, each]

        self._uow.queue(write)

    def known(self, kind: str, external_ids: Sequence[ExternalId]) -> Mapping[ExternalId, UUID]:
        """Those that are there."""
        known = self._uow.tenant.external_ids
        return {each: known[kind, each] for each in external_ids if (kind, each) in known}

    def of(self, kind: str, id: UUID) -> Sequence[ExternalId]:
        """A record's external ids."""
        known = self._uow.tenant.external_ids.items()
        mine = [each for (of, each), record in known if (of, record) == (kind, id)]
        return sorted(mine, key=lambda each: (each.source, each.value))

    def find(self, kind: str, external_id: ExternalId) -> UUID:
        """The record with this external id."""
        found = self._uow.tenant.external_ids.get((kind, external_id))
        if found is None:
            raise NotFound(kind=kind, id=f"of {external_id.source}")
        return found


class MemoryHistory:
    """The port ``History``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def events(self, *, after: UUID | None = None, limit: int = 500) -> Sequence[Recorded]:
        """The next events, entries and purchases among them."""
        everything = sorted(recorded(self._uow.tenant), key=lambda each: each.id)
        return [each for each in everything if after is None or each.id > after][:limit]


def recorded(tenant: Tenant) -> Sequence[Recorded]:
    """Every event, entries and purchases among them."""
    organization = tenant.organization
    if organization is None:
        return ()
    moved = (
        as_event(entry, organization.id, tenant.accounts[entry.wallet.account].holders)
        for entry in tenant.entries.values()
    )
    bought = (
        purchase_event(purchase, organization.id, tenant.accounts[purchase.account].holders)
        for purchase in tenant.purchases.values()
    )
    return [*tenant.events, *moved, *bought]


class MemoryMessages:
    """The port ``Messages``."""

    def __init__(self, uow: MemoryWork) -> None:
        self._uow = uow

    def of(self, member: MemberId) -> Sequence[Posted]:
        """A member's."""
        queued = [each for _, each in sorted(self._uow.tenant.outbox.items()) if each.message.member == member]
        return [_posted(each) for each in queued]

    def unsent(self, *, after: tuple[datetime, UUID] | None = None, limit: int = 500) -> Sequence[Posted]:
        """The next that were set aside."""
        found = [_posted(each) for each in self._uow.tenant.outbox.values() if each.delivery is Delivery.SET_ASIDE]
        placed = sorted((((each.message.not_before, each.message.id), each) for each in found), key=itemgetter(0))
        return [each for place, each in placed if after is None or place > after][:limit]

    def held(self, ids: Sequence[UUID]) -> Mapping[UUID, Posted]:
        """Those of these that there are."""
        outbox = self._uow.tenant.outbox
        return {id: _posted(outbox[id]) for id in ids if id in outbox}

    def retry(self, ids: Sequence[UUID]) -> None:
        """Queue that these wait again."""
        now = self._uow.now

        def write() -> None:
            outbox = self._uow.tenant.outbox
            for id in ids:
                outbox[id] = Queued(evolve(outbox[id].message, not_before=now))

        self._uow.queue(write)

    def withdraw(self, ids: Sequence[UUID], reason: str) -> None:
        """Queue that what waits of them is not sent."""
        now = self._uow.now
        self._change(ids, lambda each: evolve(each, delivery=Delivery.WITHHELD, reason=reason, settled_at=now))

    def postpone(self, ids: Sequence[UUID], not_before: datetime) -> None:
        """Queue that what waits of them waits until an instant."""
        self._change(ids, lambda each: evolve(each, message=evolve(each.message, not_before=not_before)))

    def _change(self, ids: Sequence[UUID], changed: Callable[[Queued], Queued]) -> None:
        def write() -> None:
            outbox = self._uow.tenant.outbox
            for id in ids:
                each = outbox.get(id)
                if each is not None and each.delivery is Delivery.QUEUED:
                    outbox[id] = changed(each)

        self._uow.queue(write)

    def cancel(self, member: MemberId, reason: str) -> None:
        """Queue that nothing is sent, and nothing said."""

        now = self._uow.now

        def write() -> None:
            outbox = self._uow.tenant.outbox
            for id, each in [(id, each) for id, each in outbox.items() if each.message.member == member]:
                silent = evolve(each, message=evolve(each.message, figures={}))
                waits = each.delivery is Delivery.QUEUED
                withheld = evolve(silent, delivery=Delivery.WITHHELD, reason=reason, settled_at=now)
                outbox[id] = withheld if waits else silent

        self._uow.queue(write)


def _posted(queued: Queued) -> Posted:
    return Posted(message=queued.message, delivery=queued.delivery, reason=queued.reason, settled_at=queued.settled_at)
