"""The index card of a document: a FHIR R4 DocumentReference as IHE MHD and the French PDSm have it (DOC-3.1, DOC-3.2).

Frozen values in, JSON out, and back. The card stands beside its document in one event: it says whose, by whom, of when
and what kind, sums the document up and carries a laboratory's values. It proves nothing; signatures do. The codes are
the caller's: which type goes with which class is not known here.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from messaging.referral import patient as patients
from messaging.referral.fhir_json import Node, dump, parse
from messaging.referral.patient import Patient
from record_bridge.fhir import author, observation
from record_bridge.fhir.author import Author
from record_bridge.fhir.elements import (
    Code,
    Structure,
    coding,
    concept,
    contained,
    integer,
    is_ours,
    organisation,
    read_coding,
    read_concept,
    read_organisation,
    reference,
    resolve,
)
from record_bridge.record.fhir_parts import (
    LOINC,
    URI,
    Resource,
    instant,
    read_instant,
    reading,
    refuse,
)
from record_bridge.record.items import Result

MEDIA_TYPE = "application/fhir+json"
MAX_REFERENCE = 960 * 1024  # octets: with its manifests it fits into an event
MAX_RESULTS = 800  # with ranges and decimals they fill the card
MAX_RELATED = 20
MAX_SUMMARY = 20_000  # characters
MAX_SIZE = 100 * 1024 * 1024 * 1024  # octets of an attachment

_NOS = "https://mos.esante.gouv.fr/NOS/"
TYPES = LOINC
NATIONAL_TYPES = _NOS + "TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire"
CLASSES = _NOS + "TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument"
FORMATS = _NOS + "TRE_A11-IheFormatCode/FHIR/TRE-A11-IheFormatCode"
FACILITIES = _NOS + "TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite"
PRACTICES = _NOS + "TRE_A01-CadreExercice/FHIR/TRE-A01-CadreExercice"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
VISIBILITY = _NOS + "TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument"
PDF_IN_CDA = Code(FORMATS, "urn:ihe:iti:xds-sd:pdf:2008")

_URN = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9]\d*)){1,40}|urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.A)
# A name within the event or a URN: never a path, a place elsewhere, or a place in this card.
_URL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}|urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.A)
_SHA1 = 20  # octets
_PATIENT, _CUSTODIAN = "patient", "custodian"  # local ids


class Status(StrEnum):
    """Whether this version is the one to read."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    ENTERED_IN_ERROR = "entered-in-error"


class Security(StrEnum):
    """One level, and from whom the document is kept (JDV_J08)."""

    NORMAL = "N"
    RESTRICTED = "R"
    VERY_RESTRICTED = "V"
    MASKED = "MASQUE_PS"
    NOT_FOR_PATIENT = "INVISIBLE_PATIENT"
    NOT_FOR_REPRESENTATIVES = "INVISIBLE_REPRESENTANTS_LEGAUX"

    @property
    def system(self) -> str:
        return CONFIDENTIALITY if len(self.value) == 1 else VISIBILITY


@dataclass(frozen=True, slots=True)
class Attachment:
    """The document itself, which stands elsewhere: `url` is relative to the event, `sha1` what FHIR asks for."""

    url: str
    content_type: str
    size: int
    sha1: bytes
    title: str
    creation_ms: int
    language: str = "fr-FR"


@dataclass(frozen=True, slots=True, repr=False)
class DocumentReference:
    """Identifiers are URNs (`urn:oid:` or `urn:uuid:`); instants are milliseconds UTC; `summary` is plain text."""

    identifier: str
    status: Status
    type: Code
    category: Code
    patient: Patient
    date_ms: int
    author: Author
    custodian: Structure
    attachment: Attachment
    period_start_ms: int
    period_end_ms: int | None
    facility: Code
    practice: Code
    security: tuple[Security, ...] = (Security.NORMAL,)
    format: Code = PDF_IN_CDA
    summary: str = ""
    replaces: str = ""
    related: tuple[str, ...] = ()  # of the referral and the exchange
    results: tuple[Result, ...] = ()

    def __repr__(self) -> str:
        return f"<DocumentReference {self.type.code}>"


def attachment(
    octets: bytes, *, url: str, content_type: str, title: str, creation_ms: int, language: str = "fr-FR"
) -> Attachment:
    """How a card describes these octets. SHA-1 is FHIR's field, not what protects them: the event's signature does."""
    sha1 = hashlib.sha1(octets, usedforsecurity=False).digest()
    return Attachment(url, content_type, len(octets), sha1, title, creation_ms, language)


def to_fhir(value: DocumentReference) -> bytes:
    """The card as JSON. What `from_fhir` would refuse is refused here, RecordError "document-reference-malformed"."""
    data = reading("document-reference-malformed", lambda: dump(_resource(value)))
    from_fhir(data)  # nobody signs what nobody could open
    return data


def from_fhir(data: bytes) -> DocumentReference:
    """Raises RecordError "document-reference-malformed", naming the clause."""
    return reading(
        "document-reference-malformed",
        lambda: _read(parse(data, "DocumentReference", MAX_REFERENCE, refuse).resource("DocumentReference")),
    )


def _resource(value: DocumentReference) -> Resource:
    writers = author.resources(value.author)
    locals_ = [f"result-{number}" for number in range(1, len(value.results) + 1)]
    resource: Resource = {
        "resourceType": "DocumentReference",
        "contained": [
            patients.to_fhir(value.patient),
            *writers,
            organisation(value.custodian, _CUSTODIAN),
            *(
                observation.observation(result, local, _PATIENT)
                for result, local in zip(value.results, locals_, strict=True)
            ),
        ],
        "masterIdentifier": _urn(value.identifier),
        "status": value.status.value,
        "type": concept(value.type),
        "category": [concept(value.category)],
        "subject": reference(_PATIENT),
        "date": instant(value.date_ms, "DocumentReference.date"),
        "author": [reference(str(writers[0]["id"]))],
        "custodian": reference(_CUSTODIAN),
    }
    if value.replaces:
        resource["relatesTo"] = [{"code": "replaces", "target": {"identifier": _urn(value.replaces)}}]
    if value.summary:
        resource["description"] = value.summary
    period = {"start": instant(value.period_start_ms, "DocumentReference.context.period.start")}
    if value.period_end_ms is not None:
        period["end"] = instant(value.period_end_ms, "DocumentReference.context.period.end")
    context: Resource = {
        "period": period,
        "facilityType": concept(value.facility),
        "practiceSetting": concept(value.practice),
        "sourcePatientInfo": reference(_PATIENT),
    }
    related = [{"identifier": _urn(urn)} for urn in value.related] + [reference(local) for local in locals_]
    return resource | {
        "securityLabel": [concept(Code(label.system, label.value)) for label in value.security],
        "content": [{"attachment": _attachment(value.attachment), "format": coding(value.format)}],
        "context": context | ({"related": related} if related else {}),
    }


def _read(node: Node) -> DocumentReference:
    held = contained(node)
    context = node.child("context")
    if not is_ours(_PATIENT, context.child("sourcePatientInfo")) or not is_ours(_PATIENT, node.child("subject")):
        raise node.refuse(node.at("subject"))
    content = node.children("content")
    if len(content) != 1:
        raise node.refuse(node.at("content"))
    period = context.child("period")
    related, results = _read_related(context, held)
    return DocumentReference(
        identifier=_read_urn(node.child("masterIdentifier")),
        status=node.choice("status", Status),
        type=read_concept(node.child("type")),
        category=read_concept(node.first("category")),
        patient=patients.from_node(resolve(node.child("subject"), held)),
        date_ms=read_instant(node, "date"),
        author=author.read(node.first("author"), held),
        custodian=read_organisation(resolve(node.child("custodian"), held)),
        attachment=_read_attachment(content[0].child("attachment")),
        period_start_ms=read_instant(period, "start"),
        period_end_ms=read_instant(period, "end") if "end" in period.value else None,
        facility=read_concept(context.child("facilityType")),
        practice=read_concept(context.child("practiceSetting")),
        security=_read_security(node),
        format=read_coding(content[0].child("format")),
        summary=node.text("description", required=False, limit=MAX_SUMMARY),
        replaces=_read_replaces(node),
        related=related,
        results=results,
    )


def _urn(urn: str) -> Resource:
    return {"system": URI, "value": urn}


def _read_urn(node: Node) -> str:
    value = node.line("value")
    if node.line("system") != URI or not _URN.fullmatch(value):
        raise node.refuse(node.at("value"))
    return value


def _attachment(value: Attachment) -> Resource:
    return {
        "contentType": value.content_type,
        "language": value.language,
        "url": value.url,
        "size": value.size,
        "hash": b64encode(value.sha1).decode("ascii"),
        "title": value.title,
        "creation": instant(value.creation_ms, "DocumentReference.content.attachment.creation"),
    }


def _read_attachment(node: Node) -> Attachment:
    try:
        sha1 = b64decode(node.line("hash"), validate=True)
    except ValueError:
        sha1 = b""
    url = node.line("url")
    if len(sha1) != _SHA1 or not _URL.fullmatch(url):
        raise node.refuse(node.at("hash" if len(sha1) != _SHA1 else "url"))
    if "data" in node.value:  # two contents would be two documents
        raise node.refuse(node.at("data"))
    return Attachment(
        url,
        node.line("contentType"),
        integer(node, "size", MAX_SIZE),
        sha1,
        node.line("title"),
        read_instant(node, "creation"),
        node.line("language"),
    )


def _read_security(node: Node) -> tuple[Security, ...]:
    """The labels, one confidentiality level among them, none twice."""
    found = []
    for label in node.children("securityLabel"):
        code = read_concept(label)
        known = {item.value: item for item in Security}.get(code.code)
        if known is None or known.system != code.system:
            raise label.refuse(label.at("coding"))
        found.append(known)
    levels = sum(1 for label in found if label.system == CONFIDENTIALITY)
    if levels != 1 or len(set(found)) != len(found):
        raise node.refuse(node.at("securityLabel"))
    return tuple(found)


def _read_replaces(node: Node) -> str:
    relations = node.children("relatesTo")
    if not relations:
        return ""
    if len(relations) > 1 or relations[0].line("code") != "replaces":
        raise node.refuse(node.at("relatesTo"))
    return _read_urn(relations[0].child("target").child("identifier"))


def _read_related(context: Node, held: Mapping[str, Node]) -> tuple[tuple[str, ...], tuple[Result, ...]]:
    """What the document belongs to, and the results that stand in it: those of the same patient."""
    urns, results = [], []
    for item in context.children("related", MAX_RESULTS + MAX_RELATED):
        if "reference" not in item.value:
            urns.append(_read_urn(item.child("identifier")))
            continue
        result = resolve(item, held)
        if not is_ours(_PATIENT, result.child("subject")):
            raise result.refuse(result.at("subject"))
        results.append(observation.read(result))
    if len(urns) > MAX_RELATED or len(results) > MAX_RESULTS:
        raise context.refuse(context.at("related"))
    return tuple(urns), tuple(results)
