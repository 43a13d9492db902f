"""BODY and BODYSTRUCTURE of a tree of parts, as they go on the wire (RFC 3501 section 7.4.2)."""

from __future__ import annotations

from messaging.gateway.mail import fields
from messaging.gateway.mail.envelope import envelope
from messaging.gateway.mail.nstring import nstring, string
from messaging.gateway.mail.parts import OPAQUE, Part

LONGEST_TEXT = 4 * 1024  # octets of an id, a description, a location
MOST_LANGUAGES = 20

_EMPTY = b'"text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'  # a multipart has at least one part


def structures(octets: bytes, part: Part) -> tuple[bytes, bytes]:
    """BODY and BODYSTRUCTURE. At most as deep as `parts` reads."""
    said = _content_fields(octets, part)
    if part.media_type.startswith("multipart/"):
        return _multipart(octets, part, said)
    if part.media_type.startswith("text/"):
        kind = part.media_type
        rest = b" %d" % octets.count(b"\n", part.body, part.end)
    elif part.message is not None:
        kind = part.media_type
        inner = part.message
        body, structure = structures(octets, inner)
        lines = octets.count(b"\n", part.body, part.end)
        addressed = envelope(octets[inner.start : inner.body])
        basic, extension = _basic(part, kind, said), _extension(said)
        return (
            b"(%b %b %b %d)" % (basic, addressed, body, lines),
            b"(%b %b %b %d %b)" % (basic, addressed, structure, lines, extension),
        )
    else:  # a message/rfc822 that holds none could not be written as one
        kind = OPAQUE if part.media_type == "message/rfc822" else part.media_type
        rest = b""
    basic = _basic(part, kind, said)
    return b"(%b%b)" % (basic, rest), b"(%b%b %b)" % (basic, rest, _extension(said))


def _content_fields(octets: bytes, part: Part) -> dict[bytes, bytes]:
    said: dict[bytes, bytes] = {}
    for name, value in fields.fields(octets[part.start : part.body]):
        if name.startswith(b"content-"):
            said.setdefault(name, fields.unfolded(value))
    return said


def _multipart(octets: bytes, part: Part, said: dict[bytes, bytes]) -> tuple[bytes, bytes]:
    both = [structures(octets, child) for child in part.children]
    subtype = string(part.media_type.partition("/")[2].encode())
    bodies = b"".join(body for body, _ in both) or b"(%b)" % _EMPTY
    inner = b"".join(structure for _, structure in both) or b"(%b NIL NIL NIL NIL)" % _EMPTY
    parameters = _parameters(said.get(b"content-type", b""))
    return b"(%b %b)" % (bodies, subtype), b"(%b %b %b %b)" % (inner, subtype, parameters, _placed(said))


def _basic(part: Part, kind: str, said: dict[bytes, bytes]) -> bytes:
    """Type, parameters, id, description, encoding and size: what every part has that is no multipart."""
    main, _, sub = kind.encode().partition(b"/")
    typed = said.get(b"content-type")
    honest = typed is not None and kind == part.media_type and part.parameters
    parameters = _parameters(typed or b"") if honest else b"NIL"
    if parameters == b"NIL" and kind.startswith("text/"):
        parameters = b'("charset" "us-ascii")'  # RFC 2046 section 4.1.2
    about = b" ".join(_short(said.get(name)) for name in (b"content-id", b"content-description"))
    size = part.end - part.body
    return b"%b %b %b %b %b %d" % (string(main), string(sub), parameters, about, string(part.encoding.encode()), size)


def _extension(said: dict[bytes, bytes]) -> bytes:
    return b"%b %b" % (_short(said.get(b"content-md5")), _placed(said))


def _placed(said: dict[bytes, bytes]) -> bytes:
    """Disposition, languages, location."""
    value = said.get(b"content-disposition", b"")
    disposition = fields.token(value).encode()
    placed = b"(%b %b)" % (string(disposition), _parameters(value)) if disposition else b"NIL"
    return b"%b %b %b" % (
        placed,
        _languages(said.get(b"content-language", b"")),
        _short(said.get(b"content-location")),
    )


def _languages(value: bytes) -> bytes:
    tags = [tag.strip() for tag in value[:LONGEST_TEXT].split(b",")[:MOST_LANGUAGES]]
    written = b" ".join(string(tag) for tag in tags if tag)
    return b"(%b)" % written if written else b"NIL"


def _parameters(value: bytes) -> bytes:
    written = b" ".join(b"%b %b" % (string(name), string(said)) for name, said in fields.whole_parameters(value))
    return b"(%b)" % written if written else b"NIL"


def _short(value: bytes | None) -> bytes:
    return nstring(None if value is None else value[:LONGEST_TEXT])
