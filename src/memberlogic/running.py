"""The one runner: feature, permission, transaction, replay of a key, retry, signposts. Nothing else in the core knows
these.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

from attrs import frozen

from memberlogic import converting, inputs
from memberlogic.actors import Actor
from memberlogic.clock import Clock
from memberlogic.errors import ConcurrencyConflict, FeatureUnavailable, NotFound
from memberlogic.following import Trail, ids_in
from memberlogic.ids import NewId
from memberlogic.organizations.model import Feature, Organization, Tier
from memberlogic.storing import Command, Replayed, Signpost, Storage, UnitOfWork

__all__ = ["Asks", "Runner"]

# About eight seconds in all. The longest pause is short, so that nobody waits long once the way is free.
_ATTEMPTS = 200
_FIRST_PAUSE = 0.001
_LONGEST_PAUSE = 0.05

I = TypeVar("I")  # noqa: E741 - the input of a command
R = TypeVar("R")
W_co = TypeVar("W_co", bound=UnitOfWork, covariant=True)


@frozen
class Asks(Generic[R]):
    """What a public command or query asks for: its name, the permission it needs (COM-13), the class of its result,
    the feature and the pricing tier it needs (COM-14).
    """

    name: str
    permission: str
    result: type[R]
    feature: Feature | None = None
    tier: Tier | None = None


class Runner(Generic[W_co]):
    """Runs commands and queries of one organization for one actor."""

    def __init__(
        self,
        storage: Storage[W_co],
        clock: Clock,
        new_id: NewId,
        organization: Organization,
        secret: bytes,
        actor: Actor,
        acting: Actor | None = None,
        leads: Callable[[W_co, Collection[UUID]], Mapping[UUID, UUID]] | None = None,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._secret = secret
        self.new_id = new_id
        self.organization = organization
        self.actor = actor
        # Who was merged into another record acts for that one (MEM-17); their keys stay theirs.
        self._acting = acting or actor
        self._leads = leads

    def run(self, asks: Asks[R], wanted: I, idempotency_key: str | None, step: Callable[[W_co, Actor, I], R]) -> R:
        """Do a command once: in one unit of work, or again from the top if another was faster.

        A key that was used for the same command answers the first result (COM-9). A conflict is tried again, with
        pauses that grow and differ, where the transaction is ours; else it is raised (COM-16).
        """
        command = self._command(asks, wanted, idempotency_key)
        self._admit(asks)
        trail: Trail[I] | None = None
        for attempt in range(_ATTEMPTS):
            try:
                with self._storage.work(command, self._clock) as uow:
                    result = step(uow, *((self._acting, wanted) if trail is None else (trail.actor, trail.wanted)))
                    uow.finish(converting.to_json(result))
            except Replayed as replayed:
                return converting.from_json(asks.result, replayed.result)
            except Signpost as signpost:
                trail = (trail or Trail(actor=self._acting, wanted=wanted)).along(signpost)
            except NotFound as refusal:
                trail = self._further(trail or Trail(actor=self._acting, wanted=wanted), refusal)
            except ConcurrencyConflict as conflict:
                if not self._storage.owns_transactions or conflict.waited or attempt == _ATTEMPTS - 1:
                    raise
                self._storage.pause(self._jittered(attempt))
            else:
                return result
        raise AssertionError("unreachable: the last attempt returns or raises")

    def ask(self, asks: Asks[R], wanted: I, step: Callable[[W_co, Actor, I], R]) -> R:
        """Answer a query: settled in memory, nothing written."""
        self._admit(asks)
        trail = Trail(actor=self._acting, wanted=wanted)
        while True:
            try:
                with self._storage.reading(self.organization.id, self._clock) as uow:
                    return step(uow, trail.actor, trail.wanted)
            except Signpost as signpost:
                trail = trail.along(signpost)
            except NotFound as refusal:
                trail = self._further(trail, refusal)

    def token(self, id: UUID) -> str:
        """A token that only this organization can make for an id (HMAC under its secret): the same each time, and
        nobody who knows the id can tell it.
        """
        return converting.token(self._secret, id)

    def _further(self, trail: Trail[I], refusal: NotFound) -> Trail[I]:
        """Where what is wanted leads that was not found: a record that was merged is not always looked up, but at times
        only compared. The refusal stands if nothing leads anywhere.
        """
        ids = ids_in(trail.wanted)
        if ids and self._leads is not None:
            with self._storage.reading(self.organization.id, self._clock) as uow:
                leads = self._leads(uow, ids)
            if leads:
                return trail.along(Signpost("record", leads))
        raise refusal

    def _admit(self, asks: Asks[Any]) -> None:
        if asks.tier is not None and not self.organization.tier.covers(asks.tier):
            raise FeatureUnavailable(feature=f"tier.{asks.tier.value}")
        if asks.feature is not None and asks.feature not in self.organization.features:
            raise FeatureUnavailable(feature=asks.feature.value)
        self.actor.require(asks.permission)

    def _command(self, asks: Asks[Any], wanted: object, key: str | None) -> Command:
        if key is None:
            return Command(organization=self.organization.id, name=asks.name, actor=self.actor.label)
        inputs.require_key(key)
        return Command(
            organization=self.organization.id,
            name=asks.name,
            actor=self.actor.label,
            key=key,
            fingerprint=converting.fingerprint(self._secret, wanted),
        )

    def _jittered(self, attempt: int) -> float:
        """Half to all of a pause that doubles; the chance comes from the low bits of a fresh id."""
        share = (self.new_id().int & 0xFFFF) / 0x10000
        return min(_FIRST_PAUSE * (1 << min(attempt, 10)), _LONGEST_PAUSE) * (1 + share) / 2
