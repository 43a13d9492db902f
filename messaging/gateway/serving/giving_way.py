"""How sending gives way to mail programs that hand in mail: what comes alone leaves at once; where many come, the
programs are served first, and what waits has its part of the time all the same.

Times are seconds of one clock, given by whoever asks.
"""

from __future__ import annotations

from typing import Final

QUIET: Final = 0.01
"""What waits leaves when so long nothing more was handed in,"""
QUIET_OF_MANY: Final = 0.1
"""or so long where two mails came within"""
MANY: Final = 0.25
LONGEST_HELD: Final = 1.0
"""but nothing waits longer than that for its first try."""
SHARE: Final = 7.0
"""While more comes in, sending rests so many times as long as it has worked,"""
LONGEST_REST: Final = 4.0


class GivingWay:
    def __init__(self) -> None:
        self._last = -MANY
        self._quiet_at = 0.0
        self._held_since: float | None = None

    def handed_in(self, now: float) -> None:
        """A mail was put into the outbox."""
        quiet = QUIET_OF_MANY if now - self._last < MANY else QUIET
        self._last, self._quiet_at = now, max(self._quiet_at, now + quiet)
        if self._held_since is None:
            self._held_since = now

    def wait(self, now: float) -> float:
        """How long what waits is still held back; 0 once it may leave, and then nothing is held."""
        if self._held_since is None:
            return 0.0
        left = min(self._quiet_at, self._held_since + LONGEST_HELD) - now
        if left <= 0:
            self._held_since = None
        return max(0.0, left)

    def rest_until(self, worked: float, now: float) -> float:
        """Until when sending rests after a round that took `worked`; it goes on earlier once `quiet` says so."""
        return now + min(LONGEST_REST, SHARE * worked)

    def quiet(self, now: float) -> bool:
        return now >= self._quiet_at
