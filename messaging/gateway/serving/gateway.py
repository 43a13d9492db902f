"""The whole gateway: its mailboxes, its identity, its doors, its page. Composition only."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from directory.errors import Refusal
from messaging.client.endpoint import Endpoint
from messaging.gateway import ports
from messaging.gateway.access.front_door import FrontDoor
from messaging.gateway.access.throttle import Throttle
from messaging.gateway.certificates import context as tls
from messaging.gateway.certificates import identity as identities
from messaging.gateway.certificates.identity import TRUSTED_DER, Identity
from messaging.gateway.configuration.servers import Servers
from messaging.gateway.imap.limits import Limits as ImapLimits
from messaging.gateway.imap.server import ImapServer
from messaging.gateway.mailstore.fixed import FixedNames
from messaging.gateway.pop3.server import Pop3Server
from messaging.gateway.ports import Client, Door, Submission
from messaging.gateway.serving import entrance, memory_given_back
from messaging.gateway.serving.delivering import Style
from messaging.gateway.serving.mailbox import Mailbox, Upkeep
from messaging.gateway.serving.tally import CountedPorter, DoorTally
from messaging.gateway.setup import posted
from messaging.gateway.setup import server as setup_page
from messaging.gateway.setup.figures import Figures
from messaging.gateway.setup.posted import FOLDER, Posted
from messaging.gateway.setup.routes import Shown
from messaging.gateway.smtp.hall import Limits as SmtpLimits
from messaging.gateway.smtp.server import SubmissionServer
from messaging.rendering.pages import Language, Say

_IDENTITY_SECONDS: Final = 60.0  # a clock that was set right, or a file that was replaced, keeps nobody out for long
_ROLL_SECONDS: Final = 5.0
_LOG: Final = logging.getLogger("confrere.gateway")


@dataclass(frozen=True, slots=True)
class Where:
    """Where it listens and as whom; ports of 0 are free ones. `certificate` and `key` are a real one's, or None.
    `setup` is the port of the page."""

    host: str
    smtp: int
    imap: int
    pop3: int
    names: tuple[str, ...]
    certificate: Path | None
    key: Path | None
    largest: int
    setup: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """In which languages the setup page speaks, and which of them where a browser prefers none."""

    words: Mapping[Language, Say]
    language: Language


@dataclass(frozen=True, slots=True)
class Serving:
    """A gateway that is ready: its ports (`setup` is 0 without a page), and the file that clients trust (None with a
    real certificate)."""

    smtp: int
    imap: int
    pop3: int
    setup: int
    ca: Path | None
    mailboxes: tuple[Mailbox, ...]


class _Submitter(ports.Submitter):
    def __init__(self, mailboxes: Mapping[str, Mailbox]) -> None:
        self._mailboxes = mailboxes

    async def recipient(self, client: Client, address: str) -> str:
        return await self._mailboxes[client.address].recipient(address)

    async def submit(self, submission: Submission) -> str:
        return await self._mailboxes[submission.client.address].submit(submission)


class _Credentials:
    """The identity of the day, and the TLS context that it is loaded into."""

    def __init__(self, endpoint: Endpoint, where: Where) -> None:
        self._endpoint = endpoint
        self._where = where
        self.identity = self._current()
        self.context = tls.context(self.identity)

    async def renew(self) -> None:
        """Take up what was renewed or replaced. Raises MessagingError: certificate-unreadable, certificate-expired, and
        then goes on with what it had."""
        identity = self._current()
        tls.reload(self.context, identity)
        self.identity = identity

    @property
    def authority(self) -> tuple[Path, Path] | None:
        """In PEM and in DER."""
        trusted = self.identity.trusted
        return None if trusted is None else (trusted, trusted.with_name(TRUSTED_DER))

    def _current(self) -> Identity:
        endpoint, where = self._endpoint, self._where
        now = datetime.datetime.fromtimestamp(endpoint.environment.now() / 1000, datetime.UTC)
        if where.certificate is not None:
            return identities.given(where.certificate, where.key or where.certificate, now)
        return identities.ensure(endpoint.profile.folder / FOLDER, where.names, now)


@asynccontextmanager
async def running(
    endpoints: Sequence[Endpoint],
    where: Where,
    style: Style,
    names: FixedNames,
    sentence: Callable[[Refusal], str],
    upkeep: Upkeep,
    page: Page | None = None,
) -> AsyncIterator[Serving]:
    """Serve these endpoints' mailboxes until the context ends. The gateway's own identity lies beside the first
    profile. `page` is the setup page's words, None for no page.

    Raises MessagingError: certificate-unreadable, certificate-expired, gateway-port-taken, and as `Mailbox.running`."""
    async with AsyncExitStack() as stack:
        credentials = _Credentials(endpoints[0], where)
        boxes = [await stack.enter_async_context(Mailbox.running(one, style, names, upkeep)) for one in endpoints]
        throttle = Throttle(asyncio.get_running_loop().time, endpoints[0].environment.entropy(32))
        tallies = {door: DoorTally() for door in Door}
        porter = CountedPorter(FrontDoor([box.entry() for box in boxes], throttle), tallies)
        smtp = SubmissionServer(
            tls=credentials.context,
            porter=porter,
            submitter=_Submitter({box.address: box for box in boxes}),
            say=sentence,
            limits=SmtpLimits(octets=where.largest),
        )
        imap = ImapServer(porter, lambda: credentials.context, ImapLimits(message=where.largest))
        pop3 = Pop3Server(tls=credentials.context, porter=porter, say=sentence)
        wanted = {Door.SMTP: where.smtp, Door.IMAP: where.imap, Door.POP3: where.pop3}
        doors = await stack.enter_async_context(
            entrance.opened(where.host, wanted, credentials.context, smtp, imap, pop3, tallies)
        )
        await stack.enter_async_context(_every(_IDENTITY_SECONDS, credentials.renew))
        await stack.enter_async_context(_every(memory_given_back.EVERY, memory_given_back.give_back))
        for box in boxes:
            stack.callback(box.passwords.listen(_dismissing(doors, box.address)))
            await stack.enter_async_context(_every(_ROLL_SECONDS, box.refresh_passwords))

        async def figures() -> Figures:
            return Figures(
                now=endpoints[0].environment.now(),
                process=os.getpid(),
                server=endpoints[0].identity.server,
                certificate_until=int(credentials.identity.until.timestamp() * 1000),
                doors=doors.figures(),
                mailboxes=tuple([await box.figures() for box in boxes]),
            )

        servers = Servers(_name(where), doors.ports[Door.SMTP], doors.ports[Door.IMAP], doors.ports[Door.POP3])
        setup = 0
        if page is not None:
            addresses = tuple(box.address for box in boxes)
            elsewhere = not _this_machine_alone(where.host)
            shown = Shown(servers, addresses, credentials.authority, figures, page.words, page.language, elsewhere)
            setup = await stack.enter_async_context(setup_page.serving(shown, where.setup))
        for endpoint in endpoints:
            folder = endpoint.profile.folder
            posted.post(folder, Posted(os.getpid(), where.host, servers.smtp, servers.imap, servers.pop3, setup))
            stack.callback(posted.take_down, folder)
        trusted = credentials.identity.trusted
        yield Serving(servers.smtp, servers.imap, servers.pop3, setup, trusted, tuple(boxes))


def _dismissing(doors: entrance.Entrance, address: str) -> Callable[[str], None]:
    """What is told of this mailbox's app passwords that were withdrawn, here or by another process."""
    return lambda password_name: doors.dismiss(address, password_name)


def _name(where: Where) -> str:
    """What mail programs call it."""
    return where.names[0] if where.names else "localhost"


def _this_machine_alone(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    async def repeat() -> None:
        told = ""
        while True:
            await asyncio.sleep(seconds)
            failure, level = "", logging.WARNING
            try:
                await work()
            except Refusal as refused:
                failure = refused.id
            except Exception as unforeseen:
                failure, level = type(unforeseen).__name__, logging.ERROR
            if failure and failure != told:
                _LOG.log(level, "upkeep of the gateway: %s", failure)
            told = failure

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
