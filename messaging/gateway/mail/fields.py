"""The fields of a header section as octets (RFC 5322 section 2.2), and what their values say to a reader: encoded words
(RFC 2047), parameters (RFC 2045 section 5.1, RFC 2231). Writes nothing, and does not judge whether a field is allowed.

Values that hostile senders choose are cut to a length before anything looks at them: some of the standard library's
patterns take quadratic time.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import collapse_rfc2231_value, decode_params, unquote
from functools import lru_cache

LONGEST_VALUE = 16 * 1024  # octets of a value that are interpreted; what lies beyond is left out
MOST_PARAMETERS = 100

_FIELD = re.compile(rb"^([!-9;-~]++)[ \t]*+:((?:[^\n]*+)(?:\n[ \t][^\n]*+)*+)", re.MULTILINE)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_WORD = re.compile(r"=\?[^?\s]{1,64}\?[bBqQ]\?[^?]{0,1000}\?=")
_PARAMETER = re.compile(rb';\s*+([^\s=;"()]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^\s;"]*+))', re.DOTALL)
_PIECE = re.compile(rb"([^*]+)\*(\d{1,3})(\*?)")
_QUOTED_PAIR = re.compile(rb"\\(.)", re.DOTALL)
_TOKEN = re.compile(rb"[!#-'*+.0-9A-Z^-~-]++")
# Text encodings of Python that no mail means, and that take quadratic time or interpret escapes.
_NO_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def fields(section: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each field in order: its name in lower case, and its value as it stands, folds included. Lines that are no field
    are passed over."""
    for match in _FIELD.finditer(section):
        yield match[1].lower(), match[2].removesuffix(b"\r")


def values(section: bytes, name: bytes) -> Iterator[bytes]:
    """The values of the fields called `name` (lower case), unfolded and without surrounding white space."""
    return (unfolded(value) for found, value in fields(section) if found == name)


def unfolded(value: bytes) -> bytes:
    """RFC 5322 section 2.2.3: without line breaks; a bare CR or LF that is left becomes a space."""
    if b"\n" in value or b"\r" in value:
        value = _FOLD.sub(b"", value).replace(b"\r", b" ").replace(b"\n", b" ")
    return value.strip()


def text(value: bytes) -> str:
    """The octets of a value as text: UTF-8 (RFC 6532), else Latin-1, which is what raw 8-bit headers mostly are."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def readable(value: bytes) -> str:
    """An unfolded value as people read it: RFC 2047 encoded words decoded. Unknown charsets and broken words stay as
    they are."""
    raw = text(value[:LONGEST_VALUE])
    if "=?" not in raw:
        return raw
    said, end = [], 0
    run: list[str] = []  # adjacent encoded words: a character may be split over two of them
    for match in _WORD.finditer(raw):
        between = raw[end : match.start()]
        if not run or between.strip():
            said += [_decoded(run), between]
            run = []
        run.append(match[0])
        end = match.end()
    return "".join([*said, _decoded(run), raw[end:]])


def _decoded(words: list[str]) -> str:
    pieces: list[tuple[bytes, str]] = []
    for word in words:
        raw, named = _encoded_word(word)
        if pieces and pieces[-1][1] == named:
            pieces[-1] = (pieces[-1][0] + raw, named)
        else:
            pieces.append((raw, named))
    return "".join(decode(raw, charset) for raw, charset in pieces)


@lru_cache(maxsize=512)
def _encoded_word(word: str) -> tuple[bytes, str]:
    """The octets of a word and their charset. The names of people come again in every mail of a search."""
    try:
        ((octets, charset),) = decode_header(word)
    except (HeaderParseError, ValueError):
        octets, charset = word, None
    return octets.encode("utf-8", "replace") if isinstance(octets, str) else octets, charset or "utf-8"


def decode(octets: bytes, charset: str) -> str:
    """Octets in a charset that a sender named, leniently; one that is not known is UTF-8, else Latin-1."""
    try:
        name = codecs.lookup(charset.partition("*")[0].strip()).name.replace("-", "_")
        if name == "ascii":
            return text(octets)
        if name not in _NO_CHARSETS:
            return octets.decode(name, "replace")
    except (LookupError, ValueError, TypeError):
        pass
    return text(octets)


def token(value: bytes) -> str:
    """The first token of a structured value (`attachment` of Content-Disposition), in lower case; "" if none."""
    match = _TOKEN.match(value.lstrip())
    return match[0].decode("ascii").lower() if match else ""


def raw_parameters(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parameters of an unfolded value as they stand: name in lower case, and value without its quotes."""
    for count, match in enumerate(_PARAMETER.finditer(value[:LONGEST_VALUE])):
        if count == MOST_PARAMETERS:
            return
        quoted, bare = match[2], match[3]
        yield match[1].lower(), bare if quoted is None else _QUOTED_PAIR.sub(rb"\1", quoted)


def whole_parameters(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """As `raw_parameters`, with the pieces of a long value put together (RFC 2231 section 3), still encoded."""
    whole: dict[bytes, list[bytes]] = {}
    encoded: set[bytes] = set()
    for name, said in raw_parameters(value):
        piece = _PIECE.fullmatch(name)
        if piece is None:
            whole.setdefault(name, [said])
        elif int(piece[2]) == len(whole.setdefault(piece[1], [])):
            whole[piece[1]].append(said)
            if piece[3]:
                encoded.add(piece[1])
    for name, pieces in whole.items():
        if pieces:
            yield name + b"*" if name in encoded else name, b"".join(pieces)


def parameters(value: bytes) -> Mapping[str, str]:
    """The parameters of an unfolded value by lower-case name, decoded (RFC 2231, and the RFC 2047 words that mail
    programs put there all the same). The first of a name counts."""
    raw = [(text(name), readable(said)) for name, said in raw_parameters(value)]
    found: dict[str, str] = {}
    try:
        collapsed = [(name, _collapsed(said)) for name, said in decode_params([("", ""), *raw])[1:]]
    except (ValueError, LookupError, TypeError):  # segment numbers with thousands of digits, broken percent-coding
        collapsed = raw
    for name, said in collapsed:
        found.setdefault(name, said)
    return found


def _collapsed(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, str):
        return collapse_rfc2231_value(value)
    charset, _, said = value
    try:
        return unquote(decode(said.encode("latin-1"), charset or "utf-8"))
    except UnicodeEncodeError:  # not percent-coded at all
        return unquote(said)
