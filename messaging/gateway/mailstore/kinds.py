"""What a page holds of its messages, by kind: what FETCH asks of a description, and what SEARCH looks through. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from messaging.gateway.mail.described import Described, Trait
from messaging.gateway.mail.legible import Legible, legible, lines
from messaging.gateway.mailstore import column

FORM = 1
"""To be raised when what a page says of a message becomes other: those of before cannot be opened then, and are written
again as they are missed."""


class Kind(IntEnum):
    """As the file says it: frozen."""

    HEADER = 0
    ENVELOPE = 1
    BODY = 2
    BODYSTRUCTURE = 3
    LINES = 4
    SUBJECT = 5
    FROM = 6
    TO = 7
    CC = 8
    BCC = 9


TRAITS = {trait: Kind[trait.name] for trait in Trait}
FIELDS = {
    **{b"subject": Kind.SUBJECT, b"from": Kind.FROM, b"to": Kind.TO},
    **{b"cc": Kind.CC, b"bcc": Kind.BCC},
}


def written(held: Mapping[int, Described]) -> dict[Kind, bytes]:
    """The columns of these messages by their slots."""
    read = {slot: legible(described.header) for slot, described in held.items()}
    return {
        **{
            kind: column.written({slot: one.traits([trait]) for slot, one in held.items()})
            for trait, kind in TRAITS.items()
        },
        Kind.LINES: column.written({slot: [sought(lines(one))] for slot, one in read.items()}),
        **{
            kind: column.written({slot: _values(one, name) for slot, one in read.items()})
            for name, kind in FIELDS.items()
        },
    }


def _values(read: Legible, name: bytes) -> list[bytes]:
    return [sought(value) for found, value in read if found == name]


def sought(text: str) -> bytes:
    """Text as it stands on a page: one is in another where its octets are in the other's."""
    return text.encode("utf-8", "surrogatepass")
