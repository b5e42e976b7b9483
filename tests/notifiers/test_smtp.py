"""COM-17: e-mail over SMTP, to a real server on the loopback."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st
from tests.notifiers.outboxes import queue

from memberlogic.clock import FixedClock
from memberlogic.engagement import Category
from memberlogic.errors import InvalidInput
from memberlogic.ids import new_id
from memberlogic.notifiers import NothingToSend, SmtpNotifier, Tls
from memberlogic.notifying import Delivery, Message
from memberlogic.testing import World
from memberlogic_memory import MemoryStorage

pytestmark = [pytest.mark.rule("COM-17"), pytest.mark.filterwarnings("ignore::DeprecationWarning")]

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Box:
    """What the server got."""

    def __init__(self):
        self.mails = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the server's name for it
        self.mails.append(
            (envelope.mail_from, envelope.rcpt_tos, BytesParser(policy=default).parsebytes(envelope.content))
        )
        return self.answer


class Server(Controller):
    """One on whichever port is free."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def box():
    return Box()


@pytest.fixture
def server(box):
    made = Server(box, hostname="127.0.0.1", port=0)
    made.start()
    yield made.port
    made.stop()


def notifier(port, **said):
    facts = {"sender": "The Club <club@example.org>", "address": lambda _: "ana@example.org", "tls": Tls.NONE}
    return SmtpNotifier("127.0.0.1", port, clock=FixedClock(AT), **(facts | said))


def message(**figures):
    return Message(id=new_id(), kind="test", member=None, figures=figures, not_before=AT, channel="email")


def test_what_a_template_says_arrives_as_one_mail_with_the_messages_id(server, box):
    said = message(subject="Zwei Wörter\n und noch eins", body="Grüße 🎈", html=False, language="de")
    notifier(server).send(said)
    notifier(server).send(said)
    (sender, to, mail), (*_, again) = box.mails
    assert (sender, to) == ("club@example.org", ["ana@example.org"])
    assert mail["From"] == "The Club <club@example.org>"
    assert mail["Subject"] == "Zwei Wörter und noch eins"
    assert mail["Message-ID"] == again["Message-ID"] == f"<{said.id}@example.org>"
    assert mail["Date"].datetime == AT
    assert (mail["Content-Language"], mail["Auto-Submitted"]) == ("de", "auto-generated")
    assert (mail.get_content_type(), mail.get_content().strip()) == ("text/plain", "Grüße 🎈")


def test_a_template_in_html_arrives_as_html(server, box):
    notifier(server).send(message(subject="Hi", body="<p>Hi</p>", html=True))
    assert box.mails[0][2].get_content_type() == "text/html"


def test_what_names_no_template_is_composed_by_the_host(server, box):
    def compose(message):
        mail = EmailMessage()
        mail["Subject"] = f"{message.figures['points']} points"
        mail["Message-ID"] = "<another@example.org>"
        mail.set_content("They wait for you.")
        return mail

    made = notifier(server, compose=compose)
    said = message(points=30)
    made.send(said)
    made.send(message(subject="From the template", body="x"))
    assert [mail["Subject"] for *_, mail in box.mails] == ["30 points", "From the template"]
    assert box.mails[0][2]["Message-ID"] == f"<{said.id}@example.org>"


def test_what_says_nothing_or_has_no_address_is_refused_by_name(server, box):
    for made, said, missing in (
        (notifier(server, address=lambda _: None), message(subject="a", body="b"), "address"),
        (notifier(server), message(points=3), "body"),
        (notifier(server), message(subject=None, body="b"), "subject"),
    ):
        with pytest.raises(NothingToSend) as refused:
            made.send(said)
        assert refused.value.details == {"message": str(said.id), "missing": missing}
    assert box.mails == []


@given(st.text(), st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_nothing_that_is_filled_in_makes_another_header(address, subject, body):
    made = notifier(1, address=lambda _: f"ana@example.org{address}" if address else "ana@example.org")
    said = message(subject=subject, body=body)
    try:
        mail = made._mail(said)
    except InvalidInput as refused:
        assert address
        assert "ana@" not in str(refused), "nobody's address is told"
        return
    assert set(mail.keys()) <= {
        "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version", "To", "From", "Date",
        "Auto-Submitted", "Message-ID",
    }  # fmt: skip
    assert len(mail["To"].addresses) == 1
    read = BytesParser(policy=default).parsebytes(mail.as_bytes())
    assert read["Message-ID"] == f"<{said.id}@example.org>"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sender": "nobody"}, "address"),
        ({"sender": "a@example.org, b@example.org"}, "address"),
        ({"sender": "a@example.org\nBcc: b@example.org"}, "address"),
        ({"sender": None}, "address"),
        ({"address": "ana@example.org"}, "address"),
        ({"compose": 3}, "compose"),
        ({"tls": True}, "tls"),
        ({"timeout": 0}, "timeout"),
        ({"username": "club"}, "password"),
        ({"username": "club", "password": "x", "tls": Tls.NONE}, "tls"),
    ],
)
def test_what_it_is_made_of_is_looked_at(wrong, field):
    with pytest.raises(InvalidInput) as refused:
        notifier(25, **wrong)
    assert refused.value.details["path"] == field


@pytest.mark.parametrize("port", [0, 65_536, "25"])
def test_a_port_is_one(port):
    with pytest.raises(InvalidInput):
        notifier(port)


def test_a_server_that_refuses_or_is_not_there_is_tried_again(server, box):
    world = World(MemoryStorage(), at=AT)
    member = world.member()
    world.org.messages.save_template(
        "hi", channel="email", categories=[Category.MEMBER], languages={"en": ("Hi", "There.")}
    )
    figures = {"template": "hi", "values": {}}
    said = Message(id=new_id(), kind="test", member=member, figures=figures, not_before=AT, channel="email")
    queue(world, said)
    box.answer = "451 try again later"
    assert world.ml.relay(notifier(server)).retried == 1
    world.wait(minutes=1)
    assert world.ml.relay(notifier(1)).retried == 1
    world.wait(minutes=2)
    box.answer = "250 OK"
    assert world.ml.relay(notifier(server)).sent == 1
    assert [mail.get_content().strip() for *_, mail in box.mails] == ["There."] * 2
    with world.storage.reading(world.organization.id, world.clock) as uow:
        assert [each.delivery for each in uow.messages.of(member)] == [Delivery.SENT]


class TestEncrypted:
    """With a certificate that was made for this test."""

    @pytest.fixture(scope="class")
    def certificate(self, tmp_path_factory):
        authority = trustme.CA()
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(server)
        client = ssl.create_default_context()
        authority.configure_trust(client)
        return server, client

    def test_after_starttls_with_a_password(self, certificate, box):
        context, trusting = certificate

        def check(server, session, envelope, mechanism, data):
            return AuthResult(success=(data.login, data.password) == (b"club", b"secret"), handled=False)

        made = Server(
            box, hostname="127.0.0.1", port=0, tls_context=context, authenticator=check, auth_require_tls=True
        )
        made.start()
        port, said = made.port, message(subject="a", body="b")
        try:
            given = {"tls": Tls.STARTTLS, "username": "club"}
            notifier(port, **given, password="secret", context=trusting).send(said)
            with pytest.raises(Exception, match="535"):
                notifier(port, **given, password="wrong", context=trusting).send(said)
            with pytest.raises(ssl.SSLCertVerificationError):
                notifier(port, **given, password="secret").send(said)
        finally:
            made.stop()
        assert len(box.mails) == 1

    def test_from_the_start(self, certificate, box):
        context, trusting = certificate
        made = Server(box, hostname="127.0.0.1", port=0, ssl_context=context)
        made.start()
        try:
            notifier(made.port, tls=Tls.FROM_THE_START, context=trusting).send(message(subject="a", body="b"))
        finally:
            made.stop()
        assert len(box.mails) == 1
