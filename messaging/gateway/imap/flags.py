"""Flags and keywords on the wire (RFC 3501 section 2.3.2). Stores none. `\\Recent` is never set: it is of one session
alone, and RFC 9051 gave it up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from messaging.gateway.imap.grammar import Malformed, Scanner

SEEN = "\\Seen"
DELETED = "\\Deleted"
SYSTEM = ("\\Answered", "\\Flagged", DELETED, SEEN, "\\Draft")
MOST = 64
LONGEST = 128

STORE_ITEM = re.compile(rb"[+-]?FLAGS(?:\.SILENT)?(?= )", re.IGNORECASE)

_SYSTEM = {flag.lower(): flag for flag in SYSTEM}


def read_list(scanner: Scanner) -> frozenset[str]:
    """`(\\Seen $Forwarded)`. Raises Malformed."""
    return _few(scanner.listed(lambda: _flag(scanner)))


def read_open(scanner: Scanner) -> frozenset[str]:
    """As STORE takes them: in parentheses, or with spaces between them."""
    if scanner.next_is(b"("):
        return read_list(scanner)
    found = [_flag(scanner)]
    while scanner.skip(b" "):
        found.append(_flag(scanner))
        if len(found) > MOST:
            break
    return _few(found)


def _few(found: list[str]) -> frozenset[str]:
    if len(found) > MOST:
        raise Malformed("too many flags")
    return frozenset(found)


def _flag(scanner: Scanner) -> str:
    system = scanner.skip(b"\\")
    atom = scanner.atom().decode("ascii")
    if not system:
        if len(atom) > LONGEST:
            raise Malformed("this keyword is too long")
        return atom
    flag = _SYSTEM.get(f"\\{atom.lower()}")
    if flag is None:
        raise Malformed("there is no such flag")
    return flag


@lru_cache(maxsize=4096)
def written(flags: frozenset[str]) -> bytes:
    """`(\\Seen)`. System flags first, keywords by name: the same flags look the same."""
    system = [flag for flag in SYSTEM if flag in flags]
    return b"(%b)" % " ".join([*system, *sorted(flags.difference(system))]).encode("ascii", "replace")


def folded(flags: Iterable[str]) -> frozenset[str]:
    """For comparison: flags have no case."""
    return frozenset(flag.lower() for flag in flags)
