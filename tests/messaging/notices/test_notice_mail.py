"""The octets of a notice (RFC 5322, RFC 2045, RFC 3834) and what a relay makes of them (RFC 5321)."""

from __future__ import annotations

import email
import email.policy
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from messaging.errors import MessagingError
from messaging.notices.compose import Letterhead, Mail, compose
from messaging.notices.deliver import Delivery, Outcome, Relay, deliver
from messaging.notices.kinds import Notice, NoticeKind
from messaging.notices.render import open_templates, render
from tests.messaging.notices.test_notices import LINK, MAILBOX, TEMPLATES, URL, notice

TOKEN = bytes(range(100, 116))
NOW = 1_795_000_000_123
SENDER = "avis@confrere.localhost"
CONTACT = "contact@confrere.localhost"
LETTERHEAD = Letterhead(SENDER, CONTACT, "bounces@retours.localhost")


def written(one: Notice, letterhead: Letterhead = LETTERHEAD, token: bytes = TOKEN) -> Mail:
    return compose(one, render(open_templates(TEMPLATES), one), letterhead, token, NOW)


def parsed(mail: Mail) -> EmailMessage:
    """As the receiving side reads it, with no defect that the standard library knows."""
    found = email.message_from_bytes(mail.octets, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    for part in found.walk():
        assert part.defects == []
        assert all(value.defects == () for value in part.values())
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_rfc_5322_form_seven_bits_and_short_lines(kind: NoticeKind, language: str) -> None:
    mail = written(notice(kind, language))  # type: ignore[arg-type]
    lines = mail.octets.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert mail.octets.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", mail.octets)
    message = parsed(mail)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in message.iter_parts()} == {"quoted-printable"}
    assert str(message["Subject"]) == render(open_templates(TEMPLATES), notice(kind, language)).subject  # type: ignore[arg-type]
    assert str(message["Content-Language"]) == language


def test_the_headers_are_these_in_this_order() -> None:
    message = parsed(written(notice()))
    assert [(name, str(value)) for name, value in message.items() if name not in ("Date", "Content-Type")] == [
        ("From", SENDER),
        ("To", "j.teissier@mail.localhost"),
        ("Reply-To", CONTACT),
        ("Subject", "Confrère : un message vous attend"),
        ("Message-ID", str(message["Message-ID"])),
        ("Auto-Submitted", "auto-generated"),
        ("Precedence", "bulk"),
        ("List-Unsubscribe", f"<mailto:{CONTACT}>"),
        ("MIME-Version", "1.0"),
        ("Content-Language", "fr"),
    ]
    assert re.fullmatch(r"<[0-9a-f]{32}@confrere\.localhost>", message["Message-ID"])
    assert parsedate_to_datetime(message["Date"]).timestamp() == NOW // 1000
    assert "List-Unsubscribe-Post" not in message  # RFC 8058: whoever it was forwarded to would end the notices


def test_without_a_contact_nothing_invites_an_answer() -> None:
    message = parsed(written(notice(), Letterhead(SENDER)))
    assert "Reply-To" not in message
    assert "List-Unsubscribe" not in message


def test_the_longest_addresses_stay_whole_and_under_998_octets() -> None:
    longest = "a" * 64 + "@" + ".".join(["b" * 60] * 3)
    letterhead = Letterhead("s" * 64 + "@" + "c" * 63 + ".fr", "k" * 61 + "@fr")
    one = replace(notice(), recipient=longest)
    mail = written(one, letterhead)
    assert max(map(len, mail.octets.split(b"\r\n"))) <= 998
    message = parsed(mail)
    assert (message["To"], message["From"]) == (longest, letterhead.sender)
    assert message["List-Unsubscribe"].strip() == f"<mailto:{letterhead.contact}>"
    assert f"<mailto:{letterhead.contact}>".encode() in mail.octets


@pytest.mark.parametrize("wrong", ["a@b.fr\r\nBcc: c@d.fr", "Confrère <a@b.fr>", "a@b.fr\n", "a,b@c.fr"])
@pytest.mark.parametrize("field", ["sender", "contact", "bounces"])
def test_a_letterhead_cannot_break_a_header(field: str, wrong: str) -> None:
    with pytest.raises(MessagingError) as refused:
        Letterhead(**({"sender": SENDER} | {field: wrong}))
    assert refused.value.facts == {"field": field}
    with pytest.raises(MessagingError):
        Letterhead(SENDER, bounces="b" * 50 + "@retours.localhost")  # no room for a token (RFC 5321 4.5.3.1.1)


def test_each_notice_returns_to_an_address_of_its_own_and_an_attempt_repeats_it() -> None:
    first, again, other = written(notice()), written(notice()), written(notice(), token=bytes(16))
    assert first == again
    assert re.fullmatch(r"bounces\+[a-z2-7]{26}@retours\.localhost", first.returns_to)
    assert len({first.returns_to, other.returns_to}) == 2
    assert parsed(first)["Message-ID"] != parsed(other)["Message-ID"]
    assert TOKEN.hex().encode() not in first.octets
    assert first.returns_to.split("+")[1].split("@")[0].encode() not in first.octets
    assert written(notice(), Letterhead(SENDER)).returns_to == SENDER


# --- and a relay ---


class Mailbox:
    """A relay's handler: keeps what arrives, refuses what it is told to, where it is told to."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.greetings: list[str] = []
        self.replies = {"MAIL": "250 OK", "RCPT": "250 OK", "DATA": "250 OK"}

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greetings.append(hostname)
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies["MAIL"]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.replies["RCPT"]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.replies["DATA"].startswith("250"):
            self.received.append(envelope)
        return self.replies["DATA"]


@pytest.fixture
def relay() -> Iterator[tuple[Mailbox, Relay]]:
    handler = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, Relay("127.0.0.1", port, "confrere.localhost", "none", timeout_seconds=5)
    finally:
        controller.stop()


@pytest.mark.asyncio
async def test_what_the_relay_gets_is_what_was_composed(relay: tuple[Mailbox, Relay]) -> None:
    handler, settings = relay
    mail = written(notice(NoticeKind.NEW_REFERRAL))
    assert await deliver(mail, settings) == Delivery(Outcome.SENT, 250)
    (envelope,) = handler.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (mail.returns_to, ["j.teissier@mail.localhost"])
    assert handler.greetings == ["confrere.localhost"]
    assert envelope.original_content == mail.octets
    message = parsed(mail)
    for part in message.iter_parts():
        said = part.get_content()
        assert said.count(MAILBOX) == said.count(URL) == said.count(LINK) == 1


@pytest.mark.parametrize(
    ("where", "reply", "expected"),
    [
        ("RCPT", "550 no such user j.teissier@mail.localhost", Delivery(Outcome.REFUSED, 550, "5.0.0")),
        ("RCPT", "550 5.1.1 no such user", Delivery(Outcome.REFUSED, 550, "5.1.1")),
        ("DATA", "552 5.2.2 mailbox full", Delivery(Outcome.REFUSED, 552, "5.2.2")),
        ("RCPT", "451 try later", Delivery(Outcome.RETRY, 451)),
        # What is the operator's to mend does not tell against the owner's address.
        ("RCPT", "554 5.7.1 relay access denied", Delivery(Outcome.RETRY, 554)),
        ("DATA", "550 5.7.26 unsigned", Delivery(Outcome.RETRY, 550)),
        ("MAIL", "553 5.1.8 sender unknown", Delivery(Outcome.RETRY, 553)),
    ],
)
@pytest.mark.asyncio
async def test_the_relay_decides_between_refused_and_retry(
    relay: tuple[Mailbox, Relay], where: str, reply: str, expected: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    handler, settings = relay
    handler.replies[where] = reply
    assert await deliver(written(notice()), settings) == expected
    assert handler.received == []
    own = [record for record in caplog.records if record.name.startswith("messaging")]
    assert own == []


@pytest.mark.asyncio
async def test_no_relay_and_no_promised_encryption_are_retried_never_sent_in_clear(
    relay: tuple[Mailbox, Relay],
) -> None:
    handler, settings = relay
    assert await deliver(written(notice()), replace(settings, security="starttls")) == Delivery(Outcome.RETRY)
    assert handler.received == []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        absent = replace(settings, port=taken.getsockname()[1])
        assert await deliver(written(notice()), absent) == Delivery(Outcome.RETRY)
