"""The outbox in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import define, evolve

from memberlogic.notifying import Claimed, Delivery, Message, next_try

if TYPE_CHECKING:
    from memberlogic_memory.storage import MemoryStorage

__all__ = ["MemoryOutbox", "Queued"]


@define
class Queued:
    """A message and what became of it so far."""

    message: Message
    attempts: int = 0
    delivery: Delivery = Delivery.QUEUED
    reason: str | None = None
    settled_at: datetime | None = None


class MemoryOutbox:
    """The port ``Outbox``."""

    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage

    def claim(self, now: datetime, limit: int) -> Sequence[Claimed]:
        """Claim what is due."""
        with self._storage.alone():
            due = [
                (queued.message.not_before, queued.message.id, organization, queued)
                for organization, tenant in self._storage.tenants()
                for queued in tenant.outbox.values()
                if queued.delivery is Delivery.QUEUED and queued.message.not_before <= now
            ]
            claimed = []
            for _, _, organization, queued in sorted(due, key=lambda each: each[:2])[:limit]:
                claimed.append(Claimed(organization=organization, message=queued.message, attempts=queued.attempts + 1))
                queued.attempts += 1
                queued.message = evolve(queued.message, not_before=next_try(now, queued.attempts))
            return claimed

    def settle(self, claimed: Claimed, delivery: Delivery, reason: str | None, at: datetime) -> None:
        """Write down what became of a message."""
        with self._storage.alone():
            queued = self._storage.tenant(claimed.organization).outbox[claimed.message.id]
            if delivery is Delivery.SENT or queued.delivery is Delivery.QUEUED:
                queued.delivery, queued.reason = delivery, reason
                queued.settled_at = None if delivery is Delivery.QUEUED else at

    def postpone(self, claimed: Claimed, not_before: datetime) -> None:
        """Put a claimed message back."""
        with self._storage.alone():
            queued = self._storage.tenant(claimed.organization).outbox[claimed.message.id]
            if queued.delivery is Delivery.QUEUED:
                queued.attempts = claimed.attempts - 1
                queued.message = evolve(queued.message, not_before=not_before)
