"""The submission server: what its connections share, its own listening port, its end. The verbs are in `session`."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from directory.errors import Refusal
from messaging.gateway.entry.turnstile import Turnstile
from messaging.gateway.ports import Client, Porter, Submitter
from messaging.gateway.smtp.content import Memory
from messaging.gateway.smtp.hall import Hall, Limits
from messaging.gateway.smtp.session import Connection

_PATIENCE: Final = 10.0  # seconds that submissions in hand have at the end
_HANDSHAKE: Final = 15.0  # seconds


class SubmissionServer:
    """Takes mail from clients that log in."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        porter: Porter,
        submitter: Submitter,
        say: Callable[[Refusal], str],
        limits: Limits | None = None,
        still: Callable[[Client], Awaitable[bool]] | None = None,
        name: str = "localhost",
    ) -> None:
        """`say` gives the sentence of a refusal. `still` says before each mail whether a client's app password stands.
        `name` is what the server calls itself. `tls` may be loaded anew while it serves."""
        limits = limits or Limits()
        turnstile = Turnstile(limits.connections, limits.connections_of_one, limits.strangers)
        memory = Memory(limits.octets_in_hand)
        self._hall = Hall(porter, submitter, say, still, limits, name, turnstile, memory)
        self._tls = tls
        self._listening: asyncio.Server | None = None
        _silence_mail_log()

    def connection(self, encrypted: bool) -> asyncio.Protocol:
        """The protocol of one connection; `encrypted` where its transport speaks TLS already."""
        return Connection(self._hall, self._tls, encrypted)

    async def start(self, host: str, port: int, *, implicit: bool) -> None:
        """Listen; `implicit`: TLS from the first octet (RFC 8314), else STARTTLS. OSError where the port is taken."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(
            lambda: self.connection(implicit),
            host,
            port,
            ssl=self._tls if implicit else None,
            ssl_handshake_timeout=_HANDSHAKE if implicit else None,
        )

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return int(self._listening.sockets[0].getsockname()[1]) if self._listening else 0

    @property
    def inside(self) -> int:
        """How many clients are logged in."""
        return sum(connection.client is not None for connection in self._hall.connections)

    def dismiss(self, address: str, password_name: str) -> None:
        """Show out who logged in to this mailbox with an app password that was withdrawn; what is being submitted is
        answered."""
        for connection in tuple(self._hall.connections):
            client = connection.client
            if client is not None and (client.address, client.password_name) == (address, password_name):
                connection.leave()

    async def close(self) -> None:
        """No new connection; what is being submitted is answered, everybody else is told to come back."""
        if self._listening:
            self._listening.close()
        for connection in tuple(self._hall.connections):
            connection.leave()
        if self._hall.submissions:
            await asyncio.wait(self._hall.submissions, timeout=_PATIENCE)
        await asyncio.sleep(0)  # for their answers to be written
        for connection in tuple(self._hall.connections):
            connection.abort()


class _Nothing(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return False


_NOTHING: Final = _Nothing()


def _silence_mail_log() -> None:
    """aiosmtpd logs lines of mails at DEBUG, addresses at INFO and words of clients at WARNING: none of it is kept,
    whatever level somebody sets later."""
    mail_log = logging.getLogger("mail.log")
    mail_log.setLevel(logging.CRITICAL)
    mail_log.addFilter(_NOTHING)
