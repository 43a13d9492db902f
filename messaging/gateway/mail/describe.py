"""What mail programs ask of a message without opening it, made once when it arrives (RFC 3501 sections 6.4.4, 7.4.2).
Stores nothing: the search text is sealed by whoever keeps it."""

from __future__ import annotations

import re

from messaging.gateway.mail import fields, html_text, parts
from messaging.gateway.mail.described import Described
from messaging.gateway.mail.envelope import envelope
from messaging.gateway.mail.structure import structures

MOST_TEXT = 1024 * 1024  # octets of decoded text that are searched, and characters that are kept, in one message
LONGEST_ID = 998

_MESSAGE_ID = re.compile(rb"<[^<>\s\x00-\x20\x7f]++>")


def describe(octets: bytes) -> tuple[Described, str]:
    """The description of a message, and the case-folded text of its text parts. Any octets have both."""
    root = parts.read(octets)
    header = octets[: root.body]
    body, bodystructure = structures(octets, root)
    described = Described(len(octets), header, envelope(header), body, bodystructure, _message_id(header))
    return described, _searched(octets, root)


def _message_id(header: bytes) -> str:
    match = _MESSAGE_ID.search(next(fields.values(header, b"message-id"), b"")[:LONGEST_ID])
    return fields.text(match[0]) if match else ""


def _searched(octets: bytes, root: parts.Part) -> str:
    found: list[str] = []
    left = MOST_TEXT
    for part in parts.walk(root):
        if left <= 0 or not part.media_type.startswith("text/"):
            continue
        text = parts.text_of(octets, _cut(part, left))
        if part.media_type == "text/html":
            text = html_text.text_of(text)
        text = text.casefold()[:left]
        found.append(text)
        left -= max(len(text), min(part.end - part.body, left))
    return "\n".join(found)


def _cut(part: parts.Part, most: int) -> parts.Part:
    """The part with no more of its body than twice what may be kept, for transfer encodings take room."""
    end = min(part.end, part.body + 2 * most)
    return parts.Part(
        *(part.start, part.body, end, part.media_type, part.parameters, part.encoding),
        *(part.disposition, part.filename),
    )
