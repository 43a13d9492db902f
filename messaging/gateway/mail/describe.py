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


def describe(octets: bytes, root: parts.Part | None = None) -> tuple[Described, str]:
    """The description of a message, and the case-folded text of its text parts. Any octets have both; `root` are its
    parts where they are known."""
    root = root or parts.read(octets)
    header = octets[: root.body]
    body, bodystructure = structures(octets, root)
    described = Described(len(octets), header, envelope(header), body, bodystructure, _message_id(header))
    return described, _searched(octets, root)


def _message_id(header: bytes) -> str:
    match = _MESSAGE_ID.search(next(fields.values(header, b"message-id"), b"")[:LONGEST_ID])
    return fields.text(match[0]) if match else ""


def _searched(octets: bytes, root: parts.Part) -> str:
    """Every text in it, the names of its files, and the headers of messages in it."""
    found: list[str] = []
    left = MOST_TEXT
    for part in parts.walk(root):
        if left <= 0:
            break
        words, looked_at = [part.filename], 0
        if part.message is not None:
            words.append(_lines(octets[part.message.start : min(part.message.body, part.message.start + left)]))
        elif part.media_type.startswith(("text/", "message/")):  # reports are fields one below the other
            words.append(_text(octets, part, left))
            looked_at = part.end - part.body
        text = "\n".join(filter(None, words)).casefold()[:MOST_TEXT]
        found.append(text)
        left -= max(len(text), looked_at)
    return "\n".join(filter(None, found))[:MOST_TEXT]


def _lines(header: bytes) -> str:
    read = (fields.readable(fields.unfolded(value)) for _, value in fields.fields(header))
    return "\n".join(read)


def _text(octets: bytes, part: parts.Part, most: int) -> str:
    text = parts.text_of(octets, _cut(part, most))
    return html_text.text_of(text) if part.media_type == "text/html" else text


def _cut(part: parts.Part, most: int) -> parts.Part:
    """The part with no more of its body than twice what may be kept, for transfer encodings take room."""
    end = min(part.end, part.body + 2 * most)
    return parts.Part(
        *(part.start, part.body, end, part.media_type, part.parameters, part.encoding),
        *(part.disposition, part.filename),
    )
