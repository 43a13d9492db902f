"""Names of mailboxes on the wire: modified UTF-7 (RFC 3501 section 5.1.3), patterns of LIST (section 6.3.8). Knows no
folder."""

from __future__ import annotations

import binascii
import re

from messaging.gateway.imap.grammar import Malformed
from messaging.gateway.mail.nstring import string

SEPARATOR = "/"
LONGEST_PATTERN = 256

_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")
_DIRECT = re.compile(rb"[\x20-\x25\x27-\x7e]+")
_NOT_DIRECT = re.compile(r"[^\x20-\x7e]+|&")
_NOT_UTF_7 = "this mailbox name is not in modified UTF-7"


def encoded(name: str) -> bytes:
    """Modified UTF-7."""

    def shift(match: re.Match[str]) -> str:
        if match[0] == "&":
            return "&-"
        base64 = binascii.b2a_base64(match[0].encode("utf-16-be"), newline=False)
        return "&" + base64.decode("ascii").rstrip("=").replace("/", ",") + "-"

    return _NOT_DIRECT.sub(shift, name).encode("ascii")


def decoded(wire: bytes) -> str:
    """The name, INBOX in upper case. Raises Malformed for what is not the one modified UTF-7 form of a name: two ways
    to write a folder would be two folders to a mail program."""
    name = _decoded(wire)
    return "INBOX" if name.upper() == "INBOX" else name


def _decoded(wire: bytes) -> str:
    pieces: list[str] = []
    at = 0
    while at < len(wire):
        if match := _SHIFTED.match(wire, at):
            pieces.append(_unshifted(match[1]))
        elif match := _DIRECT.match(wire, at):
            pieces.append(match[0].decode("ascii"))
        else:
            raise Malformed(_NOT_UTF_7)
        at = match.end()
    name = "".join(pieces)
    if encoded(name) != wire:
        raise Malformed(_NOT_UTF_7)
    return name


def _unshifted(base64: bytes) -> str:
    if not base64:
        return "&"
    try:
        padded = base64.replace(b",", b"/") + b"=" * (-len(base64) % 4)
        return binascii.a2b_base64(padded).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        raise Malformed(_NOT_UTF_7) from None


def written(name: str) -> bytes:
    """A name as it stands in a response."""
    return string(encoded(name))


class Pattern:
    """A pattern of LIST: `*` is anything, `%` anything within a level. Time in proportion to name and pattern, however
    many wildcards there are."""

    def __init__(self, reference: bytes, pattern: bytes) -> None:
        """Raises Malformed for invalid names and patterns that are too long."""
        wire = reference + pattern
        if len(wire) > LONGEST_PATTERN:
            raise Malformed("this mailbox pattern is too long")
        self._steps: list[str] = []  # a character each; a wildcard as two
        for index, piece in enumerate(re.split(rb"([*%])", b"INBOX" if wire.upper() == b"INBOX" else wire)):
            self._steps += [piece.decode("ascii") * 2] if index % 2 else _decoded(piece)

    def matches(self, name: str) -> bool:
        steps, last = self._steps, len(self._steps)
        states = self._with_empty({0})
        for character in name:
            following: set[int] = set()
            for state in states:
                step = steps[state] if state < last else ""
                if step == "**" or (step == "%%" and character != SEPARATOR):
                    following.add(state)
                elif step == character:
                    following.add(state + 1)
            if not following:
                return False
            states = self._with_empty(following)
        return last in states

    def _with_empty(self, states: set[int]) -> set[int]:
        """Wildcards match nothing too."""
        reached = set(states)
        for state in sorted(states):
            while state < len(self._steps) and len(self._steps[state]) == 2:
                state += 1
                reached.add(state)
        return reached
