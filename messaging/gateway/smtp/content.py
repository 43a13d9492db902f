"""What follows DATA, up to its end (RFC 5321 sections 4.1.1.4 and 4.5.2): read once, in bounded memory.

Only CRLF . CRLF ends it. A bare CR, a bare LF or a NUL anywhere has the whole refused, since whoever reads such a mail
next may find another end in it (SMTP smuggling). Lines may have any length. What the octets say is not looked at.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

from messaging.errors import MessagingError
from messaging.gateway.smtp.replies import Refused

STEP: Final = 1 << 16  # octets after which the client is believed to be still there
_CRLF: Final = b"\r\n"
_FORBIDDEN: Final = re.compile(rb"[\r\n\0]")


class Memory:
    """Octets that mails in hand may take, of all connections together."""

    def __init__(self, most: int) -> None:
        self._left = most

    def lease(self) -> Lease:
        return Lease(self)


class Lease:
    """One mail's part of it, given back at `end`."""

    __slots__ = ("_memory", "_taken")

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._taken = 0

    def take(self, octets: int) -> bool:
        if octets > self._memory._left:
            return False
        self._memory._left -= octets
        self._taken += octets
        return True

    def end(self) -> None:
        self._memory._left += self._taken
        self._taken = 0


async def read(reader: asyncio.StreamReader, most: int, lease: Lease, progress: Callable[[], None]) -> bytes:
    """The octets between the two, dots removed. `progress` is called after every STEP octets.

    The end is awaited before anything is refused, but no more than twice `most` octets are: after that the client has
    no mail to send. Raises MessagingError mail-too-large, mail-malformed; Refused 452, 421."""
    kept = bytearray()
    refusal: Exception | None = None
    fresh, size, step = True, 0, 0  # `fresh` at the beginning of a line
    while True:
        try:
            piece = await reader.readuntil(_CRLF)
        except asyncio.LimitOverrunError as long:  # part of a long line: what follows it may not begin with its LF
            piece = await reader.readexactly(long.consumed)
        if fresh and piece == b".\r\n":
            break
        ends = piece.endswith(_CRLF)
        if fresh and piece.startswith(b"."):
            piece = piece[1:]
        fresh = ends
        size += len(piece)
        if size - step >= STEP:
            step = size
            progress()
        if size > 2 * most:
            raise Refused("421 4.3.1 This goes on for too long")
        if size > most:
            refusal = MessagingError("mail-too-large", limit=most)
        elif refusal is None:
            if _FORBIDDEN.search(piece, 0, len(piece) - 2 if ends else len(piece)):
                refusal = MessagingError("mail-malformed", clause="RFC 5321 2.3.8")
            elif not lease.take(len(piece)):
                refusal = Refused("452 4.3.1 Too many messages at once: try again")
        if refusal is None:
            kept += piece
        elif kept:
            kept.clear()
            lease.end()
    if refusal is not None:
        raise refusal
    return bytes(kept)
