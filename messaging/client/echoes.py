"""What was sent from here comes again in the mailbox's feed: told by its octets, so that nothing is verified twice.

An item is expected once it was verified and written. It is forgotten with the process; then it is verified again.
"""

from __future__ import annotations

from collections.abc import Iterable

from directory.primitives.codec import var
from directory.primitives.digest import sha256
from messaging.wire.frames import Item

_MOST = 4_096


class Echoes:
    def __init__(self) -> None:
        self._expected: dict[bytes, None] = {}  # the oldest first

    def expect(self, items: Iterable[Item]) -> None:
        for item in items:
            self._expected[_octets(item)] = None
        while len(self._expected) > _MOST:
            del self._expected[next(iter(self._expected))]

    def take(self, item: Item) -> bool:
        """Whether it is to the letter what was expected, receipt and cursor too; it is expected once."""
        if not self._expected or (found := _octets(item)) not in self._expected:
            return False
        del self._expected[found]
        return True


def _octets(item: Item) -> bytes:
    return sha256(bytes([item.kind]) + item.cursor.to_bytes(8, "big") + item.mailbox + var(item.raw) + item.proof)
