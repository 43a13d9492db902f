"""The sections of BODY[...] (RFC 3501 section 6.4.5): reads what is asked, and finds it in the octets of a message.
Nothing is rendered: every section is a range of what came, but for chosen header fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from messaging.gateway.imap.grammar import Malformed, Scanner
from messaging.gateway.mail.nstring import string
from messaging.gateway.mail.parts import Part

DEEPEST = 100
MOST_FIELDS = 200
LONGEST_FIELD = 998

_NO_FIELDS: tuple[bytes, ...] = ()

_NUMBERS = re.compile(rb"[1-9]\d{0,8}(?:\.[1-9]\d{0,8})*+")
_PARTIAL = re.compile(rb"<(\d{1,10})\.([1-9]\d{0,9})>")
_WORD = re.compile(rb"[A-Za-z.]+")
_PLAIN_NAME = re.compile(rb"[A-Za-z0-9_-]+")
_VALUE = rb"[ \t]*+:[^\n]*+(?:\n[ \t][^\n]*+)*+\n?"
_ANY_FIELD = re.compile(rb"([!-9;-~]++)" + _VALUE + rb"|[^\n]*\n")


class Text(StrEnum):
    """What of a part."""

    ALL = ""
    HEADER = "HEADER"
    FIELDS = "HEADER.FIELDS"
    OTHER_FIELDS = "HEADER.FIELDS.NOT"
    TEXT = "TEXT"
    MIME = "MIME"


@dataclass(frozen=True, slots=True)
class Section:
    """`part` are the numbers of the part, empty for the message; `partial` is where to begin and how many octets."""

    part: tuple[int, ...] = ()
    text: Text = Text.ALL
    fields: tuple[bytes, ...] = ()
    partial: tuple[int, int] | None = None

    @property
    def label(self) -> bytes:
        """As it is named in the answer."""
        said = b".".join(b"%d" % number for number in self.part)
        if self.text:
            said += (b"." if said else b"") + self.text.encode()
        if self.fields:
            said += b" (%b)" % b" ".join(_written_name(name) for name in self.fields)
        return b"BODY[%b]" % said + (b"<%d>" % self.partial[0] if self.partial else b"")

    @property
    def of_header(self) -> bool:
        """Whether the header section of the message is all that it takes."""
        return not self.part and self.text in (Text.HEADER, Text.FIELDS, Text.OTHER_FIELDS)


def read(scanner: Scanner) -> Section:
    """What follows `BODY` or `BODY.PEEK`: `[1.MIME]<0.100>`. Raises Malformed."""
    scanner.expect(b"[")
    part: tuple[int, ...] = ()
    if scanner.starts_set:
        part = tuple(int(number) for number in scanner.take(_NUMBERS, "the number of a part")[0].split(b"."))
        if len(part) > DEEPEST:
            raise Malformed("a part is too deep")
    text, fields = Text.ALL, _NO_FIELDS
    if not scanner.next_is(b"]"):
        if part:
            scanner.expect(b".")
        text, fields = _text(scanner, part)
    scanner.expect(b"]")
    partial = None
    if scanner.next_is(b"<"):
        match = scanner.take(_PARTIAL, "a range of octets")
        partial = int(match[1]), int(match[2])
    return Section(part, text, fields, partial)


def _text(scanner: Scanner, part: tuple[int, ...]) -> tuple[Text, tuple[bytes, ...]]:
    try:
        text = Text(scanner.take(_WORD, "a section")[0].decode("ascii").upper())
    except ValueError:
        raise Malformed("there is no such section") from None
    if text is Text.MIME and not part:
        raise Malformed("MIME is of a part")
    if text not in (Text.FIELDS, Text.OTHER_FIELDS):
        return text, ()
    scanner.space()
    fields = tuple(scanner.listed(scanner.astring))
    if not fields or len(fields) > MOST_FIELDS or max(map(len, fields)) > LONGEST_FIELD:
        raise Malformed("too many fields, or none")
    return text, fields


def _written_name(name: bytes) -> bytes:
    return name if _PLAIN_NAME.fullmatch(name) else string(name)


Chooser = Callable[[bytes], bytes]


@lru_cache(maxsize=64)
def chooser(section: Section) -> Chooser:
    """What gives HEADER.FIELDS or HEADER.FIELDS.NOT of a header section, with the blank line that ends it."""
    find = _wanted(section.fields).findall if section.text is Text.FIELDS else _others(section.fields)

    def chosen(header: bytes) -> bytes:
        found = b"".join(find(header))
        # The message may end within its header.
        return found + (b"\r\n" if not found or found.endswith(b"\n") else b"\r\n\r\n")

    return chosen


def _wanted(fields: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """One pattern for all of them: ten thousand headers are looked through as fast as they are read."""
    return re.compile(rb"^(?:" + b"|".join(map(re.escape, fields)) + rb")" + _VALUE, re.MULTILINE | re.IGNORECASE)


def _others(fields: tuple[bytes, ...]) -> Callable[[bytes], list[bytes]]:
    unwanted = frozenset(map(bytes.lower, fields))
    return lambda header: [
        match[0]
        for match in _ANY_FIELD.finditer(header)
        if match[1] is not None and match[1].lower() not in unwanted
    ]  # fmt: skip


def cut(octets: bytes, partial: tuple[int, int] | None) -> bytes:
    return octets if partial is None else octets[partial[0] : partial[0] + partial[1]]


def find(octets: bytes, root: Part, section: Section) -> bytes | None:
    """The octets of a section, None where there is no such part."""
    part = _part(root, section.part)
    if part is None:
        return None
    if section.text is Text.MIME:
        return cut(octets[part.start : part.body], section.partial)
    if section.text is Text.ALL:
        start = part.body if section.part else part.start
        if section.partial is not None:
            first = min(start + section.partial[0], part.end)
            return octets[first : min(first + section.partial[1], part.end)]
        return octets[start : part.end] if start or part.end < len(octets) else octets
    message = part.message if section.part else part
    if message is None:  # HEADER and TEXT are of messages alone
        return None
    if section.text is Text.TEXT:
        return cut(octets[message.body : message.end], section.partial)
    header = octets[message.start : message.body]
    return cut(header if section.text is Text.HEADER else chooser(section)(header), section.partial)


def _part(root: Part, numbers: tuple[int, ...]) -> Part | None:
    """RFC 3501 section 6.4.5: the parts of a multipart are numbered from 1; what is no multipart has itself as part 1;
    the numbers of a message in a part go on inside it."""
    part = root
    for level, number in enumerate(numbers):
        inside = part if level == 0 else part.message or part
        if inside.children:
            if number > len(inside.children):
                return None
            part = inside.children[number - 1]
        elif number == 1 and (level == 0 or part.message is not None) and not _is_multipart(inside):
            part = inside
        else:
            return None
    return part


def _is_multipart(part: Part) -> bool:
    return part.media_type.startswith("multipart/")
