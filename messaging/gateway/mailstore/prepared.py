"""A message on its way into the store: its octets, with what mail programs ask of them read once; a large one's in a
thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from messaging.errors import MessagingError
from messaging.gateway.mail.described import Described
from messaging.gateway.mail.parts import Part

MAX_MESSAGE = 50 * 1024 * 1024
AT_ONCE = 16 * 1024  # octets up to which it takes no longer than going to a thread and back
Describe = Callable[[bytes, Part | None], tuple[Described, str]]


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """`text` is what SEARCH BODY looks through."""

    octets: bytes
    described: Described
    text: str


async def prepare(describe: Describe, octets: bytes, root: Part | None = None) -> Prepared:
    """`root` are the parts of the message where they are known. Raises MessagingError("mail-too-large")."""
    if len(octets) > MAX_MESSAGE:
        raise MessagingError("mail-too-large", limit=MAX_MESSAGE)
    if len(octets) < AT_ONCE:
        return Prepared(octets, *describe(octets, root))
    return Prepared(octets, *await asyncio.to_thread(describe, octets, root))
