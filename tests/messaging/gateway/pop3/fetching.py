"""A POP3 server over a mail store in memory, and a client that writes octets as it is told."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from directory.errors import Refusal
from messaging.errors import MessagingError
from messaging.gateway.pop3.hall import Limits
from messaging.gateway.pop3.server import Pop3Server
from messaging.gateway.ports import Client, Door, Mail, Placed, SpecialUse

ADDRESS, PASSWORD = "dr@a.example", "abcd efgh"
PLAIN = b64encode(f"\0{ADDRESS}\0{PASSWORD}".encode()).decode()
FIRST = b"Subject: un\r\n\r\n.une\r\n..deux\r\n\r\ntrois\r\n"
SECOND = b"Subject: deux\r\n\r\nsans fin de ligne"
THIRD = b"Subject: trois\r\n\r\n" + b"x" * 200_000 + b"\r\n"


@dataclass
class Folder:
    name: str
    special_use: SpecialUse | None = None
    subscribed: bool = True
    uid_validity: int = 7
    uid_next: int = 1
    highest_modseq: int = 1
    mails: Sequence[Mail] = ()

    def find(self, uid: int) -> Mail | None:
        return next((mail for mail in self.mails if mail.uid == uid), None)


class Store:
    """Of `MailStore`, what POP3 asks."""

    def __init__(self, *octets: bytes) -> None:
        self.kept = dict(enumerate(octets, 11))
        mails = tuple(Mail(uid, 1, frozenset(), len(one), 0, uid) for uid, one in self.kept.items())
        self.inbox = Folder("INBOX", mails=mails)
        self.trash = Folder("Corbeille", SpecialUse.TRASH)
        self.failure: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.entered = asyncio.Event()

    def folders(self) -> Mapping[str, Folder]:
        return {"INBOX": self.inbox, "Corbeille": self.trash}

    def folder(self, name: str) -> Folder:
        return self.folders()[name]

    async def octets(self, folder: str, uid: int) -> bytes | None:
        if self.failure:
            raise self.failure
        return self.kept[uid] if self.inbox.find(uid) else None

    async def move(self, folder: str, uids: Sequence[int], target: str) -> Placed:
        self.entered.set()
        if self.gate:
            await self.gate.wait()
        if self.failure:
            raise self.failure
        going = [mail for mail in self.inbox.mails if mail.uid in uids]
        self.folder(target).mails = (*self.folder(target).mails, *going)
        self.inbox.mails = tuple(mail for mail in self.inbox.mails if mail not in going)
        return Placed(1, tuple(uids), tuple(uids))


class Porter:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.failure: Exception | None = None
        self.seen: list[tuple[str, str, Door, str]] = []

    async def log_in(self, user: str, password: str, door: Door, peer: str) -> Client:
        self.seen.append((user, password, door, peer))
        if self.failure:
            raise self.failure
        if (user, password) != (ADDRESS, PASSWORD):
            raise MessagingError("mail-login-wrong")
        return Client(ADDRESS, "laptop", (ADDRESS,), self.store)  # type: ignore[arg-type]

    async def bearer(self, user: str, token: str, door: Door, peer: str) -> Client:
        return await self.log_in(user, PASSWORD if token == "token" else "wrong", door, peer)


def say(refusal: Refusal) -> str:
    return f"Refusé : « {refusal.id} »\r\n+OK injecté"


@dataclass
class Scene:
    tls: ssl.SSLContext
    trusted: ssl.SSLContext
    implicit: bool = True
    limits: Limits = field(default_factory=Limits)
    store: Store = field(default_factory=lambda: Store(FIRST, SECOND, THIRD))
    server: Pop3Server = field(init=False)
    porter: Porter = field(init=False)

    def __post_init__(self) -> None:
        self.porter = Porter(self.store)

    def with_limits(self, **limits: Any) -> Scene:
        self.limits = replace(self.limits, **limits)
        return self

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Scene]:
        self.server = Pop3Server(tls=self.tls, porter=self.porter, say=say, limits=self.limits)
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
            assert await wire.reply() == "+OK POP3"
            if logged_in:
                assert await wire.ask(f"AUTH PLAIN {PLAIN}") == "+OK"
            yield wire
        finally:
            wire.close()

    async def empty(self) -> None:
        """Once nobody is inside."""
        async with asyncio.timeout(5):
            while self.server._hall.sessions:
                await asyncio.sleep(0)


class Wire:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def reply(self) -> str:
        """One line; empty at the end of the connection."""
        async with asyncio.timeout(10):
            line = await self.reader.readline()
        assert b"\r" not in line[:-2]
        return line.decode("ascii").removesuffix("\r\n")

    async def lines(self) -> bytes:
        """A multi-line response after its first line, as it came, without its end."""
        found = b""
        async with asyncio.timeout(10):
            while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
                found += line
        return found

    async def ask(self, command: str | bytes) -> str:
        await self.send((command.encode() if isinstance(command, str) else command) + b"\r\n")
        return await self.reply()

    async def list(self, command: str) -> list[str]:
        assert (await self.ask(command)).startswith("+OK")
        return (await self.lines()).decode("ascii").splitlines()

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

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
