"""The rules of ISO 19005-1 that one PDF object can break by itself (DOC-2.2). Yields clauses; refuses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pikepdf
from pikepdf import Dictionary, Name, Object, Stream

from record_bridge.pdf.streams import filters

# What would run, open or fetch something: refused as such, whatever else is wrong.
LAUNCHES, TRIGGERS, EMBEDS, EXTERNAL = "6.6.1", "6.6.2", "6.1.11", "6.1.7"
ACTIVE = frozenset({LAUNCHES, TRIGGERS})

_ACTIONS = frozenset({"/GoTo", "/GoToR", "/Thread", "/URI", "/Named", "/SubmitForm"})
_NAMED = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
_ANNOTATIONS = frozenset(
    {
        *("/Text", "/Link", "/FreeText", "/Line", "/Square", "/Circle", "/Highlight", "/Underline", "/Squiggly"),
        *("/StrikeOut", "/Stamp", "/Ink", "/Popup", "/Widget", "/PrinterMark", "/TrapNet"),
    }
)
_INTENTS = frozenset({"/RelativeColorimetric", "/AbsoluteColorimetric", "/Perceptual", "/Saturation"})
_SIMPLE_FONTS = frozenset({"/Type1", "/MMType1", "/TrueType"})
_CID_FONTS = frozenset({"/CIDFontType0", "/CIDFontType2"})
_HIDDEN, _PRINTED = 0b100011, 0b100  # annotation flags: invisible, hidden, no view; print


def catalogue_rules(catalogue: Object) -> Iterator[str]:
    """Rules of the document as a whole."""
    names = catalogue.get("/Names")
    if isinstance(names, Dictionary):
        if "/JavaScript" in names:
            yield LAUNCHES
        if "/EmbeddedFiles" in names:
            yield EMBEDS
    if "/AA" in catalogue:
        yield TRIGGERS
    if "/OCProperties" in catalogue:
        yield "6.1.13"
    form = catalogue.get("/AcroForm")
    if isinstance(form, Dictionary) and (bool(form.get("/NeedAppearances", False)) or "/XFA" in form):
        yield "6.9"


def broken_rules(held: Dictionary | Stream) -> Iterator[str]:
    """Rules of one dictionary or of a stream's dictionary, by what it says it is."""
    kind, subtype = str(held.get("/Type", "")), str(held.get("/Subtype", ""))
    if isinstance(held, Stream):
        yield from _stream(held)
        yield from _x_object(held, subtype)
    if "/S" in held and (kind == "/Action" or _looks_like_action(held)):
        yield from _action(held)
    if "/EF" in held:
        yield EMBEDS
    if "/AA" in held:
        yield TRIGGERS
    if kind == "/Annot" or (subtype in _ANNOTATIONS and "/Rect" in held):
        yield from _annotation(held, subtype)
    if subtype in _SIMPLE_FONTS | _CID_FONTS | {"/Type0"} and (kind == "/Font" or "/BaseFont" in held):
        yield from _font(held, subtype)
    if held.get("/S") == Name.Transparency:
        yield "6.4"
    yield from _graphics_state(held, kind)


def _stream(stream: Stream) -> Iterator[str]:
    if any(key in stream for key in ("/F", "/FFilter", "/FDecodeParms")):
        yield EXTERNAL
    if any(name in (Name.LZWDecode, Name.JPXDecode, Name.Crypt) for name in filters(stream)):
        yield "6.1.10"
    if stream.get("/Type") in (Name.ObjStm, Name.XRef):
        yield "6.1.4"


def _x_object(stream: Stream, subtype: str) -> Iterator[str]:
    if subtype == "/Image":
        if any(key in stream for key in ("/Alternates", "/OPI")) or bool(stream.get("/Interpolate", False)):
            yield "6.2.4"
        if "/SMask" in stream and stream.SMask != Name.None_:
            yield "6.4"
        if int(cast(int, stream.get("/SMaskInData", 0))):
            yield "6.4"
        if "/Intent" in stream and str(stream.Intent) not in _INTENTS:
            yield "6.2.9"
    if subtype == "/Form":
        if "/OPI" in stream or "/PS" in stream or stream.get("/Subtype2") == Name.PS:
            yield "6.2.5"
        if "/Ref" in stream:
            yield "6.2.6"
    if subtype == "/PS":
        yield "6.2.7"


def _looks_like_action(held: Dictionary | Stream) -> bool:
    return any(key in held for key in ("/JS", "/URI", "/Win", "/Mac", "/Unix")) or held.get("/S") in (
        *(Name.JavaScript, Name.Launch, Name.Sound, Name.Movie, Name.ResetForm, Name.ImportData),
        *(Name.Hide, Name.SetState, Name.NOP, Name.Rendition, Name.GoToE, Name.Trans, Name.GoTo3DView),
    )


def _action(held: Dictionary | Stream) -> Iterator[str]:
    action = str(held.S)
    if action not in _ACTIONS or (action == "/Named" and str(held.get("/N", "")) not in _NAMED):
        yield LAUNCHES


def _annotation(held: Dictionary | Stream, subtype: str) -> Iterator[str]:
    if subtype not in _ANNOTATIONS:
        yield "6.5.2"
        return
    flags = int(cast(int, held.get("/F", 0)))
    shown = flags & _PRINTED and not flags & _HIDDEN
    if (subtype != "/Popup" and not shown) or float(cast(float, held.get("/CA", 1))) != 1.0:
        yield "6.5.3"
    appearance = held.get("/AP")
    if isinstance(appearance, Dictionary) and set(appearance.keys()) != {"/N"}:
        yield "6.5.3"


def _font(font: Dictionary | Stream, subtype: str) -> Iterator[str]:
    if subtype == "/Type0":
        encoding = font.get("/Encoding")
        if not isinstance(encoding, Stream) and encoding not in (Name("/Identity-H"), Name("/Identity-V")):
            yield "6.3.3"
        return
    descriptor = font.get("/FontDescriptor")
    if not isinstance(descriptor, Dictionary) or not any(
        isinstance(descriptor.get(key), Stream) for key in ("/FontFile", "/FontFile2", "/FontFile3")
    ):
        yield "6.3.4"
        return
    if subtype in _CID_FONTS:
        if subtype == "/CIDFontType2" and not _glyph_map(font.get("/CIDToGIDMap")):
            yield "6.3.3"
        subset = str(font.get("/BaseFont", ""))[7:8] == "+"
        if subset and not isinstance(descriptor.get("/CIDSet"), Stream):
            yield "6.3.5"


def _glyph_map(value: Object | None) -> bool:
    return isinstance(value, Stream) or value == Name.Identity


def _graphics_state(held: Dictionary | Stream, kind: str) -> Iterator[str]:
    """Only a graphics state has these keys, whether or not it says its type (an image's soft mask is told apart)."""
    if "/TR" in held and kind != "/Mask":
        yield "6.2.8"
    if str(held.get("/TR2", "/Default")) != "/Default":
        yield "6.2.8"
    if "/RI" in held and str(held.RI) not in _INTENTS:
        yield "6.2.9"
    if kind == "/ExtGState":
        if "/SMask" in held and held.SMask != Name.None_:
            yield "6.4"
        if any(float(cast(float, held.get(key, 1))) != 1.0 for key in ("/CA", "/ca")):
            yield "6.4"
    if "/BM" in held:
        modes = list(held.BM) if isinstance(held.BM, pikepdf.Array) else [held.BM]
        if any(mode not in (Name.Normal, Name.Compatible) for mode in modes):
            yield "6.4"
