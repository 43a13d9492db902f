"""A server on loopback with a self-signed certificate, and a client that says exactly what it is told."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from messaging.gateway.imap.limits import Limits
from messaging.gateway.imap.server import ImapServer
from tests.messaging.gateway.imap.memory_store import ADDRESS, PASSWORD, MemoryPorter, MemoryStore

MAIL = (
    b"From: Dr A <a@labo.test>\r\nTo: Cabinet <b@cabinet.example>\r\nSubject: =?utf-8?Q?R=C3=A9sultats?=\r\n"
    b"Date: Thu, 1 Jan 2026 10:00:00 +0100\r\nMessage-ID: <1@labo.test>\r\nReferences: <0@labo.test>\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + "Glycémie 7,2\r\n".encode()
    + b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b--\r\n"
)
QUICK = Limits(login=5, progress=5, idle=5)


@cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext, bytes]:
    """Of the server, of a client that trusts it, and the certificate (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    hosts = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = certificate.public_bytes(serialization.Encoding.PEM)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        both = Path(folder) / "both.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        both.write_bytes(private + written)
        server.load_cert_chain(both)
    client = ssl.create_default_context(cadata=written.decode())
    return server, client, written


class Raw:
    """A client without an opinion."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.tags = 0

    async def line(self) -> bytes:
        """The next line with all literals in it; without its end. b"" at the end of the connection."""
        whole = b""
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 10)
            whole += line
            brace = line.rfind(b"{")
            if not line.endswith(b"}\r\n") or brace < 0 or not line[brace + 1 : -3].isdigit():
                return whole.removesuffix(b"\r\n")
            whole += await asyncio.wait_for(self.reader.readexactly(int(line[brace + 1 : -3])), 10)

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def until(self, tag: bytes) -> list[bytes]:
        """The lines up to that with this tag, inclusive."""
        lines = []
        while True:
            lines.append(await self.line())
            if lines[-1].startswith(tag + b" ") or not lines[-1]:
                return lines

    async def ask(self, command: bytes | str) -> list[bytes]:
        """Send with a tag of its own; the answers, of which the last is without its tag."""
        self.tags += 1
        tag = b"T%d" % self.tags
        octets = command if isinstance(command, bytes) else command.encode()
        await self.send(tag + b" " + octets + b"\r\n")
        lines = await self.until(tag)
        lines[-1] = lines[-1].removeprefix(tag + b" ")
        return lines

    async def ok(self, command: bytes | str) -> list[bytes]:
        """The untagged answers of a command that succeeds."""
        *lines, last = await self.ask(command)
        assert last.startswith(b"OK"), last
        return lines

    async def refused(self, command: bytes | str) -> bytes:
        """The tagged answer of one that does not."""
        last = (await self.ask(command))[-1]
        assert not last.startswith(b"OK"), last
        return last

    async def ended(self) -> bool:
        """Whether the server hangs up, after whatever it still says."""
        try:
            while await asyncio.wait_for(self.reader.read(65536), 10):
                pass
        except ConnectionError:
            pass
        return True

    async def start_tls(self) -> None:
        await self.ok("STARTTLS")
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 20)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport = await loop.start_tls(self.writer.transport, protocol, contexts()[1], server_hostname="localhost")
        assert transport is not None
        protocol.connection_made(transport)
        self._before = self.writer
        self.reader, self.writer = reader, asyncio.StreamWriter(transport, protocol, reader, loop)


@dataclass
class World:
    server: ImapServer
    store: MemoryStore
    porter: MemoryPorter
    implicit: bool

    async def stranger(self) -> Raw:
        """Connected, greeted, not logged in."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.server.port, ssl=contexts()[1] if self.implicit else None, limit=1 << 20
        )
        raw = Raw(reader, writer)
        self.greeting = await raw.line()
        return raw

    async def client(self, folder: str = "") -> Raw:
        """Logged in, with a folder open where one is named."""
        raw = await self.stranger()
        await raw.ok(f'LOGIN {ADDRESS} "{PASSWORD}"')
        if folder:
            await raw.ok(f"SELECT {folder}")
        return raw


@asynccontextmanager
async def world(limits: Limits = QUICK, implicit: bool = True) -> AsyncIterator[World]:
    store = MemoryStore()
    porter = MemoryPorter(store)
    server = ImapServer(porter, lambda: contexts()[0], limits)
    await server.start("127.0.0.1", 0, implicit=implicit)
    try:
        yield World(server, store, porter, implicit)
    finally:
        await server.close()
