"""What a bridge keeps of a document before it leaves: the submission's octets, and what receipts say of them."""

from __future__ import annotations

from dataclasses import dataclass

from directory.primitives.codec import Reader, text, u8, var
from messaging.wire import limits
from record_bridge.filing.bodies import Basis

_VERSION = 1
_MAX_CARD = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """`document` is its identifier, `sha256` of its CDA octets; `card` its FHIR card; `entry` the consent entry that
    permitted it. Empty octets while only a reason is to be told."""

    octets: bytes
    event: bytes
    document: str
    sha256: bytes
    card: bytes
    entry: bytes
    series: bytes
    basis: Basis

    def encode(self) -> bytes:
        return b"".join(
            (
                u8(_VERSION),
                var(self.octets),
                self.event,
                text(self.document),
                self.sha256,
                var(self.card),
                self.entry,
                self.series,
                text(self.basis.value),
            )
        )


def decode(raw: bytes) -> KeptDocument | None:
    """None for a document of which nothing was prepared."""
    if not raw:
        return None
    reader = Reader(raw, "kept document")
    reader.u8("version")
    kept = KeptDocument(
        octets=reader.var("octets", limits.MAX_SUBMISSION),
        event=reader.take(32, "event"),
        document=reader.text("document", 256),
        sha256=reader.take(32, "sha256"),
        card=reader.var("card", _MAX_CARD),
        entry=reader.take(32, "entry"),
        series=reader.take(16, "series"),
        basis=Basis(reader.text("basis", 16)),
    )
    reader.end()
    return kept
