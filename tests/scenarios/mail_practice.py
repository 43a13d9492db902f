"""A gateway in this process, for clinicians of the running service: what mail programs see of it."""

from __future__ import annotations

import asyncio
import datetime
import smtplib
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from confrere.settings import find_config, read_toml
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.gateway.mailstore.fixed import FixedNames
from messaging.gateway.serving import gateway
from messaging.gateway.serving.delivering import Style
from messaging.gateway.serving.gateway import Serving, Where
from messaging.gateway.serving.mailbox import Mailbox
from messaging.referral import urgency
from messaging.referral.clinical import ReferralRequest
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE, Clinician

WORDS = Words("fr", strict=True)
PAGE = gateway.Page({"fr": WORDS.say, "en": Words("en", strict=True).say}, "fr")
PATIENCE = 20.0


@dataclass
class Program:
    """A mail program set up with one mailbox of a gateway."""

    address: str
    password: str
    serving: Serving
    mailbox: Mailbox
    context: ssl.SSLContext = field(repr=False)

    def send(self, mail: EmailMessage | bytes, *to: str) -> str:
        """The text of the 250. In a thread."""
        with smtplib.SMTP_SSL("127.0.0.1", self.serving.smtp, context=self.context, timeout=PATIENCE) as smtp:
            smtp.login(self.address, self.password)
            octets = mail if isinstance(mail, bytes) else mail.as_bytes(policy=policy.SMTPUTF8)
            code, said = smtp.mail(self.address)
            assert code == 250, said
            for address in to:
                code, said = smtp.rcpt(address)
                if code != 250:
                    raise smtplib.SMTPRecipientsRefused({address: (code, said)})
            code, said = smtp.data(octets)
            if code != 250:
                raise smtplib.SMTPDataError(code, said)
            return said.decode()

    async def sends(self, mail: EmailMessage | bytes, *to: str) -> str:
        return await asyncio.to_thread(self.send, mail, *to)

    async def mails(self, folder: str = "INBOX", *, at_least: int = 1) -> list[EmailMessage]:
        """The mails of a folder, once there are so many."""
        store = self.mailbox.store
        await until(store.listen, lambda: len(store.folder(folder).mails) >= at_least)
        return [message_from_bytes(one, policy=policy.default) for one in await self.octets(folder)]

    async def octets(self, folder: str = "INBOX") -> list[bytes]:
        store = self.mailbox.store
        found = [await store.octets(folder, mail.uid) for mail in store.folder(folder).mails]
        return [one for one in found if one is not None]

    async def entrusted(self, address: str) -> None:
        """Once the gateway knows that this mailbox too may be written from."""
        async with asyncio.timeout(PATIENCE):
            while address not in self.mailbox.entry().client("essai").addresses:
                await self.mailbox.turns.turned()

    async def brought(self, thread: bytes, *, members: int) -> None:
        """Once the gateway knows of so many members of a thread."""
        async with asyncio.timeout(PATIENCE):
            while True:
                known = await self.mailbox.endpoint.intake.thread(thread)
                if known is not None and len(known.latest.commit.members) == members:
                    return
                await self.mailbox.turns.turned()

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        return [set(mail.flags) for mail in self.mailbox.store.folder(folder).mails]


async def until(listen: Callable[[Callable[[str], None]], Callable[[], None]], holds: Callable[[], bool]) -> None:
    """Wait for a state of a store, told of each change."""
    changed = asyncio.Event()
    end = listen(lambda _folder: changed.set())
    try:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                changed.clear()
                await changed.wait()
    finally:
        end()


def style(words: Words = WORDS) -> Style:
    policy_ = urgency.read_policy(read_toml(find_config("", {}) / "urgency.toml"))
    return Style(words.say, lambda failure: words.say("mail-failed-unknown"), datetime.UTC, policy_, False, 50 << 20)


@asynccontextmanager
async def programs(
    *clinicians: Clinician, environment: Environment = ENVIRONMENT, certificate: Path | None = None
) -> AsyncIterator[list[Program]]:
    """One gateway for all of them, each with a mail program of her own; `certificate` is a real one with its key."""
    async with AsyncExitStack() as stack:
        endpoints = [
            await stack.enter_async_context(Endpoint(one.folder, PASSPHRASE, environment)) for one in clinicians
        ]
        where = Where("127.0.0.1", 0, 0, 0, (), certificate, None, 50 << 20)
        serving = await stack.enter_async_context(
            gateway.running(endpoints, where, style(), FixedNames(), WORDS.of, _nothing_owed, PAGE)
        )
        context = ssl.create_default_context(cafile=str(serving.ca or certificate))
        context.check_hostname = True
        yield [
            Program(box.address, await box.passwords.add("essai"), serving, box, context) for box in serving.mailboxes
        ]


async def _nothing_owed(_endpoint: Endpoint, _requests: Sequence[ReferralRequest]) -> None:
    return None


def mail(author: str, to: str, subject: str = "Bonjour", text: str = "Un mot.", **headers: str) -> EmailMessage:
    made = EmailMessage(policy=policy.SMTPUTF8)
    made["From"], made["To"], made["Subject"] = author, to, subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made
