"""How sending gives way to mail programs that hand in mail: what comes alone leaves at once; where many come, the
programs are served first, and what waits has its part of the time all the same.

Times are seconds of one clock, given by whoever asks.
"""

from __future__ import annotations

from typing import Final

QUIET: Final = 0.01
"""What waits leaves when so long nothing more was handed in,"""
QUIET_OF_MANY: Final = 0.05
"""or so long where two mails came within"""
MANY: Final = 0.015
LONGEST_HELD: Final = 3.0
"""but nothing waits longer than that for its first try."""
SHARE: Final = 7.0
"""While more comes in, sending rests so many times as long as it has worked,"""
LONGEST_REST: Final = 4.0


class GivingWay:
    def __init__(self) -> None:
        self._last = self._last_but_one = -MANY
        self._quiet_at = 0.0
        self._held_since: float | None = None

    def handed_in(self, now: float) -> None:
        """A mail was put into the outbox."""
        self._last_but_one, self._last = self._last, now
        quiet = QUIET_OF_MANY if now - self._last_but_one < MANY else QUIET
        self._quiet_at = max(self._quiet_at, now + quiet)
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

    def rest(self, since: float, now: float) -> tuple[float, float]:
        """From when and until when sending rests that has worked `since`: it goes on in between once it is `quiet`.
        Who was kept waiting by that work is heard first. Both are `now` where not two mails came meanwhile."""
        if self._last_but_one < since:
            return now, now
        return now + QUIET_OF_MANY, now + min(LONGEST_REST, SHARE * (now - since))

    def quiet(self, now: float) -> bool:
        """Whether nobody seems to be about to hand in more."""
        return now >= self._quiet_at
