"""referral.md RF-1: a patient read from FHIR, and never from thin air."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from directory.errors import DirectoryError, Refusal
from directory.identity.ins import Sex
from messaging.errors import MessagingError
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, from_fhir, to_fhir

Json = dict[str, Any]


def read(resource: Json) -> Patient:
    return from_fhir(json.dumps(resource).encode())


def refusal(resource: Json) -> Refusal:
    with pytest.raises(Refusal) as refused:
        read(resource)
    assert refused.value.__context__ is None  # a decoder's exception would carry the text
    return refused.value


def test_traits_come_from_the_official_name(resource: Json) -> None:
    patient = read(resource)
    traits = patient.traits
    assert (traits.birth_name, traits.birth_given_names) == ("PAT-TROIS", "DOMINIQUE MARIE-LOUISE")
    assert (traits.birth_date, traits.sex) == (datetime.date(1979, 3, 28), Sex.FEMALE)
    assert (traits.birth_place, patient.display_name) == ("51215", "PAT-QUATRE DOMINIQUE")
    assert patient.ins is not None
    assert patient.ins.matricule == "279035121518989"
    assert patient.warnings == ("patient-ins-fictive",)


def test_written_patient_reads_back_equal(resource: Json) -> None:
    patient = read(resource)
    assert from_fhir(dump(to_fhir(patient))) == patient


@pytest.mark.parametrize(
    ("change", "trait"),
    [
        ({"name": []}, "birth-name"),
        ({"name": [{"use": "official", "family": "X"}]}, "birth-given-names"),
        ({"name": [{"use": "usual", "family": "X", "given": ["Y"]}]}, "birth-name"),
        ({"birthDate": "1979-03"}, "birth-date"),
        ({"birthDate": "1979-02-30"}, "birth-date"),
        ({"birthDate": None}, "birth-date"),
        ({"gender": None}, "sex"),
        ({"gender": "f"}, "sex"),
    ],
)
def test_missing_trait_is_named(resource: Json, change: Json, trait: str) -> None:
    error = refusal(resource | change)
    assert (error.id, error.facts["trait"]) == ("patient-traits-missing", trait)


def test_missing_birth_place_and_ins_warn_and_do_not_block(resource: Json) -> None:
    del resource["extension"], resource["identifier"]
    assert read(resource).warnings == ("patient-without-ins", "patient-birth-place-missing")


def test_a_single_name_without_use_is_the_birth_name(resource: Json) -> None:
    resource["name"] = [{"family": "Essai", "given": ["Ana", "Lou"]}]
    assert read(resource).traits.birth_given_names == "Ana Lou"


def test_wrong_production_key_blocks(resource: Json) -> None:
    resource["identifier"][1] |= {"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "200999999999901"}
    error = refusal(resource)
    assert isinstance(error, DirectoryError)
    assert error.id == "patient-ins-key-wrong"


def test_two_national_identities_are_refused(resource: Json) -> None:
    resource["identifier"].append(resource["identifier"][1])
    assert refusal(resource).id == "patient-unreadable"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{" * 5000,
        b"[" * 100_000,
        b'{"resourceType":"Patient","resourceType":"Patient"}',
        b'{"resourceType":"Patient","x":NaN}',
        b'{"resourceType":"Observation"}',
        b'{"resourceType":"Patient","modifierExtension":[]}',
        b'{"resourceType":"Patient","name":[1]}',
        b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}',
        b'{"resourceType":"Patient","name":[{"family":"A\\u202eB","given":["C"]}]}',
        b'{"resourceType":"Patient","name":[{"family":"A","given":"C"}]}',
        b'{"resourceType":"Patient"}' + b" " * 70_000,
    ],
)
def test_unreadable_bytes_are_refused_without_a_value(data: bytes) -> None:
    with pytest.raises(MessagingError) as refused:
        from_fhir(data)
    assert refused.value.id == "patient-unreadable"


def test_no_refusal_and_no_repr_holds_an_identity(resource: Json) -> None:
    shown = repr(read(resource))
    resource["gender"] = "unheard-of"
    shown += str(refusal(resource))
    resource["name"][1]["family"] = "PAT-TROIS\x00"
    shown += str(refusal(resource))
    assert not any(secret in shown for secret in ("PAT-", "DOMINIQUE", "1979", "2790351"))
