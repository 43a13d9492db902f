"""One port for both ways of TLS: a client that speaks TLS at once (RFC 8314) and one that asks for STARTTLS first.

Mail programs are set up with either, and who chose the other one for a port would be told nothing of use. Who speaks
TLS sends a handshake record before anything else; who wants STARTTLS waits for the greeting. The first octet is looked
at, never taken, so neither protocol knows of it. Nothing but STARTTLS is served in clear: the rooms see to that.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Final

_HANDSHAKE: Final = b"\x16"  # RFC 8446 section 5.1
_SHUT_OUT: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_HANDSHAKE_SECONDS: Final = 15.0

Factory = Callable[[bool], asyncio.BaseProtocol]
"""(whether TLS is spoken already) -> the protocol of one connection."""


class Doors:
    """A listening socket on `host` and `port` (0: any free one)."""

    def __init__(self, tls: Callable[[], ssl.SSLContext], factory: Factory, *, patience: float, most: int) -> None:
        """`tls` gives the context of the moment; `patience` is how long, in seconds, a client may keep silent before it
        is greeted in clear; at most `most` connections wait so, or begin TLS, at a time: who has dawdled longest makes
        room for the next, so that nobody who holds a door keeps others out."""
        self._tls = tls
        self._factory = factory
        self._patience = patience
        self._most = most
        self._entering: dict[asyncio.Task[None], None] = {}  # the longest there first
        self._listening: list[asyncio.Task[None]] = []
        self._sockets: list[socket.socket] = []
        self.port = 0

    async def open(self, host: str, port: int) -> None:
        """Raises OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        for family, kind, protocol, _, address in await loop.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            if self._sockets and not self.port:
                break
            there = (address[0], self.port or port, *address[2:])
            listener = socket.socket(family, kind, protocol)
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.setblocking(False)
                listener.bind(there)
                listener.listen(100)
            except OSError:
                listener.close()
                await self.close()
                raise
            self._sockets.append(listener)
            self.port = listener.getsockname()[1]
        self._listening = [loop.create_task(self._accept(one)) for one in self._sockets]

    async def close(self) -> None:
        """Lets nobody more in; those inside are the protocols' own."""
        for task in (*self._listening, *self._entering):
            task.cancel()
        await asyncio.gather(*self._listening, *self._entering, return_exceptions=True)
        for listener in self._sockets:
            listener.close()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(listener)
            except OSError as failed:
                if failed.errno not in _SHUT_OUT:
                    continue
                await asyncio.sleep(1)  # no more files: whoever waits is served once some are closed
                continue
            if len(self._entering) >= self._most:
                longest = next(iter(self._entering))
                del self._entering[longest]
                longest.cancel()
            task = loop.create_task(self._enter(client))
            self._entering[task] = None
            task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._entering.pop(task, None)
        if not task.cancelled() and task.exception() is not None:
            logging.getLogger("confrere.gateway").warning("a connection failed: %s", type(task.exception()).__name__)

    async def _enter(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            first = await self._first(client)
            if first == b"":
                client.close()
                return
            secure = first == _HANDSHAKE
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                await loop.connect_accepted_socket(
                    lambda: self._factory(secure),
                    client,
                    ssl=self._tls() if secure else None,
                    ssl_handshake_timeout=_HANDSHAKE_SECONDS if secure else None,
                )
                return
            client.close()
        except BaseException:
            client.close()
            raise

    async def _first(self, client: socket.socket) -> bytes | None:
        """The octet that a client sent before it was greeted; None for one who waits, empty for one who left."""
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(client, readable.set)
        try:
            async with asyncio.timeout(self._patience):
                await readable.wait()
        except TimeoutError:
            return None
        finally:
            loop.remove_reader(client)
        try:
            return client.recv(1, socket.MSG_PEEK)
        except OSError:
            return b""
