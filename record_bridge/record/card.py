"""The record card: how a depositor learns which account is this patient's record (record.md RD-6).

Signed by who keeps the record, the patient or the custodian, and given from hand to hand: on a prescription, in a
referral, as a QR code. The service never has it, so nothing there leads from an identity to a record. It gives no
right: a deposit needs none, and reading needs keys that no card has.

A parsed card is unverified and says so by its type. Whether its signer keeps that record is for the caller, who has the
record's account log; this module checks the octets, the signature under the key that the caller finds, and the dates.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from directory.errors import DirectoryError, Refusal
from directory.primitives import signature
from directory.primitives.codec import Reader, u16, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, from_fhir, to_fhir
from messaging.wire.limits import CLOCK_SKEW
from record_bridge.errors import RecordError

MAGIC = b"CP1k"
SUITE = 0x0001
MAX_CARD = 2048  # octets: its text fits in one QR code
MAX_PATIENT = 1536  # octets
PREFIX = "CONFRERE-CARD:"

KeyOf = Callable[[bytes, bytes, bytes], bytes]  # account, device, head -> Ed25519 public key, or a Refusal


@dataclass(frozen=True, slots=True, repr=False)
class RecordCard:
    """Whose record has which account, from `issued` until before `not_after` (ms UTC), by which signer."""

    record: bytes
    issued: int
    not_after: int
    patient: Patient
    account: bytes
    device: bytes
    head: bytes


@dataclass(frozen=True, slots=True, repr=False)
class UnverifiedCard:
    """A card as received. Nothing of it is shown or used before `verify`."""

    raw: bytes
    claimed: RecordCard

    def verify(self, key_of: KeyOf, now_ms: int) -> RecordCard:
        """The card, once its signature and dates hold.

        `key_of` finds the signing key in the account's log at that head, and raises a Refusal for an account that
        does not keep this record. Raises RecordError: record-card-forged, record-card-early, record-card-expired.
        """
        card = self.claimed
        try:
            public = key_of(card.account, card.device, card.head)
            signature.verify(public, self.raw[-SIGNATURE_SIZE:], Label.RECORD_CARD, self.raw[:-SIGNATURE_SIZE])
        except Refusal as refused:
            reason = refused.id
        else:
            if now_ms + CLOCK_SKEW < card.issued:
                raise RecordError("record-card-early")
            if card.not_after <= now_ms:
                raise RecordError("record-card-expired")
            return card
        raise RecordError("record-card-forged", reason=reason)


def build(card: RecordCard, key: SigningKey) -> bytes:
    """The card's octets, signed. Raises RecordError: record-card-malformed for what nobody could read."""
    unsigned = b"".join(
        (
            MAGIC,
            u16(SUITE),
            card.record,
            u64(card.issued),
            u64(card.not_after),
            var(dump(to_fhir(card.patient))),
            card.account,
            card.device,
            card.head,
        )
    )
    raw = unsigned + key.sign(Label.RECORD_CARD, unsigned)
    if parse(raw).claimed != card:
        raise RecordError("record-card-malformed", clause="card.id")
    return raw


def parse(raw: bytes) -> UnverifiedCard:
    """Strict parse of the octets. Raises RecordError: record-card-malformed, DirectoryError: protocol-newer."""
    reader = Reader(raw, "record card")
    try:
        if len(raw) > MAX_CARD:
            raise reader.fail("size")
        reader.magic(MAGIC)
        if reader.u16("suite") != SUITE:
            raise DirectoryError("protocol-newer", what="record card")
        record, issued, not_after = reader.take(16, "record"), reader.u64("issued"), reader.u64("not_after")
        patient = from_fhir(reader.var("patient", MAX_PATIENT))
        account, device, head = reader.take(16, "account"), reader.take(16, "device"), reader.take(32, "head")
        reader.take(SIGNATURE_SIZE, "signature")
        reader.end()
        if issued >= not_after:
            raise reader.fail("not_after")
    except Refusal as refused:
        if refused.id == "protocol-newer":
            raise
        clause = str(refused.facts.get("field") or refused.facts.get("clause") or refused.id)
    else:
        return UnverifiedCard(raw, RecordCard(record, issued, not_after, patient, account, device, head))
    raise RecordError("record-card-malformed", clause=f"card.{clause}")


def to_text(raw: bytes) -> str:
    """One line for a QR code, a file or a form: the prefix, then base64url without padding."""
    return PREFIX + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_text(text: str) -> UnverifiedCard:
    """Read such a line, spaces around it and line breaks of a wrapped copy allowed.

    Raises what `parse` raises; two lines that differ are never the same card.
    """
    compact = "".join(text[: 3 * MAX_CARD].split())
    if not compact.startswith(PREFIX) or len(text) > 3 * MAX_CARD:
        raise RecordError("record-card-malformed", clause="text")
    coded = compact.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if to_text(raw) != compact:
        raise RecordError("record-card-malformed", clause="text")
    return parse(raw)
