"""What follows DATA, up to its end (RFC 5321 sections 4.1.1.4 and 4.5.2): read once, in bounded memory.

Only CRLF . CRLF ends it. A bare CR, a bare LF or a NUL anywhere has the whole refused, since whoever reads such a mail
next may find another end in it (SMTP smuggling). Lines may have any length. What the octets say is not looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from messaging.errors import MessagingError
from messaging.gateway.smtp.replies import Refused

STEP: Final = 1 << 16  # octets after which the client is believed to be still there
_WHATEVER_CAME: Final = 1 << 30  # octets; the reader's limit bounds what can have come
_CRLF: Final = b"\r\n"
_END: Final = b"\r\n.\r\n"


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
    """The octets between the two, dots removed; what follows the end is left in `reader`. `progress` is called after
    every STEP octets.

    The end is awaited before anything is refused, but no more than twice `most` octets are: after that the client has
    no mail to send. Raises MessagingError mail-too-large, mail-malformed; Refused 452, 421; ConnectionResetError."""
    kept = bytearray()
    refusal: Exception | None = None
    size = step = 0
    block = _CRLF  # that of the DATA line: section 4.1.1.4 has it begin the end of an empty mail
    while (end := block.find(_END)) < 0:
        cut = _cut(block)
        piece, block = block[:cut], block[cut:]
        size += cut
        if size - step >= STEP:
            step = size
            progress()
        if size > 2 * most:
            raise Refused("421 4.3.1 This goes on for too long")
        refusal = refusal or _keep(piece, kept, most, lease)
        if refusal and kept:
            kept.clear()
            lease.end()
        more = await reader.read(_WHATEVER_CAME)
        if not more:
            raise ConnectionResetError
        block += more
    if rest := block[end + len(_END) :]:
        reader.feed_data(rest)  # behind nothing: all that had come was read
    refusal = refusal or _keep(block[: end + len(_CRLF)], kept, most, lease)
    if refusal:
        raise refusal
    return bytes(memoryview(kept)[len(_CRLF) :])


def _cut(block: bytes) -> int:
    """Up to where no end has begun and no line end is split, nor one from a dot behind it."""
    cut = max(0, len(block) - len(_END) + 1)
    if block.endswith(_CRLF, 0, cut):
        return cut - 2
    return cut - 1 if block.endswith(b"\r", 0, cut) else cut


def _keep(piece: bytes, kept: bytearray, most: int, lease: Lease) -> Exception | None:
    """Add whole lines or parts of one to `kept`, or say why not."""
    lines = piece.count(_CRLF)
    if piece.count(b"\r") != lines or piece.count(b"\n") != lines or b"\0" in piece:
        return MessagingError("mail-malformed", clause="RFC 5321 2.3.8")
    piece = piece.replace(b"\r\n.", _CRLF)
    if len(kept) + len(piece) > most + len(_CRLF):
        return MessagingError("mail-too-large", limit=most)
    if not lease.take(len(piece)):
        return Refused("452 4.3.1 Too many messages at once: try again")
    kept += piece
    return None
