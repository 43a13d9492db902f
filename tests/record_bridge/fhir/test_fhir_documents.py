"""What stands beside a document as FHIR: written, read back, refused (documents.md DOC-3.1 to DOC-3.6)."""

from __future__ import annotations

import base64
import copy
import dataclasses
import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.identity.ins import Sex
from messaging.errors import MessagingError
from messaging.referral import patient
from messaging.referral.fhir_json import dump
from record_bridge.errors import RecordError
from record_bridge.fhir import document_reference, explanation_of_benefit
from record_bridge.fhir.document_reference import MAX_RESULTS, Attachment, Security
from record_bridge.fhir.elements import Code, Structure
from record_bridge.fhir.explanation_of_benefit import ExplanationOfBenefit
from record_bridge.record.items import Flag, Result
from tests.fhir.exchanges import Maker

Change = Callable[[dict[str, Any]], None]


def bent(data: bytes, change: Change) -> bytes:
    tree = json.loads(data)
    change(tree)
    return dump(tree)


def clause(read: Callable[[bytes], object], data: bytes) -> str:
    with pytest.raises(RecordError) as refused:
        read(data)
    assert refused.value.id in ("document-reference-malformed", "reimbursement-malformed")
    return str(refused.value.facts["clause"])


def set_at(*path: str | int, value: object) -> Change:
    def change(tree: Any) -> None:
        for step in path[:-1]:
            tree = tree[step]
        if value is None:
            del tree[path[-1]]
        else:
            tree[path[-1]] = copy.deepcopy(value)

    return change


CARD = dataclasses.replace(
    Maker(3).document_reference(),
    results=(
        Result("2823-3", "Potassium", Decimal("4.10"), "mmol/L", Decimal("3.50"), Decimal("5.1"), Flag.NORMAL, 1_000),
        Result("", "Aspect", None, text="trouble"),
    ),
    replaces="urn:oid:2.25.1",
    related=("urn:uuid:00000000-0000-4000-8000-000000000000",),
    author=document_reference.author.Author(Maker(1).party(), Structure("Cabinet", "1750100125")),
)
STATEMENT = Maker(3).explanation_of_benefit()


def test_doc_3_2_every_generated_card_comes_back_as_it_was() -> None:
    for seed in range(200):
        card = Maker(seed).document_reference()
        assert document_reference.from_fhir(document_reference.to_fhir(card)) == card


def test_doc_3_5_every_generated_statement_comes_back_as_it_was() -> None:
    for seed in range(200):
        statement = Maker(seed).explanation_of_benefit()
        assert explanation_of_benefit.from_fhir(explanation_of_benefit.to_fhir(statement)) == statement


def test_doc_3_2_an_attachment_says_size_and_sha1() -> None:
    made = document_reference.attachment(b"abc", url="document.xml", content_type="text/xml", title="CR", creation_ms=0)
    assert (made.size, made.sha1) == (3, hashlib.sha1(b"abc").digest())
    tree = json.loads(document_reference.to_fhir(dataclasses.replace(CARD, attachment=made)))
    assert tree["content"][0]["attachment"]["hash"] == base64.b64encode(made.sha1).decode()


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (set_at("masterIdentifier", "value", value="2.25.1"), "masterIdentifier.value"),
        (set_at("masterIdentifier", "system", value="urn:x"), "masterIdentifier.value"),
        (set_at("status", value="perhaps"), "status"),
        (set_at("type", "coding", value=[]), "type.coding"),
        (set_at("type", "coding", 0, "code", value=7), "type.coding.code"),
        (set_at("category", value=[]), "category"),
        (set_at("subject", value={"reference": "Patient/1"}), "subject"),
        (set_at("subject", value={"reference": "#custodian"}), "subject"),
        (set_at("author", value=[]), "author"),
        (set_at("author", 0, "reference", value="#nobody"), "author.reference"),
        (set_at("custodian", "reference", value="#patient"), "contained.resourceType"),
        (set_at("date", value="2026-02-30T00:00:00Z"), "date"),
        (set_at("securityLabel", value=[]), "securityLabel"),
        (set_at("content", value=[]), "content"),
        (set_at("content", 0, "attachment", "hash", value="AAAA"), "content.attachment.hash"),
        (set_at("content", 0, "attachment", "hash", value="*"), "content.attachment.hash"),
        (set_at("content", 0, "attachment", "size", value=-1), "content.attachment.size"),
        (set_at("content", 0, "attachment", "size", value=True), "content.attachment.size"),
        (set_at("content", 0, "attachment", "url", value="../../etc/passwd"), "content.attachment.url"),
        (set_at("content", 0, "attachment", "url", value="https://elsewhere.test/"), "content.attachment.url"),
        (set_at("content", 0, "attachment", "url", value="javascript:1"), "content.attachment.url"),
        (set_at("content", 0, "attachment", "url", value="#patient"), "content.attachment.url"),
        (set_at("content", 0, "attachment", "data", value="AAAA"), "content.attachment.data"),
        (set_at("content", 0, "attachment", "title", value="a\u202eb"), "content.attachment.title"),
        (set_at("context", "sourcePatientInfo", value=None), "context.sourcePatientInfo"),
        (set_at("context", "period", value=None), "context.period"),
        (set_at("context", "related", 1, "reference", value="#patient"), "contained.subject"),
        (set_at("relatesTo", 0, "code", value="appends"), "relatesTo"),
        (set_at("implicitRules", value="urn:x"), "implicitRules"),
        (set_at("modifierExtension", value=[]), "modifierExtension"),
        (set_at("contained", 0, "id", value="custodian"), "contained.id"),
        (set_at("description", value="\x07"), "description"),
    ],
)
def test_doc_3_2_a_broken_card_is_refused_by_its_clause(change: Change, at: str) -> None:
    data = bent(document_reference.to_fhir(CARD), change)
    assert clause(document_reference.from_fhir, data) == f"DocumentReference.{at}"


@pytest.mark.parametrize(
    "labels",
    [
        (Security.MASKED,),
        (Security.NORMAL, Security.RESTRICTED),
        (Security.NORMAL, Security.MASKED, Security.MASKED),
    ],
)
def test_doc_3_2_one_level_and_no_label_twice(labels: tuple[Security, ...]) -> None:
    with pytest.raises(RecordError, match="document-reference-malformed"):
        document_reference.to_fhir(dataclasses.replace(CARD, security=labels))


def test_doc_3_2_a_label_of_another_system_is_no_label() -> None:
    change = set_at("securityLabel", 0, "coding", 0, "system", value="urn:elsewhere")
    assert "securityLabel" in clause(document_reference.from_fhir, bent(document_reference.to_fhir(CARD), change))


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (set_at("status", value="cancelled"), "status"),
        (set_at("code", "coding", 0, "system", value="urn:x"), "code.coding.system"),
        (set_at("subject", "reference", value="#other"), "subject"),
        (set_at("effectiveDateTime", value="yesterday"), "effectiveDateTime"),
        (set_at("valueQuantity", "value", value="4.1"), "valueQuantity.value"),
        (set_at("valueQuantity", "value", value=True), "valueQuantity.value"),
        (set_at("valueQuantity", "value", value=1e300), "valueQuantity.value"),
        (set_at("valueQuantity", "system", value="urn:x"), "valueQuantity.system"),
        (set_at("valueQuantity", "extension", 0, "valueInteger", value=99), "valueQuantity.extension.valueInteger"),
        (set_at("valueString", value="or this"), "valueString"),
        (set_at("referenceRange", 0, "low", "code", value="g/L"), "referenceRange.low.code"),
        (set_at("interpretation", 0, "coding", 0, "code", value="?"), "interpretation"),
    ],
)
def test_doc_3_4_a_broken_result_is_refused_by_its_clause(change: Change, at: str) -> None:
    def result(tree: dict[str, Any]) -> None:
        change(next(held for held in tree["contained"] if held["id"] == "result-1"))

    data = bent(document_reference.to_fhir(CARD), result)
    assert clause(document_reference.from_fhir, data) == f"DocumentReference.contained.{at}"


decimals = st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=5).map(
    lambda value: value.quantize(Decimal(1).scaleb(-(abs(hash(value)) % 6))) + Decimal(0)  # no "-0.00"
)


@settings(max_examples=200)
@given(decimals, decimals)
def test_doc_3_4_decimals_are_kept_as_written(value: Decimal, low: Decimal) -> None:
    card = dataclasses.replace(CARD, results=(Result("718-7", "Hb", value, "g/dL", low),))
    (read,) = document_reference.from_fhir(document_reference.to_fhir(card)).results
    assert (str(read.value), str(read.low)) == (str(value), str(low))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1.2345678901234567", "1E+30", "1E-30"])
def test_doc_3_4_a_number_that_json_would_change_is_refused(value: str) -> None:
    card = dataclasses.replace(CARD, results=(Result("718-7", "Hb", Decimal(value)),))
    with pytest.raises(RecordError, match="document-reference-malformed"):
        document_reference.to_fhir(card)


def test_doc_3_4_more_results_than_an_event_holds_are_refused() -> None:
    result = CARD.results[0]
    assert document_reference.to_fhir(dataclasses.replace(CARD, results=(result,) * MAX_RESULTS))
    with pytest.raises(RecordError):
        document_reference.to_fhir(dataclasses.replace(CARD, results=(result,) * (MAX_RESULTS + 1)))


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (set_at("status", value="draft"), "status"),
        (set_at("patient", "reference", value="#insurer"), "patient"),
        (set_at("identifier", value=[]), "identifier"),
        (set_at("item", value=[]), "total"),
        (set_at("item", 0, "servicedDate", value="2026-13-01"), "item.servicedDate"),
        (set_at("item", 0, "adjudication", 0, "amount", "currency", value="USD"), "item.adjudication.amount.currency"),
        (set_at("item", 0, "adjudication", 0, "amount", "value", value=1.005), "item.adjudication.amount.value"),
        (set_at("item", 0, "adjudication", 0, "amount", "value", value=-1), "item.adjudication.amount.value"),
        (set_at("item", 0, "adjudication", 1, value=None), "item.adjudication"),
        (set_at("total", 0, "amount", "value", value=1), "total"),
    ],
)
def test_doc_3_5_a_broken_statement_is_refused_by_its_clause(change: Change, at: str) -> None:
    data = bent(explanation_of_benefit.to_fhir(STATEMENT), change)
    assert clause(explanation_of_benefit.from_fhir, data) == f"ExplanationOfBenefit.{at}"


def test_doc_3_5_nothing_clinical_is_read_from_a_payer() -> None:
    def diagnose(tree: dict[str, Any]) -> None:
        tree["diagnosis"] = [{"sequence": 1, "diagnosisCodeableConcept": {"text": "SECRET"}}]

    read = explanation_of_benefit.from_fhir(bent(explanation_of_benefit.to_fhir(STATEMENT), diagnose))
    assert read == STATEMENT
    assert not [field for field in dataclasses.fields(ExplanationOfBenefit) if "diagnosis" in field.name]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"a":1,"a":2}', b'{"resourceType":"Patient"}', b"\xff", b"[" * 9999]
)
def test_doc_3_1_what_is_no_such_resource_is_refused(data: bytes) -> None:
    clause(document_reference.from_fhir, data)
    clause(explanation_of_benefit.from_fhir, data)


def test_doc_3_1_a_gigantic_card_is_refused() -> None:
    padded = document_reference.to_fhir(CARD) + b" " * document_reference.MAX_REFERENCE
    assert clause(document_reference.from_fhir, padded) == "DocumentReference.size"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_doc_3_1_a_card_with_anything_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    tree = json.loads(document_reference.to_fhir(CARD))
    at: Any = tree
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = data.draw(st.sampled_from([None, True, 7, -1.5, "", "x", [], {}, [1], [{}], {"reference": "#patient"}]))
    try:
        document_reference.from_fhir(dump(tree))
    except RecordError as refused:
        clause_of = refused.facts["clause"]
    else:
        clause_of = "DocumentReference"
    assert str(clause_of).startswith(("DocumentReference", "Patient", "patient"))


def test_no_repr_holds_an_identity() -> None:
    shown = f"{CARD!r} {STATEMENT!r}"
    assert CARD.patient.traits.birth_name not in shown
    assert isinstance(CARD.attachment, Attachment)


# The status of an identity


def with_status(code: str, system: str = patient.STATUSES) -> bytes:
    tree = patient.to_fhir(dataclasses.replace(CARD.patient, status="VALI"))
    return dump(tree).replace(b'"VALI"', f'"{code}"'.encode()).replace(patient.STATUSES.encode(), system.encode())


@pytest.mark.parametrize("code", ["VALI", "QUAL", "PROV", "RECUP", "VIDE", "DOUT", "FICT"])
def test_doc_3_6_a_status_is_read_and_written(code: str) -> None:
    read = patient.from_fhir(with_status(code))
    assert read.status == code
    assert patient.from_fhir(dump(patient.to_fhir(read))) == read


def test_doc_3_6_a_status_of_another_system_says_nothing() -> None:
    assert patient.from_fhir(with_status("VALI", "https://elsewhere.test/status")).status == ""


def test_doc_3_6_an_endless_status_is_refused() -> None:
    with pytest.raises(MessagingError, match="patient-unreadable"):
        patient.from_fhir(with_status("V" * 11))


def qualifiable() -> patient.Patient:
    return next(
        held
        for held in (Maker(seed).patient() for seed in range(1_000))
        if held.ins and held.traits.birth_place and held.traits.sex is not Sex.UNKNOWN
    )


@pytest.mark.parametrize("status", ["VALI", "QUAL", "PROV", "RECUP", ""])
def test_doc_3_6_qualified_by_status(status: str) -> None:
    held = dataclasses.replace(qualifiable(), status=status)
    qualified = status in ("VALI", "QUAL")
    assert held.qualified is qualified
    assert patient.from_fhir(dump(patient.to_fhir(held))).qualified is qualified


def test_doc_3_6_not_qualified_without_ins_birth_place_or_sex() -> None:
    held = dataclasses.replace(qualifiable(), status="VALI")
    assert not dataclasses.replace(held, ins=None).qualified
    for lacking in ({"birth_place": ""}, {"sex": Sex.UNKNOWN}):
        assert not dataclasses.replace(held, traits=dataclasses.replace(held.traits, **lacking)).qualified


def test_code_labels_are_optional() -> None:
    card = dataclasses.replace(CARD, type=Code(document_reference.TYPES, "85208-7"))
    assert document_reference.from_fhir(document_reference.to_fhir(card)).type.label == ""
