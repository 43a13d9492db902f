"""A note in a record, by the patient or a professional, as a FHIR R4 Communication (record.md RD-2.1; RECORD_NOTE).

Free text with what sort of note it is: the one thing that a patient writes himself, and the synthesis, treatments and
allergies that nobody has as a document yet. Who wrote it is the event's signature and not in here.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from messaging.referral.fhir_json import Node, dump, parse
from record_bridge.record.fhir_parts import OURS, coded, instant, read_code, read_instant, reading, refuse
from record_bridge.record.kinds import Kind

MEDIA_TYPE = "application/fhir+json"
MAX_NOTE = 64 * 1024  # octets
MAX_TEXT = 10_000  # characters
CATEGORIES = OURS + "CodeSystem/record-note"
NOTE_KINDS = MappingProxyType({kind.value: kind for kind in (Kind.NOTE, Kind.SYNTHESIS, Kind.TREATMENT, Kind.ALLERGY)})


@dataclass(frozen=True, slots=True, repr=False)
class Note:
    """`kind` is note, synthesis, treatment or allergy; `sent_ms` is the author's own time."""

    kind: Kind
    text: str
    sent_ms: int


def write(note: Note) -> bytes:
    """Raises RecordError: record-item-malformed. What `read` would refuse is refused here."""

    def resource() -> bytes:
        return dump(
            {
                "resourceType": "Communication",
                "status": "completed",
                "category": [coded(CATEGORIES, note.kind.value)],
                "sent": instant(note.sent_ms, "Communication.sent"),
                "payload": [{"contentString": note.text}],
            }
        )

    data = reading("record-item-malformed", resource)
    read(data)
    return data


def read(data: bytes) -> Note:
    """Raises RecordError: record-item-malformed, naming the clause."""
    return reading(
        "record-item-malformed", lambda: _read(parse(data, "Communication", MAX_NOTE, refuse).resource("Communication"))
    )


def _read(node: Node) -> Note:
    kind = NOTE_KINDS.get(read_code(node.first("category"), CATEGORIES))
    if kind is None:
        raise node.refuse(node.at("category"))
    if node.line("status") != "completed" or len(node.children("payload")) != 1:
        raise node.refuse(node.at("payload"))
    text = node.first("payload").text("contentString", limit=MAX_TEXT)
    return Note(kind, text, read_instant(node, "sent"))
