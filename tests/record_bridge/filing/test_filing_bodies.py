"""What is said in a filing thread: strict both ways (docs/spec/filing.md FI-2); the identity and what it lacks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import DirectoryError, Refusal
from directory.identity.ins import OID_DEMO, OID_TEST, Ins, Sex
from messaging.errors import MessagingError
from messaging.referral.patient import Patient
from record_bridge.errors import RecordError
from record_bridge.filing import bodies
from record_bridge.filing.bodies import (
    Basis,
    ConsentOpened,
    FilingIdentity,
    FilingReceipt,
    FilingRequest,
    FilingWithdrawal,
    Role,
    Selected,
    Withdrawn,
)
from record_bridge.filing.identity import differs, waits_for
from record_bridge.filing.states import State

IDS = {"filing": b"\1" * 16, "series": b"\2" * 16, "entry": b"\3" * 32}


@pytest.fixture
def request_body(patient: Patient) -> FilingRequest:
    return FilingRequest(
        filing=b"\1" * 16,
        thread=b"\2" * 16,
        case=b"\3" * 16,
        record=b"\4" * 16,
        class_=1,
        items=(Selected(b"\5" * 32, Role.ANSWER), Selected(b"\6" * 32, Role.REQUEST, superseded_by=b"\7" * 32)),
        patient=patient,
        consents=(ConsentOpened(b"\2" * 16, b"\3" * 32, b"\4" * 32, b'{"resourceType":"Consent"}'),),
        seen_seq=7,
        seen_consents=3,
        preview=b"\x08" * 32,
        requested=1_750_000_000_000,
    )


def accepted() -> FilingReceipt:
    return FilingReceipt(
        **IDS, n=0, state=State.ACCEPTED, reason="", basis=Basis.ATTESTED, record_thread=b"\4" * 16,
        event=b"\5" * 32, document="2.25.7", sha256=b"\6" * 32, time=9,
    )  # fmt: skip


def waiting() -> FilingReceipt:
    return replace(
        accepted(), state=State.WAITING_IDENTITY, reason="filing-waits-for-ins", record_thread=None, event=None,
        document="", sha256=None,
    )  # fmt: skip


def test_fi_2_1_every_body_comes_back(request_body: FilingRequest) -> None:
    without = replace(request_body, case=None)
    for request in (request_body, without):
        assert bodies.read_request(bodies.write_request(request)) == request
    for receipt in (accepted(), waiting()):
        assert bodies.read_receipt(bodies.write_receipt(receipt)) == receipt
    identity = FilingIdentity(b"\1" * 16, request_body.patient, 4)
    assert bodies.read_identity(bodies.write_identity(identity)) == identity
    for n in (None, 0, 49):
        for reason in Withdrawn:
            withdrawal = FilingWithdrawal(b"\1" * 16, n, reason)
            assert bodies.read_withdrawal(bodies.write_withdrawal(withdrawal)) == withdrawal


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(tree: dict[str, Any]) -> None:
        *before, last = path.split(".")
        for step in before:
            tree = tree[int(step)] if step.isdigit() else tree[step]
        if value is None:
            tree.pop(last)
        else:
            tree[last] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("kind", "filing-receipt"),
        _set("surprise", 1),
        _set("filing", "00" * 15),
        _set("filing", "0G" * 16),
        _set("filing", "AB" * 16),
        _set("thread", None),
        _set("case", 5),
        _set("class", 7),
        _set("class", 0),
        _set("class", True),
        _set("class", 1.0),
        _set("items", []),
        _set("items", [{"event": "05" * 32, "role": "answer"}] * 2),
        _set("items", [{"event": f"{n:064x}", "role": "answer"} for n in range(51)]),
        _set("items.0.role", "remark"),
        _set("items.0.extra", 1),
        _set("items.1.superseded_by", "00"),
        _set("patient", "Dominique"),
        _set("consents.0.fhir", "pas du base64"),
        _set("consents.0.fhir", "eyJ9"[:3]),
        _set("consents.0.fhir", "e31="),
        _set("consents.0.blind", "00" * 31),
        _set("seen_seq", -1),
        _set("seen_consents", -1),
        _set("seen_consents", "3"),
        _set("seen_seq", 2**60),
        _set("preview", "00" * 16),
        _set("requested", "hier"),
    ],
)
def test_fi_2_2_a_request_that_breaks_a_rule_is_refused(
    request_body: FilingRequest, change: Callable[[dict[str, Any]], None]
) -> None:
    tree = json.loads(bodies.write_request(request_body))
    change(tree)
    with pytest.raises(RecordError, match="filing-body-malformed") as caught:
        bodies.read_request(json.dumps(tree).encode())
    assert set(caught.value.facts) == {"clause"}


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"kind":"filing-request","kind":"filing-request"}', b"\xff", b"[" * 9999]
)
def test_fi_2_2_what_is_no_json_object_is_refused(raw: bytes) -> None:
    for read in (bodies.read_request, bodies.read_receipt, bodies.read_identity, bodies.read_withdrawal):
        with pytest.raises(RecordError, match="filing-body-malformed"):
            read(raw)


@pytest.mark.parametrize(
    "changed",
    [
        {"filing": b"short"},
        {"items": ()},
        {"class_": 5},
        {"seen_seq": -1},
        {"consents": (ConsentOpened(b"\2" * 16, b"\3" * 32, b"\4" * 32, b"x" * (8 * 1024 + 1)),)},
        {"consents": (ConsentOpened(b"\2" * 16, b"\3" * 32, b"\4" * 32, b""),)},
        {"consents": ()},
    ],
)
def test_fi_2_3_a_writer_refuses_what_a_reader_would(request_body: FilingRequest, changed: dict[str, Any]) -> None:
    with pytest.raises(RecordError, match="filing-body-malformed"):
        bodies.write_request(replace(request_body, **changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"event": None},
        {"record_thread": None},
        {"sha256": None},
        {"basis": None},
        {"document": ""},
        {"state": State.REJECTED},
        {"n": 50},
        {"reason": "Pas d'espace"},
        {"document": "x" * 129},
    ],
)
def test_fi_2_4_a_receipt_says_what_was_filed_or_why_not(changed: dict[str, Any]) -> None:
    with pytest.raises(RecordError, match="filing-body-malformed"):
        bodies.write_receipt(replace(accepted(), **changed))


def test_fi_2_5_a_patients_fault_keeps_its_own_words(request_body: FilingRequest) -> None:
    tree = json.loads(bodies.write_request(request_body))
    tree["patient"]["identifier"] = [{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "279035121518988"}]
    with pytest.raises(DirectoryError, match="patient-ins-key-wrong"):
        bodies.read_request(json.dumps(tree).encode())
    del tree["patient"]["birthDate"]
    with pytest.raises(MessagingError, match="patient-traits-missing"):
        bodies.read_request(json.dumps(tree).encode())


def test_fi_2_6_what_an_identity_lacks_before_anything_is_filed(patient: Patient) -> None:
    nowhere = replace(patient, traits=replace(patient.traits, birth_place=""))
    unknown = replace(patient, traits=replace(patient.traits, sex=Sex.UNKNOWN))
    assert (patient.qualified, waits_for(patient)) == (True, "")
    assert waits_for(replace(patient, status="PROV")) == "filing-waits-for-validation"
    assert waits_for(replace(patient, ins=None)) == "filing-waits-for-ins"
    assert waits_for(nowhere) == waits_for(unknown) == "filing-waits-for-traits"


def test_fi_2_6_only_a_stated_validation_validates(request_body: FilingRequest) -> None:
    tree = json.loads(bodies.write_request(request_body))
    reliability = tree["patient"]["extension"][-1]
    for change in (
        {"system": "https://example.org", "code": "VALI"},
        {"system": reliability["extension"][0]["valueCoding"]["system"], "code": "PROV"},
        {"code": "VALI"},
    ):
        reliability["extension"][0]["valueCoding"] = change
        assert not bodies.read_request(json.dumps(tree).encode()).patient.qualified
    tree["patient"]["extension"].pop()
    assert not bodies.read_request(json.dumps(tree).encode()).patient.qualified


def test_fi_2_6_no_identity_in_a_repr(request_body: FilingRequest) -> None:
    for value in (request_body, request_body.patient, FilingIdentity(b"\1" * 16, request_body.patient, 4)):
        assert "PAT" not in repr(value)


@pytest.mark.parametrize(
    ("changed", "trait"),
    [
        ({"birth_name": "pat trois"}, ""),
        ({"birth_name": "AUTRE"}, "birth-name"),
        ({"birth_given_names": "Dominique"}, ""),
        ({"birth_given_names": "MARIE-LOUISE DOMINIQUE"}, "birth-given-names"),
        ({"birth_given_names": "DOMINIQUE JEANNE"}, ""),
        ({"birth_place": ""}, ""),
        ({"birth_place": "75056"}, "birth-place"),
        ({"sex": Sex.UNKNOWN}, ""),
        ({"sex": Sex.MALE}, "sex"),
    ],
)
def test_fi_2_7_two_identities_are_one_persons(patient: Patient, changed: dict[str, Any], trait: str) -> None:
    patient = replace(patient, ins=None)
    other = replace(patient, traits=replace(patient.traits, **changed))
    assert differs(patient, other) == differs(other, patient) == trait


def test_fi_2_7_two_numbers_of_one_register_are_two_persons(patient: Patient) -> None:
    assert differs(patient, replace(patient, ins=Ins("279035121518900", OID_TEST))) == "ins"
    assert differs(patient, replace(patient, ins=Ins("279035121518900", OID_DEMO))) == ""
    assert differs(patient, replace(patient, ins=None)) == ""


@given(st.binary(max_size=300))
def test_fi_2_2_noise_is_refused(raw: bytes) -> None:
    for read in (bodies.read_request, bodies.read_receipt, bodies.read_identity, bodies.read_withdrawal):
        with pytest.raises(Refusal):
            read(raw)
