"""A submission server with a porter and a submitter that remember, and a client that writes octets as it is told."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from directory.errors import Refusal
from messaging.errors import MessagingError
from messaging.gateway.ports import Client, Door, Submission
from messaging.gateway.smtp.hall import Limits
from messaging.gateway.smtp.server import SubmissionServer

ADDRESS, PASSWORD, TOKEN = "dr@a.example", "abcd-efgh", "token"
PLAIN = b64encode(f"\0{ADDRESS}\0{PASSWORD}".encode()).decode()
MAIL = b"Subject: essai\r\n\r\nBonjour\r\n"


class Porter:
    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.seen: list[tuple[str, str, Door, str]] = []

    async def log_in(self, user: str, password: str, door: Door, peer: str) -> Client:
        self.seen.append((user, password, door, peer))
        if self.failure:
            raise self.failure
        if (user, password) != (ADDRESS, PASSWORD):
            raise MessagingError("mail-login-wrong")
        return Client(ADDRESS, "laptop", (ADDRESS, "secretariat@a.example"), store=None)  # type: ignore[arg-type]

    async def bearer(self, user: str, token: str, door: Door, peer: str) -> Client:
        return await self.log_in(user, PASSWORD if token == TOKEN else "wrong", door, peer)


class Submitter:
    def __init__(self) -> None:
        self.taken: list[Submission] = []
        self.refused: dict[str, Exception] = {}
        self.failure: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.entered = asyncio.Event()

    async def recipient(self, client: Client, address: str) -> str:
        if address in self.refused:
            raise self.refused[address]
        return address.lower()

    async def submit(self, submission: Submission) -> str:
        self.entered.set()
        if self.gate:
            await self.gate.wait()
        if self.failure:
            raise self.failure
        self.taken.append(submission)
        return f"<{len(self.taken)}@a.example>"


def say(refusal: Refusal) -> str:
    return f"Refusé : « {refusal.id} »\r\n250 2.0.0 injecté"


@dataclass
class Scene:
    tls: ssl.SSLContext
    trusted: ssl.SSLContext
    implicit: bool = True
    limits: Limits = field(default_factory=Limits)
    porter: Porter = field(default_factory=Porter)
    submitter: Submitter = field(default_factory=Submitter)
    valid: bool = True
    server: SubmissionServer = field(init=False)

    async def still(self, client: Client) -> bool:
        return self.valid

    def with_limits(self, **limits: Any) -> Scene:
        self.limits = replace(self.limits, **limits)
        return self

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Scene]:
        self.server = SubmissionServer(
            tls=self.tls,
            porter=self.porter,
            submitter=self.submitter,
            say=say,
            limits=self.limits,
            still=self.still,
            name="gateway.example",
        )
        await self.server.start("127.0.0.1", 0, implicit=self.implicit)
        try:
            yield self
        finally:
            await self.server.close()

    async def connect(self) -> Wire:
        secure = {"ssl": self.trusted, "server_hostname": "localhost"} if self.implicit else {}
        return Wire(*await asyncio.open_connection("127.0.0.1", self.server.port, limit=1 << 20, **secure))

    @asynccontextmanager
    async def wire(self, *, logged_in: bool = True) -> AsyncIterator[Wire]:
        """Greeted, and logged in."""
        wire = await self.connect()
        try:
            assert (await wire.reply()).startswith("220 gateway.example")
            if logged_in:
                await wire.log_in()
            yield wire
        finally:
            wire.close()


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def reply(self) -> str:
        """One reply, its lines joined; empty at the end of the connection."""
        lines = []
        async with asyncio.timeout(10):
            while line := await self.reader.readline():
                assert line.endswith(b"\r\n")
                assert b"\r" not in line[:-2]
                lines.append(line.decode()[:-2])
                if line[3:4] == b" ":
                    break
        return "\n".join(lines)

    async def ask(self, command: str | bytes) -> str:
        await self.send((command.encode() if isinstance(command, str) else command) + b"\r\n")
        return await self.reply()

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def log_in(self) -> None:
        assert (await self.ask("EHLO client")).startswith("250")
        assert (await self.ask(f"AUTH PLAIN {PLAIN}")).startswith("235 2.7.0")

    async def envelope(self, sender: str = ADDRESS, recipient: str = "b@b.example") -> None:
        assert (await self.ask(f"MAIL FROM:<{sender}>")).startswith("250 2.1.0")
        assert (await self.ask(f"RCPT TO:<{recipient}>")).startswith("250 2.1.5")

    async def data(self, octets: bytes) -> str:
        """`octets` as they are, with their end."""
        assert (await self.ask("DATA")).startswith("354")
        await self.send(octets)
        return await self.reply()

    async def alive(self) -> bool:
        return (await self.ask("NOOP")).startswith("250 2.0.0")

    async def over(self) -> bool:
        """Whether the server closed; what it still said is read."""
        async with asyncio.timeout(10):
            try:
                await self.reader.read()
            except (ConnectionError, ssl.SSLError):
                return True
            return self.reader.at_eof()

    def close(self) -> None:
        self.writer.transport.abort()
