"""The IMAP4rev1 server of the gateway (RFC 3501): accepts connections, TLS always, and bounds how many there are. What
is said over one is `conversation`'s; one client's never waits for another's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections import Counter
from collections.abc import Callable

from messaging.gateway.imap.conversation import converse
from messaging.gateway.imap.limits import Limits
from messaging.gateway.imap.session import Session
from messaging.gateway.imap.wire import Wire
from messaging.gateway.ports import Porter

_HANDSHAKE = 15.0  # seconds
_log = logging.getLogger("confrere.gateway.imap")


class ImapServer:
    """`tls` gives the context of the moment, so that a renewed certificate is taken up without a restart."""

    def __init__(self, porter: Porter, tls: Callable[[], ssl.SSLContext], limits: Limits | None = None) -> None:
        self._porter = porter
        self._tls = tls
        self._limits = limits or Limits()
        self._server: asyncio.Server | None = None
        self._sessions: dict[asyncio.Task[None], Session] = {}
        self._peers: Counter[str] = Counter()
        self._strangers: Counter[str] = Counter()
        self.port = 0

    async def start(self, host: str, port: int, *, implicit: bool) -> None:
        """Listen; `implicit` is TLS from the first octet (RFC 8314), else STARTTLS. Raises OSError where the port is
        taken."""
        loop = asyncio.get_running_loop()
        tls = self._tls() if implicit else None
        patience = _HANDSHAKE if implicit else None
        self._server = await loop.create_server(
            self.protocol, host, port, ssl=tls, backlog=100, ssl_handshake_timeout=patience
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def protocol(self) -> asyncio.BaseProtocol:
        """The protocol of one connection, for whoever listens; whether TLS is spoken, it sees by its transport."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=self._limits.line, loop=loop)
        return asyncio.StreamReaderProtocol(reader, self._accept, loop=loop)

    @property
    def inside(self) -> int:
        """How many mail programs are logged in."""
        return sum(session.client is not None for session in self._sessions.values())

    def dismiss(self, address: str, password_name: str) -> None:
        """Show out who logged in to this mailbox with an app password that was withdrawn."""
        for session in self._sessions.values():
            client = session.client
            if client is not None and (client.address, client.password_name) == (address, password_name):
                session.wire.dismiss("[UNAVAILABLE] this app password was withdrawn")

    async def close(self) -> None:
        """Nobody comes in any more, and those inside are shown out."""
        if self._server is not None:
            self._server.close()
        for task in self._sessions:
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("unknown",))[0])
        limits = self._limits
        if (
            len(self._sessions) >= limits.connections
            or self._peers[peer] >= limits.connections_of_a_peer
            or self._strangers.total() >= limits.unauthenticated
            or self._strangers[peer] >= limits.unauthenticated_of_a_peer
        ):
            writer.write(b"* BYE [UNAVAILABLE] too many connections\r\n")
            writer.close()
            return
        self._peers[peer] += 1
        self._strangers[peer] += 1
        strangers = [self._strangers]

        def let_in() -> None:
            if strangers:
                _leave(strangers.pop(), peer)

        session = Session(Wire(reader, writer, limits), self._porter, limits, self._tls, peer, let_in)
        task = asyncio.get_running_loop().create_task(self._serve(session))
        self._sessions[task] = session
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sessions.pop(task, None)
        if not task.cancelled() and (fault := task.exception()) is not None:  # its words may be a patient's
            _log.error("a connection failed: %s", type(fault).__name__)

    async def _serve(self, session: Session) -> None:
        try:
            with contextlib.suppress(OSError):  # the peer went, in whatever way
                await converse(session)
        finally:
            session.let_in()
            _leave(self._peers, session.peer)
            await session.wire.close()


def _leave(counted: Counter[str], peer: str) -> None:
    counted[peer] -= 1
    if not counted[peer]:
        del counted[peer]
