"""CP1-3.11 at the command line: a patient, who is named in the invitation file alone, and structures that deposit."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from confrere.story.synthetic_extraction import _finess
from directory.primitives.signature import SigningKey
from directory.store.registrar import registrar_key
from messaging.referral.fhir_json import dump
from record_bridge.record import attestation
from tests.confrere.verbs.command_line import Clinic, User, confrere

FAMILY = "ESSAIDOUZE"
PATIENT = {
    "resourceType": "Patient",
    "name": [
        {
            "use": "official",
            "family": FAMILY,
            "given": ["JEANNE"],
            "extension": [
                {
                    "url": "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name",
                    "valueString": "JEANNE",
                }
            ],
        }
    ],
    "gender": "female",
    "birthDate": "1950-01-02",
    "telecom": [{"system": "phone", "value": "0100000000"}],
}
STRUCTURE = _finess("69", 990002)


def invite(clinic: Clinic, *flags: str):
    return confrere("invite", "--data", str(clinic.server.data), *flags, "--json")


@pytest.fixture(scope="module")
def invitation(clinic: Clinic) -> Path:
    source = clinic.written("patient.json", json.dumps(PATIENT))
    file = clinic.root / "patient-invitation.json"
    played = invite(clinic, "--patient", source, "--to", str(file))
    assert played.code == 0, played.err
    assert set(played.document) == {"code", "kind", "expires", "file"}
    assert (played.document["file"], played.document["kind"]) == (str(file), "patient")
    assert played.document["code"] == json.loads(file.read_text())["code"]
    assert FAMILY not in played.out + played.err
    return file


def nowhere(folder: Path, needle: str) -> bool:
    return all(needle.encode() not in found.read_bytes() for found in folder.rglob("*") if found.is_file())


def test_the_invitation_file_is_its_owner_s_and_never_over_another(clinic: Clinic, invitation: Path) -> None:
    assert stat.S_IMODE(invitation.stat().st_mode) == 0o600
    before = invitation.read_bytes()
    again = invite(clinic, "--patient", str(clinic.root / "patient.json"), "--to", str(invitation))
    assert (again.code != 0, again.error) == (True, "file-unwritable")
    assert invitation.read_bytes() == before


def test_the_attestation_is_the_registrar_s_and_holds_the_identity_alone(clinic: Clinic, invitation: Path) -> None:
    raw = base64.b64decode(json.loads(invitation.read_text())["attestation"])
    assert attestation.parse(raw).patient.traits.birth_name == FAMILY
    assert b"0100000000" not in raw
    assert attestation.verify(raw, registrar_key(clinic.server.data).public)


def test_a_patient_enrols_without_address_or_name_and_keeps_the_attestation(clinic: Clinic, invitation: Path) -> None:
    user = User(clinic.root / "patient")
    enrolled = user.do("enroll", "--server", clinic.server.url, "--invitation", str(invitation))
    assert (enrolled["address"], enrolled["name"]) == ("", "")
    assert nowhere(clinic.server.data, FAMILY)
    assert nowhere(clinic.server.data.parent / "patient", FAMILY)  # encrypted on the device as well
    assert FAMILY not in (clinic.server.data.parent / "serve.log").read_text()


def test_a_recovery_sheet_reopens_an_account_without_a_mailbox(clinic: Clinic, invitation: Path) -> None:
    source, file = str(clinic.root / "patient.json"), clinic.root / "lost.json"
    assert invite(clinic, "--patient", source, "--to", str(file)).code == 0
    lost = User(clinic.root / "lost phone")
    code = lost.do("enroll", "--server", clinic.server.url, "--invitation", str(file))["recovery"]
    again = User(clinic.root / "new phone")
    said = again.says("recover", "--server", clinic.server.url, "--code", code)
    assert said.code == 0, said.err
    assert again.do("whoami")["address"] == ""


def test_the_text_says_what_comes_next(clinic: Clinic) -> None:
    file = clinic.root / "second.json"
    source = str(clinic.root / "patient.json")
    assert invite(clinic, "--patient", source, "--to", str(file)).code == 0
    user = User(clinic.root / "second patient")
    said = user.says("enroll", "--server", clinic.server.url, "--invitation", str(file))
    assert said.code == 0, said.err
    assert "confrere record open" in said.out


def test_an_attestation_of_another_code_or_by_another_hand_spends_no_code(clinic: Clinic) -> None:
    file = clinic.root / "third.json"
    assert invite(clinic, "--patient", str(clinic.root / "patient.json"), "--to", str(file)).code == 0
    good = json.loads(file.read_text())
    other = clinic.root / "patient-invitation.json"
    swapped = {**good, "attestation": json.loads(other.read_text())["attestation"]}
    parsed = attestation.parse(base64.b64decode(good["attestation"]))
    forged = attestation.build(parsed.code_pk, parsed.issued, parsed.fhir, SigningKey(bytes(32)))
    user = User(clinic.root / "third patient")
    for document, expected in (
        (swapped, "attestation-foreign"),
        ({**good, "attestation": base64.b64encode(forged).decode()}, "attestation-forged"),
        ({**good, "attestation": "AAAA"}, "attestation-malformed"),
        ({"code": good["code"]}, "invitation-file-wrong"),
        ([], "invitation-file-wrong"),
    ):
        wrong = clinic.written("wrong.json", json.dumps(document))
        assert user.run("enroll", "--server", clinic.server.url, "--invitation", wrong).error == expected
    assert user.do("enroll", "--server", clinic.server.url, "--invitation", str(file))["address"] == ""


def test_no_code_is_issued_where_the_file_or_the_patient_is_wrong(clinic: Clinic) -> None:
    bad = clinic.written("no-patient.json", dump({"resourceType": "Patient"}))
    target = clinic.root / "never.json"
    assert invite(clinic, "--patient", bad, "--to", str(target)).error.startswith("patient-")
    source, inside = str(clinic.root / "patient.json"), str(clinic.server.data / "x.json")
    nowhere_to_write = str(clinic.root / "no" / "folder.json")
    assert invite(clinic, "--patient", source, "--to", inside).error == "usage"
    assert invite(clinic, "--patient", source, "--to", nowhere_to_write).error == "file-unwritable"
    assert not target.exists()
    assert not (clinic.server.data / "x.json").exists()


@pytest.mark.parametrize(
    "flags",
    [
        ("--rpps", "1", "--deposit-only"),
        ("--rpps", "1", "--to", "x.json"),
        ("--structure", STRUCTURE, "--to", "x.json"),
        ("--patient", "x", "--payer"),
        ("--structure", STRUCTURE, "--payer", "--bridge"),
        ("--patient", "x", "--rpps", "1"),
    ],
)
def test_flags_that_do_not_go_together(clinic: Clinic, flags: tuple[str, ...]) -> None:
    assert invite(clinic, *flags).error == "usage"


@pytest.mark.parametrize(("flag", "kind"), [("--deposit-only", "depositor"), ("--payer", "payer")])
def test_a_structure_that_deposits_has_no_address(clinic: Clinic, flag: str, kind: str) -> None:
    invited = invite(clinic, "--structure", STRUCTURE, flag).document
    assert (invited["kind"], invited["address"]) == (kind, "")
    user = User(clinic.root / kind)
    said = user.says("enroll", "--server", clinic.server.url, "--code", invited["code"])
    assert said.code == 0, said.err
    assert "confrere deposit" in said.out
    assert user.do("whoami")["address"] == ""


def test_a_bridge_is_a_structure_with_an_address(clinic: Clinic) -> None:
    invited = invite(clinic, "--structure", STRUCTURE, "--bridge").document
    assert invited["kind"] == "bridge"
    enrolled = User(clinic.root / "bridge").do("enroll", "--server", clinic.server.url, "--code", invited["code"])
    assert enrolled["address"] == invited["address"] != ""
