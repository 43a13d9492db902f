"""Names that follow from a filing alone (docs/spec/filing.md FI-4): the same filing never makes two of anything.

Document n of filing F has one record thread, one deposit intent and one document id, whoever computes them and however
often; so whatever crashed is sent again under the same names and recognised.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from directory.primitives import digest
from directory.primitives.codec import u16
from directory.primitives.labels import Label

ID_SIZE = 16
_UUID_ARC = "2.25."  # ITU-T X.667: an OID from any UUID, without asking an authority
_INTENT, _DOCUMENT, _SET = (bytes([number]) for number in (1, 2, 3))


WITHDRAWN = 0x8000
"""Added to a document's number: the card in the record that says that it was taken back."""


@dataclass(frozen=True, slots=True)
class DocumentIds:
    """Of one document: `thread` and `intent` for the deposit, `document` for the CDA's id, `set` for its setId."""

    thread: bytes
    intent: bytes
    document: uuid.UUID
    set: uuid.UUID

    @property
    def document_oid(self) -> str:
        return oid(self.document)

    @property
    def set_oid(self) -> str:
        return oid(self.set)


def document_ids(filing: bytes, n: int) -> DocumentIds:
    """The names of document `n` (from 0) of a filing (16 octets)."""
    return DocumentIds(
        thread=record_thread(filing, n),
        intent=_derived(filing, n, _INTENT),
        document=_uuid(_derived(filing, n, _DOCUMENT)),
        set=_uuid(_derived(filing, n, _SET)),
    )


def record_thread(filing: bytes, n: int) -> bytes:
    """FI-4.1: the thread of document `n` in the record: SHA-256(label FILING || F || u16 n), first 16 octets."""
    return digest.labelled(Label.FILING, filing, u16(n))[:ID_SIZE]


def oid(name: uuid.UUID) -> str:
    """A UUID as an OID: what an HL7 V3 `id/@root` takes."""
    return f"{_UUID_ARC}{name.int}"


def _derived(filing: bytes, n: int, purpose: bytes) -> bytes:
    """Of another length than a thread's input, so that no purpose gives another's octets."""
    return digest.labelled(Label.FILING, filing, u16(n), purpose)[:ID_SIZE]


def _uuid(octets: bytes) -> uuid.UUID:
    """RFC 9562 version 8: octets that we chose, marked as such."""
    return uuid.UUID(int=(int.from_bytes(octets, "big") & ~(0xF << 76) & ~(0x3 << 62)) | (0x8 << 76) | (0x2 << 62))
