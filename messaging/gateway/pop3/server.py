"""The POP3 server: what its connections share, its own listening port, its end. The verbs are in `session`."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Final

from directory.errors import Refusal
from messaging.gateway.entry.turnstile import Turnstile
from messaging.gateway.pop3.hall import Hall, Limits
from messaging.gateway.pop3.session import READER_LIMIT, Session
from messaging.gateway.ports import Porter

_PATIENCE: Final = 10.0  # seconds that removals in hand have at the end
_HANDSHAKE: Final = 15.0  # seconds


class Pop3Server:
    """Gives the mail of INBOX to clients that log in."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        porter: Porter,
        say: Callable[[Refusal], str],
        limits: Limits | None = None,
    ) -> None:
        """`say` gives the sentence of a refusal. `tls` may be loaded anew while it serves."""
        limits = limits or Limits()
        turnstile = Turnstile(limits.connections, limits.connections_of_one, limits.strangers)
        self._hall = Hall(porter, say, tls, limits, turnstile)
        self._listening: asyncio.Server | None = None

    def connection(self, encrypted: bool) -> asyncio.Protocol:
        """The protocol of one connection; `encrypted` where its transport speaks TLS already."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(Session(self._hall, reader, writer, encrypted=encrypted).run())
            self._hall.sessions.add(task)
            task.add_done_callback(self._hall.sessions.discard)
            with contextlib.suppress(asyncio.CancelledError):
                await task

        return asyncio.StreamReaderProtocol(asyncio.StreamReader(limit=READER_LIMIT), serve)

    async def start(self, host: str, port: int, *, implicit: bool) -> None:
        """Listen; `implicit`: TLS from the first octet (RFC 8314), else STLS. OSError where the port is taken."""
        self._listening = await asyncio.get_running_loop().create_server(
            lambda: self.connection(implicit),
            host,
            port,
            ssl=self._hall.tls if implicit else None,
            ssl_handshake_timeout=_HANDSHAKE if implicit else None,
        )

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._listening.sockets[0].getsockname()[1]) if self._listening else 0

    @property
    def inside(self) -> int:
        """How many clients are logged in."""
        return len(self._hall.open)

    def dismiss(self, address: str, password_name: str) -> None:
        """Show out who logged in to this mailbox with an app password that was withdrawn."""
        guest = self._hall.open.get(address.casefold())
        if guest is not None:
            guest.dismiss(password_name)

    async def close(self) -> None:
        """Every session ends where it is; a removal that has begun is finished."""
        if self._listening:
            self._listening.close()
        if self._hall.updates:
            await asyncio.wait(self._hall.updates, timeout=_PATIENCE)
            await asyncio.sleep(0)  # for their answers to be written
        sessions = tuple(self._hall.sessions)
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
