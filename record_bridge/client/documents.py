"""A deposited document as a line of the record, and its octets when somebody opens it (RD-1, DOC-3)."""

from __future__ import annotations

import uuid
from functools import lru_cache

from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.protocol.body import Manifest
from messaging.referral.patient import Patient
from record_bridge.consent.same_patient import same_patient
from record_bridge.errors import RecordError
from record_bridge.fhir import document_reference
from record_bridge.fhir.document_reference import DocumentReference, Status
from record_bridge.filing.bodies import MAX_ITEMS
from record_bridge.filing.identifiers import WITHDRAWN, record_thread
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Author, Item
from record_bridge.record.kinds import kind_of

DOCUMENT = "document.xml"
STATEMENT = "document.json"  # of a payer
EVIDENCE = "evidence.bin"
MAX_DOCUMENT = 32 * 1024 * 1024  # octets
_UUID = "urn:uuid:"
# What a bridge's card names under `related`, in this order; a deposit names nothing.
_CASE, _FILING, _CONSENT = range(3)


def related(case: bytes, filing: bytes, consent: bytes) -> tuple[str, str, str]:
    """The identifiers that a filed document's card carries."""
    return (urn(case), urn(filing), urn(consent))


@lru_cache(maxsize=16)
def _card_of(content: bytes) -> DocumentReference:
    """Read once, asked several things; only while its line is being made."""
    return document_reference.from_fhir(content)


def urn(identifier: bytes) -> str:
    return f"{_UUID}{uuid.UUID(bytes=identifier)}"


def withdrawn_by(event: ReadEvent) -> tuple[bytes, bytes] | None:
    """The item (its thread) that a filed document is, and the thread in which its withdrawal would stand; the same for
    the card that says so. None for what no filing made."""
    card = _card_of(event.body.content)
    filing = _related(card, _FILING)
    for n in range(MAX_ITEMS if filing else 0):
        item, withdrawal = record_thread(filing, n), record_thread(filing, n | WITHDRAWN)
        if event.thread in (item, withdrawal):
            return item, withdrawal
    return None


def is_withdrawal(event: ReadEvent) -> bool:
    """Whether this card takes a document back."""
    return _card_of(event.body.content).status is Status.ENTERED_IN_ERROR


def item_of_document(
    event: ReadEvent, class_: RecordClass, patient: Patient | None, *, filed: bool = False
) -> Item:
    """A card names its author on the word of who deposits it; only a bridge's (`filed`) says under which consent.

    Raises RecordError: document-reference-malformed, document-of-another.
    """
    card = _card_of(event.body.content)
    if patient is not None and not same_patient(patient, card.patient):
        raise RecordError("document-of-another")
    return Item(
        thread=event.thread,
        class_=class_,
        kind=kind_of(card.type.code, class_),
        title=card.attachment.title or card.type.label,
        author=_author(card),
        date_ms=card.date_ms,
        received_ms=event.time,
        summary=card.summary,
        on_behalf="",
        results=card.results,
        sources=(event.id,),
        consent=_related(card, _CONSENT) if filed else b"",
        deposited_by=event.author.name,
        notes=("record-note-patient-unknown",) if patient is None else (),
    )


def _author(card: DocumentReference) -> Author:
    person, structure = card.author.person, card.author.structure
    return Author(
        person.name if person is not None else (structure.name if structure is not None else ""),
        card.author.specialty.label if card.author.specialty is not None else "",
        person.rpps if person is not None else "",
        structure.name if structure is not None else card.custodian.name,
    )


def _related(card: DocumentReference, place: int) -> bytes:
    if len(card.related) != _CONSENT + 1:
        return b""
    return uuid.UUID(card.related[place].removeprefix(_UUID)).bytes


def manifest(event: ReadEvent, name: str) -> Manifest:
    """One of the attached files by its name. Raises RecordError("document-missing")."""
    for one in event.manifests:
        if one.name == name:
            return one
    raise RecordError("document-missing")


async def document(endpoint: Endpoint, event: ReadEvent) -> bytes:
    """The document itself, fetched and verified. Raises RecordError("document-missing"), and what fetching raises."""
    names = [one.name for one in event.manifests]
    wanted = STATEMENT if STATEMENT in names and DOCUMENT not in names else DOCUMENT
    return await endpoint.attachments.fetch(manifest(event, wanted), MAX_DOCUMENT)
