"""COM-17: messages that could not be sent after the last try: listed with their reasons, and sent again on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from attrs import field, frozen

from memberlogic.errors import NotFound, RuleViolation
from memberlogic.events import Event
from memberlogic.ids import MemberId
from memberlogic.inputs import as_tuple, ids, whole
from memberlogic.notifying import Delivery, Posted
from memberlogic.outcomes import Because, Explanation, Outcome

__all__ = [
    "MessageRetried",
    "NotSetAside",
    "PageOfUnsent",
    "Retried",
    "Retry",
    "Unsent",
    "UnsentPage",
    "retry",
    "unsent",
]


@frozen(kw_only=True)
class PageOfUnsent:
    """The next messages that were set aside, those whose last try was due first."""

    after: tuple[datetime, UUID] | None = None
    size: int = field(default=500, validator=whole(least=1, most=1000))


@frozen(kw_only=True)
class Unsent:
    """A message that was set aside after the last try, and why; what it says is not told."""

    message: UUID
    kind: str
    member: MemberId | None
    channel: str | None
    reason: str | None
    """The class of the notifier's error."""
    due_at: datetime
    set_aside_at: datetime | None

    def explain(self) -> Explanation:
        """What happened to it, and what can be done."""
        because = Because("COM-17", "message.set_aside", {"kind": self.kind, "reason": self.reason})
        return Explanation("The message could not be sent and was set aside; it can be sent again.", (because,))


@frozen(kw_only=True)
class UnsentPage:
    """Some messages that were set aside."""

    messages: tuple[Unsent, ...]


@frozen(kw_only=True)
class Retry:
    """Send messages again that were set aside, all of them or none."""

    messages: tuple[UUID, ...] = field(converter=as_tuple, validator=ids(least=1, most=500))


@frozen(kw_only=True)
class Retried:
    """The messages that are sent again, beginning with their first try."""

    messages: tuple[UUID, ...]


@frozen(kw_only=True)
class MessageRetried(Event):
    """A message that had been set aside is sent again."""

    type: ClassVar[str] = "message.retried"
    message_id: UUID
    kind: str


class NotSetAside(RuleViolation):
    """It waits, was sent, or is withheld."""

    code = "message.not_set_aside"
    rule = "COM-17"
    sentence = "The message {message} is {delivery}; only one that was set aside is sent again."


def unsent(found: Sequence[Posted]) -> UnsentPage:
    """Messages as they are told."""
    return UnsentPage(
        messages=tuple(
            Unsent(
                message=each.message.id,
                kind=each.message.kind,
                member=each.message.member,
                channel=each.message.channel,
                reason=each.reason,
                due_at=each.message.not_before,
                set_aside_at=each.settled_at,
            )
            for each in found
        )
    )


def retry(held: Mapping[UUID, Posted], wanted: Retry) -> Outcome[tuple[UUID, ...], Event, Retried]:
    """The messages that wait again.

    Raises:
        NotFound: if there is no such message.
        NotSetAside: for the first that was not set aside.
    """
    asked = tuple(dict.fromkeys(wanted.messages))
    for id in asked:
        if id not in held:
            raise NotFound(kind="message", id=id)
        if held[id].delivery is not Delivery.SET_ASIDE:
            raise NotSetAside(message=str(id), delivery=held[id].delivery.value)
    messages = [held[id].message for id in asked]
    events = tuple(
        MessageRetried(members=() if each.member is None else (each.member,), message_id=each.id, kind=each.kind)
        for each in messages
    )
    return Outcome(asked, events, Retried(messages=asked))
