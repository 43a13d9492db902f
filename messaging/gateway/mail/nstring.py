"""Strings of IMAP as they go on the wire (RFC 3501 sections 4.3 and 9): quoted where that is possible, else a literal.
Reads none."""

from __future__ import annotations

import re

LONGEST_QUOTED = 1_000

_UNQUOTABLE = re.compile(rb"[\x00\r\n\x80-\xff]")


def literal(octets: bytes) -> bytes:
    """`{n}` and the octets. NUL is in no literal (CHAR8): it becomes 0x80, as other servers do, and lengths stay."""
    if 0 in octets:
        octets = octets.replace(b"\0", b"\x80")
    return b"{%d}\r\n%b" % (len(octets), octets)


def string(octets: bytes) -> bytes:
    if len(octets) > LONGEST_QUOTED or _UNQUOTABLE.search(octets):
        return literal(octets)
    if b'"' in octets or b"\\" in octets:
        octets = octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"%b"' % octets


def nstring(octets: bytes | None) -> bytes:
    return b"NIL" if octets is None else string(octets)
