"""COM-17: what a queued message of a run is at the moment of sending."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from memberlogic.care import sending
from memberlogic.care.advancing import CARE_MESSAGE
from memberlogic.care.run_service import RunService
from memberlogic.notifying import Look, Looked, Message

__all__ = ["care_looks"]


def care_looks(care: RunService) -> Mapping[str, Look]:
    """The looks at what this room queues, by kind."""
    return {CARE_MESSAGE: _Again(care).message}


@frozen
class _Again:
    care: RunService

    def message(self, message: Message) -> Looked:
        assert message.member is not None, "care writes to members"
        return sending.still(message, self.care.check_message(message.member, message.id))
