"""A patient's record on the command line: opened, read, added to, masked, logged, claimed with the printed sheet."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from confrere.story import documents as story
from confrere.story.synthetic_extraction import CAST
from directory.identity.ins import OID_TEST, parse_ins
from messaging.referral.fhir_json import dump
from messaging.referral.patient import Patient, from_fhir, to_fhir
from tests.confrere.verbs.command_line import Clinic, User, confrere
from tests.confrere.verbs.test_verbs_invite_patients import PATIENT as TEMPLATE

SCRIPT = "<script>alert('x')</script> je suis fatiguée"


def patient(family: str) -> Patient:
    names = [{**TEMPLATE["name"][0], "family": family}]
    return from_fhir(dump({**TEMPLATE, "name": names}))


def identity(clinic: Clinic, who: Patient, name: str = "") -> str:
    return clinic.written(f"{name or who.traits.birth_name}.fhir.json", dump(to_fhir(who)))


def enrolled(clinic: Clinic, who: Patient) -> User:
    """A patient with a device of his own."""
    file = clinic.root / f"{who.traits.birth_name}.invitation.json"
    data, source = str(clinic.server.data), identity(clinic, who)
    played = confrere("invite", "--data", data, "--patient", source, "--to", str(file), "--json")
    assert played.code == 0, played.err
    user = User(clinic.root / f"profile {who.traits.birth_name}")
    user.do("enroll", "--server", clinic.server.url, "--invitation", str(file))
    return user


def opened(clinic: Clinic, user: User, who: Patient, *flags: str) -> Any:
    return user.do("record", "open", "--patient", identity(clinic, who), *flags)


def places(shown: Any) -> list[tuple[str, str]]:
    return [(line["place"], line["title"]) for line in shown["lines"]]


def grant(user: User, to: User, record: str, *flags: str) -> Any:
    return user.do("delegate", "grant", "--record", record, "--to", to.address, *flags)


# --- open ---


def test_a_professional_opens_a_custodial_record_and_hands_out_a_sheet(clinic: Clinic, gp: User) -> None:
    who, sheet = patient("FEUILLE"), clinic.root / "feuille.html"
    made = opened(clinic, gp, who, "--sheet", str(sheet))
    assert (made["custodial"], made["own"], made["state"]) == (True, False, "opened")
    page = sheet.read_text(encoding="utf-8")
    assert [group for group in made["sheet"].split("-") if f"<td>{group}</td>" not in page] == []
    assert "FEUILLE JEANNE" in page
    assert gp.name in page
    assert page.index("Votre dossier de santé") < page.index("Your health record")  # French first, then --lang
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    listed = {one["record"]: one for one in gp.do("record", "show")}
    assert listed[made["record"]]["patient"]["name"] == "FEUILLE JEANNE"
    assert gp.name in listed[made["record"]]["keeper_words"]
    assert gp.run("record", "open", "--patient", identity(clinic, who)).error == "record-open-already"


def test_without_a_file_the_sheet_is_printed_and_a_file_that_cannot_be_written_opens_nothing(
    clinic: Clinic, gp: User
) -> None:
    who = patient("IMPRIMEE")
    source, nowhere = identity(clinic, who), str(clinic.root / "no" / "folder.html")
    assert gp.run("record", "open", "--patient", source, "--sheet", nowhere).error == "file-unwritable"
    said = gp.says("record", "open", "--patient", source, CONFRERE_LANG="fr")
    assert said.code == 0, said.err
    assert "Cette feuille n'ouvre rien toute seule." in said.out
    assert gp.run("record", "open").error == "usage"


def test_an_identity_better_known_is_said_in_the_record_by_the_same_command(clinic: Clinic, gp: User) -> None:
    who = patient("MIEUX")
    record = opened(clinic, gp, who)["record"]
    traits = replace(who.traits, birth_place="51215")
    better = replace(who, traits=traits, ins=parse_ins("250015121518943", OID_TEST), status="VALI")
    source = identity(clinic, better, "mieux connue")
    said = gp.do("record", "open", "--patient", source)
    assert (said["state"], said["record"], said["patient"]["qualified"]) == ("identified", record, True)
    assert gp.do("record", "show", record)["patient"]["qualified"]
    assert gp.run("record", "open", "--patient", source).error == "record-open-already"
    assert gp.run("record", "open", "--patient", identity(clinic, who)).error == "record-open-already"


def test_a_patient_opens_his_own_record_and_names_nobody(clinic: Clinic) -> None:
    user = enrolled(clinic, patient("SIEN"))
    assert user.run("record", "open", "--patient", identity(clinic, patient("AUTRUI"))).error == "usage"
    made = user.do("record", "open")
    assert (made["custodial"], made["own"], made["sheet"]) == (False, True, None)
    assert made["keeper_words"] == "kept by you"
    user.do("record", "add", "--text", "Ma note")
    (line,) = user.do("record", "show", made["record"])["lines"]
    assert (line["title"], line["author_words"], line["kind"]) == ("Ma note", "the patient", "note")


# --- show, add ---


@pytest.fixture(scope="module")
def record(clinic: Clinic, gp: User) -> str:
    """A custodial record with notes of every kind and two laboratory reports."""
    who = patient("MONTREE")
    record = str(opened(clinic, gp, who)["record"])
    said = {"note": SCRIPT, "traitement": "Bisoprolol", "allergie": "Pénicilline", "synthèse": "HTA"}
    for kind, text in said.items():
        gp.do("record", "add", "--record", record, "--kind", kind, "--text", text)
    laboratory = clinic.enrol("tilleuls", "--structure", CAST["gp"].sites[0].siren, "--deposit-only")
    card = str(clinic.root / "montree.card")
    gp.do("record", "show", record, "--card", card)
    for number, report in enumerate(story.laboratory_history(who, "UNMARQUEUR"), start=1):
        laboratory.do("deposit", clinic.written(f"montree {number}.xml", report), "--record", card)
    return record


def item(user: User, record: str, kind: str) -> Any:
    return next(line for line in user.do("record", "show", record)["lines"] if line["kind"] == kind)


def test_the_synthesis_stands_first_then_what_matters_then_the_rest(gp: User, record: str) -> None:
    shown = gp.do("record", "show", record)
    order = [line["place"] for line in shown["lines"]]
    assert order[:3] == ["synthesis", "allergies", "treatments"]
    assert order[-1] == "rest"
    assert (shown["page"], shown["total"], shown["next_page"], shown["older"]) == (1, 7, None, False)
    assert all(line["author"] and line["date"] and line["kind_words"] for line in shown["lines"])
    newest = next(line for line in shown["lines"] if line["kind"] == "laboratory")
    assert "Créatinine 88 umol/L (45 – 84): high" in [result["words"] for result in newest["abnormal"]]
    only = gp.do("record", "show", record, "--kind", "biologie")
    assert {line["kind"] for line in only["lines"]} == {"laboratory"}
    text = gp.says("record", "show", record, CONFRERE_LANG="fr")
    assert text.code == 0, text.err
    assert text.out.index("Synthèse") < text.out.index("Allergies") < text.out.index("Le reste, par date")
    assert gp.run("record", "show", record, "--kind", "rien").error == "record-kind-unknown"


def test_an_item_says_its_results_where_it_comes_from_and_gives_its_document(
    clinic: Clinic, gp: User, record: str
) -> None:
    line = item(gp, record, "laboratory")
    folder = clinic.root / "saved"
    shown = gp.do("record", "show", record, "--item", line["item"][:8], "--save", str(folder))
    values = {one["label"]: one for one in shown["results"]}
    assert [values["Potassium"][name] for name in ("value", "low", "high")] == ["4.1", "3.5", "5.1"]
    assert (values["Hémoglobine"]["flag"], values["Hémoglobine"]["abnormal"]) == ("L", True)
    assert shown["from"] == "deposit"
    (file,) = shown["files"]
    assert b"UNMARQUEUR" in Path(file["path"]).read_bytes()
    assert stat.S_IMODE(Path(file["path"]).stat().st_mode) == 0o600
    note = gp.do("record", "show", record, "--item", item(gp, record, "note")["item"])
    assert (note["text"], note["from"], note["files"]) == (SCRIPT, "note", [])
    assert gp.run("record", "show", record, "--item", "ffff").error == "item-unknown"


def test_results_over_time_keep_their_units_and_ranges(gp: User, record: str) -> None:
    (series,) = gp.do("record", "show", record, "--over-time", "2160-0")
    assert [point["value"] for point in series["points"]] == ["74", "79", "88"]
    assert (series["unit"], series["points"][0]["high"]) == ("umol/L", "84")
    everything = gp.do("record", "show", record, "--over-time")
    assert len(everything) == 4
    said = gp.says("record", "show", record, "--over-time", "potassium").out
    assert "█" in said
    assert "mmol/L" in said


def test_the_page_to_print_escapes_what_people_wrote(clinic: Clinic, gp: User, record: str) -> None:
    folder = clinic.root / "pages"
    page = Path(gp.do("record", "show", record, "--to", str(folder))["file"])
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert text.count("<svg") == 4
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_a_note_is_refused_where_it_is_none(clinic: Clinic, gp: User, record: str) -> None:
    add = ("record", "add", "--record", record, "--text")
    assert gp.run(*add, " ").error == "usage"
    assert gp.run(*add, "x" * 10_001).error == "record-note-too-long"
    assert gp.run(*add, "x", "--kind", "lettre").error == "usage"
    assert gp.run(*add, "x", "--class", "remboursement").error == "usage"
    assert gp.run(*add, "x", "--class", "rien").error == "record-class-unknown"
    assert gp.run("record", "add", "--record", "ffffffff", "--text", "x").error == "record-unknown"


# --- mandates, masking, the log ---


def test_a_mandate_opens_a_record_and_masking_hides_from_it(
    clinic: Clinic, gp: User, cardiologist: User, secretary: User
) -> None:
    record = opened(clinic, gp, patient("MASQUEE"))["record"]
    gp.do("record", "add", "--record", record, "--text", "déjà lue")
    gp.do("record", "add", "--record", record, "--text", "jamais lue")
    granted = grant(gp, cardiologist, record)
    assert granted["classes"] == ["notices", "common", "announcement", "not-for-representatives", "emergency"]
    assert gp.run("delegate", "grant", "--record", record, "--to", secretary.address, "--classes", "x").error == (
        "record-class-unknown"
    )
    (listed,) = gp.do("delegate", "list", "--record", record)
    assert (listed["address"], listed["classes"]) == (cardiologist.address, granted["classes"])

    read, unread = (item_titled(cardiologist, record, title) for title in ("déjà lue", "jamais lue"))
    said = gp.do("record", "mask", read, "--record", record)
    assert (said["before"], said["class"], said["masked"]) == ("common", "masked", True)
    assert said["read_before_by"] == [cardiologist.name]
    assert cardiologist.run("record", "mask", unread, "--record", record).error == "record-not-kept-here"
    again = gp.says("record", "mask", read, "--record", record)
    assert "nothing changed" in again.out

    gp.do("record", "add", "--record", record, "--text", "secret", "--class", "masqué")
    titles = [line["title"] for line in cardiologist.do("record", "show", record)["lines"]]
    assert "secret" not in titles
    assert "jamais lue" in titles
    shown = gp.do("record", "show", record)
    assert {line["title"] for line in shown["lines"] if line["masked"]} == {"déjà lue", "secret"}
    assert item_titled(gp, record, "jamais lue") == unread
    assert gp.do("record", "mask", read, "--record", record, "--class", "commun")["class"] == "common"

    log = gp.do("record", "log", record)
    acts = [line["act"] for line in log["lines"]]
    assert {"read", "masked", "unmasked", "mandate-granted"} <= set(acts)
    reading = next(line for line in log["lines"] if line["act"] == "read" and line["who"] == cardiologist.name)
    assert reading["why"] == "care"
    assert cardiologist.name in reading["text"]
    assert "copied" in log["limits"]
    times = [line["time"] for line in log["lines"]]
    assert times == sorted(times, reverse=True)
    said_log = gp.says("record", "log", record, CONFRERE_LANG="fr")
    assert "a lu" in said_log.out
    assert "copié ou" in said_log.out

    gp.do("delegate", "revoke", cardiologist.address, "--record", record)
    gp.do("record", "add", "--record", record, "--text", "après")
    assert cardiologist.run("record", "show", record).error == "record-unknown"


def item_titled(user: User, record: str, title: str) -> str:
    lines: Sequence[Any] = user.do("record", "show", record)["lines"]
    return str(next(line["item"] for line in lines if line["title"] == title))


def test_an_emergency_is_told_to_the_patient_as_one(clinic: Clinic, gp: User, cardiologist: User) -> None:
    record = opened(clinic, gp, patient("URGENTE"))["record"]
    grant(gp, cardiologist, record)
    cardiologist.do("record", "show", record, "--purpose", "emergency")
    lines = gp.do("record", "log", record)["lines"]
    assert "emergency" in [line["why"] for line in lines if line["who"] == cardiologist.name]


def test_what_this_device_has_is_shown_when_the_service_is_away(clinic: Clinic, gp: User) -> None:
    record = opened(clinic, gp, patient("HORSLIGNE"))["record"]
    gp.do("record", "add", "--record", record, "--text", "gardée ici")
    gp.do("record", "show", record)
    clinic.server.stop()
    try:
        away = gp.run("record", "show", record)
        assert (away.code, [line["title"] for line in away.document["lines"]]) == (4, ["gardée ici"])
        assert gp.run("record", "log", record).code == 4
        added = gp.run("record", "add", "--record", record, "--text", "plus tard")
        assert (added.code, added.document["state"]) == (4, "waiting")
    finally:
        clinic.server.start()
    gp.do("inbox")
    titles = [line["title"] for line in gp.do("record", "show", record)["lines"]]
    assert set(titles) == {"gardée ici", "plus tard"}


# --- claim ---


def test_the_patient_claims_with_the_sheet_and_sees_the_past_once_it_was_handed_over(clinic: Clinic, gp: User) -> None:
    who = patient("REPRISE")
    made = opened(clinic, gp, who)
    record, code = made["record"], made["sheet"]
    gp.do("record", "add", "--record", record, "--text", "avant la reprise")
    stranger, owner = enrolled(clinic, patient("INCONNUE")), enrolled(clinic, who)
    assert stranger.run("record", "claim", "--sheet", code).error == "claim-refused"
    assert gp.run("record", "claim", "--sheet", code).error == "patient-not-attested"
    assert owner.run("record", "claim", "--sheet", code[:-1]).error == "sheet-code-malformed"

    claimed = owner.do("record", "claim", "--sheet-file", clinic.written("reprise.txt", code + "\n"))
    assert (claimed["record"], claimed["former_keeper"]) == (record, gp.name)
    assert owner.do("record", "show", record)["lines"] == []
    assert owner.run("record", "claim", "--sheet", code).error == "claim-used"
    assert stranger.run("record", "claim", "--sheet", code).error in ("claim-refused", "claim-used")

    inbox = gp.do("inbox")  # the former keeper's device hands the past over by itself
    shown = owner.do("record", "show", record)
    assert [line["title"] for line in shown["lines"]] == ["avant la reprise"]
    assert (shown["own"], shown["custodial"]) == (True, False)
    assert gp.do("inbox") == inbox == [row for row in inbox if row["subject"]]  # and shows no exchange of it
    assert gp.run("record", "show", record).error == "record-unknown"
    acts = [(line["act"], line["own"]) for line in owner.do("record", "log", record)["lines"]]
    assert ("claimed", True) in acts
    assert ("read", False) in acts or ("read", True) in acts


# --- patient ---


def test_one_page_about_a_patient_has_exchanges_answers_results_and_record(
    clinic: Clinic, gp: User, cardiologist: User, record: str
) -> None:
    source = identity(clinic, patient("MONTREE"))
    asked = ["refer", "--to", cardiologist.address, "--patient", source, "--text", "Holter ?", "--urgency", "routine"]
    thread = gp.do(*asked)["thread"]
    cardiologist.do("accept", thread)
    cardiologist.do("answer", thread, "--text", f"Oui. {SCRIPT}")
    found = gp.do("patient", "montree")
    assert found["patient"]["name"] == "MONTREE JEANNE"
    (exchange,) = found["exchanges"]
    assert (exchange["thread"], exchange["turn"], exchange["question"]) == (thread, "yours", "Holter ?")
    assert SCRIPT in exchange["answers"][0]["text"]
    assert {series["label"] for series in found["results"]} >= {"Potassium", "Créatinine"}
    assert found["record"]["record"] == record
    assert found["record"]["lines"][0]["place"] == "synthesis"
    assert gp.do("patient", record[:8])["patient"] == gp.do("patient", source)["patient"] == found["patient"]
    theirs = cardiologist.do("patient", "MONTREE")
    assert (theirs["record"], len(theirs["exchanges"])) == (None, 1)
    assert record in [one["record"] for one in gp.do("patient")]
    assert gp.run("patient", "PERSONNE").error == "patient-unknown"
    assert gp.run("patient", "JEANNE").error == "patient-ambiguous"

    page = Path(gp.do("patient", "montree", "--to", str(clinic.root / "pages"))["file"]).read_text(encoding="utf-8")
    assert "Holter ?" in page
    assert "<script" not in page
    said = gp.says("patient", "montree", CONFRERE_LANG="fr")
    assert said.code == 0, said.err
    assert SCRIPT in said.out
