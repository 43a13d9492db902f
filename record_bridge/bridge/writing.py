"""A verified unit as the documents that go into the record: PDF/A, CDA, and the card (CDA-1, DOC-1, DOC-3).

What is said of an author comes from the public directory, by the RPPS that his certificate proves; where that knows no
structure, nothing is made up: the filing is refused with the reason. Always French, as the documents' language says.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from directory.accounts.bind import Invitation, InviteeKind
from directory.errors import DirectoryError
from directory.identity.finess import parse_finess, parse_siren
from messaging.client.endpoint import Endpoint
from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from record_bridge.cda import build, rules, timestamps, value_sets
from record_bridge.cda.values import ClinicalDocument, DocumentKind, Professional, Structure, StructureKind, oid
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
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_SPECIALTIES = "urn:oid:1.2.250.1.213.1.1.4.5"
_HOSPITALS = frozenset({"SA01", "SA02", "SA03", "SA04", "SA12"})
_SUFFIXES = {"DR": "DR", "PR": "PR"}
Say = Callable[[str], str]
"""French words by their id."""


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


class Scribe:
    """Writes for one bridge: its structure keeps what it writes."""

    def __init__(self, endpoint: Endpoint, say: Say) -> None:
        self._endpoint = endpoint
        self._say = say
        self._known: dict[str, Professional] = {}

    async def write(
        self, request: FilingRequest, patient: Patient, unit: Unit, ids: DocumentIds, basis: Basis
    ) -> Written:
        """Raises RecordError: author-structure-missing, cda-*, pdf-*."""
        author = await self._professional(unit.responsible)
        addressed = [
            await self._professional(one) for one in unit.recipients if one.kind is InviteeKind.PROFESSIONAL
        ]
        custodian = await self._custodian()
        pdf = self._pdf(patient, unit, author, basis)
        pdf_check.verify(pdf)
        document = ClinicalDocument(
            id=oid(ids.document),
            set_id=oid(ids.set),
            version=1,
            kind=DocumentKind.REPORT if unit.kind is UnitKind.REPORT else DocumentKind.LETTER,
            title=self._say(unit.title),
            effective_ms=unit.time,
            offset_minutes=timestamps.paris_offset(unit.time),
            patient=patient,
            author=author,
            custodian=custodian,
            service_start_ms=unit.time,
            encounter_start_ms=unit.time,
            pdf=pdf,
            recipients=tuple(one for one in addressed if one.rpps != author.rpps),
        )
        octets = build.build(document)
        rules.verify(octets)
        return Written(octets, cards.to_fhir(self._card(request, document, unit, octets, basis)), document.id)

    def withdrawn(self, card: bytes) -> bytes:
        """The card that says of a filed document that it was taken back."""
        held = cards.from_fhir(card)
        values = {name: getattr(held, name) for name in DocumentReference.__slots__}
        return cards.to_fhir(DocumentReference(**{**values, "status": Status.ENTERED_IN_ERROR}))

    def _pdf(self, patient: Patient, unit: Unit, author: Professional, basis: Basis) -> bytes:
        moment = _EPOCH + datetime.timedelta(milliseconds=unit.time)
        # What a person reads is the day at the place of care.
        local = moment + datetime.timedelta(minutes=timestamps.paris_offset(unit.time))
        traits = patient.traits
        behalf = unit.on_behalf_of is not None and unit.author != unit.responsible
        return letters.letter(
            Letter(
                title=self._say(unit.title),
                date=local.date(),
                time_ms=unit.time,
                authors=(Author(unit.responsible.name, author.label, author.structure.name, author.rpps),),
                patient=PatientLines(
                    names=f"{traits.birth_name} {traits.birth_given_names}",
                    birth_date=traits.birth_date,
                    sex=traits.sex.value,
                    ins=patient.ins.matricule if patient.ins else "",
                ),
                sections=tuple(self._section(section) for section in (*unit.context, *unit.sections)),
                recipients=tuple(one.name for one in unit.recipients),
                footer=(
                    self._say("filing-footer-signed"),
                    *((self._say("filing-footer-secretary"),) if behalf else ()),
                    self._say(told_words(basis.by)),
                ),
            )
        )

    def _section(self, section: Section) -> letters.Section:
        return letters.Section(self._say(section.heading), section.text)

    def _card(
        self, request: FilingRequest, document: ClinicalDocument, unit: Unit, octets: bytes, basis: Basis
    ) -> DocumentReference:
        author, structure = document.author, document.author.structure
        type_ = value_sets.document_type(document.kind.value)
        if type_ is None:
            raise RecordError("cda-value-wrong", field="type")
        said = "\n\n".join(f"{self._say(one.heading)} : {one.text}" for one in unit.sections)
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
            facility=Code(
                cards.FACILITIES, structure.facility_type, value_sets.facility_label(structure.facility_type)
            ),
            practice=Code(
                cards.PRACTICES,
                structure.practice_setting,
                value_sets.practice_setting_label(structure.practice_setting),
            ),
            summary=said[:SUMMARY],
            related=related(request.case or request.thread, request.filing, basis.series),
        )

    # --- who ---

    async def _professional(self, invitation: Invitation) -> Professional:
        """What the public directory says of a proven number."""
        rpps = invitation.identifier
        if rpps not in self._known:
            found = await self._endpoint.service.json("GET", f"/api/directory/practitioners/{rpps}")
            self._known[rpps] = _professional(rpps, found if isinstance(found, Mapping) else {})
        return self._known[rpps]

    async def _custodian(self) -> Structure:
        own = await self._endpoint.accounts.professional(self._endpoint.identity.account)
        kind = _kind_of(own.identifier)
        return Structure(kind, own.identifier, own.name, "SA01", "ETABLISSEMENT")


def _professional(rpps: str, found: Mapping[str, object]) -> Professional:
    activities = found.get("activities")
    codes = found.get("codes")
    listed = [one for one in activities if isinstance(one, Mapping)] if isinstance(activities, list) else []
    structure = next((made for one in listed if (made := _structure(one)) is not None), None)
    if structure is None:
        raise RecordError("author-structure-missing", rpps=rpps)
    profession, *expertise = [str(code) for code in codes] if isinstance(codes, list) and codes else [""]
    civility = str(found.get("civility") or "").upper()
    return Professional(
        rpps=rpps,
        family=str(found.get("family") or ""),
        given=str(found.get("given") or ""),
        specialty=value_sets.specialty_code(profession, next(iter(filter(None, expertise)), "")),
        structure=structure,
        suffix=_SUFFIXES.get(civility, ""),
    )


def _structure(activity: Mapping[str, object]) -> Structure | None:
    """A structure with a sound national number, or None."""
    sector = str(activity.get("sector") or "SA07")
    setting = "ETABLISSEMENT" if sector in _HOSPITALS else "AMBULATOIRE"
    name = str(activity.get("structure") or "")
    for key, kind, parse in (
        ("finess", StructureKind.FINESS, parse_finess),
        ("siren", StructureKind.SIREN, parse_siren),
    ):
        number = str(activity.get(key) or "")
        try:
            if number and name and parse(number) == number:
                return Structure(kind, number, name, sector, setting)
        except DirectoryError:
            continue
    return None


def _kind_of(number: str) -> StructureKind:
    try:
        parse_finess(number)
    except DirectoryError:
        return StructureKind.SIREN
    return StructureKind.FINESS


