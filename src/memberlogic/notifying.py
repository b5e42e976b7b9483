"""Messages leave only after commit (COM-17): the outbox, the notifier, the relay's port."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import field, frozen

from memberlogic.errors import JSON
from memberlogic.ids import MemberId

__all__ = ["Message", "Notifier"]


@frozen(kw_only=True)
class Message:
    """Something to be sent, as ids and figures; the host renders it. ``id`` is stable: a host that keeps the ids it
    has sent can drop what arrives twice.
    """

    id: UUID
    kind: str
    member: MemberId | None
    figures: Mapping[str, JSON] = field(factory=dict)
    not_before: datetime


class Notifier(Protocol):
    """What the host implements to send."""

    def send(self, message: Message) -> None:
        """Send it, or raise: then it is tried again later. May be called twice with the same id."""
        ...
