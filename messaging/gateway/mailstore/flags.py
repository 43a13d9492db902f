"""Flags and keywords of a message (RFC 3501 section 2.3.2): compared without case, kept as first written, bounded.

Whether a client may make a keyword is the protocol room's to say; what is no flag at all is left out here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from messaging.gateway.ports import FlagChange

DELETED = "\\Deleted"
SYSTEM = ("\\Seen", "\\Answered", "\\Flagged", DELETED, "\\Draft")
MOST = 100
LONGEST = 100
_NOT_ATOM = frozenset('(){ %*"\\]')  # RFC 3501 section 9, atom-specials
_SPELLINGS = 10_000


class Spelling:
    """How flags are written in this mailbox: the first spelling of a keyword is that of all messages, and equal sets
    are one object in memory."""

    def __init__(self) -> None:
        self._words = {flag.lower(): flag for flag in SYSTEM}
        self._sets: dict[frozenset[str], frozenset[str]] = {}

    def spell(self, flags: Iterable[str]) -> frozenset[str]:
        """What may be kept of `flags`: `\\Recent`, unknown system flags, what is no atom and what is too long or too
        many is left out."""
        found: set[str] = set()
        for flag in flags:
            if len(found) == MOST:
                break
            word = self._words.get(flag.lower())
            if word is None and _is_keyword(flag):
                word = flag
                if len(self._words) < _SPELLINGS:
                    self._words[flag.lower()] = flag
            if word is not None:
                found.add(word)
        return self._one(frozenset(found))

    def changed(self, before: frozenset[str], change: FlagChange, flags: Collection[str]) -> frozenset[str]:
        """`before` after STORE (RFC 3501 section 6.4.6)."""
        if change is FlagChange.REPLACE:
            return self.spell(flags)
        if change is FlagChange.REMOVE:
            gone = {flag.lower() for flag in flags}
            return self._one(frozenset(flag for flag in before if flag.lower() not in gone))
        return self.spell([*before, *flags])

    def _one(self, flags: frozenset[str]) -> frozenset[str]:
        if len(self._sets) >= _SPELLINGS:
            self._sets.clear()
        return self._sets.setdefault(flags, flags)


def _is_keyword(flag: str) -> bool:
    return 0 < len(flag) <= LONGEST and flag.isascii() and flag.isprintable() and not _NOT_ATOM & set(flag)
