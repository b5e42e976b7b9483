"""A notifier for each channel (COM-17)."""

from __future__ import annotations

from collections.abc import Mapping

from memberlogic.errors import RuleViolation
from memberlogic.inputs import require_instance
from memberlogic.notifying import Message, Notifier

__all__ = ["ChannelUnknown", "NotifierByChannel"]


class ChannelUnknown(RuleViolation):
    """No notifier is there for the channel of a message."""

    code = "notifier.channel_unknown"
    rule = "COM-17"
    sentence = "No notifier was given for the channel {channel}; there are: {known}."


class NotifierByChannel:
    """Hands each message to the notifier of its channel (``email``, ``sms``).

    Args:
        notifiers: by channel.
        otherwise: for a message without a channel, or with one that is not named; without it such a message is refused,
            and set aside after the last try.
    """

    def __init__(self, notifiers: Mapping[str, Notifier], *, otherwise: Notifier | None = None) -> None:
        require_instance(notifiers, Mapping, "notifiers", "notifiers by channel")
        self._notifiers = dict(notifiers)
        self._otherwise = otherwise

    def send(self, message: Message) -> None:
        """Send it by its channel.

        Raises:
            ChannelUnknown: if there is no notifier for it; and whatever the notifier raises.
        """
        notifier = self._notifiers.get(message.channel or "", self._otherwise)
        if notifier is None:
            raise ChannelUnknown(channel=message.channel, known=sorted(self._notifiers))
        notifier.send(message)
