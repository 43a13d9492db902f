"""From a message to the e-mail, through the running service and a real relay; and the service killed in between."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import aiohttp
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.client import service_pk
from benchmarks.world import Conversation, Person, admit
from confrere.compose.service import running
from confrere.settings import Notices as NoticeSettings
from confrere.settings import Rates, Service, ServiceSettings
from directory.store import tables
from messaging.use_cases.notices import pause
from tests.conftest import CONFIG, Live
from tests.messaging.notices.test_notice_queue import GATHER, NOON, Office

pytestmark = pytest.mark.asyncio(loop_scope="session")
ROOT = Path(__file__).parents[3]
URL = "https://confrere.localhost"
EMAIL = "cabinet@mail.localhost"
ADDRESS = "claire.fontaine@confrere.localhost"


@dataclass
class Relay:
    """Takes every mail, or answers RCPT with what it is told to."""

    reply: str = "250 OK"
    mails: asyncio.Queue[tuple[str, EmailMessage]] = field(default_factory=asyncio.Queue)
    refused: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def handle_RCPT(self, _s: SMTP, _c: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        if not self.reply.startswith("250"):
            self.refused.put_nowait(str(envelope.mail_from))
        return self.reply

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        found = email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        self.mails.put_nowait((str(envelope.mail_from), found))
        return "250 OK"


@asynccontextmanager
async def practice(tmp_path: Path, relay: Relay, public_url: str) -> AsyncIterator[tuple[Live, Person, Person]]:
    """A service that sends notices, a person who writes, and one with an address who is told."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(relay, loop=loop), "127.0.0.1", 0)
    settings = ServiceSettings(
        service=Service(public_url=public_url),
        rates=Rates(messages=1_000_000, logins=10_000),
        notices=NoticeSettings(
            enabled=True,
            smtp_port=server.sockets[0].getsockname()[1],
            gather_seconds=0,
            bounces="bounces@confrere.localhost",
        ),
    )
    data = tmp_path / "data"
    await admit(data, [Person.make("first")])
    async with running(data, settings, CONFIG, port=0) as service, aiohttp.ClientSession() as http:
        live = Live(service, http, await service_pk(http, service.url), data)
        one, other = await live.person(), await live.person()
        row = {"address": ADDRESS, "mailbox": other.mailbox, "person": other.account, "kind": 1}
        row |= {"identifier": "1", "name": "Claire", "profession": ""}
        await service.writer.write(lambda group: group.insert(tables.address, row))
        yield live, one, other
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def logged(line: str) -> AsyncIterator[None]:
    """Ends once the service has logged this about notices."""
    seen, logger = asyncio.Event(), logging.getLogger("confrere.notices")

    def look(record: logging.LogRecord) -> bool:
        if record.getMessage() == line:
            seen.set()
        return True

    logger.addFilter(look)
    try:
        yield
        await asyncio.wait_for(seen.wait(), 10)
    finally:
        logger.removeFilter(look)


async def asked(live: Live, person: Person, mailbox: bytes, **wishes: object) -> int:
    path = f"{live.url}/api/mailboxes/{mailbox.hex()}/notices"
    wanted = {"email": EMAIL, "language": "fr"} | wishes
    async with live.http.put(path, json=wanted, headers=await live.bearer(person)) as answer:
        return answer.status


async def standing(live: Live, person: Person, mailbox: bytes) -> dict[str, object]:
    path = f"{live.url}/api/mailboxes/{mailbox.hex()}/notices"
    async with live.http.get(path, headers=await live.bearer(person)) as answer:
        return dict(await answer.json(content_type=None))


@pytest.mark.parametrize("public_url", [URL, ""])
async def test_a_message_becomes_an_e_mail_whose_one_link_leads_to_its_thread(tmp_path: Path, public_url: str) -> None:
    relay = Relay()
    async with practice(tmp_path, relay, public_url) as (live, one, other):
        assert await asked(live, other, other.mailbox) == 204
        talk = Conversation.start(one, other)
        async with await live.wire(one) as sender:
            await sender.send(talk.opening(talk.event()))
        returns_to, mail = await asyncio.wait_for(relay.mails.get(), 10)
    assert returns_to.startswith("bounces+")
    assert mail["To"] == EMAIL
    thread = talk.commit.thread.hex()
    for part in mail.iter_parts():
        said = part.get_content()
        assert said.count(ADDRESS) == 1
        assert (said.count("http"), said.count(f"{URL}/#/fil/{thread}")) == ((1, 1) if public_url else (0, 0))
        assert "127.0.0.1" not in said
    assert one.mailbox.hex() not in mail.as_string()


async def test_a_refused_address_is_the_owners_to_see_and_in_the_log_a_number(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    relay = Relay(reply=f"550 5.1.1 <{EMAIL}> unknown")
    async with practice(tmp_path, relay, URL) as (live, one, other):
        await asked(live, other, other.mailbox)
        talk = Conversation.start(one, other)
        async with logged("notices of 1 mailboxes do not arrive, 0 of them suspended"), await live.wire(one) as sender:
            await sender.send(talk.opening(talk.event()))
        bounce = (await standing(live, other, other.mailbox))["bounce"]
        assert isinstance(bounce, dict)
        assert (bounce["status"], bounce["suspended"]) == ("5.1.1", False)
        assert await asked(live, other, other.mailbox, every="day", confirm=False) == 204
        assert (await standing(live, other, other.mailbox))["bounce"] == bounce
        assert await asked(live, other, other.mailbox) == 204
        assert (await standing(live, other, other.mailbox))["bounce"] is None
    for secret in (EMAIL, "mail.localhost", ADDRESS, other.mailbox.hex()):
        assert secret not in caplog.text


async def test_a_text_that_was_broken_makes_its_own_notice_wait_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay, config = Relay(), tmp_path / "config"
    shutil.copytree(CONFIG, config)
    (config / "mail" / "new-message.fr.j2").write_text(
        "{% extends layout %}{% block text %}{{ patient }}{% endblock %}"
    )
    monkeypatch.setattr(sys.modules[__name__], "CONFIG", config)
    async with practice(tmp_path, relay, URL) as (live, one, other):
        await asked(live, other, other.mailbox)
        await asked(live, one, one.mailbox, language="en")
        row = {"address": "one@confrere.localhost", "mailbox": one.mailbox, "person": one.account, "kind": 1}
        row |= {"identifier": "2", "name": "One", "profession": ""}
        await live.running.writer.write(lambda group: group.insert(tables.address, row))
        writer = await live.person()  # who reads is not told, and neither of the two does
        broken = logged("a notice waits for its text: mail/new-message.fr.j2")
        async with broken, await live.wire(writer) as sender:
            for reader in (other, one):
                talk = Conversation.start(writer, reader)
                await sender.send(talk.opening(talk.event()))
        _, mail = await asyncio.wait_for(relay.mails.get(), 10)
    assert mail["Subject"] == "Confrère: a message is waiting"


async def test_wishes_are_shown_as_they_stand_and_to_the_manager_alone(live: Live) -> None:
    one, other = await live.person(), await live.person()
    nothing = await standing(live, one, one.mailbox)
    assert (nothing["email"], nothing["bounce"]) == ("", None)
    wishes = {"every": "hour", "quiet": "20:00-07:30", "quiet_days": "sun,sat", "zone": "Indian/Reunion"}
    assert await asked(live, one, one.mailbox, **wishes) == 204
    shown = wishes | {"email": EMAIL, "language": "fr", "quiet_days": "sat,sun", "bounce": None}
    assert await standing(live, one, one.mailbox) == shown
    assert (await standing(live, other, one.mailbox))["id"] == "mailbox-not-held"
    assert await asked(live, other, one.mailbox) == 403
    for wrong in ({"every": "never"}, {"quiet": 7}, {"confirm": "yes"}, {"sender": "a@b.fr"}, {"zone": "a" * 9_999}):
        assert await asked(live, one, one.mailbox, **wrong) == 400
    assert await standing(live, one, one.mailbox) == shown


KILLED = """
import asyncio, pathlib, sys
from tests.messaging.notices.test_notice_queue import GATHER, NOON, OWNER, Office

async def main():
    office = Office(pathlib.Path(sys.argv[1]))
    await office.open()
    await office.board.prefer(OWNER, "j.teissier@mail.localhost", "fr")
    await office.message()

    async def deliver(notice, preference):
        print(notice.token.hex(), flush=True)
        await asyncio.Event().wait()

    await office.board.send_due(NOON + GATHER, deliver)

asyncio.run(main())
"""


async def test_kill_9_while_the_relay_takes_it_repeats_it_once_after_the_pause(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    token = (await asyncio.to_thread(process.stdout.readline)).strip()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    async with Office(tmp_path).opened() as office:
        assert await office.turn(NOON + GATHER) == []
        (again,) = await office.turn(NOON + GATHER + pause(0))
        assert (again.token.hex(), again.attempts) == (token, 1)
    async with Office(tmp_path).opened() as office:
        assert await office.turn(NOON + 30 * 24 * 3_600_000) == []
