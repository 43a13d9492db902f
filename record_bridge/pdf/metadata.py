"""The metadata of a PDF/A-1: one XMP packet that names the standard and agrees with the Info dictionary.

ISO 19005-1, 6.7 (DOC-2.2). The packet is UTF-8 XML without document type; no XMP library is asked.
"""

from __future__ import annotations

import datetime
import re
import xml.etree.ElementTree as ElementTree

from pikepdf import Dictionary, Object, Pdf, Stream

from record_bridge.pdf.streams import not_archivable

MAX_PACKET = 1024 * 1024

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC, _XMP = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/xap/1.0/}"
_PDF, _PDFAID = "{http://ns.adobe.com/pdf/1.3/}", "{http://www.aiim.org/pdfa/ns/id/}"
# Info key -> XMP property (6.7.3, table 1)
_SAME_TEXT = {
    "/Title": _DC + "title",
    "/Author": _DC + "creator",
    "/Subject": _DC + "description",
    "/Keywords": _PDF + "Keywords",
    "/Creator": _XMP + "CreatorTool",
    "/Producer": _PDF + "Producer",
}
_SAME_MOMENT = {"/CreationDate": _XMP + "CreateDate", "/ModDate": _XMP + "ModifyDate"}
_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:Z(?:00'?00'?)?|([+-]\d\d)'?(\d\d)?'?)?")

Properties = dict[str, list[str]]


def described(pdf: Pdf) -> str:
    """The title; raises "pdf-not-archivable" 6.7.2, 6.7.3 or 6.7.11."""
    packet = pdf.Root.get("/Metadata")
    if not isinstance(packet, Stream) or "/Filter" in packet:
        raise not_archivable("6.7.2")
    octets = packet.read_raw_bytes()
    if len(octets) > MAX_PACKET or b"<!" in octets:
        raise not_archivable("6.7.2")
    try:
        properties = _properties(ElementTree.fromstring(octets.decode("utf-8").lstrip("\ufeff").strip()))
    except (ValueError, ElementTree.ParseError):
        raise not_archivable("6.7.2") from None
    if (properties.get(_PDFAID + "part"), properties.get(_PDFAID + "conformance")) not in (
        (["1"], ["B"]),
        (["1"], ["A"]),  # 1a asks for all of 1b
    ):
        raise not_archivable("6.7.11")
    info = pdf.trailer.get("/Info")
    if isinstance(info, Dictionary):
        _agree(info, properties)
    return (properties.get(_DC + "title") or [""])[0]


def _properties(root: ElementTree.Element) -> Properties:
    """Every top-level property: an attribute, a text, or the items of a list."""
    found: Properties = {}
    for description in root.iter(_RDF + "Description"):
        for name, value in description.attrib.items():
            if not name.startswith(_RDF):
                found.setdefault(name, []).append(value)
        for child in description:
            items = [item.text or "" for item in child.iter(_RDF + "li")]
            found.setdefault(child.tag, []).extend(items or [(child.text or "").strip()])
    return found


def _agree(info: Dictionary, properties: Properties) -> None:
    for key, name in _SAME_TEXT.items():
        if key in info and _text(info[key]) and properties.get(name, [""])[:1] != [_text(info[key])]:
            raise not_archivable("6.7.3")
    for key, name in _SAME_MOMENT.items():
        if key in info and _pdf_moment(_text(info[key])) != _xmp_moment(properties.get(name, [""])[0]):
            raise not_archivable("6.7.3")


def _text(value: Object) -> str:
    return str(value)


def _pdf_moment(text: str) -> datetime.datetime | None:
    found = _PDF_DATE.fullmatch(text)
    if not found:
        raise not_archivable("6.7.3")
    year, month, day, hour, minute, second, zone, zone_minutes = found.groups()
    numbers = (int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0))
    sign = -1 if (zone or "").startswith("-") else 1
    offset = datetime.timedelta(hours=int(zone or 0), minutes=sign * int(zone_minutes or 0))
    return datetime.datetime(*numbers, tzinfo=datetime.UTC) - offset


def _xmp_moment(text: str) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    return zoned.astimezone(datetime.UTC).replace(microsecond=0)
