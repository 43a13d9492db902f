"""What a message says and what is attached to it, found in its parts (RFC 2046, RFC 2183). Looks into no attached
message and no signature; decodes what it is asked for and rewrites nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from messaging.gateway.mail import flowed, html_text, parts
from messaging.gateway.mail.parts import Part

LONGEST_TEXT = 1024 * 1024  # characters
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff/\\\\:]+")
_ENDINGS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/rfc822": ".eml",
}


@dataclass(frozen=True, slots=True, repr=False)
class Attached:
    filename: str
    media_type: str
    octets: bytes


def leaves(root: Part) -> Iterator[Part]:
    """The parts that hold no parts, in order; an attached message is one of them."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.children:
            waiting += reversed(part.children)
        else:
            yield part


def is_attachment(part: Part) -> bool:
    """Whether mail programs offer this part as a file."""
    return part.disposition == "attachment" or bool(part.filename) or part.media_type.startswith("message/")


def text(octets: bytes, root: Part) -> str:
    """The plain text, or the words of the HTML where there is none; lines end in LF."""
    return plain_text(octets, root) or _joined(html_text.text_of(said) for said in _inline(octets, root, "text/html"))


def plain_text(octets: bytes, root: Part) -> str:
    """The inline plain texts one below the other; lines end in LF."""
    return _joined(_inline(octets, root, "text/plain"))


def has_plain_text(octets: bytes, root: Part) -> bool:
    """Whether `plain_text` says anything."""
    return any(parts.text_of(octets, part).strip() for part in _texts(root, "text/plain"))


def _inline(octets: bytes, root: Part, media_type: str) -> Iterator[str]:
    """The texts of a type that stand in the mail itself."""
    for part in _texts(root, media_type):
        said = parts.text_of(octets, part).replace("\r\n", "\n").replace("\r", "\n")
        if part.parameters.get("format", "").lower() == "flowed":
            said = flowed.unflowed(said, delete_space=part.parameters.get("delsp", "").lower() == "yes")
        yield said


def _texts(root: Part, media_type: str) -> Iterator[Part]:
    return (part for part in leaves(root) if part.media_type == media_type and not is_attachment(part))


def _joined(said: Iterable[str]) -> str:
    return "\n\n".join(words.strip("\n") for words in said if words.strip())[:LONGEST_TEXT]


def attachments(octets: bytes, root: Part) -> tuple[Attached, ...]:
    """The files of a message, decoded."""
    listed = (part for part in leaves(root) if is_attachment(part))
    return tuple(
        Attached(filename(part, number), part.media_type, parts.decoded(octets, part))
        for number, part in enumerate(listed, 1)
    )


def filename(part: Part, number: int) -> str:
    """A name for the part's file: its own, else one made of its place."""
    return safe_name(part.filename) or f"part-{number}{_ENDINGS.get(part.media_type, '.bin')}"


def safe_name(name: str) -> str:
    """A file's name as its sender chose it, without folders and steering characters, 120 characters at most; "" where
    nothing is left."""
    own = _UNFIT.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    if len(own) > 120:
        stem, dot, ending = own.rpartition(".")
        own = f"{stem[:100]}{dot}{ending[:16]}" if dot else own[:120]
    return own
