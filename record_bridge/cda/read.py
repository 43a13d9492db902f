"""A clinical document read, whoever made it (CDA-4.1 to CDA-4.3): its header, and the PDF of an N1.

Tolerant of what is optional, strict about what is used: a value that is there and cannot be understood refuses the
document. It judges no template; `rules` holds a document to the national rules.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache

from lxml import etree

from directory.errors import DirectoryError
from directory.identity.ins import OIDS, Ins, Sex, StrictTraits, is_birth_place, parse_ins
from directory.identity.rpps import is_rpps
from messaging.referral import clinical_xml
from messaging.referral.patient import Patient
from record_bridge.cda import timestamps, values
from record_bridge.cda.values import Author, Header
from record_bridge.errors import RecordError

_ROOT = "{urn:hl7-org:v3}ClinicalDocument"
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE, "U": Sex.UNKNOWN, "UN": Sex.UNKNOWN}
_SPACE = re.compile(r"\s+")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ACT = "h:documentationOf/h:serviceEvent"
_SETTING = f"{_ACT}/h:performer/h:assignedEntity/h:representedOrganization/h:standardIndustryClassCode"
_FACILITY = "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility/h:code"
_VERSION = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def open_document(octets: bytes) -> etree._Element:
    """The root of a CDA document that came through the door.

    Raises RecordError: cda-unsafe with the clause, cda-not-a-document.
    """
    root = clinical_xml.parse(octets, lambda clause: RecordError("cda-unsafe", clause=clause))
    if root is None or root.tag != _ROOT:
        raise RecordError("cda-not-a-document")
    return root


def read(octets: bytes) -> Header:
    """The header of a document.

    Raises RecordError: the refusals of `open_document`, cda-unreadable with the element, cda-patient-missing,
    cda-two-patients, cda-two-identities, cda-ins-key-wrong, cda-patient-incomplete, cda-pdf-wrong.
    """
    return header(open_document(octets))


def header(root: etree._Element) -> Header:
    """The same, of a document that is open."""
    code = one(root, "h:code")
    if not code.get("code"):
        raise unreadable("code")
    return Header(
        id=_identifier(one(root, "h:id")),
        set_id=_identifier(found) if (found := maybe(root, "h:setId")) is not None else "",
        version=_version(root),
        replaces=_replaced(root),
        type_code=code.get("code", ""),
        type_system=code.get("codeSystem", ""),
        type_label=_label(code),
        title=text(root, "h:title"),
        effective_ms=moment(one(root, "h:effectiveTime")),
        confidentiality=_attribute(root, "h:confidentialityCode", "code"),
        patient=_patient(root),
        author=_author(root),
        custodian=text(root, "h:custodian/h:assignedCustodian/h:representedCustodianOrganization/h:name"),
        pdf=_pdf(root),
        facility=_attribute(root, _FACILITY, "code"),
        practice_setting=_attribute(root, _SETTING, "code"),
        start_ms=_end_of_act(root, "low"),
        end_ms=_end_of_act(root, "high"),
    )


def one(node: etree._Element, path: str) -> etree._Element:
    """The only element at `path`, or `cda-unreadable`."""
    found = every(node, path)
    if len(found) != 1:
        raise unreadable(path.replace("h:", ""))
    return found[0]


def maybe(node: etree._Element, path: str) -> etree._Element | None:
    """The first element at `path`, or None."""
    return node.find(_expanded(path))


def every(node: etree._Element, path: str) -> list[etree._Element]:
    """All the elements at `path`."""
    found: list[etree._Element] = node.findall(_expanded(path))
    return found


@cache
def _expanded(path: str) -> str:
    return path.replace("h:", "{urn:hl7-org:v3}")  # a prefix would be looked up at every search


def text(node: etree._Element, path: str) -> str:
    """What the element at `path` says on one line of at most 250 characters; empty where there is none."""
    found = maybe(node, path)
    return "" if found is None else line("".join(found.itertext()))


def line(raw: str, limit: int = values.MAX_LINE) -> str:
    """`raw` as one line, white space folded, direction marks and controls taken out; cut with … beyond `limit`."""
    if len(raw) <= limit and raw.isprintable() and "  " not in raw:
        return raw.strip()
    folded = _UNFIT.sub("", _SPACE.sub(" ", raw)).strip()
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def moment(node: etree._Element) -> int:
    """The instant in `@value`, or `cda-unreadable` with the element's name."""
    try:
        return timestamps.instant(node.get("value", ""))
    except ValueError:
        raise unreadable(etree.QName(node).localname) from None


def unreadable(clause: str) -> RecordError:
    return RecordError("cda-unreadable", clause=clause)


def _attribute(root: etree._Element, path: str, name: str) -> str:
    found = maybe(root, path)
    return "" if found is None else line(found.get(name, ""))


def _label(code: etree._Element) -> str:
    return line(code.get("displayName", "")) or line(code.get("code", ""))


def _identifier(node: etree._Element) -> str:
    root, extension = node.get("root", ""), node.get("extension", "")
    try:
        bare = values.oid(root)
    except RecordError:
        raise unreadable(etree.QName(node).localname) from None
    return f"{bare}^{line(extension)}" if extension else bare


def _version(root: etree._Element) -> int:
    found = maybe(root, "h:versionNumber")
    if found is None or found.get("value") is None:
        return 1
    if not _VERSION.fullmatch(found.get("value", "")):
        raise unreadable("versionNumber")
    return int(found.get("value", ""))


def _replaced(root: etree._Element) -> str:
    found = maybe(root, "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id")
    return "" if found is None else _identifier(found)


def _end_of_act(root: etree._Element, end: str) -> int | None:
    found = maybe(root, f"{_ACT}/h:effectiveTime/h:{end}")
    return moment(found) if found is not None and found.get("value") is not None else None


def _patient(root: etree._Element) -> Patient:
    targets = every(root, "h:recordTarget")
    roles = every(root, "h:recordTarget/h:patientRole")
    if len(targets) > 1 or len(roles) > 1:
        raise RecordError("cda-two-patients")
    person = maybe(roles[0], "h:patient") if roles else None
    if person is None:
        raise RecordError("cda-patient-missing")
    traits = _traits(person)
    used = text(person, "h:name/h:family[@qualifier='CL']")
    used_given = text(person, "h:name/h:given[@qualifier='CL']")
    return Patient(
        traits,
        _ins(roles[0]),
        used if used != traits.birth_name else "",
        used_given if used_given != traits.birth_given_names.split()[0] else "",
    )


def _ins(role: etree._Element) -> Ins | None:
    """The national identity, if it carries one; said twice it must be the same one."""
    try:
        found = {
            parse_ins(node.get("extension", ""), node.get("root", ""))
            for node in every(role, "h:id")
            if node.get("root") in OIDS
        }
    except DirectoryError as refused:
        if refused.id == "patient-ins-key-wrong":
            raise RecordError("cda-ins-key-wrong") from None
        raise unreadable("recordTarget/patientRole/id") from None
    if len(found) > 1:
        raise RecordError("cda-two-identities")
    return next(iter(found), None)


def _traits(person: etree._Element) -> StrictTraits:
    birth_name = text(person, "h:name/h:family[@qualifier='BR']") or _unqualified(person, "family")
    given = _unqualified(person, "given") or text(person, "h:name/h:given[@qualifier='BR']")
    born, gender = maybe(person, "h:birthTime"), maybe(person, "h:administrativeGenderCode")
    sex = None if gender is None else _SEXES.get(gender.get("code", "U"))
    lacking = [
        trait
        for trait, present in (
            ("birth-name", birth_name),
            ("birth-given-names", given),
            ("birth-date", born is not None and born.get("value")),
            ("sex", sex),
        )
        if not present
    ]
    if lacking or born is None or sex is None:
        raise values.incomplete(*lacking)
    try:
        birth_date = timestamps.day(born.get("value", ""))
    except ValueError:
        raise unreadable("birthTime") from None
    place = text(person, "h:birthplace/h:place/h:addr/h:county").upper()
    return StrictTraits(birth_name, given, birth_date, sex, place if is_birth_place(place) else "")


def _unqualified(person: etree._Element, tag: str) -> str:
    parts = [
        line("".join(node.itertext()))
        for node in every(person, f"h:name/h:{tag}")
        if node.get("qualifier") is None
    ]
    return " ".join(part for part in parts if part)[: values.MAX_LINE]


def _author(root: etree._Element) -> Author:
    """The first author that is a person; else the first one, which may be a device or an organisation."""
    assigned = every(root, "h:author/h:assignedAuthor")
    if not assigned:
        raise unreadable("author")
    persons = [node for node in assigned if maybe(node, "h:assignedPerson/h:name") is not None]
    author = (persons or assigned)[0]
    name = maybe(author, "h:assignedPerson/h:name")
    organisation = maybe(author, "h:representedOrganization")
    code = maybe(author, "h:code")
    return Author(
        name="" if name is None else _person(name),
        rpps=_rpps(author),
        specialty="" if code is None else _label(code),
        organisation="" if organisation is None else text(organisation, "h:name"),
        organisation_id="" if organisation is None else _structure_number(organisation),
        specialty_code="" if code is None else line(code.get("code", "")),
    )


def _person(name: etree._Element) -> str:
    spoken = [text(name, f"h:{part}") for part in ("given", "family")]
    # A name may also be a plain string.
    return " ".join(part for part in spoken if part) or line("".join(name.itertext()))


def _rpps(author: etree._Element) -> str:
    for node in every(author, "h:id"):
        number: str = node.get("extension", "")
        if node.get("root") == values.PROFESSIONALS and number[:1] == "8" and is_rpps(number[1:]):
            return number[1:]
    return ""


def _structure_number(organisation: etree._Element) -> str:
    for node in every(organisation, "h:id"):
        if node.get("root") == values.STRUCTURES:
            return line(node.get("extension", ""))
    return ""


def _pdf(root: etree._Element) -> bytes | None:
    bodies = every(root, "h:component/h:nonXMLBody")
    if not bodies:
        return None
    if len(bodies) > 1 or maybe(root, "h:component/h:structuredBody") is not None:
        raise unreadable("component")
    body = one(bodies[0], "h:text")
    if body.get("mediaType") != "application/pdf" or body.get("representation") != "B64":
        raise unreadable("component/nonXMLBody/text")
    try:
        pdf = base64.b64decode("".join((body.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise RecordError("cda-pdf-wrong") from None
    if len(body) or not values.is_pdf(pdf):
        raise RecordError("cda-pdf-wrong")
    return pdf
