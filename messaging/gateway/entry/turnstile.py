"""How many may be inside: in all, from one peer, and before they have logged in. Who it is, is not asked."""

from __future__ import annotations

from collections import Counter


class Turnstile:
    """Counts visits; one for each listening port, or one for several."""

    def __init__(self, most: int, most_of_one: int, most_strangers: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._most_strangers = most_strangers
        self._strangers = 0
        self._inside: Counter[str] = Counter()

    def enter(self, peer: str) -> Visit | None:
        """None where there is no room."""
        full = self._inside.total() >= self._most or self._strangers >= self._most_strangers
        if full or self._inside[peer] >= self._most_of_one:
            return None
        self._inside[peer] += 1
        self._strangers += 1
        return Visit(self, peer)

    def _known(self) -> None:
        self._strangers -= 1

    def _left(self, peer: str) -> None:
        self._inside[peer] -= 1
        if not self._inside[peer]:
            del self._inside[peer]


class Visit:
    """One connection, from its first octet to its end."""

    __slots__ = ("_inside", "_stranger", "_turnstile", "peer")

    def __init__(self, turnstile: Turnstile, peer: str) -> None:
        self._turnstile = turnstile
        self.peer = peer
        self._stranger = True
        self._inside = True

    def known(self) -> None:
        """Whoever it is has logged in."""
        if self._stranger:
            self._stranger = False
            self._turnstile._known()

    def leave(self) -> None:
        """However often it is said."""
        if self._inside:
            self.known()
            self._inside = False
            self._turnstile._left(self.peer)
