"""What is submitted for a log (CP1-3.13): entries with what their roots and blinds stand for. All or nothing.

A change carries one entry, the wraps its root commits to, the opening of a grant (for the service's access list) with
the same opening sealed to the class-0 AEK (for holders), or the evidence of a bind.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.accounts import entry as entries
from directory.accounts import wraps as wraps_room
from directory.accounts.entry import Entry
from directory.accounts.wraps import Wrap
from directory.primitives.codec import Reader, u16, var

MAGIC = b"CP1s"
MAX_CHANGES = 128
MAX_SUBMISSION = 4 * 1024 * 1024
MAX_OPENING = 512
MAX_SEALED_OPENING = 12 * 1024
MAX_EVIDENCE = 4096


@dataclass(frozen=True, slots=True)
class Change:
    """`opening` is blind || payload of a grant; `sealed_opening` is that or a consent's, for holders of class 0;
    empty octets where an entry type has no such part."""

    entry: Entry
    wraps: tuple[Wrap, ...] = ()
    opening: bytes = b""
    sealed_opening: bytes = b""
    evidence: bytes = b""


def encode(changes: tuple[Change, ...]) -> bytes:
    parts = [MAGIC, u16(len(changes))]
    for change in changes:
        parts += (
            var(change.entry.raw),
            var(wraps_room.encode_list(change.wraps)),
            var(change.opening),
            var(change.sealed_opening),
            var(change.evidence),
        )
    return b"".join(parts)


def parse(raw: bytes) -> tuple[Change, ...]:
    """Raises DirectoryError: octets-malformed, protocol-newer, and what an entry's parse raises."""
    reader = Reader(raw, "account submission")
    if len(raw) > MAX_SUBMISSION:
        raise reader.fail("size")
    reader.magic(MAGIC)
    changes = tuple(
        Change(
            entries.parse(reader.var("entry", entries.MAX_ENTRY)),
            wraps_room.parse_list(reader.var("wraps", MAX_SUBMISSION)),
            reader.var("opening", MAX_OPENING),
            reader.var("sealed opening", MAX_SEALED_OPENING),
            reader.var("evidence", MAX_EVIDENCE),
        )
        for _ in range(reader.count("n", MAX_CHANGES))
    )
    reader.end()
    return changes
