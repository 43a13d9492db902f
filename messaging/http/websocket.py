"""`GET /api/ws` (docs/spec/service.md, "Frames"): send, receive, resume, over one connection.

1. HELLO: token, one cursor a mailbox; every mailbox must be readable by the caller.
2. WELCOME; stored items by page, with back-pressure; CAUGHT_UP; from then on items as they are committed.
3. SEND at any time, many under way at once; each is answered by ACK or REFUSED.
Frames of one turn of the loop leave in one write.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from directory.accounts.entry import AccountKind
from directory.accounts.state import NOW
from directory.errors import Refusal
from directory.ports import AccountBook, Holding, Reader, Session, Sessions
from messaging.errors import MessagingError
from messaging.http.hub import Hub, Subscription
from messaging.mailbox.cursor import FeedCursor
from messaging.mailbox.membership import readable_classes
from messaging.ports import FeedStore
from messaging.use_cases.accesses import NOTICES
from messaging.use_cases.submit import Submissions
from messaging.wire import frames, limits
from messaging.wire.frames import FrameType, Hello, Mark, Send

HELLO_SECONDS = 10
HEARTBEAT_SECONDS = 30
RIGHTS_SECONDS = 60
UNDER_WAY = 256
QUEUED_OCTETS = 8 * 1024 * 1024
HIGH_WATER = 512 * 1024
CONGESTED_SECONDS = 0.01
TRY_AGAIN_LATER = 1013


@dataclass(frozen=True, slots=True)
class Line:
    """What a connection needs of the service."""

    hub: Hub
    submissions: Submissions
    sessions: Sessions
    accounts: AccountBook
    reader: Reader
    feeds: FeedStore
    clock: Callable[[], int]
    read_up_to: Callable[[bytes, int], None]
    frame_bytes: int = limits.MAX_FRAME


class Connection:
    """One WebSocket: `hub.Listener`, its subscriptions and its queue."""

    def __init__(self, line: Line, transport: asyncio.Transport) -> None:
        self._line = line
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._session: Session | None = None
        self._subscriptions: list[Subscription] = []
        self._queue: list[bytes] = []
        self._octets = 0
        self._flushing = False
        self._room = asyncio.Event()
        self._room.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(UNDER_WAY)
        self._rechecking = False

    @property
    def account(self) -> bytes:
        return self._session.account if self._session is not None else b""

    @property
    def mailboxes(self) -> frozenset[bytes]:
        return frozenset(subscription.mailbox for subscription in self._subscriptions)

    # --- reading ---

    async def run(self, socket: web.WebSocketResponse) -> None:
        try:
            first = await asyncio.wait_for(socket.receive(), HELLO_SECONDS)
            if first.type is not WSMsgType.BINARY:
                return
            await self._subscribe(self._hello(frames.parse(first.data)))
            self._start(self._catch_up(announce=True))
            self._start(self._watch_rights())
            async for message in socket:
                if message.type is not WSMsgType.BINARY:
                    break
                frame = frames.parse(message.data)
                if not isinstance(frame, Send):
                    raise MessagingError("request-malformed", field="frame")
                await self._free.acquire()
                self._start(self._send(frame))
        except TimeoutError:
            return
        except Refusal as refusal:
            self.push(frames.encode(_refused(0, refusal)))
            self._flush()
        finally:
            self._line.hub.remove(self, self._subscriptions)
            for task in self._tasks:
                task.cancel()

    def _hello(self, frame: frames.Frame) -> Hello:
        if not isinstance(frame, Hello) or len({mailbox for mailbox, _ in frame.cursors}) != len(frame.cursors):
            raise MessagingError("request-malformed", field="hello")
        self._session = self._line.sessions.authenticate(frame.token)
        return frame

    async def _subscribe(self, frame: Hello) -> None:
        rights = await self._rights([mailbox for mailbox, _ in frame.cursors])
        self._subscriptions = [
            Subscription(self, mailbox, rights[mailbox], cursor) for mailbox, cursor in frame.cursors
        ]
        self.push(frames.encode(Mark(FrameType.WELCOME)))
        self._line.hub.add(self, self._subscriptions)

    async def _rights(self, mailboxes: list[bytes]) -> dict[bytes, frozenset[int]]:
        """The classes readable in each. Raises mailbox-not-held, device-not-live."""
        line, session = self._line, self._session
        if session is None:
            raise MessagingError("mailbox-not-held")

        def query(connection: Any) -> dict[bytes, frozenset[int]]:
            line.accounts.state(session.account, connection).device_at(session.device, NOW)
            held = line.accounts.holdings(session.account, connection, line.clock())
            return {mailbox: frozenset(_pushed(mailbox, session, held, connection)) for mailbox in mailboxes}

        def _pushed(mailbox: bytes, session: Session, held: tuple[Holding, ...], connection: Any) -> tuple[int, ...]:
            classes = readable_classes(mailbox, session.account, held)
            record = line.accounts.state(mailbox, connection).kind is AccountKind.RECORD
            # What needs a statement is never pushed.
            return tuple(class_ for class_ in classes if class_ == NOTICES or not record)

        return await line.reader.read(query)

    async def _catch_up(self, *, announce: bool) -> None:
        for subscription in self._subscriptions:
            await self._page(subscription)
            self._line.read_up_to(subscription.mailbox, subscription.cursor.position)
        if announce:
            self.push(frames.encode(Mark(FrameType.CAUGHT_UP)))

    async def _page(self, subscription: Subscription) -> None:
        cursor, line = subscription.cursor, self._line
        classes = tuple(sorted(subscription.classes))
        while cursor is subscription.cursor and not cursor.live:
            after = cursor.position
            page = await line.reader.read(
                lambda connection, after=after: line.feeds.mailbox_page(  # type: ignore[misc]
                    connection, subscription.mailbox, classes, after
                )
            )
            if cursor is not subscription.cursor:
                return
            for item in page.items:
                self.push(item)
            cursor.paged(page.cursor)
            await self._room.wait()
            if page.more or cursor is not subscription.cursor:
                continue
            for item in cursor.caught_up() or ():
                self.push(item)

    def recheck(self) -> None:
        """Nothing more is handed over until the caller's rights were read again."""
        for subscription in self._subscriptions:
            subscription.cursor = FeedCursor(subscription.cursor.position)
        if not self._rechecking:
            self._rechecking = True
            self._start(self._read_rights_again())

    async def _watch_rights(self) -> None:
        """A mandate also ends by its date, and no entry says when: look now and then."""
        while True:
            await asyncio.sleep(RIGHTS_SECONDS)
            rights = await self._rights_or_close()
            if rights is None:
                return
            if any(subscription.classes != rights[subscription.mailbox] for subscription in self._subscriptions):
                self.recheck()

    async def _rights_or_close(self) -> dict[bytes, frozenset[int]] | None:
        try:
            return await self._rights([subscription.mailbox for subscription in self._subscriptions])
        except Refusal as refusal:
            self.push(frames.encode(_refused(0, refusal)))
            self._flush()
            self._transport.close()
            return None

    async def _read_rights_again(self) -> None:
        self._rechecking = False
        rights = await self._rights_or_close()
        if rights is None:
            return
        for subscription in self._subscriptions:
            subscription.classes = rights[subscription.mailbox]
            # What waited was let through by the classes of before: read it again by those of now.
            subscription.cursor = FeedCursor(subscription.cursor.position)
        await self._catch_up(announce=False)

    # --- sending ---

    async def _send(self, frame: Send) -> None:
        try:
            session = self._session
            if session is None:
                raise MessagingError("mailbox-not-held")
            proofs = await self._line.submissions.submit(session, frame.submission)
        except Refusal as refusal:
            self.push(frames.encode(_refused(frame.rid, refusal)))
        else:
            self.push(frames.encode(frames.Ack(frame.rid, proofs)))
        finally:
            self._free.release()

    def push(self, frame: bytes) -> None:
        self._queue.append(frame)
        self._octets += len(frame)
        if self._octets > HIGH_WATER:
            self._room.clear()
            if self._octets > QUEUED_OCTETS:
                self._drop()
                return
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        if self._transport.is_closing():
            self._queue.clear()
            self._room.set()
            return
        if self._transport.get_write_buffer_size() > HIGH_WATER:
            self._loop.call_later(CONGESTED_SECONDS, self._flush)
            return
        self._flushing = False
        queue, self._queue, self._octets = self._queue, [], 0
        if queue:
            self._transport.write(packed(queue))
        self._room.set()

    def _drop(self) -> None:
        """Too slow: it resumes from its cursor."""
        self._queue.clear()
        self._octets = 0
        self._room.set()
        self._transport.abort()

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._transport.abort()


def packed(messages: list[bytes]) -> bytes:
    """Unmasked final binary frames (RFC 6455 section 5.2), one after the other."""
    parts: list[bytes] = []
    for message in messages:
        size = len(message)
        if size < 126:
            parts.append(struct.pack("!BB", 0x82, size))
        elif size < 65_536:
            parts.append(struct.pack("!BBH", 0x82, 126, size))
        else:
            parts.append(struct.pack("!BBQ", 0x82, 127, size))
        parts.append(message)
    return b"".join(parts)


def _refused(rid: int, refusal: Refusal) -> frames.Refused:
    return frames.Refused(rid, refusal.id, json.dumps(refusal.facts) if refusal.facts else "")


async def serve_socket(
    request: web.Request, line: Line, open_sockets: set[web.WebSocketResponse]
) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(max_msg_size=line.frame_bytes, compress=False, heartbeat=HEARTBEAT_SECONDS)
    await socket.prepare(request)
    if request.transport is None:
        return socket
    open_sockets.add(socket)
    try:
        await Connection(line, request.transport).run(socket)
    finally:
        open_sockets.discard(socket)
    return socket
