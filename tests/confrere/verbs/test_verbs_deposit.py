"""`confrere deposit` at the command line: what it says, what it refuses, and that nothing stays half done."""

from __future__ import annotations

import asyncio
import datetime
from pathlib import Path

import pytest

from confrere.story import documents as story
from confrere.story.synthetic_extraction import CAST
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, to_fhir
from record_bridge.client import cards, holding
from tests.confrere.verbs.command_line import PASSPHRASE, Clinic, User

PATIENT = Patient(
    StrictTraits("DEPOSEE", "JEANNE", datetime.date(1979, 3, 5), Sex.FEMALE, "51215"),
    parse_ins("279035121518989", OID_TEST),
)
SOUND = story.laboratory_cda(PATIENT, "Prélèvement conforme.")


@pytest.fixture(scope="module")
def laboratory(clinic: Clinic) -> User:
    return clinic.enrol("laboratory", "--structure", CAST["gp"].sites[0].siren, "--deposit-only")


@pytest.fixture(scope="module")
def card(clinic: Clinic, gp: User) -> str:
    async def opened() -> str:
        async with Endpoint(gp.profile, PASSPHRASE, Environment()) as endpoint:
            await endpoint.connect()
            record, _ = await holding.open_record(endpoint, PATIENT)
            return await cards.make(endpoint, record)

    return clinic.written("carte.txt", asyncio.run(opened()))


def test_a_report_is_deposited_once_and_its_values_told(clinic: Clinic, laboratory: User, card: str) -> None:
    file = clinic.written("biologie.xml", SOUND)
    done = laboratory.do("deposit", file, "--record", card, "--class", "annonce")
    assert (done["class"], done["already"], done["type"]) == ("announcement", False, "11502-2")
    values = {one["label"]: one for one in done["results"]}
    assert (values["Créatinine"]["value"], values["Créatinine"]["unit"]) == ("88", "umol/L")
    assert values["Créatinine"]["abnormal"]
    again = laboratory.do("deposit", file, "--record", card, "--class", "annonce")
    assert (again["item"], again["already"]) == (done["item"], True)
    said = laboratory.says("deposit", file, "--record", card, "--class", "annonce")
    assert said.code == 0
    assert "nothing was added" in said.out


@pytest.mark.parametrize(
    ("name", "octets", "error"),
    [
        ("entity", SOUND.replace(b"<Clin", b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///x">]><Clin', 1), "cda-unsafe"),
        ("utf-16", SOUND.decode().encode("utf-16"), "cda-unsafe"),
        ("narrative", SOUND.replace(b"conforme.", b"x" * 3_000_000), "cda-unsafe"),
        ("too long", SOUND + b" " * 17_000_000, "file-too-long"),
        ("another", SOUND.replace(b"DEPOSEE", b"AUTREMENT"), "document-of-another"),
        ("no cda", b"bonjour", "cda-not-a-document"),
        ("type", SOUND.replace(b"11502-2", b"99999-9"), "deposit-type-unknown"),
    ],
)
def test_what_is_refused_says_why_without_content_and_leaves_nothing(
    clinic: Clinic, laboratory: User, card: str, name: str, octets: bytes, error: str
) -> None:
    file = clinic.written(f"refus {name}.xml", octets)
    played = laboratory.run("deposit", file, "--record", card)
    assert (played.code != 0, played.error) == (True, error)
    assert "DEPOSEE" not in played.out + played.err
    assert "AUTREMENT" not in played.out + played.err
    assert not list((laboratory.profile / "spool").glob("*"))


def test_a_wrong_card_a_missing_file_and_a_clinician_are_refused(
    clinic: Clinic, laboratory: User, gp: User, card: str
) -> None:
    file = clinic.written("biologie.xml", SOUND)
    altered = Path(card).read_text(encoding="utf-8")
    at = len(altered) // 2
    turned = "A" if altered[at] != "A" else "B"
    other = clinic.written("autre carte.txt", altered[:at] + turned + altered[at + 1 :])
    assert laboratory.run("deposit", file, "--record", other).error in ("record-card-forged", "record-card-malformed")
    assert laboratory.run("deposit", file + ".absent", "--record", card).error == "file-unreadable"
    assert laboratory.run("deposit", file, "--record", card, "--class", "masque").error == "deposit-class-refused"
    assert laboratory.run("deposit", file, "--record", card, "--class", "rien").error == "record-class-unknown"
    assert gp.run("deposit", file, "--record", card).error == "deposit-not-yours"


# --- reports attached to an exchange ---


def with_report(gp: User, clinic: Clinic, to: str, name: str, octets: bytes) -> str:
    file = clinic.written(name, octets)
    sent = gp.do("send", "--to", to, "--subject", "Résultats", "--text", "Voici.", "--attach", file)
    return str(sent["thread"])


def test_an_attached_report_is_shown_with_its_values_on_the_page_and_in_the_export(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    thread = with_report(gp, clinic, cardiologist.address, "biologie.xml", SOUND)
    shown = cardiologist.do("show", thread)
    (file,) = shown["events"][0]["attachments"]
    found = {one["label"]: one for one in file["laboratory"]["results"]}
    haemoglobin = found["Hémoglobine"]
    assert (haemoglobin["value"], haemoglobin["unit"], haemoglobin["low"]) == ("11.7", "g/dL", "12.0")
    assert (haemoglobin["abnormal"], found["Potassium"]["abnormal"]) == (True, False)
    assert file["laboratory"]["laboratory"] == story.LABORATORY
    assert haemoglobin["date"].startswith("2026-11-20")
    said = cardiologist.says("show", thread).out
    assert "! Hémoglobine 11.7 g/dL (12.0 – 16.0)" in said
    saved = cardiologist.do("show", thread, "--save", str(clinic.root / "saved"))
    assert saved["events"][0]["attachments"][0]["laboratory"]["results"] == file["laboratory"]["results"]
    folder = clinic.root / "exported report"
    cardiologist.do("export", thread, "--to", str(folder))
    assert "Hémoglobine 11,7 g/dL (12,0 – 16,0)" in (folder / "echange.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (SOUND.replace(b"<Clin", b'<!DOCTYPE a [<!ENTITY e "ha">]><Clin', 1), "cda-unsafe"),
        (SOUND.replace(b'value="88"', b'value="beaucoup"'), "cda-unreadable"),
        (SOUND.replace(b'"20261120073000+0100"', b'"99991399000000+0100"'), "cda-unreadable"),
        (SOUND[:-100], None),
        (b"<a/>", None),
    ],
)
def test_a_bad_report_says_so_in_its_place_and_the_page_is_shown(
    clinic: Clinic, gp: User, cardiologist: User, octets: bytes, error: str | None
) -> None:
    thread = with_report(gp, clinic, cardiologist.address, "mauvais.xml", octets)
    shown = cardiologist.do("show", thread)
    (event,) = shown["events"]
    found = event["attachments"][0]["laboratory"]
    assert (found["error"] if found else None) == error
    assert cardiologist.says("show", thread).code == 0


def test_a_report_about_somebody_else_than_the_case_s_patient_is_not_shown(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    whose = clinic.written("patient.json", dump(to_fhir(PATIENT)))
    thread = gp.do(
        "refer", "--to", cardiologist.address, "--patient", whose, "--question", clinic.written("q.txt", "Avis ?"),
        "--urgency", "routine",
    )["thread"]  # fmt: skip
    other = SOUND.replace(b"DEPOSEE", b"AUTREMENT")
    file = clinic.written("autre.xml", other)
    gp.do("send", "--thread", thread, "--text", "Voici.", "--attach", file)
    shown = cardiologist.do("show", thread)
    found = next(one["laboratory"] for event in shown["events"] for one in event["attachments"])
    assert found["error"] == "document-of-another"
    assert found["results"] == []
