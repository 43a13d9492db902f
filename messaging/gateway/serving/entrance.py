"""The three protocol servers behind their ports: opened together, counted, and left by who may no longer be inside."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from messaging.errors import MessagingError
from messaging.gateway.imap.server import ImapServer
from messaging.gateway.pop3.server import Pop3Server
from messaging.gateway.ports import Door
from messaging.gateway.serving.doors import Doors, Factory
from messaging.gateway.serving.tally import DoorTally
from messaging.gateway.setup.figures import DoorFigures
from messaging.gateway.smtp.server import SubmissionServer

_PATIENCE: Final = 0.25  # seconds in which whoever speaks TLS at once has begun
_ENTERING: Final = 100  # at one door: with all who are inside, fewer than a process may have files open


class _Server(Protocol):
    """A protocol's server, as its door sees it."""

    @property
    def inside(self) -> int: ...

    def dismiss(self, address: str, password_name: str) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Entrance:
    """Open doors: the port of each, and what was counted there."""

    ports: Mapping[Door, int]
    tallies: Mapping[Door, DoorTally]
    servers: Mapping[Door, _Server]

    def dismiss(self, address: str, password_name: str) -> None:
        """Whoever logged in to this mailbox with this app password is shown out, by every door."""
        for server in self.servers.values():
            server.dismiss(address, password_name)

    def figures(self) -> Mapping[str, DoorFigures]:
        return {
            door.value: DoorFigures(tally.connections, tally.logins, tally.refused, self.servers[door].inside)
            for door, tally in self.tallies.items()
        }


@asynccontextmanager
async def opened(
    host: str,
    ports: Mapping[Door, int],
    context: ssl.SSLContext,
    smtp: SubmissionServer,
    imap: ImapServer,
    pop3: Pop3Server,
    tallies: Mapping[Door, DoorTally],
) -> AsyncIterator[Entrance]:
    """Until the context ends, and the servers with it. Ports of 0 are free ones.

    Raises MessagingError("gateway-port-taken")."""
    servers: Mapping[Door, _Server] = {Door.SMTP: smtp, Door.IMAP: imap, Door.POP3: pop3}
    factories: Mapping[Door, Factory] = {
        Door.SMTP: smtp.connection,
        Door.IMAP: lambda _encrypted: imap.protocol(),
        Door.POP3: pop3.connection,
    }
    async with AsyncExitStack() as stack:
        for server in servers.values():
            stack.push_async_callback(server.close)
        found = {}
        for door, factory in factories.items():
            doors = Doors(lambda: context, _counted(factory, tallies[door]), patience=_PATIENCE, most=_ENTERING)
            try:
                await doors.open(host, ports[door])
            except OSError:
                raise MessagingError("gateway-port-taken", port=str(ports[door])) from None
            stack.push_async_callback(doors.close)
            found[door] = doors.port
        yield Entrance(found, tallies, servers)


def _counted(factory: Factory, tally: DoorTally) -> Factory:
    def made(encrypted: bool) -> asyncio.BaseProtocol:
        tally.connections += 1
        return factory(encrypted)

    return made
