"""A notifier that writes into a log (COM-17)."""

from __future__ import annotations

import logging

from memberlogic.notifying import Message

__all__ = ["LoggingNotifier"]


class LoggingNotifier:
    """Writes one line for each message: its id, kind, channel and member, by their ids. What it says is not written, as
    a log is not the place for what is personal.

    Args:
        logger: where to; the logger ``memberlogic.notifiers`` if none is given.
        level: on which level.
    """

    def __init__(self, logger: logging.Logger | None = None, *, level: int = logging.INFO) -> None:
        self._logger = logger or logging.getLogger("memberlogic.notifiers")
        self._level = level

    def send(self, message: Message) -> None:
        """Write it down."""
        self._logger.log(
            self._level,
            "message %s of kind %s over %s for member %s",
            message.id,
            message.kind,
            message.channel or "no channel",
            message.member or "nobody",
        )
