"""Multi-line responses of POP3 (RFC 1939 section 3): dots stuffed, a last line end, the end. TOP's cut of a message."""

from __future__ import annotations

from typing import Final

END: Final = b".\r\n"
_BLANK: Final = b"\r\n\r\n"


def stuffed(octets: bytes) -> bytes:
    """With END. A line that only a bare LF begins is stuffed too: to some clients that is a line."""
    lines = (b"." if octets.startswith(b".") else b"") + octets.replace(b"\n.", b"\n..")
    return lines + (END if lines.endswith(b"\r\n") or not lines else b"\r\n" + END)


def top(octets: bytes, lines: int) -> bytes:
    """Header section, blank line and that many lines of the body (section 7)."""
    blank = octets.find(_BLANK)
    if blank < 0:
        return octets
    end = blank + len(_BLANK)
    for _ in range(lines):
        found = octets.find(b"\r\n", end)
        if found < 0:
            return octets
        end = found + 2
    return octets[:end]
