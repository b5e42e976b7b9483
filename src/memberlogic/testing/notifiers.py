"""A notifier that sends nothing."""

from __future__ import annotations

from memberlogic.notifying import Message

__all__ = ["RecordingNotifier"]


class RecordingNotifier:
    """Keeps what it is given to send; ``failing`` makes it refuse.

    Attributes:
        sent: what was sent.
        tried: what it was asked to send, whether it did or not.
    """

    def __init__(self, *, failing: bool = False) -> None:
        self.failing = failing
        self.sent: list[Message] = []
        self.tried: list[Message] = []

    def send(self, message: Message) -> None:
        """Keep it, or raise ``ConnectionError``."""
        self.tried.append(message)
        if self.failing:
            raise ConnectionError("this notifier was told to fail")
        self.sent.append(message)
