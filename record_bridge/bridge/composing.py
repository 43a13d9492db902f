"""A verified unit composed into the documents that go into the record: PDF/A, CDA, card (CDA-1, DOC-1, DOC-3).

Values in, octets out, nothing asked of anybody: so it may run in a process of its own, beside the bridge's own work.
Always French, as the documents' language says; the words come with the material.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from record_bridge.cda import build, rules, timestamps, value_sets
from record_bridge.cda.values import ClinicalDocument, DocumentKind, Professional, Structure, oid
from record_bridge.client.documents import DOCUMENT, related
from record_bridge.consent.consent import told_words
from record_bridge.consent.states import By
from record_bridge.errors import RecordError
from record_bridge.fhir import document_reference as cards
from record_bridge.fhir.author import Author as CardAuthor
from record_bridge.fhir.document_reference import DocumentReference, Status
from record_bridge.fhir.elements import Code
from record_bridge.fhir.elements import Structure as CardStructure
from record_bridge.filing.bodies import FilingRequest
from record_bridge.filing.identifiers import DocumentIds
from record_bridge.filing.units import Section, Unit, UnitKind
from record_bridge.pdf import check as pdf_check
from record_bridge.pdf import letter as letters
from record_bridge.pdf.letter import Author, Letter, PatientLines

MEDIA_TYPE = "text/xml"
SUMMARY = 4_000  # characters
_SPECIALTIES = "urn:oid:1.2.250.1.213.1.1.4.5"
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_FOOTER = ("filing-footer-signed", "filing-footer-secretary")


@dataclass(frozen=True, slots=True)
class Written:
    """A document ready to be deposited: its CDA octets, its card as FHIR, its identifier."""

    cda: bytes
    card: bytes
    document: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.cda).digest()


@dataclass(frozen=True, slots=True)
class Basis:
    """On whose word it is filed."""

    series: bytes
    by: By


@dataclass(frozen=True, slots=True, repr=False)
class Material:
    """All that one document is composed of; `words` has every sentence that it may need, by its id."""

    request: FilingRequest
    patient: Patient
    unit: Unit
    ids: DocumentIds
    basis: Basis
    author: Professional
    addressed: tuple[Professional, ...]
    custodian: Structure
    words: Mapping[str, str]


def sentences(unit: Unit, basis: Basis) -> tuple[str, ...]:
    """The ids of the words that a unit's document needs."""
    headings = [section.heading for section in (*unit.context, *unit.sections)]
    return (unit.title, told_words(basis.by), *_FOOTER, *headings)


def compose(material: Material) -> Written:
    """Raises RecordError: cda-*, pdf-*."""
    unit, author = material.unit, material.author
    pdf = _pdf(material)
    pdf_check.verify(pdf)
    document = ClinicalDocument(
        id=oid(material.ids.document),
        set_id=oid(material.ids.set),
        version=1,
        kind=DocumentKind.REPORT if unit.kind is UnitKind.REPORT else DocumentKind.LETTER,
        title=material.words[unit.title],
        effective_ms=unit.time,
        offset_minutes=timestamps.paris_offset(unit.time),
        patient=material.patient,
        author=author,
        custodian=material.custodian,
        service_start_ms=unit.time,
        encounter_start_ms=unit.time,
        pdf=pdf,
        recipients=tuple(one for one in material.addressed if one.rpps != author.rpps),
    )
    octets = build.build(document)
    rules.verify(octets)
    return Written(octets, cards.to_fhir(_card(material, document, octets)), document.id)


def withdrawn(card: bytes) -> bytes:
    """The card that says of a filed document that it was taken back."""
    held = cards.from_fhir(card)
    values = {name: getattr(held, name) for name in DocumentReference.__slots__}
    return cards.to_fhir(DocumentReference(**{**values, "status": Status.ENTERED_IN_ERROR}))


def _pdf(material: Material) -> bytes:
    unit, author, words = material.unit, material.author, material.words
    moment = _EPOCH + datetime.timedelta(milliseconds=unit.time)
    # What a person reads is the day at the place of care.
    local = moment + datetime.timedelta(minutes=timestamps.paris_offset(unit.time))
    traits, ins = material.patient.traits, material.patient.ins
    behalf = unit.on_behalf_of is not None and unit.author != unit.responsible
    signed, secretary = _FOOTER
    return letters.letter(
        Letter(
            title=words[unit.title],
            date=local.date(),
            time_ms=unit.time,
            authors=(Author(unit.responsible.name, author.label, author.structure.name, author.rpps),),
            patient=PatientLines(
                names=f"{traits.birth_name} {traits.birth_given_names}",
                birth_date=traits.birth_date,
                sex=traits.sex.value,
                ins=ins.matricule if ins else "",
            ),
            sections=tuple(_section(one, words) for one in (*unit.context, *unit.sections)),
            recipients=tuple(one.name for one in unit.recipients),
            footer=(
                words[signed],
                *((words[secretary],) if behalf else ()),
                words[told_words(material.basis.by)],
            ),
        )
    )


def _section(section: Section, words: Mapping[str, str]) -> letters.Section:
    return letters.Section(words[section.heading], section.text)


def _card(material: Material, document: ClinicalDocument, octets: bytes) -> DocumentReference:
    unit, request, words = material.unit, material.request, material.words
    author, structure = document.author, document.author.structure
    type_ = value_sets.document_type(document.kind.value)
    if type_ is None:
        raise RecordError("cda-value-wrong", field="type")
    said = "\n\n".join(f"{words[one.heading]} : {one.text}" for one in unit.sections)
    return DocumentReference(
        identifier=f"urn:oid:{document.id}",
        status=Status.CURRENT,
        type=Code(cards.TYPES, type_.code, type_.label),
        category=Code(cards.CLASSES, type_.class_code, type_.class_label),
        patient=document.patient,
        date_ms=unit.time,
        author=CardAuthor(
            Party(unit.responsible.name, author.rpps),
            CardStructure(structure.name, structure.identifier),
            Code(_SPECIALTIES, author.specialty, author.label),
        ),
        custodian=CardStructure(document.custodian.name, document.custodian.identifier),
        attachment=cards.attachment(
            octets, url=DOCUMENT, content_type=MEDIA_TYPE, title=document.title, creation_ms=unit.time
        ),
        period_start_ms=unit.time,
        period_end_ms=None,
        facility=Code(cards.FACILITIES, structure.facility_type, value_sets.facility_label(structure.facility_type)),
        practice=Code(
            cards.PRACTICES, structure.practice_setting, value_sets.practice_setting_label(structure.practice_setting)
        ),
        summary=said[:SUMMARY],
        related=related(request.case or request.thread, request.filing, material.basis.series),
    )
