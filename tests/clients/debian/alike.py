"""When two servers say the same of a message: every difference that is let pass, each with its reason.

What comes first is ours, what comes second Dovecot's. A function gives "" where they say the same, else where not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from messaging.gateway.mail.envelope import LONGEST_TEXT
from messaging.gateway.mail.parts import DEEPEST
from tests.messaging.gateway.imap.wire_values import Value

_BARE_LF = re.compile(rb"(?<!\r)\n")
_BARE_CR = re.compile(rb"\r(?!\n)")
_OWN = {
    _BARE_CR: "a bare CR is part of a line here, and of the white space there",
    re.compile(rb'="(?:[^"\\\r\n]|\\.)*(?:\r\n|\Z)'): "what a quoted string that is not closed says",
    re.compile(
        rb'boundary=[^"\s;]*[][()<>@,:\\/?=]'
    ): "where a value ends that ought to be quoted (RFC 2045 tspecials)",
    re.compile(rb"=2C\?=", re.IGNORECASE): "addresses behind a comma that Python's folding wrote as an encoded word",
}
_BLANKS = re.compile(rb"[ \t]+")
_NOT_ADDRESSES = (b"MISSING_MAILBOX", b"MISSING_DOMAIN", b"SYNTAX_ERROR")
_PIECE = re.compile(rb".*\*\d+\*?")
_ENVELOPE = (b"date", b"subject", b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc", b"in-reply-to", b"message-id")


def taken_alike(octets: bytes) -> list[bytes]:
    """What both servers are given for one message: Dovecot writes CRLF for a bare LF, a literal has no NUL (RFC 3501
    CHAR8), and neither takes an empty message. One with a bare CR is given without it too."""
    whole = _BARE_LF.sub(b"\r\n", octets).replace(b"\0", b"\x80")
    return [one for one in dict.fromkeys((whole, _BARE_CR.sub(b"", whole))) if one]


def own_reading(octets: bytes, theirs: Value) -> str:
    """Why each server takes this message apart in its own way, by Dovecot's BODYSTRUCTURE; "" where they agree."""
    for pattern, reason in _OWN.items():
        if pattern.search(octets):
            return reason
    for part, level in _walk(theirs, 1):
        if level > DEEPEST:
            return f"no deeper than {DEEPEST} here, 100 there"
        if not isinstance(part[0], list):
            continue
        boundary = dict(_pairs(part[-4])).get(b"boundary")
        if not boundary:
            return "RFC 2045 section 5.2: without a boundary it is plain text here, one empty part there"
        if re.search(rb"(?m)^--%b(?!(?:--)?[ \t]*\r?$)" % re.escape(boundary), octets):
            return "a boundary is compared with the whole line here, with its beginning there (RFC 2046 section 5.1.1)"
    return ""


def _walk(part: Value, level: int) -> Iterator[tuple[Value, int]]:
    yield part, level
    if isinstance(part[0], list):
        for child in _split(part)[0]:
            yield from _walk(child, level + 1)
    elif _is_message(part):
        yield from _walk(part[8], level + 1)


def octets(label: bytes, ours: Value, theirs: Value) -> str:
    """A part that is not there is NIL here and an empty string there. Chosen fields of a header that has no end get one
    here."""
    one, other = ours or b"", theirs or b""
    alike = one == other or (b"FIELDS" in label and one == other + b"\r\n")
    return "" if alike else f"{label.decode()}: {_short(ours)} / {_short(theirs)}"


def only_fields(octets: bytes) -> bool:
    """Whether each line of the header is of a field, and a blank line ends it."""
    return re.match(rb"(?:[!-9;-~]+[ \t]*:.*\r\n(?:[ \t].*\r\n)*)*\r\n", octets) is not None


def envelope(ours: Value, theirs: Value, header: bytes) -> str:
    """Of a text that is given twice we hand on the first, Dovecot the last: such a field is passed over."""
    for name, one, other in zip(_ENVELOPE, ours, theirs, strict=True):
        if isinstance(other, list) or isinstance(one, list):
            alike = _addresses(one, other)
        else:
            alike = _text(one) == _text(other) or len(re.findall(rb"(?mi)^%b[ \t]*:" % name, header)) > 1
        if not alike:
            return f"{name.decode()}: {_short(one)} / {_short(other)}"
    return ""


def _text(value: bytes | None) -> bytes:
    """Dovecot makes one blank of a fold and the blanks after it. We hand on no more than so much of a text."""
    return b"NIL" if value is None else _BLANKS.sub(b" ", value[:LONGEST_TEXT]).strip()


def _addresses(ours: Value, theirs: Value) -> bool:
    """Where Dovecot says of an address that there is none, the field is no address list of RFC 5322: how much of it is
    understood is each server's own."""
    said = [member for address in theirs or () for member in address]
    return ours == theirs or any(mark in said for mark in _NOT_ADDRESSES)


def structure(ours: Value, theirs: Value, octets: bytes) -> str:
    """BODYSTRUCTURE."""
    if isinstance(ours[0], list) != isinstance(theirs[0], list):
        return f"{_short(ours)} / {_short(theirs)}"
    if isinstance(ours[0], list):
        return _multipart(ours, theirs, octets)
    ours, theirs = list(ours), list(theirs)
    if ours[:2] == [b"application", b"octet-stream"] and theirs[0].lower() == b"message":
        return ""  # RFC 2046 section 5.2.1: a message that is encoded, or of no octets, is a file here
    if _kind(theirs) == (b"", b""):
        return ""  # Dovecot's word for a type with something behind it that is no parameter
    if _kind(ours) != _kind(theirs):
        return f"{_short(ours)} / {_short(theirs)}"
    if _is_message(ours):
        inner = envelope(ours[7], theirs[7], octets) or structure(ours[8], theirs[8], octets)
        if inner:
            return inner
        ours[7:9], theirs[7:9] = [], []
    basic = _basic(ours[:-4]) == _basic(theirs[:-4]) and _encoding(theirs[5]) in (b"7bit", _encoding(ours[5]))
    if not basic or not _parameters(ours[2], theirs[2]) or not _placed(ours[-4:], theirs[-4:]):
        return f"{_short(ours)} / {_short(theirs)}"
    return ""


def _multipart(ours: Value, theirs: Value, octets: bytes) -> str:
    (children, *rest), (others, *other_rest) = _split(ours), _split(theirs)
    if len(children) != len(others) or rest[0].lower() != other_rest[0].lower():
        return f"{len(children)} {rest[0]} / {len(others)} {other_rest[0]}"
    if not _parameters(rest[1], other_rest[1]) or not _placed([None, *rest[2:]], [None, *other_rest[2:]]):
        return f"{_short(rest)} / {_short(other_rest)}"
    found = (structure(one, other, octets) for one, other in zip(children, others, strict=True))
    return next((f"in part {number}: {what}" for number, what in enumerate(found, 1) if what), "")


def _split(multipart: Value) -> list[Value]:
    count = next(at for at, item in enumerate(multipart) if not isinstance(item, list))
    return [multipart[:count], *multipart[count:]]


def _kind(single: Value) -> tuple[bytes, bytes]:
    return single[0].lower(), single[1].lower()


def _basic(said: Value) -> Value:
    """What has no parameters; media types have no case."""
    return [*_kind(said), *said[3:5], *said[6:]]


def _encoding(said: bytes) -> bytes:
    """Has no case; one that it does not know is 7bit to Dovecot."""
    return said.lower()


def _pairs(parameters: Value) -> Iterator[tuple[bytes, bytes]]:
    return zip((parameters or [])[::2], (parameters or [])[1::2], strict=True)


def _parameters(ours: Value, theirs: Value) -> bool:
    """Dovecot writes the default charset of RFC 2045 beside other parameters too, and a parameter without a name. Of
    pieces of RFC 2231 that do not fit together it hands on each, we the first."""
    one, other = dict(_pairs(ours)), dict(_pairs(theirs))
    other.pop(b"", None)
    if one.get(b"charset", b"us-ascii") == b"us-ascii" == other.get(b"charset"):
        one[b"charset"] = b"us-ascii"
    return one == other or any(_PIECE.fullmatch(name) for name in other)


def _placed(ours: Value, theirs: Value) -> bool:
    """MD5, disposition, languages, location. Dovecot reads languages up to the first that is empty."""
    (md5, place, languages, location), (other_md5, other_place, other_languages, other_location) = ours, theirs
    if (md5, location, place and place[0]) != (other_md5, other_location, other_place and other_place[0]):
        return False
    if place and not _parameters(place[1], other_place[1]):
        return False
    return (languages or [])[: len(other_languages or [])] == (other_languages or [])


def without_extensions(structure: Value) -> Value:
    """BODYSTRUCTURE as BODY says it."""
    if isinstance(structure[0], list):
        children, subtype, *_ = _split(structure)
        return [*(without_extensions(child) for child in children), subtype]
    basic = structure[:-4]
    return [*basic[:8], without_extensions(basic[8]), *basic[9:]] if _is_message(structure) else basic


def _is_message(single: Value) -> bool:
    return _kind(single) == (b"message", b"rfc822")


def sections(structure: Value, before: str = "") -> Iterator[str]:
    """What BODY[...] can be asked of a message with this BODYSTRUCTURE (RFC 3501 section 6.4.5)."""
    parts = _split(structure)[0] if isinstance(structure[0], list) else [structure]
    for number, part in enumerate(parts, 1):
        name = f"{before}{number}"
        yield name
        if before or isinstance(structure[0], list):
            yield f"{name}.MIME"
        if isinstance(part[0], list):
            yield from sections(part, f"{name}.")
        elif _is_message(part):
            yield from (f"{name}.{what}" for what in ("HEADER", "TEXT", "HEADER.FIELDS (SUBJECT FROM)"))
            yield from sections(part[8], f"{name}.")


def _short(value: Value) -> str:
    return repr(value)[:300]
