"""referral.md RF-2: clinical bodies as FHIR JSON, strict, bounded, tolerant of newer fields."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.errors import MessagingError
from messaging.referral.bodies import read, write
from messaging.referral.clinical import (
    MAX_BODY,
    Answer,
    Appointment,
    AppointmentStatus,
    Body,
    Kind,
    Question,
    Reason,
    ReferralRequest,
    Remark,
    StateChange,
)
from messaging.referral.states import BusinessStatus, Status
from messaging.referral.urgency import Urgency

CASE = bytes(range(16))
START = 1_795_000_000_000

PLAIN: tuple[Body, ...] = (
    StateChange(CASE, Status.REQUESTED, Urgency.STAT, due_ms=START),
    StateChange(CASE, Status.IN_PROGRESS, business=BusinessStatus.INFO_REQUESTED),
    StateChange(CASE, Status.REJECTED, reason=Reason.NOT_MY_FIELD),
    Appointment(CASE, AppointmentStatus.PROPOSED, START, START + 1_800_000, "12 rue des Tilleuls"),
    Appointment(CASE, AppointmentStatus.CANCELLED, START, START + 1_800_000),
    Question(CASE, "Quel traitement ?\nDepuis quand ?"),
    Answer(CASE, "Rien d'alarmant."),
    Answer(CASE, attached=("lettre.pdf",)),
    Answer(CASE, conclusion="Simple."),
    Answer(CASE, "T", "C", "W", datetime.date(2026, 12, 2), "S", ("a.pdf", "b.pdf")),
    Remark(CASE, "Entre nous."),
)


@pytest.mark.parametrize("body", PLAIN, ids=lambda body: f"{body.kind}")
def test_a_body_reads_back_equal(body: Body) -> None:
    assert read(body.kind, write(body)) == body


def test_a_request_reads_back_equal(request_body: ReferralRequest) -> None:
    assert read("referral-request", write(request_body)) == request_body


def test_class_0_says_nothing_clinical_and_names_no_patient() -> None:
    largest = {"StateChange": 400, "Appointment": 700}
    for body in PLAIN:
        if 0 in body.classes:
            assert len(write(body)) < largest[type(body).__name__]
            tree = json.loads(write(body))
            assert not {"note", "description", "comment", "for", "patientInstruction"} & tree.keys()


def test_resources_hold_what_fhir_r4_requires(request_body: ReferralRequest) -> None:
    required = {
        "ServiceRequest": {"status", "intent", "subject"},
        "Task": {"status", "intent"},
        "Appointment": {"status", "participant"},
        "Communication": {"status"},
    }
    for body in (*PLAIN, request_body):
        tree = json.loads(write(body))
        assert required[tree["resourceType"]] <= tree.keys()
        for participant in tree.get("participant", ()):
            assert {"type", "status"} <= participant.keys()


def test_unknown_fields_of_a_newer_client_are_ignored(request_body: ReferralRequest) -> None:
    for body in (*PLAIN, request_body):
        tree = json.loads(write(body)) | {"newer": {"deep": [1, None]}, "meta": {"tag": []}}
        assert read(body.kind, json.dumps(tree).encode()) == body


def broken(body: Body, change: Callable[[dict[str, Any]], object]) -> bytes:
    tree = json.loads(write(body))
    change(tree)
    return json.dumps(tree).encode()


@pytest.mark.parametrize(
    ("kind", "index", "change", "clause"),
    [
        ("state-change", 0, lambda t: t.update(resourceType="Appointment"), "Task.resourceType"),
        ("state-change", 0, lambda t: t.update(modifierExtension=[]), "Task.modifierExtension"),
        ("state-change", 0, lambda t: t.update(implicitRules="x"), "Task.implicitRules"),
        ("state-change", 0, lambda t: t.update(status="on-hold"), "Task.status"),
        ("state-change", 0, lambda t: t.update(status=None), "Task.status"),
        ("state-change", 0, lambda t: t.update(priority="soon"), "Task.priority"),
        ("state-change", 0, lambda t: t.pop("groupIdentifier"), "Task.groupIdentifier"),
        ("state-change", 0, lambda t: t["groupIdentifier"].update(value="42"), "Task.groupIdentifier.value"),
        (
            "state-change",
            0,
            lambda t: t["restriction"]["period"].update(end="2026-02-30T00:00:00Z"),
            "Task.restriction.period.end",
        ),
        ("state-change", 1, lambda t: t["businessStatus"].update(coding=[]), "Task.businessStatus"),
        ("appointment", 3, lambda t: t.update(end=t["start"]), "Appointment.end"),
        ("appointment", 3, lambda t: t.update(start="2026-11-22T10:00:00"), "Appointment.start"),
        ("appointment", 3, lambda t: t.pop("basedOn"), "Appointment.basedOn"),
        ("question", 6, lambda t: None, "Communication.category"),
        ("question", 5, lambda t: t["payload"][0].update(contentString="  "), "Communication.payload.contentString"),
        ("answer", 6, lambda t: t.update(payload=[]), "Communication.payload"),
        ("answer", 6, lambda t: t.update(payload=t["payload"] * 2), "Communication.payload.extension"),
        ("answer", 6, lambda t: t["payload"][0].update(contentString="\x1b[2J"), "Communication.payload.contentString"),
        ("remark", 10, lambda t: t.update(status="entered-in-error"), "Communication.status"),
    ],
)
def test_broken_body_is_refused_by_clause(
    kind: str, index: int, change: Callable[[dict[str, Any]], object], clause: str
) -> None:
    with pytest.raises(MessagingError) as refused:
        read(kind, broken(PLAIN[index], change))
    assert (refused.value.id, refused.value.facts) == ("clinical-body-malformed", {"clause": clause})


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        (lambda t: t.update(contained=[]), "contained.Patient"),
        (lambda t: t.update(contained=t["contained"] * 2), "contained.Patient"),
        (lambda t: t["contained"][0].pop("birthDate"), "contained.Patient"),
        (lambda t: t["subject"].update(reference="#other"), "subject.reference"),
        (lambda t: t["requester"]["identifier"].update(value="1234"), "requester.identifier.value"),
        (lambda t: t.update(intent="proposal"), "status"),
        (lambda t: t["reasonCode"][0].update(text="x" * 60_001), "reasonCode.text"),
        (lambda t: t.update(supportingInfo=[{"display": "x"}] * 51), "supportingInfo"),
    ],
)
def test_broken_request_is_refused_by_clause(
    request_body: ReferralRequest, change: Callable[[dict[str, Any]], object], clause: str
) -> None:
    with pytest.raises(MessagingError) as refused:
        read("referral-request", broken(request_body, change))
    assert refused.value.facts == {"clause": f"ServiceRequest.{clause}"}
    assert refused.value.__context__ is None


def test_unknown_kind_and_oversize_are_refused() -> None:
    for kind, data in (("prescription", b"{}"), ("question", b" " * (MAX_BODY + 1))):
        with pytest.raises(MessagingError, match="clinical-body-malformed"):
            read(kind, data)


@pytest.mark.parametrize(
    "body",
    [
        Answer(CASE),
        Question(CASE, " "),
        Remark(b"short", "x"),
        Question(CASE, "\ud800"),
        Appointment(CASE, AppointmentStatus.BOOKED, START, START),
        Appointment(CASE, AppointmentStatus.BOOKED, START, START + 60_000, "x" * 121),
        Appointment(CASE, AppointmentStatus.BOOKED, START, START + 60_000, "12 rue\nDyspnée"),
        StateChange(CASE, Status.REQUESTED, due_ms=-1),
        StateChange(CASE, Status.REQUESTED, due_ms=10**18),
    ],
)
def test_nobody_signs_what_nobody_could_open(body: Body) -> None:
    with pytest.raises(MessagingError, match="clinical-body-malformed"):
        write(body)


@settings(deadline=None)
@given(st.sampled_from(list(Kind)), st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_no_bytes_crash_the_reader(kind: Kind, data: bytes) -> None:
    with pytest.raises(MessagingError):
        read(kind, data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.sampled_from(PLAIN), st.data())
def test_any_field_replaced_reads_or_is_refused(body: Body, data: st.DataObject) -> None:
    tree = json.loads(write(body))
    node: Any = tree
    while isinstance(node, dict | list) and node:
        key = data.draw(st.sampled_from(list(node) if isinstance(node, dict) else list(range(len(node)))))
        if not isinstance(node[key], dict | list) or data.draw(st.booleans()):
            node[key] = data.draw(JSON)
            break
        node = node[key]
    with contextlib.suppress(MessagingError):  # the only way to refuse
        read(body.kind, json.dumps(tree).encode())
