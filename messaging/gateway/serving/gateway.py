"""The whole gateway: its mailboxes, its identity, its doors. Composition only."""

from __future__ import annotations

import asyncio
import datetime
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from directory.errors import Refusal
from messaging.client.endpoint import Endpoint
from messaging.errors import MessagingError
from messaging.gateway import ports
from messaging.gateway.access.front_door import FrontDoor
from messaging.gateway.access.throttle import Throttle
from messaging.gateway.certificates import context as tls
from messaging.gateway.certificates import identity as identities
from messaging.gateway.certificates.identity import Identity
from messaging.gateway.imap.limits import Limits as ImapLimits
from messaging.gateway.imap.server import ImapServer
from messaging.gateway.mailstore.fixed import FixedNames
from messaging.gateway.pop3.server import Pop3Server
from messaging.gateway.ports import Client, Submission
from messaging.gateway.serving.delivering import Style
from messaging.gateway.serving.doors import Doors
from messaging.gateway.serving.mailbox import Mailbox, Upkeep
from messaging.gateway.smtp.hall import Limits as SmtpLimits
from messaging.gateway.smtp.server import SubmissionServer

_PATIENCE: Final = 0.25  # seconds in which whoever speaks TLS at once has begun
_ENTERING: Final = 500
_DAY: Final = 24 * 3600.0
_ROLL_SECONDS: Final = 5.0
FOLDER: Final = "gateway"
_LOG: Final = logging.getLogger("confrere.gateway")


@dataclass(frozen=True, slots=True)
class Where:
    """Where it listens and as whom; ports of 0 are free ones. `certificate` and `key` are a real one's, or None."""

    host: str
    smtp: int
    imap: int
    pop3: int
    names: tuple[str, ...]
    certificate: Path | None
    key: Path | None
    largest: int


@dataclass(frozen=True, slots=True)
class Serving:
    """A gateway that is ready: its ports, and the file that clients trust (empty with a real certificate)."""

    smtp: int
    imap: int
    pop3: int
    ca: Path | None
    mailboxes: tuple[Mailbox, ...]


class _Submitter(ports.Submitter):
    def __init__(self, mailboxes: Mapping[str, Mailbox]) -> None:
        self._mailboxes = mailboxes

    async def recipient(self, client: Client, address: str) -> str:
        return await self._mailboxes[client.address].submitting.recipient(address)

    async def submit(self, submission: Submission) -> str:
        return await self._mailboxes[submission.client.address].submit(submission)


@asynccontextmanager
async def running(
    endpoints: Sequence[Endpoint],
    where: Where,
    style: Style,
    names: FixedNames,
    sentence: Callable[[Refusal], str],
    upkeep: Upkeep,
) -> AsyncIterator[Serving]:
    """Serve these endpoints' mailboxes until the context ends. The gateway's own identity lies beside the first
    profile.

    Raises MessagingError: certificate-unreadable, certificate-expired, gateway-port-taken, and as `Mailbox.running`."""
    async with AsyncExitStack() as stack:
        shown = _identity(endpoints[0], where)
        context = tls.context(shown)
        boxes = [await stack.enter_async_context(Mailbox.running(one, style, names, upkeep)) for one in endpoints]
        throttle = Throttle(asyncio.get_running_loop().time, endpoints[0].environment.entropy(32))
        porter = FrontDoor([box.entry() for box in boxes], throttle)
        submitter = _Submitter({box.address: box for box in boxes})
        smtp = SubmissionServer(
            tls=context,
            porter=porter,
            submitter=submitter,
            say=sentence,
            limits=SmtpLimits(octets=where.largest),
        )
        stack.push_async_callback(smtp.close)
        imap = ImapServer(porter, lambda: context, ImapLimits(message=where.largest))
        stack.push_async_callback(imap.close)
        pop3 = Pop3Server(tls=context, porter=porter, say=sentence)
        stack.push_async_callback(pop3.close)
        smtp_port, imap_port, pop3_port = (
            await _open(stack, context, where.host, where.smtp, smtp.connection),
            await _open(stack, context, where.host, where.imap, lambda _encrypted: imap.protocol()),
            await _open(stack, context, where.host, where.pop3, pop3.connection),
        )
        await stack.enter_async_context(_every(_DAY, lambda: _renew(context, endpoints[0], where)))
        await stack.enter_async_context(_every(_ROLL_SECONDS, lambda: _refresh(boxes)))
        yield Serving(smtp_port, imap_port, pop3_port, shown.trusted, tuple(boxes))


async def _open(
    stack: AsyncExitStack,
    context: ssl.SSLContext,
    host: str,
    port: int,
    factory: Callable[[bool], asyncio.BaseProtocol],
) -> int:
    doors = Doors(lambda: context, factory, patience=_PATIENCE, most=_ENTERING)
    try:
        await doors.open(host, port)
    except OSError:
        raise MessagingError("gateway-port-taken", port=port) from None
    stack.push_async_callback(doors.close)
    return doors.port


def _identity(endpoint: Endpoint, where: Where) -> Identity:
    now = datetime.datetime.fromtimestamp(endpoint.environment.now() / 1000, datetime.UTC)
    if where.certificate is not None:
        return identities.given(where.certificate, where.key or where.certificate, now)
    return identities.ensure(endpoint.profile.folder / FOLDER, where.names, now)


async def _renew(context: ssl.SSLContext, endpoint: Endpoint, where: Where) -> None:
    tls.reload(context, _identity(endpoint, where))


async def _refresh(boxes: Sequence[Mailbox]) -> None:
    """A password that was withdrawn by another process lets nobody go on."""
    for box in boxes:
        await box.passwords.refresh()


@asynccontextmanager
async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    async def repeat() -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
            except Refusal as refused:
                _LOG.warning("upkeep of the gateway: %s", refused.id)
            except Exception as unforeseen:
                _LOG.error("upkeep of the gateway: %s", type(unforeseen).__name__)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
