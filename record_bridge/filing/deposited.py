"""What a deposit says of its document, made from the document alone (record.md RD-7; DOC-3).

A clinical document gives its own header and, where it is a laboratory report, its values; a reimbursement statement
gives its lines. Nothing is judged, rounded or translated; what cannot be carried exactly refuses the deposit.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal

from directory.primitives import digest
from directory.primitives.codec import u32, var
from directory.primitives.labels import Label
from messaging.referral.clinical import Party
from messaging.referral.fhir_json import LINE
from messaging.referral.patient import Patient
from record_bridge.cda import laboratory, value_sets
from record_bridge.cda.values import Author as Signed
from record_bridge.cda.values import Header
from record_bridge.errors import RecordError
from record_bridge.fhir import document_reference as references
from record_bridge.fhir import explanation_of_benefit as statements
from record_bridge.fhir import observation
from record_bridge.fhir.author import Author
from record_bridge.fhir.document_reference import DocumentReference, Security, Status
from record_bridge.fhir.elements import Code, Structure
from record_bridge.fhir.explanation_of_benefit import ExplanationOfBenefit
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Flag, Result

XML, XML_TYPE = "document.xml", "application/xml"
JSON, JSON_TYPE = "document.json", "application/fhir+json"
REIMBURSEMENT = "REMB"
# IHE's name for a structured laboratory report; a document of another structure says only that it is a CDA.
LABORATORY_FORMAT = Code(references.FORMATS, "urn:ihe:lab:xd-lab:2008")
SPECIALTIES = f"urn:oid:{value_sets.SPECIALTIES}"
CDA_FORMAT = Code(references.FORMATS, "urn:hl7-org:v3")
_LABORATORY_FACILITY, _PAYER_FACILITY = "SA25", "SA24"
_AMBULATORY, _INSURANCE = "AMBULATOIRE", "AMO"
_DIGITS = 15  # significant ones that a card carries exactly
_MARKS = {Flag.LOW: "↓", Flag.CRITICAL_LOW: "↓↓", Flag.HIGH: "↑", Flag.CRITICAL_HIGH: "↑↑"}
_FLAGS = {"LU": Flag.CRITICAL_LOW, "HU": Flag.CRITICAL_HIGH, "AA": Flag.ABNORMAL}
_LABELS = {
    RecordClass.ANNOUNCEMENT: Security.NOT_FOR_PATIENT,
    RecordClass.NOT_FOR_REPRESENTATIVES: Security.NOT_FOR_REPRESENTATIVES,
}


@dataclass(frozen=True, slots=True)
class Depositor:
    """Who deposits, as the registrar's certificate says: name and national number (the register's digit first)."""

    name: str
    number: str


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A document read for its deposit. `identifier` and `version` are its own: the same ones are the same document."""

    identifier: str
    version: int
    patient: Patient
    file: str
    media_type: str
    card: DocumentReference
    octets: bytes

    def __repr__(self) -> str:
        return f"<Document {self.card.type.code}>"


def thread_id(account: bytes, record: bytes, document: Document) -> bytes:
    """The item's thread: one account deposits one version of a document into one record once (RD-7.2)."""
    named = (account, record, var(document.identifier.encode()), u32(document.version))
    return digest.labelled(Label.DEPOSIT, b"thread\0", *named)[:16]


def intent_id(thread: bytes) -> bytes:
    """Of the deposit's only event: sent again it is the same sending."""
    return digest.labelled(Label.DEPOSIT, b"intent\0", thread)[:16]


# --- clinical documents ---


def clinical(octets: bytes, class_: RecordClass, depositor: Depositor) -> Document:
    """A CDA document. Raises the refusals of `cda.read` and `cda.laboratory`; RecordError: deposit-type-unknown,
    deposit-too-many-results, document-reference-malformed."""
    header, results = laboratory.read_report(octets)
    type_ = value_sets.document_type(header.type_code)
    if type_ is None or type_.system != header.type_system:
        raise RecordError("deposit-type-unknown", code=header.type_code[:40])
    carried = tuple(result_of(result) for result in results if result.status in ("", "completed"))
    if len(carried) > references.MAX_RESULTS:
        raise RecordError("deposit-too-many-results", limit=references.MAX_RESULTS)
    structure = Structure(depositor.name, depositor.number)
    types = references.TYPES if type_.system == value_sets.LOINC else references.NATIONAL_TYPES
    laboratory_report = type_.code == value_sets.LABORATORY_REPORT
    facility = header.facility or (_LABORATORY_FACILITY if laboratory_report else "SA30")
    practice = header.practice_setting or _AMBULATORY
    start = header.effective_ms if header.start_ms is None else header.start_ms
    title = _cut(header.title or type_.label)
    attachment = references.attachment(
        octets, url=XML, content_type="text/xml", title=title, creation_ms=header.effective_ms
    )
    card = DocumentReference(
        identifier=urn(header.id),
        status=Status.CURRENT,
        type=Code(types, type_.code, type_.label),
        category=Code(references.CLASSES, type_.class_code, type_.class_label),
        patient=header.patient,
        date_ms=start,
        author=_author(header.author, structure),
        custodian=structure,
        attachment=attachment,
        period_start_ms=start,
        period_end_ms=header.end_ms,
        facility=Code(references.FACILITIES, facility, value_sets.facility_label(facility)),
        practice=Code(references.PRACTICES, practice, value_sets.practice_setting_label(practice)),
        security=_security(header, class_),
        format=references.PDF_IN_CDA if header.pdf is not None else LABORATORY_FORMAT if results else CDA_FORMAT,
        summary="\n".join(_line(result) for result in carried if result.abnormal)[: references.MAX_SUMMARY],
        replaces=urn(header.replaces) if header.replaces else "",
        results=carried,
    )
    return Document(header.id, header.version, header.patient, XML, XML_TYPE, card, octets)


def urn(identifier: str) -> str:
    """A document's identifier as a card has it; one with an extension, which no URN of an OID can hold, by its name."""
    if "^" not in identifier:
        return f"urn:oid:{identifier}"
    named = digest.labelled(Label.DEPOSIT, b"identifier\0", identifier.encode())
    return f"urn:uuid:{uuid.UUID(bytes=named[:16])}"


def _author(signed: Signed, depositor: Structure) -> Author:
    """As the document says; the structure that deposits where it names none."""
    structure = Structure(_cut(signed.organisation), signed.organisation_id) if signed.organisation else depositor
    if not signed.name:
        return Author(None, structure)
    code = signed.specialty_code
    specialty = Code(SPECIALTIES, _cut(code), _cut(signed.specialty)) if code else None
    return Author(Party(_cut(signed.name), signed.rpps), structure, specialty)


def _security(header: Header, class_: RecordClass) -> tuple[Security, ...]:
    level = Security(header.confidentiality) if header.confidentiality in ("N", "R", "V") else Security.NORMAL
    return (level, _LABELS[class_]) if class_ in _LABELS else (level,)


def result_of(found: laboratory.Result) -> Result:
    """A measurement as a record has it: a number with its unit and range, or the laboratory's own words.

    A number longer than FHIR's readers keep becomes words, and a range goes with it.
    """
    words = [part for part in (found.reference, found.comment) if part]
    numbers = [found.value if isinstance(found.value, Decimal) else None, found.low, found.high]
    exact = numbers[0] is not None and all(number is None or _fits(number) for number in numbers)
    if not exact:
        words = [part for part in (f"{found.value} {found.unit}".strip(), *words) if part]
        if found.low is not None or found.high is not None:
            words.append(f"[{_bounds(found.low, found.high)} {found.unit}]")
    return Result(
        code=found.code if found.system == value_sets.LOINC else "",
        label=_cut(found.name or found.code or found.section or "?"),
        value=numbers[0] if exact else None,
        unit=found.unit if exact else "",
        low=found.low if exact else None,
        high=found.high if exact else None,
        flag=_flag(found.interpretation),
        date_ms=found.time_ms,
        text=_cut(" · ".join(words), observation.MAX_WORDS),
    )


def _cut(text: str, limit: int = LINE) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _fits(number: Decimal) -> bool:
    return len(number.as_tuple().digits) <= _DIGITS and abs(number.adjusted()) <= _DIGITS


def _flag(interpretation: str) -> Flag:
    if interpretation in _FLAGS:
        return _FLAGS[interpretation]
    try:
        return Flag(interpretation)
    except ValueError:
        return Flag.NONE


def _line(result: Result) -> str:
    """One marked result, with signs in place of words."""
    said = f"{result.value} {result.unit}".strip() if result.value is not None else result.text
    bounds = _bounds(result.low, result.high)
    mark = _MARKS.get(result.flag, "!")
    return " ".join(part for part in (result.label, said, f"({bounds})" if bounds else "", mark) if part)


def _bounds(low: Decimal | None, high: Decimal | None) -> str:
    if low is not None and high is not None:
        return f"{low} – {high}"
    return f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else ""


# --- reimbursements ---


def reimbursement(octets: bytes, depositor: Depositor) -> Document:
    """A payer's statement. Raises RecordError: reimbursement-malformed, deposit-insurer-other."""
    found = statements.from_fhir(octets)
    structure = Structure(depositor.name, depositor.number)
    if found.insurer.identifier and not found.insurer.identifier[1:].startswith(depositor.number[1:]):
        raise RecordError("deposit-insurer-other")
    type_ = value_sets.DOCUMENT_TYPES[REIMBURSEMENT]
    identifier = f"urn:uuid:{uuid.UUID(bytes=found.identifier)}"
    days = sorted(item.date for item in found.items)
    title = _cut(f"{found.provider.name} · {_euros(found.reimbursed_cents)}")
    card = DocumentReference(
        identifier=identifier,
        status=Status.CURRENT,
        type=Code(references.NATIONAL_TYPES, type_.code, type_.label),
        category=Code(references.CLASSES, type_.class_code, type_.class_label),
        patient=found.patient,
        date_ms=found.created_ms,
        author=Author(None, structure),
        custodian=structure,
        attachment=references.attachment(
            octets, url=JSON, content_type=JSON_TYPE, title=title, creation_ms=found.created_ms
        ),
        period_start_ms=_midnight(days[0].toordinal()),
        period_end_ms=_midnight(days[-1].toordinal()),
        facility=Code(references.FACILITIES, _PAYER_FACILITY, value_sets.facility_label(_PAYER_FACILITY)),
        practice=Code(references.PRACTICES, _INSURANCE, value_sets.practice_setting_label(_INSURANCE)),
        format=Code(references.FORMATS, "urn:hl7-org:fhir:r4"),
        summary=_statement(found)[: references.MAX_SUMMARY],
    )
    return Document(identifier, 1, found.patient, JSON, JSON_TYPE, card, octets)


def _statement(found: ExplanationOfBenefit) -> str:
    return "\n".join(
        f"{item.date.isoformat()} · {item.act.label or item.act.code} · {_euros(item.amount_cents)}"
        f" → {_euros(item.reimbursed_cents)}"
        for item in found.items
    )


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02} €"


def _midnight(ordinal: int) -> int:
    """Milliseconds UTC of a day."""
    return (ordinal - 719_163) * 86_400_000
