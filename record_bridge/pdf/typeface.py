"""The one typeface of our letters, embedded and subset (ISO 19005-1, 6.3; DOC-1.2).

Two small files stand beside this module with their licence; no font of the machine is used. A font is parsed once a
process: fpdf2 would read it again for every document. It draws nothing.

Subsetting costs by the size of what it starts from, and is most of a letter's cost: a text in everyday French starts
from a face that was reduced to everyday French once a process.
"""

from __future__ import annotations

import copy
import io
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import SubsetMap, TTFFont

FAMILY = "dejavu"
_FILES = {"": "DejaVuSansCondensed.ttf", "B": "DejaVuSansCondensed-Bold.ttf"}
_HERE = Path(__file__).parent / "typeface"

_EVERYDAY = frozenset(
    "\n\ue000\u00a0\u202f !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "«»°±²³µ·¼½¾×÷ÀÂÄÇÈÉÊËÎÏÔÖÙÛÜàâäçèéêëîïôöùûüÿŒœ–—‘’“”•…€≤≥"
)
_INVISIBLE = frozenset(map(ord, "\u00ad\ufe0e\ufe0f"))  # beside the categories Cc and Cf


def add_typeface(pdf: FPDF, *texts: str) -> None:
    """Make `FAMILY` in regular ("") and bold ("B") available to a document that is to show these texts."""
    everyday = all(_EVERYDAY.issuperset(text) for text in texts)
    for style in _FILES:
        parsed, octets, order = _everyday(style) if everyday else _parsed(style)
        face = copy.copy(parsed)  # its tables of widths are shared; what a document changes is fresh
        face.i = len(pdf.fonts) + 1
        face.desc = copy.copy(parsed.desc)
        face.missing_glyphs = []
        face.subset = SubsetMap(face)
        face.ttfont = type(parsed.ttfont)(io.BytesIO(octets), recalcTimestamp=False, recalcBBoxes=False, lazy=True)
        face.ttfont.setGlyphOrder(list(order))
        pdf.fonts[face.fontkey] = face


def printable(text: str) -> str:
    """`text` as this typeface can show it: composed, with line ends as "\\n"; nothing is lost or reordered.

    A character that the typeface lacks is written as its number, "[U+1F44D]"; one that has no shape and only steers
    neighbours or reading direction is dropped.
    """
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    if composed.isascii() and composed.replace("\n", "").isprintable():
        return composed
    shapes = _parsed("")[0].cmap
    return "".join(
        character if ord(character) in shapes and ord(character) not in _INVISIBLE else _written_out(character)
        for character in composed
    )


def _written_out(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\n" or category in ("Zl", "Zp"):
        return "\n"
    if ord(character) in _INVISIBLE or category in ("Cc", "Cf"):  # Cf: marks that reorder the text around them
        return ""
    return " " if category == "Zs" else f"[U+{ord(character):04X}]"


def widths(style: str) -> Mapping[int, float]:
    """Width of each character, in thousandths of the size."""
    return _parsed(style)[0].cw


@cache
def _parsed(style: str) -> tuple[TTFFont, bytes, tuple[str, ...]]:
    path = _HERE / _FILES[style]
    face = TTFFont(FPDF(), path, FAMILY + style, style)
    return face, path.read_bytes(), tuple(face.ttfont.getGlyphOrder())


@cache
def _everyday(style: str) -> tuple[TTFFont, bytes, tuple[str, ...]]:
    """The same face with the glyphs of everyday French alone; its measures stay those of the whole."""
    face, octets, _ = _parsed(style)
    reduced = TTFont(io.BytesIO(octets), recalcTimestamp=False)
    subsetter = Subsetter(Options(notdef_outline=True, recommended_glyphs=True))
    subsetter.populate(unicodes=map(ord, _EVERYDAY))
    subsetter.subset(reduced)
    kept = io.BytesIO()
    reduced.save(kept)
    return face, kept.getvalue(), tuple(reduced.getGlyphOrder())
