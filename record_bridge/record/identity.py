"""Whose record it is: FHIR Patient octets as they came, and the registrar's attestation (record.md RD-2.3).

RECORD_IDENTITY, for the holders of the record alone: the service never has it. Whether the attestation holds for these
octets is checked where the registrar's key is at hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.errors import Refusal
from directory.primitives.codec import Reader, var
from messaging.referral.patient import Patient, from_fhir
from record_bridge.errors import RecordError

MEDIA_TYPE = "application/vnd.confrere.record-identity"
MAX_PATIENT = 16 * 1024  # octets
MAX_ATTESTATION = 8 * 1024  # octets
ATTESTATION = "identity-attestation"
"""The name under which a patient's profile keeps the registrar's attestation, from its invitation."""


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """`fhir` is kept as received, because the attestation is about those octets; `patient` is what they say."""

    fhir: bytes
    attestation: bytes
    patient: Patient


def write(fhir: bytes, attestation: bytes = b"") -> bytes:
    """Raises RecordError: record-item-malformed."""
    data = var(fhir) + var(attestation)
    read(data)
    return data


def read(data: bytes) -> Identity:
    """Raises RecordError: record-item-malformed, for octets and for a Patient that cannot be read."""
    try:
        reader = Reader(data, "record identity")
        fhir, attestation = reader.var("patient", MAX_PATIENT), reader.var("attestation", MAX_ATTESTATION)
        reader.end()
        return Identity(fhir, attestation, from_fhir(fhir))
    except Refusal as refused:
        clause = str(refused.facts.get("clause") or f"Identity.{refused.facts.get('field', refused.id)}")
    raise RecordError("record-item-malformed", clause=clause)
