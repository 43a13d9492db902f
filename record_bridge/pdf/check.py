"""What a PDF must be before it stands inside a filed document: PDF/A-1b (ISO 19005-1; DOC-2.1 to DOC-2.5).

Octets in, an `ArchivablePdf` or a refusal that names the broken clause out; it repairs nothing and shares no code with
the writer of our letters. What it does not look into: glyph widths against font programs (6.3.6), character sets of
Type 1 subsets (6.3.5), implementation limits (6.1.12); `make check-pdf` asks two other programs for those.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from pikepdf import Dictionary, Name, Object, Pdf

from directory.errors import Refusal
from record_bridge.errors import RecordError
from record_bridge.pdf.colours import paint
from record_bridge.pdf.metadata import described
from record_bridge.pdf.objects import ACTIVE, broken_rules, catalogue_rules
from record_bridge.pdf.streams import decoded, not_archivable

MAX_PDF = 20 * 1024 * 1024  # octets
MAX_PAGES = 2_000
MAX_OBJECTS = 300_000
_MAX_PROFILE = 4 * 1024 * 1024

_HEADER = re.compile(rb"%PDF-1\.[0-7](?:\r\n|\r|\n)%[\x80-\xff]{4}")
_SPACES = {b"GRAY": ("Gray", 1), b"RGB ": ("RGB", 3), b"CMYK": ("CMYK", 4)}


@dataclass(frozen=True, slots=True, repr=False)
class ArchivablePdf:
    """A PDF that kept every rule that is checked here."""

    octets: bytes
    pages: int
    title: str

    def __repr__(self) -> str:
        return f"<ArchivablePdf {self.pages} pages>"


def is_pdf(octets: bytes) -> bool:
    """Whether this calls itself a PDF, by its first octets; says nothing of what it is worth."""
    return octets[:1024].lstrip(b"\x00\t\n\x0c\r \xef\xbb\xbf").startswith(b"%PDF-")


def reason(octets: bytes, limit: int = MAX_PDF) -> str | None:
    """Why this PDF cannot be filed as it is: the id of the refusal; None if it can."""
    try:
        verify(octets, limit)
    except RecordError as refused:
        return refused.id
    return None


def verify(octets: bytes, limit: int = MAX_PDF) -> ArchivablePdf:
    """The PDF, once it is known to be PDF/A-1b as far as this module sees.

    Raises "pdf-too-large", "pdf-unreadable", "pdf-protected", "pdf-active" (it would run or open something) and
    "pdf-not-archivable" with the clause of ISO 19005-1 in `rule`.
    """
    if len(octets) > limit:
        raise RecordError("pdf-too-large", limit=limit)
    if not is_pdf(octets):
        raise RecordError("pdf-unreadable")
    try:
        return _verified(octets)
    except Refusal:
        raise
    except pikepdf.PasswordError:
        raise RecordError("pdf-protected") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        raise RecordError("pdf-unreadable") from None  # a kind of object where the standard has another


def _verified(octets: bytes) -> ArchivablePdf:
    with Pdf.open(io.BytesIO(octets), attempt_recovery=False) as pdf:
        if pdf.is_encrypted:
            raise RecordError("pdf-protected")
        if len(pdf.objects) > MAX_OBJECTS or not 0 < len(pdf.pages) <= MAX_PAGES:
            raise RecordError("pdf-unreadable")
        broken = sorted(set(_objects(pdf)))  # first what would act, then by clause
        if any(rule in ACTIVE for rule in broken):
            raise RecordError("pdf-active")
        _file(octets, pdf)
        if broken:
            raise not_archivable(broken[0])
        title = described(pdf)
        paint(pdf, _output_space(pdf))
        if pdf.get_warnings():
            raise not_archivable("6.1.4")
        return ArchivablePdf(octets, len(pdf.pages), title)


def _objects(pdf: Pdf) -> Iterator[str]:
    """The clauses that any object breaks; objects that nothing refers to count."""
    yield from catalogue_rules(pdf.Root)
    seen = 0
    for root in pdf.objects:
        stack = [root]
        while stack:
            held = stack.pop()
            seen += 1
            if seen > 20 * MAX_OBJECTS:
                raise RecordError("pdf-unreadable")
            if isinstance(held, pikepdf.Array):
                stack.extend(item for item in held if _direct(item))
            elif isinstance(held, Dictionary | pikepdf.Stream):
                yield from broken_rules(held)
                stack.extend(item for _, item in held.items() if _direct(item))


def _direct(value: object) -> bool:
    return isinstance(value, pikepdf.Array | Dictionary) and not value.is_indirect


def _file(octets: bytes, pdf: Pdf) -> None:
    """6.1.2 to 6.1.4: header, trailer and cross-reference table of the file itself."""
    if not _HEADER.match(octets):
        raise not_archivable("6.1.2")
    if not octets.rstrip(b"\r\n").endswith(b"%%EOF"):
        raise not_archivable("6.1.3")
    identifiers = pdf.trailer.get("/ID")
    if not isinstance(identifiers, pikepdf.Array) or len(identifiers) != 2 or not all(map(bytes, identifiers)):
        raise not_archivable("6.1.3")
    if "/XRefStm" in pdf.trailer or pdf.trailer.get("/Type") == Name.XRef:
        raise not_archivable("6.1.4")


def _output_space(pdf: Pdf) -> str:
    """6.2.2: "RGB", "CMYK" or "Gray" of the one PDF/A output intent; empty if there is none."""
    profiles = []
    for intent in _array(pdf.Root.get("/OutputIntents")):
        if intent.get("/S") == Name.GTS_PDFA1:
            profile = intent.get("/DestOutputProfile")
            if not isinstance(profile, pikepdf.Stream):
                raise not_archivable("6.2.2")
            profiles.append(profile)
    if not profiles:
        return ""
    if len({profile.objgen for profile in profiles}) > 1:
        raise not_archivable("6.2.2")
    octets = decoded(profiles[0], _MAX_PROFILE)
    space = _SPACES.get(octets[16:20])
    sound = octets[36:40] == b"acsp" and octets[12:16] in (b"mntr", b"prtr") and octets[8:9] <= b"\x02"
    if space is None or not sound or int(profiles[0].get("/N", 0)) != space[1]:
        raise not_archivable("6.2.2")
    return space[0]


def _array(value: Object | None) -> list[Object]:
    return list(value) if isinstance(value, pikepdf.Array) else []
