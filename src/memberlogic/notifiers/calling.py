"""A notifier that is a function of the host's (COM-17)."""

from __future__ import annotations

from collections.abc import Callable

from memberlogic.inputs import require_callback
from memberlogic.notifying import Message

__all__ = ["CallingNotifier"]


class CallingNotifier:
    """Hands each message to a function. What the function raises makes the relay try again later (COM-17); it may be
    called twice with the same ``message.id``.
    """

    def __init__(self, function: Callable[[Message], object]) -> None:
        require_callback(function, "function")
        self._function = function

    def send(self, message: Message) -> None:
        """Call it."""
        self._function(message)
