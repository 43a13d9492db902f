"""Whoever holds a door without coming in keeps nobody else out (RFC 8446 section 4: a handshake that never ends)."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from messaging.gateway.serving.doors import Doors

pytestmark = pytest.mark.asyncio(loop_scope="session")
MOST = 4


class _Greeting(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"hello\r\n")
        transport.close()


@pytest.mark.parametrize("first", [b"\x16", b"\x16\x03\x01\x02\x00"], ids=["an octet", "a record"])
async def test_handshakes_that_never_end_keep_nobody_out(first: bytes) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    doors = Doors(lambda: context, lambda _secure: _Greeting(), patience=0.01, most=MOST)
    await doors.open("127.0.0.1", 0)
    held = [await asyncio.open_connection("127.0.0.1", doors.port) for _ in range(3 * MOST)]
    try:
        for _, writer in held:
            writer.write(first)
            await writer.drain()
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection("127.0.0.1", doors.port)
            assert await reader.readline() == b"hello\r\n"
            writer.close()
    finally:
        for _, writer in held:
            writer.close()
        await doors.close()
