"""Seal an event and open one (docs/spec/cp1-events.md, CP1-5.2 to CP1-5.8). Pure: no clock, no entropy, no store.

Opening follows the order of CP1-5.7 up to the signature; each step before it fails as an *authenticity* error whose
octets are kept as evidence and never shown. What comes after the signature is `protocol.continuity`.

    1 parse (wire.header)     2 the epoch's secret is known     3 AEAD        4 seal      5 padding and meta parse
    6 device live and head known at the receipt's tick          7 send_as over the member's class     8 signature
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.accounts.authority import Lookup, verify_authority
from directory.accounts.entry import (
    MAX_AUTHORITY,
    Authority,
    Signer,
    encode_authority,
    parse_authority,
)
from directory.accounts.grants import Right
from directory.primitives import aead, digest, kdf, signature
from directory.primitives.codec import Reader, u8, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey
from messaging.errors import MessagingError
from messaging.protocol import padding
from messaging.wire import header as headers
from messaging.wire import limits
from messaging.wire.epoch import EpochCommit, Role
from messaging.wire.header import SealedEvent

BLIND_SIZE = 32


@dataclass(frozen=True, slots=True)
class Meta:
    """The signed inside of an event. `type` is a plain number so that a newer one still verifies (CP1-1.4)."""

    type: int
    acting_for: bytes
    signer: Signer
    acting_head: bytes
    authority: Authority
    ctr: int
    prev_own: bytes
    seen_seq: int
    seen_chain: bytes
    time: int
    kt_size: int = 0
    kt_root: bytes = digest.ZERO

    def encode(self) -> bytes:
        return b"".join(
            (
                u8(self.type),
                self.acting_for,
                self.signer.account,
                self.signer.device,
                self.signer.head,
                self.acting_head,
                var(encode_authority(self.authority)),
                u64(self.ctr),
                self.prev_own,
                u64(self.seen_seq),
                self.seen_chain,
                u64(self.kt_size),
                self.kt_root,
                u64(self.time),
            )
        )


def _parse_meta(reader: Reader) -> Meta:
    type_ = reader.u8("type")
    acting_for = reader.take(16, "acting_for")
    signer = Signer(reader.take(16, "account"), reader.take(16, "device"), reader.take(32, "head"))
    acting_head = reader.take(32, "acting_head")
    authority = parse_authority(reader.var("authority", MAX_AUTHORITY))
    ctr = reader.u64("ctr")
    prev_own = reader.take(32, "prev_own")
    seen_seq = reader.u64("seen_seq")
    seen_chain = reader.take(32, "seen_chain")
    kt_size = reader.u64("kt_size")
    kt_root = reader.take(32, "kt_root")
    time = reader.u64("time")
    return Meta(
        type_, acting_for, signer, acting_head, authority, ctr, prev_own, seen_seq, seen_chain, time,
        kt_size, kt_root,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecryptedEvent:
    """An event whose AEAD and seal hold, *unverified*: its author is a claim until `verify_author`."""

    event: SealedEvent
    meta: Meta
    meta_raw: bytes
    signature: bytes
    body: bytes
    blind: bytes


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """An event proven to be by `meta.signer` for `meta.acting_for`."""

    id: bytes
    event: SealedEvent
    meta: Meta
    body: bytes
    blind: bytes
    signature: bytes


def _key_and_blind(tes: bytes, salt: bytes, thread: bytes, epoch_id: bytes) -> tuple[bytes, bytes]:
    derived = kdf.derive(tes, salt, Label.EVENT_KEY, thread + epoch_id, 64)
    return derived[:32], derived[32:]


def body_hash(blind: bytes, body: bytes) -> bytes:
    """CP1-5.3: commits to the body without revealing it."""
    return digest.labelled(Label.BODY, blind, body)


def seal(
    *, thread: bytes, epoch_id: bytes, tes: bytes, salt: bytes, intent: bytes, meta: Meta, body: bytes, key: SigningKey
) -> bytes:
    """The octets of a sealed event. `salt` is 32 fresh random octets, never reused; `intent` 16 random octets, kept
    across re-seals of one intention. Raises MessagingError("event-too-large")."""
    event_key, blind = _key_and_blind(tes, salt, thread, epoch_id)
    unsealed = headers.unsealed_header(thread, epoch_id, salt, intent)
    meta_raw = meta.encode()
    hashed = body_hash(blind, body)
    signed = key.sign(Label.EVENT, unsealed, meta_raw, hashed)
    event_seal = digest.labelled(Label.SEAL, unsealed, meta_raw, hashed, signed)
    ciphertext = aead.seal_once(event_key, padding.pad(b"".join((meta_raw, signed, body))), unsealed + event_seal)
    raw = headers.assemble(unsealed, event_seal, ciphertext)
    if len(raw) > limits.MAX_EVENT:
        raise MessagingError("event-too-large", limit=limits.MAX_EVENT)
    return raw


def decrypt(event: SealedEvent, tes: bytes) -> DecryptedEvent:
    """Steps 3 to 5. Raises DirectoryError: tag-wrong, octets-malformed; MessagingError: seal-wrong, padding-wrong."""
    header = event.header
    event_key, blind = _key_and_blind(tes, header.salt, header.thread, header.epoch_id)
    plaintext = padding.unpad(aead.open_once(event_key, event.ciphertext, header.raw))
    reader = Reader(plaintext, "event content")
    meta = _parse_meta(reader)
    meta_raw = plaintext[: reader.at]
    signed = reader.take(SIGNATURE_SIZE, "sig")
    body = reader.rest()
    expected = digest.labelled(Label.SEAL, header.unsealed, meta_raw, body_hash(blind, body), signed)
    if expected != header.seal:
        raise MessagingError("seal-wrong")
    return DecryptedEvent(event, meta, meta_raw, signed, body, blind)


def reopen(event: SealedEvent, meta_raw: bytes, signed: bytes, blind: bytes, body: bytes) -> DecryptedEvent:
    """The same from parts that somebody opened: the seal holds them to the header, so no key is needed (evidence).

    Raises DirectoryError("octets-malformed"), MessagingError("seal-wrong").
    """
    reader = Reader(meta_raw, "event content")
    meta = _parse_meta(reader)
    reader.end()
    # Of fixed size: else the first octets of a body could be passed off as its blind, under the same hash.
    if len(blind) != BLIND_SIZE or len(signed) != SIGNATURE_SIZE:
        raise reader.fail("blind")
    expected = digest.labelled(Label.SEAL, event.header.unsealed, meta_raw, body_hash(blind, body), signed)
    if expected != event.header.seal:
        raise MessagingError("seal-wrong")
    return DecryptedEvent(event, meta, meta_raw, signed, body, blind)


def verify_author(
    decrypted: DecryptedEvent, commit: EpochCommit, lookup: Lookup, tick: int, time: int
) -> VerifiedEvent:
    """Steps 6 to 8, at the tick of the event's receipt and the time (ms) of its receipt group.

    Raises MessagingError: event-foreign, author-not-member; DirectoryError (accounts, signature-wrong).
    """
    event, meta = decrypted.event, decrypted.meta
    if event.header.epoch_id != commit.id or event.header.thread != commit.thread:
        raise MessagingError("event-foreign")
    member = commit.member(meta.acting_for)
    if member is None or member.role is Role.READ:
        raise MessagingError("author-not-member")
    author = lookup(meta.signer.account)
    author.place_before(meta.signer.head, tick)
    device = author.device_at(meta.signer.device, tick)
    mailbox = lookup(meta.acting_for)
    mailbox.place_before(meta.acting_head, tick)
    power = verify_authority(meta.authority, meta.signer.account, mailbox, tick, time, lookup)
    power.demand(Right.SEND_AS, member.class_)
    signature.verify(
        device.sign_pk,
        decrypted.signature,
        Label.EVENT,
        event.header.unsealed,
        decrypted.meta_raw,
        body_hash(decrypted.blind, decrypted.body),
    )
    return VerifiedEvent(event.id, event, meta, decrypted.body, decrypted.blind, decrypted.signature)
