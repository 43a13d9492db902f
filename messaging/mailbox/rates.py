"""Token buckets: how often one account may do a thing. A minute's worth may come at once."""

from __future__ import annotations

from messaging.errors import MessagingError

MINUTE = 60_000
REMEMBERED = 50_000


class Rate:
    """`per_minute` for each key. Memory is bounded: a bucket that is full again is forgotten."""

    __slots__ = ("_buckets", "per_minute")

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: dict[bytes, tuple[float, int]] = {}

    def take(self, key: bytes, number: int, now: int) -> None:
        """Raises MessagingError("rate-exceeded") with the seconds to wait. `now` is ms, from any steady clock."""
        left, since = self._buckets.get(key, (float(self.per_minute), now))
        left = min(self.per_minute, left + (now - since) * self.per_minute / MINUTE) - number
        if left < 0:
            raise MessagingError("rate-exceeded", seconds=int(-left * 60 / self.per_minute) + 1)
        self._buckets[key] = (left, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets = {k: v for k, v in self._buckets.items() if now - v[1] < MINUTE}
