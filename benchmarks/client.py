"""A thin client of the service's frames for benchmarks and fault tests: log in, HELLO, pipelined SENDs."""

from __future__ import annotations

import asyncio
import base64
import struct
from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp

from benchmarks.world import Person, login_signature
from directory.primitives.codec import u8, u32, var
from messaging.wire import frames
from messaging.wire.frames import Ack, Frame, FrameType, Hello, Refused


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def log_in(session: aiohttp.ClientSession, url: str, person: Person, service_pk: bytes) -> str:
    who = {"account": person.account.hex(), "device": person.device.id.hex()}
    async with session.post(f"{url}/api/login/challenge", json=who) as answer:
        challenge = (await answer.json())["challenge"]
    signed = b64(login_signature(person, service_pk, unb64(challenge)))
    async with session.post(f"{url}/api/login", json={**who, "challenge": challenge, "signature": signed}) as answer:
        answer.raise_for_status()
        token: str = (await answer.json())["token"]
        return token


async def service_pk(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(f"{url}/api/policy") as answer:
        return unb64((await answer.json())["service_pk"])


class Wire:
    """One WebSocket. Answers resolve `send`; `on_item` is given (tick, octets of the frame) of each item."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, on_item: Callable[[int, bytes], None]) -> None:
        self.socket = socket
        self._on_item = on_item
        self._rid = 0
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self.caught_up = asyncio.Event()
        self.others: list[Frame] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(
        cls,
        session: aiohttp.ClientSession,
        url: str,
        token: str,
        cursors: tuple[tuple[bytes, int], ...],
        on_item: Callable[[int, bytes], None] = lambda tick, frame: None,
    ) -> Wire:
        socket = await session.ws_connect(f"{url}/api/ws", max_msg_size=frames.limits.MAX_FRAME, compress=0)
        await socket.send_bytes(frames.encode(Hello(token, cursors)))
        return cls(socket, on_item)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self.socket.close()

    async def post(self, submission: bytes) -> asyncio.Future[bytes]:
        """Sent; the future is its answer's octets."""
        self._rid += 1
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[self._rid] = answer
        await self.socket.send_bytes(u8(FrameType.SEND) + u32(self._rid) + var(submission))
        return answer

    async def send(self, submission: bytes) -> Ack | Refused:
        answer = frames.parse(await (await self.post(submission)))
        if not isinstance(answer, Ack | Refused):
            raise TypeError(answer)
        return answer

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._take(message.data)
        finally:
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError())
                    answer.exception()

    def _take(self, raw: bytes) -> None:
        kind = raw[0]
        if kind == FrameType.ITEM:
            self._on_item(struct.unpack_from("!Q", raw, 17)[0], raw)
        elif kind in (FrameType.ACK, FrameType.REFUSED):
            waiting = self._waiting.pop(struct.unpack_from("!I", raw, 1)[0], None)
            if waiting is None:
                self.others.append(frames.parse(raw))
            elif not waiting.done():
                waiting.set_result(raw)
        elif kind == FrameType.CAUGHT_UP:
            self.caught_up.set()
        else:
            self.others.append(frames.parse(raw))
