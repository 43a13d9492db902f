"""What an insurer paid for: a FHIR R4 ExplanationOfBenefit in its smallest valid form (DOC-3.5).

A payer deposits it in a record's reimbursement class and reads nothing. Amounts are whole euro cents. It holds no
diagnosis and has no place for one: a field that is not written here is not read.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal

from messaging.referral import patient as patients
from messaging.referral.fhir_json import Node, dump, parse
from messaging.referral.patient import Patient
from record_bridge.fhir.elements import (
    Code,
    Structure,
    concept,
    contained,
    is_ours,
    number,
    organisation,
    read_concept,
    read_organisation,
    reference,
    resolve,
)
from record_bridge.record.fhir_parts import (
    Resource,
    coded,
    identifier,
    instant,
    read_code,
    read_identifier,
    read_instant,
    reading,
    refuse,
)

MEDIA_TYPE = "application/fhir+json"
MAX_STATEMENT = 512 * 1024  # octets
MAX_ITEMS = 500
MAX_CENTS = 10**11

CLAIM_TYPES = "http://terminology.hl7.org/CodeSystem/claim-type"
ADJUDICATIONS = "http://terminology.hl7.org/CodeSystem/adjudication"
CURRENCY = "EUR"

_PATIENT, _INSURER, _PROVIDER, _COVERAGE = "patient", "insurer", "provider", "coverage"  # local ids
_SUBMITTED, _BENEFIT = "submitted", "benefit"


@dataclass(frozen=True, slots=True)
class Reimbursed:
    """One act, device or medicine; `act` is its code in its nomenclature."""

    date: datetime.date
    act: Code
    amount_cents: int
    reimbursed_cents: int


@dataclass(frozen=True, slots=True, repr=False)
class ExplanationOfBenefit:
    """A statement of one insurer for one patient."""

    identifier: bytes
    patient: Patient
    insurer: Structure
    provider: Structure
    created_ms: int
    items: tuple[Reimbursed, ...]

    @property
    def amount_cents(self) -> int:
        return sum(item.amount_cents for item in self.items)

    @property
    def reimbursed_cents(self) -> int:
        return sum(item.reimbursed_cents for item in self.items)

    def __repr__(self) -> str:
        return f"<ExplanationOfBenefit {len(self.items)} items>"


def to_fhir(value: ExplanationOfBenefit) -> bytes:
    """The statement as JSON. What `from_fhir` would refuse is refused here, RecordError "reimbursement-malformed"."""
    data = reading("reimbursement-malformed", lambda: dump(_resource(value)))
    from_fhir(data)  # nobody signs what nobody could open
    return data


def from_fhir(data: bytes) -> ExplanationOfBenefit:
    """Raises RecordError "reimbursement-malformed", naming the clause."""
    root = "ExplanationOfBenefit"
    return reading("reimbursement-malformed", lambda: _read(parse(data, root, MAX_STATEMENT, refuse).resource(root)))


def _resource(value: ExplanationOfBenefit) -> Resource:
    coverage = {
        "resourceType": "Coverage",
        "id": _COVERAGE,
        "status": "active",
        "beneficiary": reference(_PATIENT),
        "payor": [reference(_INSURER)],
    }
    return {
        "resourceType": "ExplanationOfBenefit",
        "contained": [
            patients.to_fhir(value.patient),
            organisation(value.insurer, _INSURER),
            organisation(value.provider, _PROVIDER),
            coverage,
        ],
        "identifier": [identifier(value.identifier, "ExplanationOfBenefit.identifier")],
        "status": "active",
        "type": coded(CLAIM_TYPES, "professional"),
        "use": "claim",
        "patient": reference(_PATIENT),
        "created": instant(value.created_ms, "ExplanationOfBenefit.created"),
        "insurer": reference(_INSURER),
        "provider": reference(_PROVIDER),
        "outcome": "complete",
        "insurance": [{"focal": True, "coverage": reference(_COVERAGE)}],
        "item": [_item(item, sequence) for sequence, item in enumerate(value.items, 1)],
        "total": _adjudication(value.amount_cents, value.reimbursed_cents),
    }


def _item(item: Reimbursed, sequence: int) -> Resource:
    return {
        "sequence": sequence,
        "productOrService": concept(item.act),
        "servicedDate": item.date.isoformat(),
        "adjudication": _adjudication(item.amount_cents, item.reimbursed_cents),
    }


def _adjudication(amount: int, reimbursed: int) -> list[Resource]:
    return [
        {"category": coded(ADJUDICATIONS, category), "amount": {"value": _euros(cents), "currency": CURRENCY}}
        for category, cents in ((_SUBMITTED, amount), (_BENEFIT, reimbursed))
    ]


def _euros(cents: int) -> int | float:
    return cents // 100 if cents % 100 == 0 else cents / 100


def _read(node: Node) -> ExplanationOfBenefit:
    stated = tuple(node.line(field) for field in ("status", "use", "outcome"))
    if stated != ("active", "claim", "complete"):
        raise node.refuse(node.at("status"))
    held = contained(node)
    if not is_ours(_PATIENT, node.child("patient")):
        raise node.refuse(node.at("patient"))
    items = tuple(_read_item(item) for item in node.children("item", MAX_ITEMS))
    found = ExplanationOfBenefit(
        identifier=read_identifier(node.first("identifier")),
        patient=patients.from_node(resolve(node.child("patient"), held)),
        insurer=read_organisation(resolve(node.child("insurer"), held)),
        provider=read_organisation(resolve(node.child("provider"), held)),
        created_ms=read_instant(node, "created"),
        items=items,
    )
    if not items or _read_adjudication(node, "total") != (found.amount_cents, found.reimbursed_cents):
        raise node.refuse(node.at("total"))  # a sum that is not that of its lines
    return found


def _read_item(node: Node) -> Reimbursed:
    date = node.line("servicedDate")
    try:
        day = datetime.date.fromisoformat(date) if len(date) == len("YYYY-MM-DD") else None
    except ValueError:
        day = None
    if day is None:
        raise node.refuse(node.at("servicedDate"))
    return Reimbursed(day, read_concept(node.child("productOrService")), *_read_adjudication(node, "adjudication"))


def _read_adjudication(node: Node, field: str) -> tuple[int, int]:
    """(amount, reimbursed) in cents."""
    amounts: dict[str, int] = {}
    for held in node.children(field):
        category = read_code(held.child("category"), ADJUDICATIONS)
        if category in amounts:
            raise held.refuse(held.at("category"))
        amounts[category] = _cents(held.child("amount"))
    if set(amounts) != {_SUBMITTED, _BENEFIT}:
        raise node.refuse(node.at(field))
    return amounts[_SUBMITTED], amounts[_BENEFIT]


def _cents(node: Node) -> int:
    if node.line("currency") != CURRENCY:
        raise node.refuse(node.at("currency"))
    cents = number(node, "value") * Decimal(100)
    if cents != cents.to_integral_value() or not 0 <= cents <= MAX_CENTS:
        raise node.refuse(node.at("value"))
    return int(cents)
