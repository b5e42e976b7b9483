"""The front door: ``MemberLogic`` gives a handle for one organization and one actor, with a service per capability."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Protocol
from zoneinfo import ZoneInfo

from memberlogic.actors import Actor
from memberlogic.clock import Clock, SystemClock
from memberlogic.ids import NewId, OrganizationId, new_id
from memberlogic.inputs import require_id
from memberlogic.ledger.service import LedgerService
from memberlogic.loyalty.ports import LoyaltyWork
from memberlogic.loyalty.service import LoyaltyService
from memberlogic.members.service import MembersService
from memberlogic.organizations import opening
from memberlogic.organizations.model import Feature, Organization, Tier
from memberlogic.running import Asks, Runner
from memberlogic.storing import Storage

__all__ = ["Handle", "MemberLogic", "Work"]

OPEN_ORGANIZATION = Asks("organizations.open", "organizations:create", Organization)


class Work(LoyaltyWork, Protocol):
    """A unit of work that reaches every capability: what an adapter's units are."""


class Handle:
    """One organization, one actor (COM-1, COM-13). It sees the organization's tier and features as they were when it
    was opened: open one for each request.
    """

    def __init__(self, runner: Runner[Work]) -> None:
        self.organization = runner.organization
        self.actor = runner.actor
        self.members = MembersService(runner)
        self.loyalty = LoyaltyService(runner)
        self.ledger = LedgerService(runner)


class MemberLogic:
    """The library over one store.

    Args:
        storage: an adapter: ``memberlogic_memory.MemoryStorage``, ``memberlogic_sqlalchemy.SqlAlchemyStorage``.
        clock: what says the time (COM-2).
        new_id: what makes ids; ascending UUIDv7 unless a test wants others.
    """

    def __init__(self, storage: Storage[Work], *, clock: Clock | None = None, new_id: NewId = new_id) -> None:
        self.storage = storage
        self.clock = clock or SystemClock()
        self._new_id = new_id

    def open_organization(
        self,
        *,
        name: str,
        zone: ZoneInfo,
        tier: Tier = Tier.PRO,
        features: Iterable[Feature] = frozenset(Feature),
        unverified_may_spend: bool = False,
        id: OrganizationId | None = None,
    ) -> Organization:
        """A new tenant.

        Raises:
            InvalidInput: naming the field.
            Duplicate: if an ``id`` is given that is taken.
        """
        organization = Organization(
            id=OrganizationId(self._new_id()) if id is None else id,
            name=name,
            zone=zone,
            tier=tier,
            features=frozenset(features),
            unverified_may_spend=unverified_may_spend,
            secret=secrets.token_bytes(32),
        )
        runner = Runner(self.storage, self.clock, self._new_id, organization, Actor.system())
        return runner.run(OPEN_ORGANIZATION, organization, None, _open_step)

    def organization(self, id: OrganizationId, actor: Actor) -> Handle:
        """A handle for one organization and one actor.

        Raises:
            NotFound: if there is no such organization.
        """
        require_id(id, "id")
        with self.storage.reading(id, self.clock) as uow:
            organization = uow.organizations.get(id)
        return Handle(Runner(self.storage, self.clock, self._new_id, organization, actor))


def _open_step(uow: Work, _: Actor, organization: Organization) -> Organization:
    outcome = opening.open_organization(organization)
    uow.organizations.add(outcome.facts)
    uow.put(outcome.events)
    return outcome.result
