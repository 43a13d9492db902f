"""A medical letter or report as PDF/A-1b (ISO 19005-1; DOC-1.1 to DOC-1.4).

Takes values, gives octets: the same letter gives the same octets. It is the readable body of a CDA document (XDS-SD)
and always French, as the document's language code says. It checks no identity, signs nothing and asks nobody.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from xml.sax.saxutils import escape

from fpdf import FPDF
from fpdf.enums import Align, DocumentCompliance, XPos, YPos
from fpdf.output import OutputProducer

from record_bridge.errors import RecordError
from record_bridge.pdf.lines import wrapped
from record_bridge.pdf.typeface import FAMILY, add_typeface, printable, widths

MAX_CHARACTERS = 400_000  # of all texts together: some 120 pages
LANGUAGE = "fr-FR"
MEDIA_TYPE = "application/pdf"

_INK, _ACCENT, _PALE, _LINE = (28, 33, 38), (18, 84, 102), (241, 245, 246), (196, 208, 212)
_MARGIN, _BOTTOM = 20.0, 22.0  # mm
_FOOT = 300  # characters, more than fit on a line
_TOTAL = "\ue000\ue001\ue002"  # where the number of pages goes; no text holds it after `printable`
_SEX = {"female": "féminin", "male": "masculin", "unknown": "inconnu"}
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Author:
    """Who answers for the text."""

    name: str
    profession: str = ""
    structure: str = ""
    rpps: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class PatientLines:
    """What identifies the patient on every page; `ins` is empty where the identity is not qualified."""

    names: str
    birth_date: datetime.date
    sex: str
    ins: str = ""

    def __repr__(self) -> str:
        return "<PatientLines>"


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """One part of the text, as its author wrote it; a heading may be empty."""

    heading: str
    text: str

    def __repr__(self) -> str:
        return "<Section>"


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """`date` is what the reader sees; `time_ms` (UTC) is the moment of the document's metadata."""

    title: str
    date: datetime.date
    time_ms: int
    authors: tuple[Author, ...]
    patient: PatientLines
    sections: tuple[Section, ...]
    recipients: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()  # how it was made, whose signature, which consent

    def __repr__(self) -> str:
        return "<Letter>"


def letter(content: Letter) -> bytes:
    """The letter's PDF/A-1b. Raises RecordError "pdf-too-long", or "pdf-content-missing" naming what is."""
    needed = {"title": content.title.strip(), "author": content.authors, "patient": content.patient.names.strip()}
    for part, given in {**needed, "text": content.sections}.items():
        if not given:
            raise RecordError("pdf-content-missing", part=part)
    if sum(map(len, _texts(content))) > MAX_CHARACTERS:
        raise RecordError("pdf-too-long", limit=MAX_CHARACTERS)
    page = _Page(content)
    page.add_page()
    _letterhead(page, content)
    _patient(page, content.patient)
    for section in content.sections:
        _section(page, section)
    _colophon(page, content.footer)
    page.set_xmp_metadata(_xmp(content))
    return bytes(page.output(output_producer_class=_Producer))


class _Producer(OutputProducer):
    """Without the opening zoom that fpdf2 always writes: how a reader opens a letter is the reader's choice."""

    def _finalize_catalog(self, catalog_obj, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super()._finalize_catalog(catalog_obj, *args, **kwargs)
        catalog_obj.open_action = None


class _Page(FPDF):
    """A4 with the patient and the page number at the foot of every page."""

    def __init__(self, content: Letter) -> None:
        super().__init__(format="A4", enforce_compliance=DocumentCompliance.PDFA_1B)
        foot = (content.patient.names, _born(content.patient), content.title)
        self._foot = printable(" · ".join(foot)).replace("\n", " ")[:_FOOT]
        self.str_alias_nb_pages = _TOTAL
        self.set_margins(_MARGIN, _MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, _BOTTOM)
        self.set_lang(LANGUAGE)
        self.creation_date = _moment(content.time_ms)
        add_typeface(self, *map(printable, _texts(content)))
        self.set_text_color(*_INK)
        self.set_draw_color(*_LINE)
        self.set_line_width(0.2)

    def footer(self) -> None:
        self.set_y(-16)
        self.line(_MARGIN, self.y, self.w - _MARGIN, self.y)
        self.set_y(-14)
        self.set_font(FAMILY, "", 7.5)
        self.cell(self.epw - 26, 4, self._fitting(self._foot, self.epw - 28))
        self.cell(26, 4, f"Page {self.page_no()} / {_TOTAL}", align=Align.R)

    def lines(
        self, text: str, size: float, *, style: str = "", width: float = 0, leading: float = 1.42, fill: bool = False
    ) -> None:
        """A text of several lines from the present place down, `leading` times its size apart (points)."""
        self.set_font(FAMILY, style, size)
        width = width or self.epw
        height = size * leading / self.k
        for line in wrapped(printable(text), widths(style), (width - 2 * self.c_margin) * self.k * 1000 / size):
            self.cell(width, height, line, fill=fill, new_x=XPos.LEFT, new_y=YPos.NEXT)

    def room_for(self, lines: int, size: float) -> None:
        """A new page, unless that many lines still fit on this one."""
        if self.will_page_break(lines * size * 1.42 / self.k):
            self.add_page()

    def _fitting(self, text: str, width: float) -> str:
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(text + "…") > width:
            text = text[:-1]
        return text.rstrip() + "…"


def _letterhead(page: _Page, content: Letter) -> None:
    """Authors on the left; date and recipients on the right; then the title across."""
    top, column = page.y, (page.epw - 10) / 2
    for author in content.authors:
        page.set_text_color(*_ACCENT)
        page.lines(author.name, 12, style="B", width=column)
        page.set_text_color(*_INK)
        number = f"RPPS {author.rpps}" if author.rpps else ""
        page.lines("\n".join(filter(None, (author.profession, author.structure, number))), 9, width=column)
        page.ln(2)
    end, first = page.y, page.page
    page.set_xy(_MARGIN + column + 10, top if first == 1 else _MARGIN)
    page.lines(f"Le {_french(content.date)}", 9.5, width=column)
    if content.recipients:
        page.y += 3
        page.lines("À l'attention de", 8, width=column)
        page.lines("\n".join(content.recipients), 10, width=column)
    page.set_xy(_MARGIN, (max(end, page.y) if page.page == first else page.y) + 7)
    page.set_text_color(*_ACCENT)
    page.lines(content.title, 16, style="B", leading=1.25)
    page.set_text_color(*_INK)
    page.ln(3)


def _patient(page: _Page, patient: PatientLines) -> None:
    """The identity on a pale ground, so that it is found at a glance."""
    known = (_born(patient), f"sexe {_SEX.get(patient.sex, _SEX['unknown'])}", patient.ins and f"INS {patient.ins}")
    page.room_for(4, 11.5)
    page.set_fill_color(*_PALE)
    page.c_margin = 3  # mm
    identity = " · ".join(filter(None, known))
    for text, size, style in ((" ", 3, ""), (patient.names, 11.5, "B"), (identity, 9, ""), (" ", 4, "")):
        page.lines(text, size, style=style, leading=1.6, fill=True)
    page.c_margin = 0
    page.ln(5)


def _section(page: _Page, section: Section) -> None:
    if section.heading.strip():
        page.room_for(4, 11)  # a heading never stands alone at the foot of a page
        page.set_text_color(*_ACCENT)
        page.lines(section.heading, 11, style="B")
        page.set_text_color(*_INK)
        page.ln(0.8)
    page.lines(section.text.strip("\n"), 10.5)
    page.ln(4)


def _colophon(page: _Page, footer: tuple[str, ...]) -> None:
    """How the document was made, kept together."""
    if not footer:
        return
    text = "\n".join(footer)
    limit = page.epw * page.k * 1000 / 8
    page.room_for(2 + sum(1 for _ in wrapped(printable(text), widths(""), limit)), 8)
    page.ln(2)
    page.line(_MARGIN, page.y, _MARGIN + 40, page.y)
    page.ln(2)
    page.lines(text, 8)


_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre"),
    *("novembre", "décembre"),
)


def _french(day: datetime.date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _born(patient: PatientLines) -> str:
    verb = {"female": "née", "male": "né"}.get(patient.sex, "né(e)")
    return f"{verb} le {patient.birth_date.strftime('%d/%m/%Y')}"


def _moment(ms: int) -> datetime.datetime:
    return _EPOCH + datetime.timedelta(seconds=ms // 1000)


def _texts(content: Letter) -> list[str]:
    """All that others wrote; the rest is ours, in everyday French."""
    texts = [content.title, content.patient.names, content.patient.ins, *content.recipients, *content.footer]
    texts += [text for section in content.sections for text in (section.heading, section.text)]
    texts += [text for a in content.authors for text in (a.name, a.profession, a.structure, a.rpps)]
    return texts


def _xmp(content: Letter) -> str:
    """The metadata of ISO 19005-1, 6.7: one description a schema, and the date that the Info dictionary would hold."""
    moment = _moment(content.time_ms).isoformat(timespec="seconds")
    title = escape(printable(content.title).replace("\n", " "))
    creators = "".join(f"<rdf:li>{escape(printable(author.name))}</rdf:li>" for author in content.authors)
    described = (
        (
            "pdfaid",
            "http://www.aiim.org/pdfa/ns/id/",
            "<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>",
        ),
        (
            "dc",
            "http://purl.org/dc/elements/1.1/",
            f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
            f"<dc:creator><rdf:Seq>{creators}</rdf:Seq></dc:creator>"
            f"<dc:language><rdf:Bag><rdf:li>{LANGUAGE}</rdf:li></rdf:Bag></dc:language>",
        ),
        (
            "xmp",
            "http://ns.adobe.com/xap/1.0/",
            f"<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>"
            "<xmp:CreatorTool>Confrère</xmp:CreatorTool>",
        ),
    )
    blocks = "".join(
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{namespace}">{properties}</rdf:Description>'
        for prefix, namespace, properties in described
    )
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"{blocks}</rdf:RDF></x:xmpmeta>"
    )
