"""The MIME parts of a message as offsets into its octets (RFC 2045, RFC 2046, RFC 5322). Does not rewrite, validate or
render: an IMAP section, an attachment and a signature are the octets that came, and no library keeps those. What values
mean is left to `fields`, and through it to the standard library; only the slicing is ours.

One pass from front to back, whatever the octets are. What lies beyond the limits is one opaque leaf.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from messaging.gateway.mail import fields

DEEPEST = 50  # levels of multipart and message/rfc822
MOST_PARTS = 1_000

OPAQUE = "application/octet-stream"

_BLANK_OR_DASHES = re.compile(rb"\n(?:--|\r?\n)")
_MEDIA_TYPE = re.compile(rb"([!#-'*+.0-9A-Z^-~-]+)[ \t]*/[ \t]*([!#-'*+.0-9A-Z^-~-]+)")
_IDENTITY = frozenset({"7bit", "8bit", "binary"})
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """One entity: `octets[start:body]` is its header section with the closing blank line, `octets[body:end]` its body,
    without the line break that belongs to the boundary after it.

    `media_type` is in lower case, `text/plain` where none or a broken one is given (RFC 2045 section 5.2),
    `application/octet-stream` for what lies beyond the limits. `parameters` have lower-case names and decoded values.
    `encoding` is the Content-Transfer-Encoding in lower case, `disposition` and `filename` are "" where not given.
    `children` are those of a multipart, `message` is what an (unencoded) message/rfc822 holds."""

    start: int
    body: int
    end: int
    media_type: str
    parameters: Mapping[str, str]
    encoding: str
    disposition: str
    filename: str
    children: tuple[Part, ...] = ()
    message: Part | None = None


def read(octets: bytes) -> Part:
    """The tree of parts of a message. Any octets have one; nothing is raised."""
    return _Scan(octets).whole()


def decoded(octets: bytes, part: Part) -> bytes:
    """The body of a part without its transfer encoding, leniently: what can be decoded is."""
    raw = octets[part.body : part.end]
    if part.encoding == "base64":
        return _base64(raw)
    if part.encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    return raw


def text_of(octets: bytes, part: Part) -> str:
    """The body of a text part, by its charset; an unknown one is read as UTF-8, else as Latin-1."""
    return fields.decode(decoded(octets, part), part.parameters.get("charset", "us-ascii"))


def header(octets: bytes, part: Part, name: str) -> str:
    """The first field of that name in the part's header, unfolded and with its encoded words decoded; "" if none."""
    return next(_headers(octets, part, name), "")


def headers(octets: bytes, part: Part, name: str) -> tuple[str, ...]:
    """All fields of that name, as `header`."""
    return tuple(_headers(octets, part, name))


def walk(part: Part) -> Iterator[Part]:
    """The part and all below it, in the order of the octets."""
    waiting = [part]
    while waiting:
        now = waiting.pop()
        yield now
        waiting += reversed(now.children)
        if now.message is not None:
            waiting.append(now.message)


def _headers(octets: bytes, part: Part, name: str) -> Iterator[str]:
    wanted = name.lower().encode("ascii", "replace")
    return (fields.readable(value) for value in fields.values(octets[part.start : part.body], wanted))


def _base64(raw: bytes) -> bytes:
    try:
        return binascii.a2b_base64(raw)
    except binascii.Error:
        clean = _NOT_BASE64.sub(b"", raw)
        clean = clean[:-1] if len(clean) % 4 == 1 else clean
        return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


@dataclass(slots=True)
class _Open:
    """An entity whose end has not come yet. `boundary` is set while delimiters of it count."""

    start: int
    default: str
    body: int = -1
    media_type: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    disposition: str = ""
    filename: str = ""
    boundary: bytes = b""
    holds_message: bool = False
    children: list[Part] = field(default_factory=list)
    message: Part | None = None

    def closed(self, end: int) -> Part:
        return Part(
            *(self.start, self.body, max(end, self.body), self.media_type, self.parameters, self.encoding),
            *(self.disposition, self.filename, tuple(self.children), self.message),
        )


class _Scan:
    """The one pass: `_open` holds the entities from the message down to the one being read."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._open = [_Open(0, "text/plain")]
        self._delimiters: dict[bytes, int] = {}  # boundary -> level in `_open`; of equal ones the innermost
        self._parts = 1

    def whole(self) -> Part:
        octets, size = self._octets, len(self._octets)
        at = 0
        if octets.startswith((b"\n", b"\r\n")):
            at = octets.index(b"\n") + 1
            self._header_ends(at)
            at -= 1  # what follows is looked for from the line break before it
        while True:
            found = self._next(at)
            if found < 0:
                break
            line = found + 1
            if octets.startswith(b"--", line):
                at = octets.find(b"\n", line)
                at = size if at < 0 else at
                self._at_dashes(found, octets[line + 2 : at].rstrip(), at + 1)
            else:
                at = octets.index(b"\n", line)
                self._header_ends(at + 1)
        return self._close(0, size)

    def _next(self, at: int) -> int:
        """Where the next line break stands after which something may begin or end; -1 if none."""
        if self._open[-1].body < 0:
            match = _BLANK_OR_DASHES.search(self._octets, at)
            return match.start() if match else -1
        return self._octets.find(b"\n--", at) if self._delimiters else -1

    def _header_ends(self, body: int) -> None:
        """The blank line before `body` was read: what is this entity, and what begins in it?"""
        entity = self._open[-1]
        self._describe(entity, body)
        if entity.boundary:
            self._count_delimiters()
        elif entity.holds_message:
            self._begin(body, "text/plain")

    def _at_dashes(self, line_break: int, line: bytes, after: int) -> None:
        """End and begin what a line beginning with two hyphens does, if it is a delimiter. It is compared whole, as
        mail programs do: `--ab` does not end a part of boundary `a`."""
        level = self._delimiters.get(line)
        closing = level is None and line.endswith(b"--")
        if closing:
            level = self._delimiters.get(line[:-2])
        if level is None:
            return
        if self._octets.startswith(b"\r\n", line_break - 1) and line_break:
            line_break -= 1
        container = self._open[level]
        if len(self._open) > level + 1:
            self._close(level + 1, line_break)
        if closing:
            container.boundary = b""
            self._count_delimiters()
        else:
            digest = container.media_type == "multipart/digest"
            self._begin(min(after, len(self._octets)), "message/rfc822" if digest else "text/plain")

    def _begin(self, start: int, default: str) -> None:
        self._parts += 1
        entity = _Open(start, default)
        self._open.append(entity)
        if self._parts > MOST_PARTS:  # it takes the rest, unread
            entity.body, entity.media_type, entity.encoding = start, OPAQUE, "binary"
            for container in self._open:
                container.boundary = b""
            self._delimiters = {}

    def _close(self, level: int, end: int) -> Part:
        """End the entities from `level` inwards at `end`; gives the one at `level`."""
        while True:
            entity = self._open.pop()
            if entity.body < 0:  # its header was cut off
                self._describe(entity, max(end, entity.start))
            part = entity.closed(end)
            if len(self._open) == level:
                break
            self._attach(part)
        if level:
            self._attach(part)
            self._count_delimiters()
        return part

    def _attach(self, part: Part) -> None:
        parent = self._open[-1]
        if parent.holds_message:
            parent.message = part
        else:
            parent.children.append(part)

    def _count_delimiters(self) -> None:
        self._delimiters = {entity.boundary: level for level, entity in enumerate(self._open) if entity.boundary}

    def _describe(self, entity: _Open, body: int) -> None:
        """What the entity's header says of it."""
        said: dict[bytes, bytes] = {}
        for name, value in fields.fields(self._octets[entity.start : body]):
            if name.startswith(b"content-"):
                said.setdefault(name, fields.unfolded(value))
        kind = said.get(b"content-type", b"")
        match = _MEDIA_TYPE.match(kind)
        entity.body = body
        entity.media_type = f"{match[1].decode()}/{match[2].decode()}".lower() if match else entity.default
        entity.parameters = fields.parameters(kind[match.end() :]) if match else _NONE
        entity.encoding = fields.token(said.get(b"content-transfer-encoding", b"")) or "7bit"
        placed = said.get(b"content-disposition", b"")
        entity.disposition = fields.token(placed)
        entity.filename = fields.parameters(placed).get("filename", "") or entity.parameters.get("name", "")
        self._contents(entity, kind)

    def _contents(self, entity: _Open, kind: bytes) -> None:
        """Whether parts or a message are to be looked for inside."""
        if entity.media_type.startswith("multipart/"):
            boundary = _boundary(kind, entity.parameters)
            if not boundary:  # RFC 2045 section 5.2: a broken type is that of plain text
                entity.media_type, entity.parameters = "text/plain", _NONE
            elif len(self._open) > DEEPEST:
                entity.media_type, entity.parameters = OPAQUE, _NONE
            else:
                entity.boundary = boundary
        elif entity.media_type == "message/rfc822":
            if len(self._open) > DEEPEST:
                entity.media_type, entity.parameters = OPAQUE, _NONE
            else:  # RFC 2046 section 5.2.1: one that is encoded is a file like any other
                entity.holds_message = entity.encoding in _IDENTITY


def _boundary(kind: bytes, parameters: Mapping[str, str]) -> bytes:
    for name, value in fields.raw_parameters(kind):
        if name == b"boundary":
            return value.rstrip()
    return parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
