"""What a document of ours is made of, and what is read from anybody's (CDA-2, CDA-3): values, no XML.

`check` refuses before anything is written. Whether the INS is qualified is the identity's status to say, not
these values'. No `repr` holds an identity.
"""

from __future__ import annotations

import datetime
import re
import uuid
from dataclasses import dataclass
from enum import Enum, StrEnum

from directory.errors import DirectoryError
from directory.identity import finess
from directory.identity.ins import Sex, parse_ins
from directory.identity.luhn import ascii_digits
from directory.identity.rpps import Rpps, idnps, is_rpps
from messaging.referral.patient import Patient
from record_bridge.cda import timestamps, value_sets
from record_bridge.errors import RecordError

PROFESSIONALS = "1.2.250.1.71.4.2.1"  # OID under which professionals are numbered (PS_IdNat)
STRUCTURES = "1.2.250.1.71.4.2.2"  # OID under which structures are numbered (Struct_IdNat)
MAX_PDF = 7 * 1024 * 1024  # bytes: in base64 just below what one XML text may hold
MAX_LINE = 250  # characters of a name or a title

OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*)){1,40}", re.ASCII)
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_MAX_OID = 128


class StructureKind(StrEnum):
    """Which register numbers a structure; `.digit` is what the national identifier begins with."""

    FINESS = "finess"
    SIREN = "siren"
    SIRET = "siret"
    RPPS_RANG = "rpps-rang"

    @property
    def digit(self) -> str:
        return {"finess": "1", "siren": "2", "siret": "3", "rpps-rang": "4"}[self.value]


class DocumentKind(Enum):
    """The two documents that we write: an answer, and a question or letter."""

    REPORT = "85208-7"
    LETTER = "96349-6"


class Confidentiality(StrEnum):
    """HL7 confidentiality, as far as the national server takes it."""

    NORMAL = "N"
    RESTRICTED = "R"
    VERY_RESTRICTED = "V"


@dataclass(frozen=True, slots=True)
class Structure:
    """Where care is given. `facility_type` is a sector of activity (SAxx), `practice_setting` AMBULATOIRE and so on."""

    kind: StructureKind
    number: str
    name: str
    facility_type: str = "SA07"
    practice_setting: str = "AMBULATOIRE"

    @property
    def identifier(self) -> str:
        """The national identifier: the register's digit and the number."""
        return self.kind.digit + self.number


@dataclass(frozen=True, slots=True)
class Professional:
    """A professional as documents name him: `prefix` M or MME, `suffix` DR or PR, `specialty` as G15_10/SM26."""

    rpps: str
    family: str
    given: str
    specialty: str
    structure: Structure
    prefix: str = ""
    suffix: str = ""
    specialty_label: str = ""

    @property
    def identifier(self) -> str:
        """The national identifier: 8 and the RPPS number."""
        return idnps(Rpps(self.rpps))

    @property
    def label(self) -> str:
        """What is shown of the specialty: the label that was given, else that of the value set."""
        return self.specialty_label or value_sets.specialty_label(self.specialty)


@dataclass(frozen=True, slots=True, repr=False)
class ClinicalDocument:
    """A document to write. The author is also its legal authenticator and the performer of the act.

    `id`, `set_id` and `replaces` are OIDs (`oid` makes one of a UUID); instants are milliseconds UTC, shown
    `offset_minutes` east of it.
    """

    id: str
    set_id: str
    version: int
    kind: DocumentKind
    title: str
    effective_ms: int
    offset_minutes: int
    patient: Patient
    author: Professional
    custodian: Structure
    service_start_ms: int
    encounter_start_ms: int
    pdf: bytes
    recipients: tuple[Professional, ...] = ()
    confidentiality: Confidentiality = Confidentiality.NORMAL
    replaces: str = ""

    def __repr__(self) -> str:
        return f"<ClinicalDocument {self.kind.name} {self.id}>"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a document, as it says; empty where it says nothing. `rpps` only when its key holds."""

    name: str
    rpps: str
    specialty: str
    organisation: str
    organisation_id: str
    specialty_code: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Header:
    """What is read of a document. `pdf` is the body of an N1, None for a structured one."""

    id: str
    set_id: str
    version: int
    replaces: str
    type_code: str
    type_system: str
    type_label: str
    title: str
    effective_ms: int
    confidentiality: str
    patient: Patient
    author: Author
    custodian: str
    pdf: bytes | None
    facility: str = ""  # where the care took place, a code of FACILITIES
    practice_setting: str = ""
    start_ms: int | None = None  # of the act that the document is about
    end_ms: int | None = None

    def __repr__(self) -> str:
        return f"<Header {self.type_code} {self.id}>"


def oid(identifier: uuid.UUID | str) -> str:
    """The OID of a document's identifier: a UUID (16 bytes, any spelling) goes under 2.25; `cda-value-wrong` else."""
    if isinstance(identifier, uuid.UUID):
        return f"2.25.{identifier.int}"
    bare = identifier.removeprefix("urn:oid:").removeprefix("urn:uuid:")
    if OID.fullmatch(bare) and len(bare) <= _MAX_OID:
        return bare
    try:
        return f"2.25.{uuid.UUID(bare).int}"
    except ValueError:
        raise _wrong("id") from None


def check(document: ClinicalDocument) -> ClinicalDocument:
    """The document, once it may be written (CDA-2.1 to CDA-2.8).

    Raises RecordError: cda-author-is-recipient, cda-rpps-wrong, cda-structure-wrong, cda-patient-incomplete,
    cda-ins-key-wrong, cda-pdf-wrong, cda-pdf-too-large, cda-dates-wrong, cda-value-wrong.
    """
    _check_identifiers(document)
    for professional in (document.author, *document.recipients):
        _check_professional(professional)
    check_structure(document.custodian)
    if document.author.rpps in {recipient.rpps for recipient in document.recipients}:
        raise RecordError("cda-author-is-recipient")
    check_patient(document.patient)
    _check_dates(document)
    check_pdf(document.pdf)
    return document


def check_patient(patient: Patient) -> Patient:
    """The patient, once every strict trait and a sound INS are there (CDA-2.4, CDA-2.5)."""
    traits = patient.traits
    lacking = [
        trait
        for trait, present in (
            ("birth-name", traits.birth_name.strip()),
            ("birth-given-names", traits.birth_given_names.strip()),
            ("sex", traits.sex is not Sex.UNKNOWN),
            ("birth-place", traits.birth_place),
            ("ins", patient.ins),
        )
        if not present
    ]
    if lacking or patient.ins is None:
        raise incomplete(*lacking)
    try:
        parse_ins(patient.ins.matricule, patient.ins.oid)
    except DirectoryError:
        raise RecordError("cda-ins-key-wrong") from None
    used = (patient.usual_name, patient.usual_given_name)
    for line in (traits.birth_name, traits.birth_given_names, *used):
        _line(line, "patient", empty=line in used)
    return patient


def check_structure(structure: Structure) -> Structure:
    """The structure, once its number has its register's shape and key (CDA-2.3)."""
    parsers = {
        StructureKind.FINESS: finess.parse_finess,
        StructureKind.SIREN: finess.parse_siren,
        StructureKind.SIRET: finess.parse_siret,
    }
    parse = parsers.get(structure.kind)
    try:
        sound = parse(structure.number) == structure.number if parse else _is_rpps_rang(structure.number)
    except DirectoryError:
        sound = False
    if not sound:
        raise RecordError("cda-structure-wrong", kind=structure.kind.value)
    _line(structure.name, "structure")
    _code(structure.facility_type, "facility")
    _code(structure.practice_setting, "practice-setting")
    return structure


def check_pdf(pdf: bytes) -> bytes:
    """The bytes, once they begin and end as a PDF does (CDA-2.6). Whether it is PDF/A is another room's work."""
    if not is_pdf(pdf):
        raise RecordError("cda-pdf-wrong")
    if len(pdf) > MAX_PDF:
        raise RecordError("cda-pdf-too-large", limit=MAX_PDF)
    return pdf


def is_pdf(data: bytes) -> bool:
    """Whether the bytes begin and end as a PDF does."""
    return data.startswith(b"%PDF-1.") and b"%%EOF" in data[-1024:]


def incomplete(*traits: str) -> RecordError:
    """The refusal that names what an identity lacks: the first for a sentence, all of them for a script."""
    return RecordError("cda-patient-incomplete", trait=traits[0], others=len(traits) - 1, traits=" ".join(traits))


def _check_identifiers(document: ClinicalDocument) -> None:
    for identifier in (document.id, document.set_id, *([document.replaces] if document.replaces else [])):
        if oid(identifier) != identifier:
            raise _wrong("id")
    if not 1 <= document.version <= 1_000_000:
        raise _wrong("version")
    # A first version replaces nothing, and a later one says what it replaces; the set keeps its own identifier.
    if bool(document.replaces) != (document.version > 1) or document.replaces == document.id:
        raise _wrong("replaces")
    _line(document.title, "title")


def _check_professional(professional: Professional) -> None:
    if not is_rpps(professional.rpps):
        raise RecordError("cda-rpps-wrong")
    for line in (professional.family, professional.given, professional.label):
        _line(line, "professional")
    for line in (professional.prefix, professional.suffix):
        _line(line, "professional", empty=True)
    _code(professional.specialty, "specialty")
    check_structure(professional.structure)


def _check_dates(document: ClinicalDocument) -> None:
    starts = (document.service_start_ms, document.encounter_start_ms)
    try:
        shown = [timestamps.render(at, document.offset_minutes) for at in (document.effective_ms, *starts)]
    except ValueError:
        raise RecordError("cda-dates-wrong", which="instant") from None
    if max(starts) > document.effective_ms:
        raise RecordError("cda-dates-wrong", which="after-document")
    born: datetime.date = document.patient.traits.birth_date
    if min(shown)[:8] < f"{born:%Y%m%d}":
        raise RecordError("cda-dates-wrong", which="before-birth")


def _line(text: str, field: str, *, empty: bool = False) -> None:
    if (not text.strip() and not empty) or len(text) > MAX_LINE or _UNFIT.search(text):
        raise _wrong(field)


def _code(text: str, field: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_/.-]{1,40}", text, re.ASCII):
        raise _wrong(field)


def _is_rpps_rang(number: str) -> bool:
    return 12 <= len(number) <= 14 and ascii_digits(number, len(number)) and is_rpps(number[:11])


def _wrong(field: str) -> RecordError:
    return RecordError("cda-value-wrong", field=field)
