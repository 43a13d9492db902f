"""Deposit a document into the record of a card, once (docs/spec/record.md RD-7.1 to RD-7.4; CP1-4.11, CP1-4.14).

Everything that can be refused is refused before anything leaves. The file goes first, where nobody can find it; then
the sealed deposit is kept in the profile and sent, and sent again unchanged after an interruption, under a thread that
the document itself names: the same document never makes two lines.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from directory.accounts.bind import Invitation, InviteeKind
from directory.errors import DirectoryError
from directory.identity.finess import parse_finess
from directory.primitives.codec import Reader, u8, var
from messaging.client.endpoint import Endpoint
from messaging.errors import MessagingError
from messaging.protocol.body import Body, EventType
from messaging.wire import limits
from record_bridge.client import deposit as deposits
from record_bridge.client.deposit import Prepared
from record_bridge.consent.same_patient import same_patient
from record_bridge.errors import RecordError
from record_bridge.fhir import document_reference
from record_bridge.filing import deposited
from record_bridge.filing.deposited import Depositor, Document
from record_bridge.record.card import RecordCard
from record_bridge.record.classes import DEPOSITS, PAYER_DEPOSITS, RecordClass

_DEPOSIT_KINDS = (InviteeKind.DEPOSITOR, InviteeKind.STRUCTURE)  # a bridge writes what was filed, and nothing else
_SENT, _DONE = 1, 2
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Deposited:
    """What stands in the record now. `already`: it stood there before."""

    thread: bytes
    event: bytes
    record: bytes
    class_: RecordClass
    document: Document
    already: bool


@dataclass(frozen=True, slots=True)
class _Kept:
    """What this profile remembers of a deposit: of which octets, and the submission until it was acknowledged."""

    digest: bytes
    event: bytes
    octets: bytes = b""

    def encode(self) -> bytes:
        return u8(_SENT if self.octets else _DONE) + self.digest + self.event + var(self.octets)


def _kept(raw: bytes) -> _Kept:
    reader = Reader(raw, "kept deposit")
    reader.u8("state")
    found = _Kept(reader.take(32, "digest"), reader.take(32, "event"), reader.var("octets", limits.MAX_SUBMISSION))
    reader.end()
    return found


async def who(endpoint: Endpoint) -> Invitation:
    """The structure that this profile deposits for. Raises RecordError("deposit-not-yours")."""
    try:
        found = await endpoint.accounts.professional(endpoint.identity.account)
    except DirectoryError:
        raise RecordError("deposit-not-yours") from None
    if found.kind not in (*_DEPOSIT_KINDS, InviteeKind.PAYER):
        raise RecordError("deposit-not-yours")
    return found


async def deposit(
    endpoint: Endpoint, octets: bytes, card: RecordCard, class_: RecordClass | None = None
) -> Deposited:
    """Durable in the record when it returns; the card was verified by `cards.read`.

    Raises RecordError: deposit-not-yours, document-of-another, deposit-changed, deposit-known, and what reading the
    document refuses; MessagingError("deposit-class-refused"); what sending raises.
    """
    depositor = await who(endpoint)
    chosen = class_of(depositor.kind, class_)
    document = read(octets, depositor, chosen)
    if not same_patient(card.patient, document.patient):
        raise RecordError("document-of-another")
    thread = deposited.thread_id(endpoint.identity.account, card.record, document)
    digest = hashlib.sha256(bytes([chosen]) + octets).digest()
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _place(thread)))
    known = None if raw is None else _kept(raw)
    if known is not None and known.digest != digest:
        raise RecordError("deposit-changed")
    if known is not None and not known.octets:
        return Deposited(thread, known.event, card.record, chosen, document, True)
    if known is None:
        body = await _body(endpoint, document)
        known = await _prepare(endpoint, card.record, chosen, body, thread, digest)
    else:
        body = None
    event = await _send(endpoint, card.record, chosen, document, body, thread, known)
    return Deposited(thread, event, card.record, chosen, document, False)


def class_of(kind: InviteeKind, wanted: RecordClass | None) -> RecordClass:
    """Where it goes. Raises MessagingError("deposit-class-refused"), as the service would."""
    allowed = PAYER_DEPOSITS if kind is InviteeKind.PAYER else DEPOSITS
    chosen = wanted if wanted is not None else min(allowed)
    if chosen not in allowed:
        raise MessagingError("deposit-class-refused")
    return chosen


def read(octets: bytes, depositor: Invitation, class_: RecordClass) -> Document:
    """The document with its card, once it may be deposited; what refuses it names no patient."""
    who_ = Depositor(depositor.name, _national(depositor.identifier))
    if depositor.kind is InviteeKind.PAYER:
        return deposited.reimbursement(octets, who_)
    return deposited.clinical(octets, class_, who_)


def _national(identifier: str) -> str:
    """A FINESS or SIREN number as documents have it, the register's digit first."""
    try:
        return f"1{parse_finess(identifier)}"
    except DirectoryError:
        return f"2{identifier}"


async def _body(endpoint: Endpoint, document: Document) -> Body:
    """The event's body, its file being on the service already."""
    content = document_reference.to_fhir(document.card)
    manifest = await endpoint.attachments.send_octets(document.octets, document.file, document.media_type)
    return Body(document_reference.MEDIA_TYPE, content, (manifest,))


async def _prepare(
    endpoint: Endpoint, record: bytes, class_: RecordClass, body: Body, thread: bytes, digest: bytes
) -> _Kept:
    """Seal it and keep what was sealed, before it is sent."""
    intent = deposited.intent_id(thread)
    made: Prepared = await deposits.prepare(
        endpoint, record, class_, EventType.RECORD_DOCUMENT, body, thread=thread, intent=intent
    )
    kept = _Kept(digest, made.event, made.octets)
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _place(thread), kept.encode()))
    return kept


async def _send(
    endpoint: Endpoint,
    record: bytes,
    class_: RecordClass,
    document: Document,
    body: Body | None,
    thread: bytes,
    kept: _Kept,
) -> bytes:
    """Send what was kept; seal it anew where the record's keys have moved since. Gives the event's id."""
    for left in reversed(range(_TRIES)):
        try:
            await deposits.submit(endpoint, kept.octets)
        except MessagingError as refused:
            if refused.id == "epoch-conflict":
                raise RecordError("deposit-known") from None
            if refused.id != "epoch-member-stale" or not left:
                raise
            endpoint.accounts.outdate([record, endpoint.identity.account])
            body = body or await _body(endpoint, document)
            kept = await _prepare(endpoint, record, class_, body, thread, kept.digest)
        else:
            break
    done = _Kept(kept.digest, kept.event)
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _place(thread), done.encode()))
    return kept.event


def _place(thread: bytes) -> str:
    return f"deposit/{thread.hex()}"


