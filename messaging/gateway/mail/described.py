"""What mail programs ask of a message without opening it: made once, at arrival (RFC 3501 section 7.4.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Trait(StrEnum):
    """What of a description is asked of many messages at once, as it is called in `Described`."""

    HEADER = "header"
    ENVELOPE = "envelope"
    BODY = "body"
    BODYSTRUCTURE = "bodystructure"


@dataclass(frozen=True, slots=True, repr=False)
class Described:
    """`header` is the header section with its closing blank line; `envelope`, `body` and `bodystructure` are the
    values of those FETCH items as they go on the wire; `size` is in octets; `message_id` is the Message-ID with its
    angle brackets, or empty."""

    size: int
    header: bytes
    envelope: bytes
    body: bytes
    bodystructure: bytes
    message_id: str

    def traits(self, asked: Iterable[Trait]) -> tuple[bytes, ...]:
        return tuple([getattr(self, trait) for trait in asked])
