"""The registrar's word on who a patient is (record.md RD-2.3; CP1-3.11): a FHIR Patient, for one invitation code's key.

A patient's certificate names nobody, because the service keeps it. This does, and only the patient's own files and the
holders of the record have it: it goes from the registrar's hand to the patient's, in the invitation file. Parse, build,
verify; whether two identities are one patient is `consent.same_patient`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.accounts.bind import Invitation, InviteeKind
from directory.errors import DirectoryError, Refusal
from directory.primitives import signature
from directory.primitives.codec import Reader, u16, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey
from messaging.referral.patient import Patient, from_fhir
from record_bridge.errors import RecordError

MAGIC = b"CP1p"
SUITE = 0x0001
MAX_PATIENT = 7 * 1024  # octets: it stands beside the identity in one event of the record


@dataclass(frozen=True, slots=True, repr=False)
class Attestation:
    """As received and unverified: `fhir` is kept as it came, because the signature is over those octets.

    `code_pk` is the public half of the patient's invitation code; `issued` is ms UTC."""

    raw: bytes
    code_pk: bytes
    issued: int
    fhir: bytes
    patient: Patient


def build(code_pk: bytes, issued: int, fhir: bytes, registrar: SigningKey) -> bytes:
    """Signed octets. Raises what `parse` raises for what nobody could read."""
    unsigned = b"".join((MAGIC, u16(SUITE), code_pk, u64(issued), var(fhir)))
    return parse(unsigned + registrar.sign(Label.PATIENT_IDENTITY, unsigned)).raw


def parse(raw: bytes) -> Attestation:
    """Strict parse. Raises RecordError("attestation-malformed"), DirectoryError("protocol-newer")."""
    reader = Reader(raw, "identity attestation")
    try:
        reader.magic(MAGIC)
        if reader.u16("suite") != SUITE:
            raise DirectoryError("protocol-newer", what="identity attestation")
        code_pk, issued = reader.take(32, "code_pk"), reader.u64("issued")
        fhir = reader.var("patient", MAX_PATIENT)
        reader.take(SIGNATURE_SIZE, "signature")
        reader.end()
        return Attestation(raw, code_pk, issued, fhir, from_fhir(fhir))
    except Refusal as refused:
        if refused.id == "protocol-newer":
            raise
        clause = str(refused.facts.get("field") or refused.facts.get("clause") or refused.id)
    raise RecordError("attestation-malformed", clause=clause)


def verify(raw: bytes, registrar_pk: bytes) -> tuple[bytes, Patient]:
    """The code's public key and who it is for, by the registrar's signature.

    Raises as `parse`, and RecordError("attestation-forged").
    """
    parsed = parse(raw)
    try:
        signature.verify(registrar_pk, raw[-SIGNATURE_SIZE:], Label.PATIENT_IDENTITY, raw[:-SIGNATURE_SIZE])
    except DirectoryError:
        raise RecordError("attestation-forged") from None
    return parsed.code_pk, parsed.patient


def verify_holder(attestation: bytes, invitation: Invitation) -> Invitation:
    """The invitation of an account's verified bind, if it is the patient's that this attestation is about.

    Raises as `parse`, and RecordError("attestation-foreign").
    """
    if invitation.kind is not InviteeKind.PATIENT or invitation.code_pk != parse(attestation).code_pk:
        raise RecordError("attestation-foreign")
    return invitation
