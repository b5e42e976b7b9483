"""E-mail over SMTP (COM-17), by the standard library.

Source: RFC 5321 (SMTP), RFC 5322 (the message and its ``Message-ID``), RFC 3207 (STARTTLS), RFC 3834
(``Auto-Submitted``).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from enum import Enum
from typing import Any

from memberlogic.clock import Clock, SystemClock
from memberlogic.errors import InvalidInput, RuleViolation
from memberlogic.inputs import require_callback, require_instance, require_whole
from memberlogic.notifying import Message

__all__ = ["NothingToSend", "SmtpNotifier", "Tls"]


class Tls(Enum):
    """How the connection is encrypted: not at all, after STARTTLS (usually port 587), from the start (465)."""

    NONE = "none"
    STARTTLS = "starttls"
    FROM_THE_START = "from_the_start"


class NothingToSend(RuleViolation):
    """The message says nothing that could be sent as an e-mail."""

    code = "notifier.nothing_to_send"
    rule = "COM-17"
    sentence = "The message {message} has no {missing}: name a template that is kept, or compose it yourself."


class SmtpNotifier:
    """Sends each message as one e-mail. What it says is what its template says (``subject``, ``body`` or ``html`` among
    its figures, ENG-13), or what ``compose`` makes of it.

    ``Message-ID`` is made of the message's id, the same over all tries, so that a mail server drops what comes twice.
    A server that cannot be reached, or refuses, makes the relay try again later.

    Args:
        host: the mail server, with its port.
        sender: the address in ``From``: ``"club@example.org"`` or ``"The Club <club@example.org>"``.
        address: to whom a message goes; None if there is no address, then it is refused and set aside at last.
        compose: makes the e-mail of a message that names no template of ours; To, From and ids are set if it does not.
        username: with ``password``, if the server asks for them; only over an encrypted connection.
        tls: how the connection is encrypted.
        context: of the encryption; the platform's defaults, which check the server's certificate, if none is given.
        timeout: how long to wait for the server, in seconds.
    """

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        sender: str,
        address: Callable[[Message], str | None],
        compose: Callable[[Message], EmailMessage] | None = None,
        username: str | None = None,
        password: str | None = None,
        tls: Tls = Tls.STARTTLS,
        context: ssl.SSLContext | None = None,
        timeout: int = 30,
        clock: Clock | None = None,
    ) -> None:
        require_instance(host, str, "host", "the name of a mail server")
        require_whole(port, "port", least=1, most=65_535)
        require_callback(address, "address")
        require_callback(compose, "compose")
        require_instance(tls, Tls, "tls", "a Tls (NONE, STARTTLS or FROM_THE_START)")
        require_whole(timeout, "timeout", least=1, most=3_600)
        if (username is None) is not (password is None):
            raise InvalidInput(path="password", expected="a username and a password, or neither", got="one of them")
        if username is not None and tls is Tls.NONE:
            raise InvalidInput(path="tls", expected="an encrypted connection, as a password is sent", got="Tls.NONE")
        self._sender = _one_address(sender)
        self._host, self._port, self._timeout = host, port, timeout
        self._address, self._compose = address, compose
        self._login = None if username is None or password is None else (username, password)
        self._tls, self._context = tls, context
        self._clock = clock or SystemClock()

    def send(self, message: Message) -> None:
        """Send it.

        Raises:
            NothingToSend: if there is no address, or nothing is said.
            OSError, smtplib.SMTPException: if the server cannot be reached or refuses.
        """
        mail = self._mail(message)
        with self._connected() as server:
            server.send_message(mail)

    def _mail(self, message: Message) -> EmailMessage:
        to = self._address(message)
        if not to:
            raise NothingToSend(message=str(message.id), missing="address")
        said = "body" in message.figures
        mail = self._compose(message) if self._compose is not None and not said else _said(message)
        if "To" not in mail:
            mail["To"] = _one_address(to)
        if "From" not in mail:
            mail["From"] = self._sender
        if "Date" not in mail:
            mail["Date"] = format_datetime(self._clock.now())
        if "Auto-Submitted" not in mail:
            mail["Auto-Submitted"] = "auto-generated"
        del mail["Message-ID"]
        mail["Message-ID"] = f"<{message.id}@{self._sender.domain}>"
        return mail

    def _connected(self) -> smtplib.SMTP:
        server: smtplib.SMTP
        if self._tls is Tls.FROM_THE_START:
            server = smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=self._encryption())
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._tls is Tls.STARTTLS:
                server.starttls(context=self._encryption())
            if self._login is not None:
                server.login(*self._login)
        except BaseException:
            server.close()
            raise
        return server

    def _encryption(self) -> ssl.SSLContext:
        return self._context or ssl.create_default_context()


def _one_address(written: object) -> Address:
    mail = EmailMessage()
    try:
        mail["To"] = written if isinstance(written, str) else ""
        (address,) = mail["To"].addresses
    except (ValueError, TypeError, AttributeError, IndexError):
        raise _no_address() from None
    found: Address = address
    if not found.username or not found.domain or mail["To"].defects:
        raise _no_address()
    return found


def _no_address() -> InvalidInput:
    """The refusal of an address, which is not told: it may be a person's."""
    return InvalidInput(path="address", expected="one e-mail address", got="something else")


def _said(message: Message) -> EmailMessage:
    """What a template says."""
    said: dict[str, Any] = dict(message.figures)
    if not isinstance(said.get("body"), str):
        raise NothingToSend(message=str(message.id), missing="body")
    if not isinstance(said.get("subject"), str):
        raise NothingToSend(message=str(message.id), missing="subject")
    mail = EmailMessage()
    # A subject is one line, whatever was filled into it.
    mail["Subject"] = " ".join(said["subject"].split())
    mail.set_content(said["body"], subtype="html" if said.get("html") else "plain")
    if said.get("language"):
        mail["Content-Language"] = said["language"]
    return mail
