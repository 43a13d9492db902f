"""The hole that a file leaves in a message: RFC 2046 section 5.2.3 message/external-body, access type `x-confrere`
(ML-2), and how the file's octets were written where the hole is now. Moves nothing: that is `entity`.

    Content-Type: message/external-body; access-type=x-confrere;
     file=0; size=48211; width=76; newline=crlf; tail=1

    Content-Type: application/pdf; name="courrier.pdf"      (the part's own header, octet for octet)
    Content-Transfer-Encoding: base64
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

MEDIA_TYPE = "message/external-body"
ACCESS = "x-confrere"
NARROWEST = 16  # base64 characters of a line: fewer would let a small file grow
_BREAKS = {"crlf": b"\r\n", "lf": b"\n"}
_TAIL = 8  # line breaks after the last line
_MOST = 10**12


@dataclass(frozen=True, slots=True)
class Base64:
    """Characters in a line (0: all in one), which line break, how many of them after the last line."""

    width: int
    newline: str
    tail: int


@dataclass(frozen=True, slots=True)
class Hole:
    """`file` is the place of its manifest among the event's, `size` its octets. Without `base64` the file is the body
    as it stood, after `skip` octets. `places`, of a message's own header only: where the fields stood that the hole
    holds."""

    file: int
    size: int
    base64: Base64 | None = None
    skip: int = 0
    places: tuple[int, ...] = ()

    def field(self) -> bytes:
        """The Content-Type field, with its line break."""
        said = [f"file={self.file}", f"size={self.size}"]
        if self.base64 is not None:
            form = self.base64
            said += [f"width={form.width}", f"newline={form.newline}", f"tail={form.tail}"]
        if self.skip:
            said.append(f"skip={self.skip}")
        line = f"Content-Type: {MEDIA_TYPE}; access-type={ACCESS};\r\n {'; '.join(said)}"
        if self.places:
            line += f';\r\n places="{" ".join(map(str, self.places))}"'
        return f"{line}\r\n".encode()

    def body(self, octets: bytes) -> bytes:
        """The file as it was written in the message."""
        return octets[self.skip :] if self.base64 is None else encode(octets, self.base64)


def is_hole(media_type: str, parameters: Mapping[str, str]) -> bool:
    """Whether a part says that it is one, whoever wrote it."""
    return media_type == MEDIA_TYPE and parameters.get("access-type", "").strip().lower() == ACCESS


def read(parameters: Mapping[str, str]) -> Hole | None:
    """A hole from its parameters; None where they do not say what they must."""
    file, size, skip = (_number(parameters.get(name, ""), _MOST) for name in ("file", "size", "skip"))
    places = tuple(_number(place, 10_000) for place in parameters.get("places", "").split())
    if file is None or size is None or ("skip" in parameters and not skip) or None in places:
        return None
    known = tuple(place for place in places if place is not None)
    if any(later <= earlier for earlier, later in pairwise(known)):
        return None
    if "width" not in parameters:
        return Hole(file, size, None, skip or 0, known)
    width, tail = _number(parameters["width"], 10_000), _number(parameters.get("tail", ""), _TAIL)
    newline = parameters.get("newline", "")
    if width is None or tail is None or 0 < width < NARROWEST or newline not in _BREAKS or skip:
        return None
    return Hole(file, size, Base64(width, newline, tail), 0, known)


def recognise(written: bytes) -> tuple[bytes, Base64] | None:
    """The file in a base64 body, and how to write exactly these octets again; None where that cannot be said."""
    newline = "crlf" if b"\r\n" in written else "lf"
    kept = written.rstrip(b"\r\n")
    first = kept.find(_BREAKS[newline])
    tail, odd = divmod(len(written) - len(kept), len(_BREAKS[newline]))
    form = Base64(max(first, 0), newline, tail)
    if odd or tail > _TAIL or 0 < form.width < NARROWEST or form.width > 10_000:
        return None
    try:
        octets = binascii.a2b_base64(kept)
    except binascii.Error:
        return None
    return (octets, form) if encode(octets, form) == written else None


def encode(octets: bytes, form: Base64) -> bytes:
    """RFC 2045 section 6.8, in lines of any one width."""
    whole, newline = binascii.b2a_base64(octets, newline=False), _BREAKS[form.newline]
    if form.width:
        whole = newline.join(whole[at : at + form.width] for at in range(0, len(whole), form.width))
    return whole + newline * form.tail


def _number(said: str, most: int) -> int | None:
    number = int(said) if said.isascii() and said.isdigit() and len(said) <= 13 else -1
    return number if 0 <= number <= most else None
