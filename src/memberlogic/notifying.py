"""Messages leave only after commit (COM-17): what is to be sent is written to the outbox in the command's own
transaction; a relay claims what is due, checks again what may have changed, and hands it to the notifier.

Claiming puts the next try into the future before anything is sent: a relay that dies has lost nothing, its messages
are claimed again when their time comes. So a message is sent at least once, and a notifier that keeps the ids it has
sent drops what comes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol, TypeAlias
from uuid import UUID

from attrs import field, frozen

from memberlogic.errors import JSON
from memberlogic.ids import MemberId, OrganizationId
from memberlogic.inputs import an_instant, code, to_utc
from memberlogic.outcomes import Figures

__all__ = [
    "Claimed",
    "Delivery",
    "Later",
    "Look",
    "Looked",
    "Message",
    "Notifier",
    "Outbox",
    "Posted",
    "Withheld",
    "next_try",
]

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


@frozen
class Later:
    """A message that waits: it is not sent before an instant, and looked at again then. It was no try."""

    not_before: datetime = field(converter=to_utc, validator=an_instant)


@frozen
class Withheld:
    """A message that is not sent, for a reason (a code)."""

    reason: str = field(validator=code("a reason"))


Looked: TypeAlias = Message | Later | Withheld | None
"""What a look at a message answers at the moment of sending: the message as it is true then, that it waits, that it is
not sent and why, or None if there is nothing left to say.
"""

Look = Callable[[Message], Looked]
"""How a kind of message is looked at again at the moment of sending. A room has a look for each kind that it queues;
the handle knows them by kind (``Handle.looks``). It may ask and must not write.
"""


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
    settled_at: datetime | None = None
    """When it was sent, withheld or set aside; None while it waits, and for what was settled before this was kept."""


class Outbox(Protocol):
    """The messages of all organizations. A store that owns its transactions has one."""

    def claim(self, now: datetime, limit: int) -> Sequence[Claimed]:
        """Queued messages whose time has come (``not_before <= now``), the longest due first, at most ``limit``; no
        other relay gets them before :func:`next_try`. Committed before it returns.
        """
        ...

    def settle(self, claimed: Claimed, delivery: Delivery, reason: str | None, at: datetime) -> None:
        """Write down what became of a claimed message at an instant. What was withdrawn since it was claimed stays
        withdrawn, unless it was sent. Committed before it returns.
        """
        ...

    def postpone(self, claimed: Claimed, not_before: datetime) -> None:
        """Put a claimed message back until an instant, as if it had not been claimed: it was no try. What was withdrawn
        since it was claimed stays withdrawn. Committed before it returns.
        """
        ...


def next_try(now: datetime, attempts: int) -> datetime:
    """When a message that was claimed for the n-th time is claimed again unless it was sent: after a minute, two,
    four …, six hours at most.
    """
    return now + min(_FIRST_PAUSE * (1 << min(attempts - 1, 10)), _LONGEST_PAUSE)
