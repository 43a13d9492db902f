"""What a PDF/A-1 may paint with: known operators, and colours that its output intent defines.

ISO 19005-1, 6.2.3 and 6.2.10 (DOC-2.2). Reads page contents, forms and tiling patterns, each within a bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from record_bridge.pdf.streams import decoded, not_archivable

MAX_CONTENT = 16 * 1024 * 1024  # octets of all contents, decoded

_OPERATORS = frozenset(
    {
        *("b", "B", "b*", "B*", "BDC", "BI", "BMC", "BT", "BX", "c", "cm", "CS", "cs", "d", "d0", "d1", "Do", "DP"),
        *("EI", "EMC", "ET", "EX", "f", "F", "f*", "G", "g", "gs", "h", "i", "ID", "j", "J", "K", "k", "l", "m", "M"),
        *("MP", "n", "q", "Q", "re", "RG", "rg", "ri", "s", "S", "SC", "sc", "SCN", "scn", "sh", "T*", "Tc", "Td"),
        *("TD", "Tf", "Tj", "TJ", "TL", "Tm", "Tr", "Ts", "Tw", "Tz", "v", "w", "W", "W*", "y", "'", '"'),
    }
)
_COLOURS = {"rg": "RGB", "RG": "RGB", "k": "CMYK", "K": "CMYK", "g": "Gray", "G": "Gray"}
_SPACES = {"/DeviceRGB": "RGB", "/DeviceCMYK": "CMYK", "/DeviceGray": "Gray"}
_INLINE_SPACES = {**_SPACES, "/RGB": "RGB", "/CMYK": "CMYK", "/G": "Gray"}
_INTENTS = frozenset({"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"})


def paint(pdf: Pdf, output: str) -> None:
    """Hold every content and image of the document to its output intent: "RGB", "CMYK", "Gray" or none at all."""
    for stream in _contents(pdf):
        for instruction in pikepdf.parse_content_stream(stream):
            if isinstance(instruction, pikepdf.ContentStreamInlineImage):
                _inline(instruction.iimage.obj, output)
            else:
                _instruction(str(instruction.operator), instruction.operands, output)
    for held in pdf.objects:
        if isinstance(held, Dictionary | Stream):
            for space in _named_spaces(held):
                _allow(space, output)


def _instruction(operator: str, operands: Iterable[object], output: str) -> None:
    if operator not in _OPERATORS:
        raise not_archivable("6.2.10")
    first = str(next(iter(operands), ""))
    if operator == "ri" and first not in _INTENTS:
        raise not_archivable("6.2.9")
    if operator in ("cs", "CS"):
        _allow(_SPACES.get(first, ""), output)
    _allow(_COLOURS.get(operator, ""), output)


def _inline(image: Object, output: str) -> None:
    if bool(image.get("/I", image.get("/Interpolate", False))):
        raise not_archivable("6.2.4")
    _allow(_INLINE_SPACES.get(str(image.get("/CS", image.get("/ColorSpace", ""))), ""), output)


def _contents(pdf: Pdf) -> Iterator[Stream]:
    """Every stream of instructions, once it is known to decode within the bound."""
    left = MAX_CONTENT
    for page in pdf.pages:
        held = page.obj.get("/Contents")
        parts = []
        for stream in list(held) if isinstance(held, Array) else [held]:
            if isinstance(stream, Stream):
                parts.append(decoded(stream, left))
                left -= len(parts[-1])
        yield pdf.make_stream(b"\n".join(parts))  # an instruction may run from one part into the next
    for stream in list(_other_contents(pdf)):
        left -= len(decoded(stream, left))
        yield stream


def _other_contents(pdf: Pdf) -> Iterator[Stream]:
    """Forms, tiling patterns and the glyphs of Type 3 fonts."""
    for held in pdf.objects:
        if isinstance(held, Stream) and (held.get("/Subtype") == Name.Form or held.get("/PatternType") == 1):
            yield held
        elif isinstance(held, Dictionary) and isinstance(held.get("/CharProcs"), Dictionary):
            yield from (glyph for _, glyph in held.CharProcs.items() if isinstance(glyph, Stream))


def _named_spaces(held: Dictionary | Stream) -> Iterator[str]:
    """Device colour spaces that an image, a shading or a page's resources name, alone or below another space."""
    for key in ("/ColorSpace", "/CS"):
        value = held.get(key)
        values = [item for _, item in value.items()] if isinstance(value, Dictionary) else [value]
        for space in values:
            yield from _device(space, 4)


def _device(space: Object | None, depth: int) -> Iterator[str]:
    if isinstance(space, Name):
        yield _SPACES.get(str(space), "")
    elif isinstance(space, Array) and depth:
        for part in space:
            if isinstance(part, Name | Array):
                yield from _device(part, depth - 1)


def _allow(space: str, output: str) -> None:
    """Grey needs any output intent; RGB and CMYK need their own."""
    if space and (not output or (space != "Gray" and space != output)):
        raise not_archivable("6.2.3")
