"""How often somebody may try a thing: a fixed window per key, in memory. It bounds load; it proves nothing."""

from __future__ import annotations

import threading

from directory.errors import DirectoryError

_MINUTE = 60_000


class Attempts:
    """At most `limit` attempts per key in each window of `window` ms."""

    def __init__(self, limit: int, window: int = _MINUTE) -> None:
        self._limit = limit
        self._window = window
        self._started = 0
        self._counts: dict[object, int] = {}
        self._lock = threading.Lock()

    def take(self, key: object, now: int) -> None:
        """Count one attempt at `now` (ms). Raises DirectoryError("too-many-requests", seconds=...)."""
        with self._lock:
            if not 0 <= now - self._started < self._window:
                self._started = now
                self._counts.clear()
            taken = self._counts.get(key, 0) + 1
            if taken > self._limit:
                left = self._started + self._window - now
                raise DirectoryError("too-many-requests", seconds=max(1, left // 1000))
            self._counts[key] = taken
