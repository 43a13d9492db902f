"""Commands and answers over a stream (RFC 3501 sections 2.2, 4.3 and 7; RFC 7888 for LITERAL+). Takes lines and
literals apart and knows no command; whatever a peer sends, memory and time are bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from dataclasses import dataclass

from messaging.gateway.imap.limits import Limits

CHUNK = 64 * 1024  # octets that are written before we wait for the peer
_SHOWN_OUT = 5.0  # seconds that somebody who is dismissed has to take the rest of an answer

_LITERAL = re.compile(rb"\{(\d{1,10})(\+?)\}\Z")
_START = re.compile(rb'([^\x00-\x20\x7f-\xff(){%*"\\+]{1,64}) ([A-Za-z]{1,32})(?: |\Z)')
_TAG = re.compile(rb'([^\x00-\x20\x7f-\xff(){%*"\\+]{1,64})(?: |\Z)')


class Farewell(Exception):
    """The connection ends after BYE with these words."""


class Unreadable(Exception):
    """What came is no command. `tag` is its own, or `*`; the connection goes on."""

    def __init__(self, tag: bytes, answer: bytes) -> None:
        super().__init__()
        self.tag = tag
        self.answer = answer


@dataclass(frozen=True, slots=True, repr=False)
class Command:
    """`pieces` are what follows the name: lines and literals in turn, the first without the space before it."""

    tag: bytes
    name: str
    pieces: tuple[bytes, ...]


class Wire:
    """One connection. Everything raises Farewell where a limit is passed, and ConnectionError where the peer went."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self._reader = reader
        self._writer = writer
        self._plain: asyncio.StreamWriter | None = None  # kept: a writer that is forgotten closes its transport
        self._limits = limits
        self._waiting: list[bytes] = []
        self._size = 0
        self.within_line = False  # an answer was begun
        self._patience: asyncio.Timeout | None = None  # while a line is waited for
        self._dismissed = ""
        self.authenticated = False
        self.deadline = asyncio.get_running_loop().time() + limits.login

    # --- reading ---

    async def command(self) -> Command:
        """The next command. Raises Unreadable for what is none, Farewell for what is too long or too late."""
        line = await self.line()
        start = _START.match(line)
        if start is None:
            self._pass_over(line)
            tag = _TAG.match(line)
            raise Unreadable(tag[1] if tag else b"*", b"BAD this is no command")
        name = start[2].decode("ascii").upper()
        left = self._limits.message if name == "APPEND" else self._limits.literals
        pieces = [line[start.end() :]]
        total = len(line)
        while match := _LITERAL.search(pieces[-1][-13:]):
            size, waits = int(match[1]), not match[2]
            if not self.authenticated or size > left:
                raise await self._refuse(start[1], size, waits)
            if waits:
                await self.say(b"+ go on\r\n")
            left -= size
            pieces += [await self._exactly(size), await self.line()]
            total += len(pieces[-1])
            if total > self._limits.line:
                raise Farewell("a command is too long")
        if any(b"\0" in piece for piece in pieces):
            raise Unreadable(start[1], b"BAD a command has no NUL")
        return Command(start[1], name, tuple(pieces))

    async def line(self) -> bytes:
        """One line without its end; before login the shorter limit holds."""
        limits = self._limits
        now = asyncio.get_running_loop().time()
        if self._dismissed:
            raise Farewell(self._dismissed)
        try:
            async with asyncio.timeout(limits.idle if self.authenticated else max(self.deadline - now, 0)) as patience:
                self._patience = patience
                line = await self._reader.readuntil(b"\n")
        except TimeoutError:
            raise Farewell(self._dismissed or "autologout: nothing was asked") from None
        except asyncio.LimitOverrunError:
            raise Farewell("a line is too long") from None
        except asyncio.IncompleteReadError:
            raise ConnectionResetError from None
        finally:
            self._patience = None
        if len(line) > (limits.line if self.authenticated else limits.line_before_login):
            raise Farewell("a line is too long")
        return line.removesuffix(b"\n").removesuffix(b"\r")

    async def _exactly(self, size: int) -> bytes:
        pieces: list[bytes] = []
        while size:
            try:
                async with asyncio.timeout(self._limits.progress):
                    pieces.append(await self._reader.read(min(size, CHUNK)))
            except TimeoutError:
                raise Farewell("a literal does not come") from None
            if not pieces[-1]:
                raise ConnectionResetError
            size -= len(pieces[-1])
        return b"".join(pieces)

    async def _refuse(self, tag: bytes, size: int, waits: bool) -> Exception:
        """A literal that is not taken. One that is sent without asking would be read as commands: the connection ends
        (RFC 7888 section 4)."""
        answer = b"NO [TOOBIG] this is too large" if self.authenticated else b"BAD no literals before login"
        if waits:
            return Unreadable(tag, answer)
        await self.say(b"%b %b\r\n" % (tag, answer))
        return Farewell(f"{size} octets came unasked")

    def _pass_over(self, line: bytes) -> None:
        """Whatever follows a line that is no command must not be read as one."""
        if (match := _LITERAL.search(line[-13:])) and match[2]:
            raise Farewell("this is no command")

    # --- writing ---

    def add(self, octets: bytes) -> None:
        """Write, at the latest when the next command is waited for."""
        self._waiting.append(octets)
        self._size += len(octets)
        self.within_line = not octets.endswith(b"\n")

    @property
    def full(self) -> bool:
        """Whether it is time to `flush`."""
        return self._size >= CHUNK

    async def flush(self) -> None:
        """Send what waits, as fast as the peer takes it."""
        if not self._waiting:
            return
        octets = self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)
        self._waiting, self._size = [], 0
        await self._send(octets)

    async def send_octets(self, octets: bytes) -> None:
        """What is in a literal. NUL is in none (CHAR8 of RFC 3501 section 9): it becomes 0x80, as other servers do."""
        if 0 in octets:
            octets = octets.replace(b"\0", b"\x80")
        if len(octets) < CHUNK:
            self.add(octets)
        else:
            await self.flush()
            self.within_line = True
            await self._send(octets)

    async def _send(self, octets: bytes) -> None:
        """In pieces, so that no second copy of a long one stands in the connection's buffer."""
        view = memoryview(octets)
        for at in range(0, len(view), CHUNK):
            self._writer.write(view[at : at + CHUNK])
            try:
                async with asyncio.timeout(self._limits.progress):
                    await self._writer.drain()
            except TimeoutError:
                self._writer.transport.abort()
                raise ConnectionResetError from None

    async def say(self, line: bytes) -> None:
        self.add(line)
        await self.flush()

    # --- the connection ---

    @property
    def secure(self) -> bool:
        return self._writer.get_extra_info("sslcontext") is not None

    async def start_tls(self, tls: ssl.SSLContext) -> None:
        """RFC 3501 section 6.2.1. A new reader: what was sent in clear behind STARTTLS goes with the old one, so that
        nobody on the way can put a command into the session."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=self._limits.line, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        try:
            transport = await loop.start_tls(
                self._writer.transport,
                protocol,
                tls,
                server_side=True,
                ssl_handshake_timeout=min(self._limits.progress, self._limits.login),
            )
        except (OSError, ssl.SSLError):
            raise ConnectionResetError from None
        if transport is None:
            raise ConnectionResetError
        protocol.connection_made(transport)
        self._plain, self._reader = self._writer, reader
        self._writer = asyncio.StreamWriter(transport, protocol, reader, loop)

    def dismiss(self, words: str) -> None:
        """The connection ends with these words as soon as no answer is being written, and in seconds in any case."""
        loop = asyncio.get_running_loop()
        self._dismissed = words
        if self._patience is not None:
            self._patience.reschedule(loop.time())
        loop.call_later(_SHOWN_OUT, lambda: self._writer.transport.abort())

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(min(self._limits.progress, 5)):
                await self._writer.wait_closed()
        self._writer.transport.abort()
