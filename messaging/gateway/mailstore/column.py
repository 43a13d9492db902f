"""What many messages have of one kind, as one run of octets: so it is opened once, and looked through at once.

Pure: octets in, octets out. A value is found by where it ends; nothing stands between two of them, for a sender may
write any octet. What is sought is found in a value and never across two.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

MOST_SLOTS = 256
_HEAD = struct.Struct(">HI")


@dataclass(frozen=True, slots=True, repr=False)
class Column:
    """`held` are the slots of the messages that it speaks of, one octet each; a message has any number of values.
    `owners` are the slots of the values in their order, `ends` where each ends in `octets`."""

    held: bytes
    owners: bytes
    ends: Sequence[int]
    octets: bytes

    def values(self) -> Iterator[tuple[int, bytes]]:
        """Each value with the slot of its message."""
        start = 0
        for owner, end in zip(self.owners, self.ends, strict=True):
            yield owner, self.octets[start:end]
            start = end

    def having(self, words: bytes) -> set[int]:
        """The slots of messages with a value that has `words` in it."""
        find = self.octets.find
        if find(words) < 0:
            return set()
        starts = (0, *self.ends[:-1])
        each = zip(self.owners, starts, self.ends, strict=False)  # of no values there is a start all the same
        return {owner for owner, start, end in each if find(words, start, end) >= 0}


def written(slots: Mapping[int, Sequence[bytes]]) -> bytes:
    """A column of these messages, each with its values. `slots` are below MOST_SLOTS."""
    values = [value for slot in slots.values() for value in slot]
    owners = bytes(number for number, slot in slots.items() for _ in slot)
    ends = struct.pack(f">{len(values)}I", *accumulate(map(len, values)))
    return b"".join((_HEAD.pack(len(slots), len(values)), bytes(slots), owners, ends, *values))


def read(octets: bytes) -> Column:
    """What `written` wrote."""
    held, values = _HEAD.unpack_from(octets)
    owners = _HEAD.size + held
    ends = owners + values
    start = ends + 4 * values
    return Column(
        octets[_HEAD.size : owners],
        octets[owners:ends],
        struct.unpack_from(f">{values}I", octets, ends),
        octets[start:],
    )
