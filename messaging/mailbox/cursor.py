"""A reader's place in a mailbox's feed (docs/spec/service.md, "Frames"): stored and live items without gap or repeat.

A subscription starts *before* the first stored page is read, so an item is in a page, or waits live, or both. While it
catches up, live items wait in a bounded buffer; when that overflows they are forgotten, since pages have them too.
"""

from __future__ import annotations

from collections.abc import Sequence

WAITING = 1024
WAITING_OCTETS = 2 * 1024 * 1024


class FeedCursor:
    """One mailbox of one reader. `position` is the tick of the last item handed over."""

    __slots__ = ("_forgotten", "_octets", "_waiting", "live", "position")

    def __init__(self, position: int) -> None:
        self.position = position
        self.live = False
        self._waiting: list[tuple[int, bytes]] = []
        self._octets = 0
        self._forgotten = False

    def offer(self, tick: int, frame: bytes) -> bool:
        """A live item: True to hand it over now, False when it waits or was handed over already."""
        if not self.live:
            self._waiting.append((tick, frame))
            self._octets += len(frame)
            if len(self._waiting) > WAITING or self._octets > WAITING_OCTETS:
                self._waiting.clear()
                self._octets = 0
                self._forgotten = True
            return False
        if tick <= self.position:
            return False
        self.position = tick
        return True

    def paged(self, position: int) -> None:
        """A stored page up to `position` was handed over."""
        self.position = max(self.position, position)

    def caught_up(self) -> Sequence[bytes] | None:
        """After a page that had nothing more: the items that waited, and from here on live. None: read again."""
        if self._forgotten:
            self._forgotten = False
            return None
        found = [frame for tick, frame in self._waiting if tick > self.position]
        if self._waiting:
            self.position = max(self.position, self._waiting[-1][0])
        self._waiting = []
        self.live = True
        return found
