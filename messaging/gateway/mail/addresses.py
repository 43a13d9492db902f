"""An address list as its sender wrote it, in raw octets (RFC 5322 section 3.4, obsolete forms of section 4.4 included).
Does not decode display names and does not judge addresses: IMAP's ENVELOPE hands on what came, and the standard library
keeps neither groups nor raw octets. Whatever the octets are, there is a list; nothing is raised.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MOST = 5_000  # addresses of one list; the rest is left out

_TOKEN = re.compile(
    rb"""(?P<space>\s++)
    |"(?P<quoted>(?:[^"\\]|\\.)*+)"?
    |(?P<special>[<>,;:@])
    |(?P<comment>\()
    |(?P<literal>\[[^\]]*+\]?)
    |(?P<atom>(?:[^\s()"<>,;:@\[])++)
    |(?P<stray>.)""",
    re.DOTALL | re.VERBOSE,
)
_IN_COMMENT = re.compile(rb"[^()\\]++|\\.?|[()]", re.DOTALL)
_PAIR = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """The four members of an ENVELOPE address (RFC 3501 section 7.4.2). A group begins with one whose `host` is None
    and whose `mailbox` is the group's name, and ends with one where both are None; an address without a domain has
    an empty `host`."""

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


GROUP_END = Address(None, None, None, None)


def read(value: bytes) -> tuple[Address, ...]:
    """The addresses of an unfolded field value, with the marks of its groups."""
    scan = _Scan()
    at, size = 0, len(value)
    while at < size and len(scan.found) < MOST:
        match = _TOKEN.match(value, at)
        if match is None:  # `stray` takes any octet
            break
        at = match.end()
        kind, octets = match.lastgroup, match[0]
        if kind == "comment":
            text, at = _comment(value, at)
            scan.comment = text
        elif kind == "quoted":
            scan.word(_PAIR.sub(rb"\1", match["quoted"]))
        elif kind == "special":
            scan.special(octets)
        elif kind != "space":
            scan.word(octets)
    scan.flush()
    if scan.in_group:
        scan.found.append(GROUP_END)
    return tuple(scan.found)


def _comment(value: bytes, at: int) -> tuple[bytes, int]:
    """The text of a comment that was opened before `at`, without outer parentheses, and where it ends."""
    depth, pieces = 1, []
    while depth and (match := _IN_COMMENT.match(value, at)):
        piece = match[0]
        at = match.end()
        depth += (piece == b"(") - (piece == b")")
        if depth:
            pieces.append(_PAIR.sub(rb"\1", piece))
    return b"".join(pieces).strip(), at


@dataclass(slots=True)
class _Scan:
    """What was read of the address in hand. A word is its octets and whether it is a special."""

    found: list[Address] = field(default_factory=list)
    words: list[tuple[bytes, bool]] = field(default_factory=list)
    phrase: list[tuple[bytes, bool]] | None = None  # what stood before `<`
    comment: bytes = b""
    in_group: bool = False
    complete: bool = False  # `>` was read

    def word(self, octets: bytes) -> None:
        if not self.complete:  # what stands behind `>` belongs to no address
            self.words.append((octets, False))

    def special(self, octets: bytes) -> None:
        if octets == b"<":
            if self.phrase is not None:
                self.flush()
            self.phrase, self.words = self.words, []
        elif octets == b">":
            self.complete = self.phrase is not None
        elif octets == b";":
            self.flush()
            if self.in_group:
                self.found.append(GROUP_END)
                self.in_group = False
        elif self._in_route():
            self.words.append((octets, True))
        elif octets == b",":
            self.flush()
        elif octets == b":" and self.phrase is None and not self.in_group:
            self.found.append(Address(None, None, _joined(self.words, b" "), None))
            self.words, self.comment, self.in_group = [], b"", True
        elif not self.complete:
            self.words.append((octets, True))

    def _in_route(self) -> bool:
        """RFC 5322 section 4.4: `<@a,@b:user@host>`."""
        if self.phrase is None or not self.words or self.words[0] != (b"@", True) or self.complete:
            return False
        return (b":", True) not in self.words[-2:] and len(self.words) < 100

    def flush(self) -> None:
        """The address in hand has ended."""
        words, phrase, comment = self.words, self.phrase, self.comment
        self.words, self.phrase, self.comment, self.complete = [], None, b"", False
        if not words and not phrase:
            return
        route = None
        if phrase is not None and words and words[0] == (b"@", True) and (b":", True) in words:
            colon = words.index((b":", True))
            route, words = _joined(words[:colon], b""), words[colon + 1 :]
        ats = [index for index, word in enumerate(words) if word == (b"@", True)]
        local, domain = (words[: ats[-1]], words[ats[-1] + 1 :]) if ats else (words, [])
        name = _joined(phrase or [], b" ") or comment or None
        between = b"" if ats else b" "
        self.found.append(Address(name, route, _joined(local, between), _joined(domain, b"")))


def _joined(words: list[tuple[bytes, bool]], between: bytes) -> bytes:
    return between.join(octets for octets, _ in words)
