"""Messages leave only after commit (COM-17): what is to be sent is written to the outbox in the command's own
transaction; a relay claims what is due, checks again what may have changed, and hands it to the notifier.

Claiming puts the next try into the future before anything is sent: a relay that dies has lost nothing, its messages
are claimed again when their time comes. So a message is sent at least once, and a notifier that keeps the ids it has
sent drops what comes twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID

from attrs import field, frozen

from memberlogic.errors import JSON
from memberlogic.ids import MemberId, OrganizationId
from memberlogic.outcomes import Figures

__all__ = ["Claimed", "Delivery", "Message", "Notifier", "Outbox", "Posted", "next_try"]

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)


@frozen(kw_only=True)
class Message:
    """Something to be sent, as ids and figures; the host renders it. ``id`` is stable over all tries."""

    id: UUID
    kind: str
    member: MemberId | None
    figures: Mapping[str, JSON] = field(factory=dict, converter=Figures, hash=False)
    not_before: datetime
    service: bool = False
    """Whether it is sent to a blocked member too."""
    purpose: str | None = None
    """What the member must have agreed to at the moment of sending (MEM-5), over the ``channel``; None for nothing."""
    channel: str | None = None


class Notifier(Protocol):
    """What the host implements to send."""

    def send(self, message: Message) -> None:
        """Send it, or raise: then it is tried again later. May be called twice with the same id."""
        ...


class Delivery(Enum):
    """What became of a message."""

    SENT = "sent"
    WITHHELD = "withheld"
    QUEUED = "queued"
    SET_ASIDE = "set_aside"


@frozen(kw_only=True)
class Claimed:
    """A message that this relay may send now; ``attempts`` counts this one."""

    organization: OrganizationId
    message: Message
    attempts: int


@frozen(kw_only=True)
class Posted:
    """A message that was queued, and what became of it."""

    message: Message
    delivery: Delivery
    reason: str | None


class Outbox(Protocol):
    """The messages of all organizations. A store that owns its transactions has one."""

    def claim(self, now: datetime, limit: int) -> Sequence[Claimed]:
        """Queued messages whose time has come (``not_before <= now``), the longest due first, at most ``limit``; no
        other relay gets them before :func:`next_try`. Committed before it returns.
        """
        ...

    def settle(self, claimed: Claimed, delivery: Delivery, reason: str | None) -> None:
        """Write down what became of a claimed message. Committed before it returns."""
        ...


def next_try(now: datetime, attempts: int) -> datetime:
    """When a message that was claimed for the n-th time is claimed again unless it was sent: after a minute, two,
    four …, six hours at most.
    """
    return now + min(_FIRST_PAUSE * (1 << min(attempts - 1, 10)), _LONGEST_PAUSE)
