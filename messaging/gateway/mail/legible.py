"""A header section as people read it and SEARCH looks through it (RFC 3501 section 6.4.4): encoded words decoded, folds
undone, without case. Finds nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from messaging.gateway.mail import fields

Legible = Sequence[tuple[bytes, str]]
"""Each field in order: its name in lower case, its value case-folded."""


def legible(header: bytes) -> Legible:
    return [
        (name, fields.readable(fields.unfolded(value)).casefold()) for name, value in fields.fields(header)
    ]  # fmt: skip


def values(header: bytes, name: bytes) -> Iterator[str]:
    """The values of the fields called `name` (lower case), one after the other as they are looked at."""
    return (fields.readable(value).casefold() for value in fields.values(header, name))


def lines(read: Legible) -> str:
    """All of it as one text, a field a line."""
    return "\n".join(f"{name.decode()}: {value}" for name, value in read)
