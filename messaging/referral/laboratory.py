"""A laboratory report recognised before it is attached: whose, from whom, of when (referral.md RF-7).

CDA R2 whose code is LOINC 11502-2. It recognises and compares the patient; it reads no result and validates
no template. The XML is a stranger's and comes in through `clinical_xml`.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from lxml import etree

from directory.identity.ins import OIDS, Ins, Sex, fold_trait, parse_ins
from messaging.errors import MessagingError
from messaging.referral import clinical_xml
from messaging.referral.patient import Patient

LABORATORY_REPORT = "11502-2"
LOINC = "2.16.840.1.113883.6.1"

_NS = {"h": "urn:hl7-org:v3"}
_ROOT = "{urn:hl7-org:v3}ClinicalDocument"
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE}
# Whatever does not hold the root's name in any encoding of it is no CDA, and not ours to refuse.
_NAMED = tuple("ClinicalDocument".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, repr=False)
class LaboratoryDocument:
    """What the header says. Empty or None where it says nothing."""

    title: str
    date: datetime.date | None
    author_organisation: str
    ins: Ins | None
    birth_name: str
    birth_date: datetime.date | None
    sex: Sex | None


def recognise(data: bytes) -> LaboratoryDocument | None:
    """The header of a laboratory report, or None for anything else (a PDF, another kind of CDA, broken XML).

    Raises `document-unsafe` with the clause of `clinical_xml` that a CDA breaks, and the refusals of `parse_ins`.
    """
    begins = data[:256].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if not begins.startswith(b"<") or not any(name in data for name in _NAMED):
        return None
    root = clinical_xml.parse(data, _unsafe)
    if root is None or root.tag != _ROOT:
        return None
    code = root.find("h:code", _NS)
    if code is None or (code.get("code"), code.get("codeSystem")) != (LABORATORY_REPORT, LOINC):
        return None
    role = "h:recordTarget/h:patientRole"
    effective = root.find("h:effectiveTime", _NS)
    return LaboratoryDocument(
        title=_text(root, "h:title"),
        date=_date(effective),
        author_organisation=_author_organisation(root),
        ins=_ins(root.findall(f"{role}/h:id", _NS)),
        birth_name=_text(root, f"{role}/h:patient/h:name/h:family[@qualifier='BR']"),
        birth_date=_date(root.find(f"{role}/h:patient/h:birthTime", _NS)),
        sex=_sex(root.find(f"{role}/h:patient/h:administrativeGenderCode", _NS)),
    )


def verify_patient(document: LaboratoryDocument, patient: Patient) -> LaboratoryDocument:
    """The document, once it is known to be this patient's.

    Raises `document-other-patient` naming the trait that differs, and `document-patient-unproven` if there
    is neither an INS nor a name with a birth date to compare.
    """
    compared = _same_ins(document, patient)
    traits = patient.traits
    if document.birth_date is not None and document.birth_date != traits.birth_date:
        raise _other("birth-date")
    if document.sex is not None and traits.sex is not Sex.UNKNOWN and document.sex is not traits.sex:
        raise _other("sex")
    if document.birth_name and fold_trait(document.birth_name) != fold_trait(traits.birth_name):
        raise _other("birth-name")
    if not compared and not (document.birth_name and document.birth_date):
        raise MessagingError("document-patient-unproven")
    return document


def _same_ins(document: LaboratoryDocument, patient: Patient) -> bool:
    if document.ins is None or patient.ins is None:
        return False
    if document.ins != patient.ins:
        raise _other("ins")
    return True


def _ins(identifiers: list[etree._Element]) -> Ins | None:
    found = [
        parse_ins(node.get("extension", ""), node.get("root", "")) for node in identifiers if node.get("root") in OIDS
    ]
    if len(found) > 1:
        raise _unsafe("two-identities")
    return found[0] if found else None


def _author_organisation(root: etree._Element) -> str:
    author = "h:author/h:assignedAuthor/h:representedOrganization/h:name"
    custodian = "h:custodian/h:assignedCustodian/h:representedCustodianOrganization/h:name"
    return _text(root, author) or _text(root, custodian)


def _text(root: etree._Element, path: str) -> str:
    node = root.find(path, _NS)
    return "" if node is None else _SPACE.sub(" ", "".join(node.itertext())).strip()[:200]


def _date(node: etree._Element | None) -> datetime.date | None:
    value = "" if node is None else node.get("value", "")[:8]
    try:
        return datetime.datetime.strptime(value, "%Y%m%d").date()
    except ValueError:
        return None


def _sex(node: etree._Element | None) -> Sex | None:
    return None if node is None else _SEXES.get(node.get("code", ""))


def _other(trait: str) -> MessagingError:
    return MessagingError("document-other-patient", trait=trait)


def _unsafe(clause: str) -> MessagingError:
    return MessagingError("document-unsafe", clause=clause)
