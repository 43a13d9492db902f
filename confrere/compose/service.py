"""`confrere serve`, composed: one data folder, one writer, both houses' stores, verbs and routes, in order of start.

Imports no room that seals or opens: what is not linked cannot read.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from confrere.compose import directory_house
from confrere.compose.announcing import Announcer
from confrere.compose.front import Policy, front_rows, register, text_of
from confrere.compose.openapi import RouteRow
from confrere.compose.problems import problems
from confrere.database import engine, lock, schema, service_key
from confrere.database.writer import GroupWriter, wall_clock
from confrere.errors import ConfrereError
from confrere.settings import ServiceSettings
from directory.primitives import selftest
from messaging.http.hub import Hub
from messaging.http.routes import MessagingRoutes
from messaging.http.websocket import Line
from messaging.mailbox.rates import Rate
from messaging.store.accesses import SqlAccesses
from messaging.store.blobs import BlobFolder, SqlBlobs
from messaging.store.feeds import SqlFeeds
from messaging.store.notices import SqlNotices
from messaging.store.threads import SqlThreads
from messaging.use_cases.accesses import Accesses
from messaging.use_cases.blobs import Blobs
from messaging.use_cases.notices import Notices
from messaging.use_cases.submit import Bounds, Submissions
from messaging.use_cases.thread_book import ThreadBook
from messaging.wire import limits

if TYPE_CHECKING:
    from confrere.compose.delivery import Carrier

log = logging.getLogger("confrere.service")

SHUTDOWN_SECONDS = 5.0
HEADROOM = 64 * 1024


@dataclass(frozen=True, slots=True)
class Running:
    """A service that accepts connections."""

    url: str
    app: web.Application
    rows: tuple[RouteRow, ...]
    writer: GroupWriter
    house: directory_house.House
    line: Line


@asynccontextmanager
async def running(
    data: Path, settings: ServiceSettings, config: Path, *, host: str = "", port: int | None = None
) -> AsyncIterator[Running]:
    """Serves until the block ends; then what is queued is written. Raises ConfrereError: data-*, address-in-use."""
    selftest.run()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock.held(data):
        async with contextlib.AsyncExitStack() as stack:
            yield await _start(stack, data, settings, config, host or settings.listen.host, port)


async def _start(
    stack: contextlib.AsyncExitStack,
    data: Path,
    settings: ServiceSettings,
    config: Path,
    host: str,
    port: int | None,
) -> Running:
    key = service_key.load_or_make(data)
    file = data / engine.FILE_NAME
    schema.migrate(file)
    cache = settings.sqlite.cache_mib
    reader = engine.ReadPool(engine.read_engine(file, cache_mib=cache))
    stack.push_async_callback(reader.close)
    writer = GroupWriter(
        engine.write_engine(file, synchronous=settings.sqlite.synchronous, cache_mib=cache),
        key,
        batch=settings.write_path.batch,
        queue=settings.write_path.queue,
    )
    await writer.start()
    stack.push_async_callback(writer.close)

    carrier: Carrier | None = None

    def wake() -> None:
        if carrier is not None:
            carrier.wake()

    house = directory_house.build(data, settings, key.public, writer, reader, wall_clock, wake)
    hub, feeds = Hub(), SqlFeeds()
    book = ThreadBook(SqlThreads())
    writer.on_reset(book.forget)
    notices = Notices(
        writer,
        reader,
        SqlNotices(),
        hub.present,
        wake,
        gather=settings.notices.gather_seconds * 1000,
        zone=settings.notices.zone,
    )
    await notices.load()
    rate = Rate(settings.rates.messages)
    bounds = Bounds(settings.limits.event_bytes, settings.limits.members)
    submissions = Submissions(writer, book, house.accounts, hub, notices, rate, wall_clock, bounds)
    announcer = Announcer(hub, house.accounts, feeds, notices, reader, wall_clock)
    stack.push_async_callback(announcer.close)
    house.accounts.on_change(announcer.account_changed)
    line = Line(
        hub,
        submissions,
        house.logins,
        house.accounts,
        reader,
        feeds,
        wall_clock,
        announcer.read_up_to,
        min(limits.MAX_FRAME, settings.limits.frame_bytes),
    )
    blobs = Blobs(writer, reader, SqlBlobs(), BlobFolder(data / "blobs"), settings.limits.blob_bytes)
    accesses = Accesses(writer, reader, house.accounts, SqlAccesses(), feeds, rate, wall_clock)
    messaging = MessagingRoutes(line, blobs, notices, accesses)

    policy = Policy(text_of(key.public), text_of(house.registrar_pk), settings.service.domain)
    rows: list[RouteRow] = [*house.rows, *messaging.table()]
    rows = [*front_rows(policy, settings, lambda: rows), *rows]
    app = web.Application(client_max_size=limits.MAX_SUBMISSION + HEADROOM, middlewares=[problems])
    register(app, rows, house.logins)
    url = await _listen(stack, app, host, settings.listen.port if port is None else port, messaging)
    if settings.notices.enabled:
        # Only a service that sends e-mail loads what renders and sends it.
        from confrere.compose.delivery import Carrier

        # No link where the service does not know how it is reached: the listener's address means nothing elsewhere.
        link = settings.service.public_url
        carrier = Carrier(settings.notices, config / "mail", link, house.address_of, wall_clock)
        task = asyncio.create_task(carrier.run(notices, house.announcements), name="notices")
        stack.push_async_callback(_cancelled, task)
    return Running(url, app, tuple(rows), writer, house, line)


async def _listen(
    stack: contextlib.AsyncExitStack, app: web.Application, host: str, port: int, messaging: MessagingRoutes
) -> str:
    # No access log: its lines would hold ids.
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.push_async_callback(_hang_up, messaging.sockets)
    site = web.TCPSite(runner, host, port, backlog=1024)
    try:
        await site.start()
    except OSError:
        raise ConfrereError("address-in-use", host=host, port=port) from None
    addresses: Sequence[tuple[str, int]] = runner.addresses
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{addresses[0][1]}"


async def _hang_up(sockets: set[web.WebSocketResponse]) -> None:
    """1001: going away; clients resume from their cursors."""
    await asyncio.gather(*(socket.close(code=1001) for socket in tuple(sockets)), return_exceptions=True)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
