"""What is said in a filing thread, as JSON octets (docs/spec/filing.md FI-2): request, receipt, identity, withdrawal.

Each body has one writer and one reader, side by side. Readers are strict: every field is known and bounded, no key
stands twice. Writers refuse what readers would refuse. Nothing here verifies a signature or decides anything.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeVar

from messaging.errors import MessagingError
from messaging.referral.fhir_json import Node, choose, dump, parse
from messaging.referral.patient import Patient, from_node, to_fhir
from record_bridge.errors import RecordError
from record_bridge.filing.states import State

MEDIA_TYPE = "application/vnd.confrere.filing+json"
EVIDENCE_NAME = "evidence.bin"
EVIDENCE_TYPE = "application/vnd.confrere.evidence"
MAX_BODY = 256 * 1024  # octets
MAX_ITEMS = 50  # documents of one filing
MAX_VERSIONS = 32  # of one consent
MAX_CONSENT = 8 * 1024  # octets of a Consent resource
MAX_DOCUMENT_ID = 128  # characters
CLASSES = range(1, 5)  # of a record: what a clinician files is common, masked, announced first, or not for a guardian
ALL = "all"
_LONG = 2**53  # what every JSON reader can hold
_REASON = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)

Body = TypeVar("Body")


class Role(StrEnum):
    """What a selected event is filed as: an answer becomes a report, a request or a message becomes a letter."""

    ANSWER = "answer"
    REQUEST = "request"
    MESSAGE = "message"


class Basis(StrEnum):
    """Who agreed: the patient by an own signature, or a professional who attests it."""

    ATTESTED = "attested"
    SIGNED = "signed"


class Withdrawn(StrEnum):
    """Why something is taken back."""

    RETRACTED = "filing-item-retracted"
    CONSENT = "consent-withdrawn"
    MISTAKE = "filing-asked-by-mistake"


@dataclass(frozen=True, slots=True)
class Selected:
    """An event that is to be filed. `superseded_by` names the event that replaced it, as far as the requester saw."""

    event: bytes
    role: Role
    superseded_by: bytes | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ConsentOpened:
    """The newest consent entry of a series, opened: `fhir` are the octets that the entry commits to under `blind`."""

    series: bytes
    entry: bytes
    blind: bytes
    fhir: bytes


@dataclass(frozen=True, slots=True, repr=False)
class FilingRequest:
    """A part of a thread that is to be filed. `filing` is the id of the filing thread, `seen_seq` how far of the
    exchange the requester had seen, `seen_consents` how many consent entries of the record's log, `preview` the
    SHA-256 of the preview that was shown, `requested` ms UTC."""

    name: ClassVar[str] = "filing-request"
    filing: bytes
    thread: bytes
    case: bytes | None
    record: bytes
    class_: int
    items: tuple[Selected, ...]
    patient: Patient
    consents: tuple[ConsentOpened, ...]
    seen_seq: int
    seen_consents: int
    preview: bytes
    requested: int

    @property
    def consent(self) -> ConsentOpened:
        """The newest version of the consent's series; the earlier ones say whether it may stand."""
        return self.consents[-1]


@dataclass(frozen=True, slots=True)
class FilingReceipt:
    """Where document `n` is. The event that carries it is signed by the bridge; `time` is ms UTC."""

    name: ClassVar[str] = "filing-receipt"
    filing: bytes
    n: int
    state: State
    reason: str
    basis: Basis | None
    series: bytes
    entry: bytes
    record_thread: bytes | None
    event: bytes | None
    document: str
    sha256: bytes | None
    time: int


@dataclass(frozen=True, slots=True, repr=False)
class FilingIdentity:
    """An identity that became qualified after the request. `seen_consents` is the request's, as of now: whoever sends
    it has read again that the consent permits."""

    name: ClassVar[str] = "filing-identity"
    filing: bytes
    patient: Patient
    seen_consents: int


@dataclass(frozen=True, slots=True)
class FilingWithdrawal:
    """Its author or its requester takes it back. `n` is None for all documents of the filing."""

    name: ClassVar[str] = "filing-withdrawal"
    filing: bytes
    n: int | None
    reason: Withdrawn


def write_request(body: FilingRequest) -> bytes:
    return _written(
        {
            "kind": body.name,
            "filing": body.filing.hex(),
            "thread": body.thread.hex(),
            **({"case": body.case.hex()} if body.case is not None else {}),
            "record": body.record.hex(),
            "class": body.class_,
            "items": [
                {
                    "event": item.event.hex(),
                    "role": item.role.value,
                    **({"superseded_by": item.superseded_by.hex()} if item.superseded_by is not None else {}),
                }
                for item in body.items
            ],
            "patient": to_fhir(body.patient),
            "consents": [
                {
                    "series": consent.series.hex(),
                    "entry": consent.entry.hex(),
                    "blind": consent.blind.hex(),
                    "fhir": base64.b64encode(consent.fhir).decode(),
                }
                for consent in body.consents
            ],
            "seen_seq": body.seen_seq,
            "seen_consents": body.seen_consents,
            "preview": body.preview.hex(),
            "requested": body.requested,
        },
        read_request,
    )


def read_request(data: bytes) -> FilingRequest:
    """Raises RecordError("filing-body-malformed", clause=...), and for the patient what `patient.from_node` raises."""
    return _read(data, FilingRequest.name, _request)


def _request(node: Node) -> FilingRequest:
    _only(
        node,
        *("kind", "filing", "thread", "case", "record", "class", "items", "patient", "consents"),
        *("seen_seq", "seen_consents", "preview", "requested"),
    )
    items = tuple(_selected(item) for item in node.children("items", MAX_ITEMS))
    if not items or len({item.event for item in items}) != len(items):
        raise node.refuse(node.at("items"))
    consents = tuple(_consent(item) for item in node.children("consents", MAX_VERSIONS))
    if not consents or len({one.series for one in consents}) != 1:
        raise node.refuse(node.at("consents"))
    return FilingRequest(
        filing=_octets(node, "filing", 16),
        thread=_octets(node, "thread", 16),
        case=_maybe(node, "case", 16),
        record=_octets(node, "record", 16),
        class_=_class(node),
        items=items,
        patient=from_node(node.child("patient")),
        consents=consents,
        seen_seq=_number(node, "seen_seq", _LONG),
        seen_consents=_number(node, "seen_consents", _LONG),
        preview=_octets(node, "preview", 32),
        requested=_number(node, "requested", _LONG),
    )


def _class(node: Node) -> int:
    class_ = _number(node, "class", CLASSES[-1])
    if class_ not in CLASSES:
        raise node.refuse(node.at("class"))
    return class_


def _selected(node: Node) -> Selected:
    _only(node, "event", "role", "superseded_by")
    return Selected(_octets(node, "event", 32), node.choice("role", Role), _maybe(node, "superseded_by", 32))


def _consent(node: Node) -> ConsentOpened:
    _only(node, "series", "entry", "blind", "fhir")
    encoded = node.line("fhir", limit=MAX_CONSENT * 4 // 3 + 4)
    try:
        fhir = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        fhir = b""
    if not fhir or len(fhir) > MAX_CONSENT or base64.b64encode(fhir).decode() != encoded:
        raise node.refuse(node.at("fhir"))
    return ConsentOpened(_octets(node, "series", 16), _octets(node, "entry", 32), _octets(node, "blind", 32), fhir)


def write_receipt(body: FilingReceipt) -> bytes:
    return _written(
        {
            "kind": body.name,
            "filing": body.filing.hex(),
            "n": body.n,
            "state": body.state.value,
            **({"reason": body.reason} if body.reason else {}),
            **({"basis": body.basis.value} if body.basis is not None else {}),
            "series": body.series.hex(),
            "entry": body.entry.hex(),
            **({"record_thread": body.record_thread.hex()} if body.record_thread is not None else {}),
            **({"event": body.event.hex()} if body.event is not None else {}),
            **({"document": body.document} if body.document else {}),
            **({"sha256": body.sha256.hex()} if body.sha256 is not None else {}),
            "time": body.time,
        },
        read_receipt,
    )


def read_receipt(data: bytes) -> FilingReceipt:
    """Raises RecordError("filing-body-malformed", clause=...)."""
    return _read(data, FilingReceipt.name, _receipt)


def _receipt(node: Node) -> FilingReceipt:
    _only(
        node,
        *("kind", "filing", "n", "state", "reason", "basis", "series", "entry", "record_thread"),
        *("event", "document", "sha256", "time"),
    )
    receipt = FilingReceipt(
        filing=_octets(node, "filing", 16),
        n=_number(node, "n", MAX_ITEMS - 1),
        state=node.choice("state", State),
        reason=_reason(node),
        basis=node.choice("basis", Basis) if "basis" in node.value else None,
        series=_octets(node, "series", 16),
        entry=_octets(node, "entry", 32),
        record_thread=_maybe(node, "record_thread", 16),
        event=_maybe(node, "event", 32),
        document=node.line("document", required=False, limit=MAX_DOCUMENT_ID),
        sha256=_maybe(node, "sha256", 32),
        time=_number(node, "time", _LONG),
    )
    named = (receipt.basis, receipt.record_thread, receipt.event, receipt.sha256)
    if receipt.state is State.ACCEPTED and (None in named or not receipt.document):
        raise node.refuse(node.at("state"))  # an acceptance says what was filed, where, and on whose word
    if receipt.state is State.REJECTED and not receipt.reason:
        raise node.refuse(node.at("reason"))
    return receipt


def write_identity(body: FilingIdentity) -> bytes:
    return _written(
        {
            "kind": body.name,
            "filing": body.filing.hex(),
            "patient": to_fhir(body.patient),
            "seen_consents": body.seen_consents,
        },
        read_identity,
    )


def read_identity(data: bytes) -> FilingIdentity:
    """Raises RecordError("filing-body-malformed", clause=...), and for the patient what `patient.from_node` raises."""
    return _read(data, FilingIdentity.name, _identity)


def _identity(node: Node) -> FilingIdentity:
    _only(node, "kind", "filing", "patient", "seen_consents")
    patient = from_node(node.child("patient"))
    return FilingIdentity(_octets(node, "filing", 16), patient, _number(node, "seen_consents", _LONG))


def write_withdrawal(body: FilingWithdrawal) -> bytes:
    n: object = ALL if body.n is None else body.n
    fields = {"kind": body.name, "filing": body.filing.hex(), "n": n, "reason": body.reason.value}
    return _written(fields, read_withdrawal)


def read_withdrawal(data: bytes) -> FilingWithdrawal:
    """Raises RecordError("filing-body-malformed", clause=...)."""
    return _read(data, FilingWithdrawal.name, _withdrawal)


def _withdrawal(node: Node) -> FilingWithdrawal:
    _only(node, "kind", "filing", "n", "reason")
    n = None if node.value.get("n") == ALL else _number(node, "n", MAX_ITEMS - 1)
    reason = choose(_reason(node), Withdrawn, node.at("reason"), node.refuse)
    return FilingWithdrawal(_octets(node, "filing", 16), n, reason)


# What the bodies share


def _written(fields: dict[str, object], reader: Callable[[bytes], object]) -> bytes:
    data = dump(fields)
    reader(data)  # nobody signs what nobody could open
    return data


def _read(data: bytes, kind: str, reader: Callable[[Node], Body]) -> Body:
    try:
        node = parse(data, kind, MAX_BODY, _malformed)
        if node.line("kind") != kind:
            raise node.refuse(node.at("kind"))
        return reader(node)
    except MessagingError as refused:
        if refused.id != "clinical-body-malformed":
            raise
        clause = str(refused.facts["clause"])
    raise RecordError("filing-body-malformed", clause=clause)


def _malformed(clause: str) -> MessagingError:
    """The JSON reader's own refusal, told apart from the patient's by its id, and renamed by `_read`."""
    return MessagingError("clinical-body-malformed", clause=clause)


def _only(node: Node, *known: str) -> None:
    if not node.value.keys() <= set(known):
        raise node.refuse(node.at("unknown"))


def _octets(node: Node, field: str, size: int) -> bytes:
    text = node.line(field)
    if len(text) != 2 * size or not _HEX.fullmatch(text):
        raise node.refuse(node.at(field))
    return bytes.fromhex(text)


def _maybe(node: Node, field: str, size: int) -> bytes | None:
    return _octets(node, field, size) if field in node.value else None


def _number(node: Node, field: str, greatest: int) -> int:
    value = node.value.get(field)
    if type(value) is not int or not 0 <= value <= greatest:
        raise node.refuse(node.at(field))
    return value


def _reason(node: Node) -> str:
    reason = node.line("reason", required=False, limit=64)
    if reason and not _REASON.fullmatch(reason):
        raise node.refuse(node.at("reason"))
    return reason
