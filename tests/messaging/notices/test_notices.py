"""referral.md RF-8: a notice names the mailbox and the action, and nothing else."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from messaging.errors import MessagingError
from messaging.notices.deliver import Delivery, Outcome, Relay, deliver
from messaging.notices.kinds import Notice, NoticeKind
from messaging.notices.render import open_templates, render

TEMPLATES = Path(__file__).parents[3] / "config" / "mail"
LINK = "https://confrere.localhost/"
MAILBOX = "jeanne.teissier@confrere.localhost"

# Every word that a notice may hold. A word that is not here must be argued for here first.
WORDS = {
    "fr": """
        agir annuaire attend autre avec avis bonjour boîte c ce code confrère contient courriel
        d dans de demande elle encore est faire fiche imprimer imprimée l la le message n ne
        opérateur ordinateur ouvrez ouvrir par pas perdre perdu peut professionnel réservée que
        remet rien répondez réponse sans santé secours souhaite un une volontairement vos votre
        vous y à échanges écrire
    """,
    "en": """
        a act an answer can code computer confrère cost deliberately directory do e else
        exchanges for gives health hello in is it losing mail mailbox message not nothing of
        open operator print printed professional ready recovery referral reply s says sheet
        that the this through to turn waiting wishes with without write yet you your
    """,
}


def notice(kind: NoticeKind = NoticeKind.NEW_MESSAGE, language: Literal["fr", "en"] = "fr") -> Notice:
    return Notice(kind, MAILBOX, language, "j.teissier@mail.localhost", LINK)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_notices_hold_exactly_the_listed_words(language: Literal["fr", "en"]) -> None:
    found: set[str] = set()
    for kind in NoticeKind:
        written = render(open_templates(TEMPLATES), notice(kind, language))
        shown = f"{written.subject}\n{written.text}"
        assert shown.count(MAILBOX) == 1
        assert shown.count(LINK) == 1
        assert not re.search(r"\d|&|<", shown)  # no number, and escaping changed nothing
        found |= set(re.findall(r"\w+", shown.replace(MAILBOX, "").replace(LINK, "").lower()))
    assert found == set(WORDS[language].split())


def test_mailbox_is_not_in_the_subject() -> None:
    assert MAILBOX not in render(open_templates(TEMPLATES), notice()).subject


@pytest.mark.parametrize("language", ["de", "fr/../en", ""])
def test_another_language_is_refused(language: str) -> None:
    with pytest.raises(MessagingError, match="notice-malformed"):
        Notice(NoticeKind.ANSWER, MAILBOX, language, "a@b.localhost", LINK)  # type: ignore[arg-type]


@pytest.mark.parametrize("recipient", ["a@b.fr\r\nBcc: x@y.fr", "a b@c.fr", "<a@b.fr>", "é@b.fr", "@", "a@b@c", ""])
def test_an_address_cannot_break_a_header(recipient: str) -> None:
    with pytest.raises(MessagingError) as refused:
        Notice(NoticeKind.ANSWER, MAILBOX, "fr", recipient, LINK)
    assert refused.value.facts == {"field": "recipient"}
    with pytest.raises(MessagingError, match="notice-malformed"):
        Notice(NoticeKind.ANSWER, recipient, "fr", "a@b.fr", LINK)


@pytest.mark.parametrize("link", ["javascript:x", "https://x/?patient=1", "https://x/#a", "http://x/<b>", ""])
def test_a_link_carries_no_parameter(link: str) -> None:
    with pytest.raises(MessagingError, match="notice-malformed"):
        Notice(NoticeKind.ANSWER, MAILBOX, "fr", "a@b.fr", link)


@pytest.mark.parametrize(
    "template",
    [
        "Subject: x\n\ntext {{ patient }}",
        "no subject\n\ntext",
        "Subject: x\n",
        "Subject: \n\ntext",
        "Subject: {% if %}\n\nt",
    ],
)
def test_a_broken_template_is_named_and_nothing_is_sent(tmp_path: Path, template: str) -> None:
    shutil.copytree(TEMPLATES, tmp_path / "mail")
    (tmp_path / "mail" / "new-message.fr.txt.j2").write_text(template)
    for folder in (tmp_path / "mail", tmp_path):
        with pytest.raises(MessagingError) as refused:
            render(open_templates(folder), notice())
        assert refused.value.facts == {"setting": "mail/new-message.fr.txt.j2"}


class Mailbox:
    """A relay's handler: keeps what arrives, refuses what it is told to."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.greetings: list[str] = []
        self.reply = "250 OK"

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greetings.append(hostname)
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received.append(envelope)
        return "250 OK"


@pytest.fixture
def relay() -> Iterator[tuple[Mailbox, Relay]]:
    handler = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, Relay("127.0.0.1", port, "avis@confrere.localhost", "none", timeout_seconds=5)
    finally:
        controller.stop()


async def sent(one: Notice, relay: Relay) -> Delivery:
    return await deliver(one, render(open_templates(TEMPLATES), one), relay)


@pytest.mark.asyncio
async def test_the_whole_mail_says_nothing_more(relay: tuple[Mailbox, Relay]) -> None:
    handler, settings = relay
    assert await sent(notice(NoticeKind.NEW_REFERRAL), settings) == Delivery(Outcome.SENT, 250)
    (envelope,) = handler.received
    assert (envelope.mail_from, envelope.rcpt_tos) == ("avis@confrere.localhost", ["j.teissier@mail.localhost"])
    assert handler.greetings == ["confrere.localhost"]
    assert isinstance(envelope.content, bytes)
    mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert {name.lower() for name, _ in mail.items()} - {"x-peer", "x-mailfrom", "x-rcptto"} == {
        "from", "to", "subject", "date", "message-id", "auto-submitted", "content-language", "content-type",
        "content-transfer-encoding", "mime-version",
    }  # fmt: skip
    assert mail["Subject"] == "Confrère : une demande d'avis vous attend"
    assert mail["Message-ID"].endswith("@confrere.localhost>")
    assert mail.get_content().count(MAILBOX) == 1
    assert mail.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("550 no such user j.teissier@mail.localhost", Delivery(Outcome.REFUSED, 550)),
        ("451 try later", Delivery(Outcome.RETRY, 451)),
    ],
)
@pytest.mark.asyncio
async def test_the_relay_decides_between_refused_and_retry(
    relay: tuple[Mailbox, Relay], reply: str, expected: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    handler, settings = relay
    handler.reply = reply
    assert await sent(notice(), settings) == expected
    assert handler.received == []
    own = [record for record in caplog.records if record.name.startswith("messaging")]
    assert own == []


@pytest.mark.asyncio
async def test_no_relay_and_no_promised_encryption_are_retried_never_sent_in_clear(
    relay: tuple[Mailbox, Relay],
) -> None:
    handler, settings = relay
    demanding = Relay(settings.host, settings.port, settings.sender, "starttls", timeout_seconds=5)
    assert await sent(notice(), demanding) == Delivery(Outcome.RETRY)
    assert handler.received == []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        absent = Relay("127.0.0.1", taken.getsockname()[1], settings.sender, "none", timeout_seconds=5)
        assert await sent(notice(), absent) == Delivery(Outcome.RETRY)
