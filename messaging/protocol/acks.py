"""Acks (CP1-5.11): cumulative up to a receipt's seq. Delivered by the first device of a member mailbox, read by a human
act, taken when somebody takes responsibility."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from directory.primitives.codec import Reader, u8, u64
from messaging.protocol.body import Body

MEDIA_TYPE = "application/vnd.confrere.ack"


class AckKind(IntEnum):
    DELIVERED = 1
    READ = 2
    TAKEN = 3


@dataclass(frozen=True, slots=True)
class AckBody:
    kind: AckKind
    seq: int

    def body(self) -> Body:
        return Body(MEDIA_TYPE, u8(self.kind) + u64(self.seq))


def parse(content: bytes) -> AckBody:
    """Raises DirectoryError("octets-malformed")."""
    reader = Reader(content, "ack")
    try:
        kind = AckKind(reader.u8("kind"))
    except ValueError:
        raise reader.fail("kind") from None
    ack = AckBody(kind, reader.u64("seq"))
    reader.end()
    return ack


def reached(said: Iterable[tuple[bytes, AckBody]], own: bytes) -> dict[AckKind, dict[bytes, int]]:
    """How far each mailbox but `own` has acknowledged, by kind: the highest seq that it said."""
    found: dict[AckKind, dict[bytes, int]] = {}
    for mailbox, ack in said:
        if mailbox != own:
            by_mailbox = found.setdefault(ack.kind, {})
            by_mailbox[mailbox] = max(by_mailbox.get(mailbox, 0), ack.seq)
    return found
