"""consent.md CO-1: a consent as FHIR R4, judged by a validator that we did not write, and read strictly."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.consent import Consent as FhirConsent

from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from record_bridge.consent.consent import (
    MAX_EXCLUDED,
    MAX_THREADS,
    Consent,
    Episode,
    Exchange,
    Limits,
    Purpose,
    Told,
)
from record_bridge.consent.fhir import MAX_CONSENT, read, write
from record_bridge.consent.states import State
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind

Tree = dict[str, Any]
START = 1_795_000_000_000


def generated(patient: Patient, seed: int) -> Consent:
    """A consent that the type allows, of every state, scope, limit and recorder."""
    chance = random.Random(seed)
    state = chance.choice(list(State))
    limits = Limits()
    if state is State.LIMITED or (state is not State.ACTIVE and chance.random() < 0.5):
        limits = Limits(
            frozenset(chance.sample(list(Kind), chance.randint(0, 4))),
            frozenset(chance.randbytes(16) for _ in range(chance.randint(0, 4))),
            frozenset(chance.sample(list(RecordClass), chance.randint(1, 3))),
        )
    recorded = START + chance.randint(0, 10**10)
    scope = chance.choice(
        [
            Exchange(chance.randbytes(16)),
            Exchange(chance.randbytes(16), tuple(chance.randbytes(16) for _ in range(3)), recorded + 10**9),
            Exchange(b"", (chance.randbytes(16),)),
            Episode(chance.randbytes(16), "Suivi « cardiologie »", recorded, recorded + 10**10),
        ]
    )
    return Consent(
        series=chance.randbytes(16),
        state=state,
        scope=scope,
        patient=chance.choice([patient, replace(patient, ins=None, usual_name="Été")]),
        record=chance.randbytes(16),
        recorder=chance.choice([None, Party("Dr Aubry", "10000000007"), Party("Mme Lila Ndiaye, infirmière")]),
        recorded_ms=recorded,
        purposes=frozenset(chance.sample(list(Purpose), chance.randint(1, 2))),
        limits=limits,
        told=chance.choice(list(Told)),
    )


def test_co_1_1_several_hundred_consents_are_valid_fhir_and_read_back_equal(patient: Patient) -> None:
    sizes = []
    for seed in range(400):
        consent = generated(patient, seed)
        data = write(consent)
        FhirConsent.model_validate_json(data)
        assert read(data) == consent
        sizes.append(len(data))
    assert sorted(sizes)[len(sizes) * 9 // 10] < 4 * 1024


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.PROPOSED, "proposed"),
        (State.ACTIVE, "active"),
        (State.WITHDRAWN, "inactive"),
        (State.EXPIRED, "inactive"),
        (State.OPPOSED, "rejected"),
    ],
)
def test_co_1_2_status(consent: Consent, state: State, status: str) -> None:
    tree = json.loads(write(replace(consent, state=state)))
    assert tree["status"] == status
    assert ("extension" in tree) is (status == "inactive")
    assert tree["verification"][0]["verified"] is (state is not State.PROPOSED)


def test_co_1_2_limits_are_denials_inside_an_active_permit(consent: Consent) -> None:
    limits = Limits(frozenset({Kind.LETTER}), frozenset({b"p" * 16}), frozenset({RecordClass.EMERGENCY}))
    tree = json.loads(write(replace(consent, state=State.LIMITED, limits=limits)))
    assert (tree["status"], tree["provision"]["type"]) == ("active", "permit")
    assert [denial["type"] for denial in tree["provision"]["provision"]] == ["deny"] * 3


def test_co_1_3_law_and_product_stand_apart(consent: Consent) -> None:
    tree = json.loads(write(consent))
    assert "L. 1111-15" in tree["policyRule"]["text"]
    assert tree["policy"] == [{"uri": "https://confrere.example/fhir/policy/consent-exchange-1"}]


def test_co_1_4_the_body_does_not_say_whether_the_patient_signed(consent: Consent) -> None:
    tree = json.loads(write(consent))
    text = json.dumps(tree)
    assert "signed" not in text
    assert "attested" not in text
    assert "sourceAttachment" not in text


def test_co_1_5_a_consent_is_bounded(consent: Consent) -> None:
    with pytest.raises(RecordError) as refused:
        read(b" " * (MAX_CONSENT + 1))
    assert refused.value.facts["clause"] == "Consent.size"
    largest = replace(
        consent,
        state=State.LIMITED,
        scope=Exchange(b"c" * 16, tuple(bytes([n]) * 16 for n in range(MAX_THREADS))),
        limits=Limits(frozenset(Kind), frozenset(bytes([n]) * 16 for n in range(MAX_EXCLUDED)), frozenset(RecordClass)),
    )
    assert read(write(largest)) == largest


def first(tree: Tree, *path: str | int) -> Any:
    found: Any = tree
    for part in path:
        found = found[part]
    return found


BROKEN: dict[str, Callable[[Tree], Any]] = {
    "another scope": lambda t: t["scope"]["coding"][0].update(code="research"),
    "another category": lambda t: t["category"][0]["coding"][0].update(code="64292-6"),
    "another law": lambda t: t["policyRule"].update(text="rien"),
    "unknown policy": lambda t: t["policy"][0].update(uri="https://other.example"),
    "unknown status": lambda t: t.update(status="entered-in-error"),
    "inactive without its end": lambda t: t.update(status="inactive"),
    "an end while active": lambda t: t.update(
        extension=[{"url": "https://confrere.example/fhir/StructureDefinition/consent-end", "valueCode": "withdrawn"}]
    ),
    "a permit that denies": lambda t: t["provision"].update(type="deny"),
    "no patient": lambda t: t.pop("contained"),
    "two patients": lambda t: t["contained"].append(t["contained"][0]),
    "somebody else's": lambda t: t["patient"].update(reference="Patient/7"),
    "no record": lambda t: t["provision"].pop("actor"),
    "another role": lambda t: first(t, "provision", "actor", 0, "role", "coding", 0).update(code="AUT"),
    "no purpose": lambda t: t["provision"].pop("purpose"),
    "unknown purpose": lambda t: first(t, "provision", "purpose", 0).update(code="marketing"),
    "no data": lambda t: t["provision"].pop("data"),
    "another meaning": lambda t: first(t, "provision", "data", 0).update(meaning="authoredby"),
    "a narrowing that we do not read": lambda t: t["provision"].update(dataPeriod={"end": "2020-01-01"}),
    "a denial without content": lambda t: t["provision"].update(provision=[{"type": "deny"}]),
    "an empty denial": lambda t: t["provision"].update(provision=[{"type": "deny", "code": []}]),
    "a denial that permits": lambda t: t["provision"].update(provision=[{"type": "permit", "code": [{}]}]),
    "a denial of the unknown": lambda t: t["provision"].update(provision=[{"type": "deny", "class": [{"code": "x"}]}]),
    "a denial of two things at once": lambda t: t["provision"].update(
        provision=[{"type": "deny", "code": [{}], "actor": [{}]}]
    ),
    "an id that is none": lambda t: t["identifier"][0].update(value="urn:uuid:7"),
    "a date that is none": lambda t: t.update(dateTime="2026-02-30T00:00:00Z"),
    "a number that is none": lambda t: first(t, "performer", 0, "identifier").update(value="12"),
    "what may change the meaning": lambda t: t.update(modifierExtension=[]),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_co_1_6_a_reader_refuses(consent: Consent, broken: Callable[[Tree], Any]) -> None:
    tree = json.loads(write(consent))
    broken(tree)
    with pytest.raises(RecordError) as refused:
        read(json.dumps(tree).encode())
    assert refused.value.id == "consent-malformed"
    assert "TROIS" not in str(refused.value)


def test_co_1_6_two_versions_of_one_key_and_noise_are_refused(consent: Consent) -> None:
    data = write(consent)
    for bad in (b"", b"{}", data[:-1], data.replace(b'"status"', b'"status":"active","status"'), b"\xff" + data):
        with pytest.raises(RecordError):
            read(bad)


def test_a_value_checks_its_own_shape(consent: Consent) -> None:
    for change in (
        {"series": b"short"},
        {"scope": Exchange()},
        {"scope": Episode(b"e" * 16, "x", 2, 1)},
        {"scope": Episode(b"e" * 16, "", 1, 2)},
        {"scope": Exchange(b"", (b"t" * 16, b"t" * 16))},
        {"purposes": frozenset()},
        {"state": State.LIMITED},
        {"limits": Limits(frozenset({Kind.NOTE}))},
    ):
        with pytest.raises(RecordError, match="consent-malformed"):
            replace(consent, **change)


def test_no_repr_holds_an_identity(consent: Consent) -> None:
    assert "TROIS" not in repr(consent)
