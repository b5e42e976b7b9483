"""Ready notifiers (COM-17): e-mail over SMTP, a log, a function of yours, and one of several by the channel."""

from __future__ import annotations

from memberlogic.notifiers.calling import CallingNotifier
from memberlogic.notifiers.channels import ChannelUnknown, NotifierByChannel
from memberlogic.notifiers.logs import LoggingNotifier
from memberlogic.notifiers.smtp import NothingToSend, SmtpNotifier, Tls

__all__ = [
    "CallingNotifier",
    "ChannelUnknown",
    "LoggingNotifier",
    "NothingToSend",
    "NotifierByChannel",
    "SmtpNotifier",
    "Tls",
]
