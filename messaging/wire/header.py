"""The clear header of an event (docs/spec/cp1-events.md, CP1-5.1): all that the service ever parses of one."""

from __future__ import annotations

from dataclasses import dataclass

from directory.primitives import digest
from directory.primitives.codec import Reader, u16, var
from directory.primitives.labels import Label
from messaging.errors import MessagingError
from messaging.wire import limits

MAGIC = b"CP1e"
SUITE = 0x0001
HEADER_SIZE = 4 + 2 + 16 + 32 + 32 + 16 + 32
SEAL_SIZE = 32


@dataclass(frozen=True, slots=True)
class EventHeader:
    """`unsealed` is the header without its seal: the part that signature and seal cover."""

    raw: bytes
    thread: bytes
    epoch_id: bytes
    salt: bytes
    intent: bytes
    seal: bytes

    @property
    def unsealed(self) -> bytes:
        return self.raw[:-SEAL_SIZE]


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """A parsed event: clear header and ciphertext. Nothing about it is verified."""

    raw: bytes
    header: EventHeader
    ciphertext: bytes

    @property
    def id(self) -> bytes:
        """CP1-5.6: commits to header, seal and ciphertext."""
        return digest.labelled(Label.EVENT_ID, self.header.raw, digest.sha256(self.ciphertext))


def unsealed_header(thread: bytes, epoch_id: bytes, salt: bytes, intent: bytes) -> bytes:
    return b"".join((MAGIC, u16(SUITE), thread, epoch_id, salt, intent))


def assemble(unsealed: bytes, seal: bytes, ciphertext: bytes) -> bytes:
    return unsealed + seal + var(ciphertext)


def parse(raw: bytes) -> SealedEvent:
    """Strict parse. Raises DirectoryError("octets-malformed" | "protocol-newer"), MessagingError("suite-newer")."""
    reader = Reader(raw, "event")
    if len(raw) > limits.MAX_EVENT:
        raise reader.fail("size")
    reader.magic(MAGIC)
    if reader.u16("suite") != SUITE:
        raise MessagingError("suite-newer", what="event")
    header = EventHeader(
        raw[:HEADER_SIZE],
        reader.take(16, "thread"),
        reader.take(32, "epoch_id"),
        reader.take(32, "salt"),
        reader.take(16, "intent"),
        reader.take(SEAL_SIZE, "seal"),
    )
    ciphertext = reader.var("ct", limits.MAX_EVENT)
    reader.end()
    return SealedEvent(raw, header, ciphertext)
