"""The body of an event (CP1-5.9): manifests of its attachments, a media type, and content. Octets only.

`content` is a MIME entity (message/rfc822-headers and text) for messages, FHIR JSON for clinical events, and a few
fixed octets for acks; this module does not look inside.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from directory.primitives.codec import Reader, text, u16, u64, var
from messaging.errors import MessagingError
from messaging.protocol.padding import padme
from messaging.wire import limits

ID_SIZE = 16


class EventType(IntEnum):
    """Types this client knows. An unknown one is shown as "update your client", never refused (CP1-1.4)."""

    MESSAGE = 1
    ACK = 2
    RETRACT = 3
    NEW_VERSION = 4
    REFERRAL_REQUEST = 16
    STATE_CHANGE = 17
    APPOINTMENT = 18
    QUESTION = 19
    ANSWER = 20
    REMARK = 21
    # What the record bridge writes and reads (docs/spec/record.md, filing.md); no content is opened here.
    FILING_REQUEST = 32
    FILING_RECEIPT = 33
    RECORD_DOCUMENT = 34
    RECORD_NOTE = 35
    RECORD_NOTICE = 36
    RECORD_IDENTITY = 37
    RECORD_SHARE = 38
    RECORD_HANDOVER = 39
    FILING_IDENTITY = 40
    FILING_WITHDRAWAL = 41


@dataclass(frozen=True, slots=True)
class Manifest:
    """What opens one blob: id, key, padded and true size in octets, RFC 6962 root over sealed chunks, name, type."""

    id: bytes
    key: bytes
    padded: int
    size: int
    root: bytes
    name: str
    media_type: str

    def encode(self) -> bytes:
        return b"".join(
            (
                self.id,
                self.key,
                u64(self.padded),
                u64(self.size),
                self.root,
                text(self.name),
                text(self.media_type),
            )
        )


@dataclass(frozen=True, slots=True)
class Body:
    media_type: str
    content: bytes
    manifests: tuple[Manifest, ...] = ()

    def encode(self) -> bytes:
        """Raises MessagingError: manifests-too-many, body-too-large."""
        if len(self.manifests) > limits.MAX_MANIFESTS:
            raise MessagingError("manifests-too-many", limit=limits.MAX_MANIFESTS)
        encoded = b"".join(
            (
                u16(len(self.manifests)),
                *(var(manifest.encode()) for manifest in self.manifests),
                text(self.media_type),
                self.content,
            )
        )
        if len(encoded) > limits.MAX_BODY:
            raise MessagingError("body-too-large", limit=limits.MAX_BODY)
        return encoded


def parse(raw: bytes) -> Body:
    """Raises DirectoryError("octets-malformed")."""
    reader = Reader(raw, "body")
    number = reader.count("manifests", limits.MAX_MANIFESTS)
    manifests = tuple(_parse_manifest(reader.var("manifest", 2048)) for _ in range(number))
    return Body(reader.text("media type", 255), reader.rest(), manifests)


def _parse_manifest(raw: bytes) -> Manifest:
    reader = Reader(raw, "manifest")
    manifest = Manifest(
        reader.take(ID_SIZE, "id"),
        reader.take(32, "key"),
        reader.u64("padded"),
        reader.u64("size"),
        reader.take(32, "root"),
        reader.text("name", 1024),
        reader.text("media type", 255),
    )
    reader.end()
    if manifest.padded != padme(manifest.size) or manifest.padded > limits.MAX_BLOB_CHUNKS * limits.CHUNK:
        raise reader.fail("size")
    return manifest
