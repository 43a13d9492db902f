"""A referral on the command line: identity, urgency, turns, mandates by keys, colleagues added, export as evidence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from confrere.story.synthetic_extraction import CAST
from tests.confrere.verbs.command_line import Clinic, Played, User, confrere

QUESTION = "Palpitations à l'effort, faut-il un Holter ?"
SCANNED = (
    "IS01" + "0" * 22 + "S1{ins}S2{oid}\x1dS3DOMINIQUE MARIE\x1dS4PAT-TROIS\x1dS5FS628-03-1979S751215"
)
TEST_OID = "1.2.250.1.213.1.4.10"
PATIENT = SCANNED.format(ins="279035121518989", oid=TEST_OID)


def refer(user: User, to: str, *more: str, patient: str = PATIENT, urgency: str = "urgent") -> Played:
    asked = ["refer", "--to", to, "--patient", patient, "--text", QUESTION, "--urgency", urgency]
    return user.run(*asked, *more)


@pytest.fixture(scope="module")
def case(gp: User, cardiologist: User) -> str:
    return str(refer(gp, cardiologist.address).document["thread"])


def test_whose_turn_it_is_from_the_question_to_the_follow_up(gp: User, cardiologist: User) -> None:
    opened = refer(gp, cardiologist.address).document
    assert (opened["state"], len(opened["event"]), opened["warnings"]) == ("sent", 64, ["patient-ins-fictive"])
    assert "3 days" in opened["advice"]
    thread = opened["thread"]
    row = cardiologist.row(thread)
    assert (row["turn"], row["urgency"], row["overdue"]) == ("yours", "urgent", False)
    assert row["patient"] == "PAT-TROIS DOMINIQUE"
    asked = next(e for e in cardiologist.do("show", thread)["events"] if e["type"] == "referral-request")
    assert asked["body"] == QUESTION

    early = gp.run("note", thread)
    assert (early.code, early.error) == (3, "referral-illegal-transition")
    assert gp.run("accept", thread).error == "referral-not-your-turn"
    assert cardiologist.do("accept", thread)["thread"] == thread
    cardiologist.do("ask", thread, "--text", "Traitement ?")
    assert (gp.row(thread)["turn"], gp.row(thread)["state"]) == ("yours", "info-awaited")
    gp.do("answer", thread, "--text", "Bisoprolol.")
    assert gp.row(thread)["turn"] == "theirs"
    cardiologist.do("answer", thread, "--conclusion", "Bénin", "--by-when", "2027-01-15")
    answer = gp.do("show", thread)["events"][-2:]
    fields = next(event["fields"] for event in answer if event["type"] == "answer")
    assert fields == {"conclusion": "Bénin", "by-when": "2027-01-15"}
    gp.do("note", thread)
    assert (gp.row(thread)["state"], gp.row(thread)["turn"]) == ("closed", "nobody")


def test_declined_with_a_reason_and_withdrawn(gp: User, cardiologist: User) -> None:
    first = refer(gp, cardiologist.address).document["thread"]
    cardiologist.do("decline", first, "--reason", "no-capacity", "--text", "Voyez le Dr Lambert.")
    shown = gp.do("show", first)
    assert (shown["state"], shown["turn"]) == ("declined", "yours")
    assert "no capacity" in json.dumps(shown["events"])
    second = refer(gp, cardiologist.address).document["thread"]
    gp.do("cancel", second)
    assert cardiologist.row(second)["state"] == "cancelled"


def test_what_waits_for_an_enrolment_can_be_taken_back_whole(gp: User) -> None:
    before = gp.do("inbox")
    waiting = refer(gp, "99700000096").document  # in the directory without an activity, enrolled by no test
    assert waiting["state"] == "waiting-enrolment"
    assert gp.row(waiting["thread"])["patient"] == "PAT-TROIS DOMINIQUE"
    assert gp.do("cancel", waiting["thread"])["state"] == "withdrawn"
    assert gp.do("inbox") == before
    assert gp.run("cancel", waiting["thread"]).error == "thread-unknown"


def test_the_highest_urgency_shows_the_telephone_and_15(gp: User, cardiologist: User) -> None:
    said = gp.says(
        "refer", "--to", cardiologist.address, "--patient", PATIENT, "--text", QUESTION, "--urgency", "stat",
        CONFRERE_LANG="fr",
    )  # fmt: skip
    assert said.code == 0
    assert "15" in said.err
    assert "ne remplace pas un appel" in said.err
    newest = cardiologist.do("inbox")[0]
    shown = cardiologist.says("show", newest["thread"])
    assert newest["urgency"] == "stat"
    assert " 15 " in shown.out


def test_a_test_identity_with_a_wrong_key_is_a_warning_only(clinic: Clinic, gp: User, cardiologist: User) -> None:
    doubtful = clinic.written("scan.txt", SCANNED.format(ins="279035121518900", oid=TEST_OID))
    played = refer(gp, cardiologist.address, patient=doubtful)
    assert played.code == 0
    assert "patient-ins-key-doubtful" in played.document["warnings"]
    assert "do not match" in played.err


def test_the_secretary_has_logistics_by_keys_and_acts_as_herself(
    case: str, gp: User, cardiologist: User, secretary: User
) -> None:
    granted = cardiologist.do("delegate", "grant", "--to", secretary.address)
    assert (granted["classes"], granted["rights"]) == (["logistics"], ["read", "send"])
    assert cardiologist.run("delegate", "grant", "--to", secretary.address).error == "mandate-repeated"
    assert [one["address"] for one in cardiologist.do("delegate", "list")] == [secretary.address]
    rows = secretary.do("inbox")
    assert QUESTION not in json.dumps(rows)
    assert "PAT-TROIS" not in json.dumps(rows)
    assert secretary.run("show", case).error == "thread-unknown"
    thread = next(row["thread"] for row in rows if row["turn"] == "yours" and row["urgency"] == "urgent")
    seen = secretary.do("show", thread)
    assert QUESTION not in json.dumps(seen)
    secretary.do("appointment", thread, "--start", "2027-01-12T09:30", "--minutes", "20", "--place", "Cabinet")
    row = next(row for row in gp.do("inbox") if row["state"] == "slot-offered")
    offered = next(e for e in gp.do("show", row["thread"])["events"] if e["type"] == "appointment")
    assert offered["author"].startswith("Sophie Durand")
    assert offered["on_behalf_of"] == cardiologist.name
    gp.do("appointment", row["thread"], "--book")
    assert gp.run("appointment", row["thread"], "--book").code == 3
    assert secretary.run("answer", thread, "--text", "x").error == "mailbox-not-held"
    cardiologist.do("delegate", "revoke", secretary.address)
    assert cardiologist.do("delegate", "list") == []
    assert cardiologist.run("delegate", "revoke", secretary.address).error == "mandate-unknown"
    later = refer(gp, cardiologist.address).document["thread"]
    assert later not in json.dumps(secretary.do("inbox"))
    assert len(secretary.do("inbox")) <= len(rows)


def test_added_colleagues_read_from_now_on_or_with_the_history(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    thread = refer(gp, cardiologist.address).document["thread"]
    nurse, lungs = clinic.enrol("nurse"), clinic.enrol("pneumologist")
    assert gp.do("add", thread, "--to", nurse.address, "--read-only")["since"] == "now"
    assert gp.do("add", thread, "--to", lungs.address, "--with-history")["since"] == "history"
    gp.do("send", "--thread", thread, "--text", "Je vous ajoute.")
    late, early = (json.dumps(user.do("show", thread), ensure_ascii=False) for user in (nurse, lungs))
    assert ("Je vous ajoute." in late, QUESTION in late) == (True, False)
    assert ("Je vous ajoute." in early, QUESTION in early) == (True, True)
    refused = nurse.run("send", "--thread", thread, "--text", "Puis-je ?")
    assert (refused.code, refused.error) == (3, "thread-read-only")
    assert cardiologist.row(thread)["refused_count"] == 0
    remark = cardiologist.do("remark", thread, "--text", "Entre nous.")
    assert remark["event"]
    assert "Entre nous." in json.dumps(gp.do("show", thread))
    assert "Entre nous." not in json.dumps(lungs.do("show", thread))


def test_an_export_is_readable_and_proves_itself_without_a_profile(
    clinic: Clinic, gp: User, cardiologist: User, case: str
) -> None:
    file = clinic.written("compte rendu.pdf", b"%PDF-1.7 " + bytes(range(256)) * 40)
    cardiologist.do("answer", case, "--text", "Holter conseillé.", "--attach", file)
    folder = clinic.root / "export"
    made = gp.do("export", case, "--to", str(folder))
    assert made["attachments"] == 1
    assert gp.run("export", case, "--to", str(folder)).error == "folder-in-use"
    for page in ("echange.html", "exchange.html"):
        assert "Holter conseillé." in (folder / page).read_text(encoding="utf-8")
    assert (folder / "attachments" / "compte rendu.pdf").read_bytes() == Path(file).read_bytes()

    proven = confrere("export", "--verify", str(folder), "--json", CONFRERE_PASSPHRASE="")
    assert proven.code == 0
    authors = {event["author"]: event["rpps"] for event in proven.document["events"]}
    assert authors[gp.name] == str(CAST["gp"].rpps)
    assert authors[cardiologist.name] == str(CAST["cardiologist"].rpps)
    me = gp.do("whoami")
    assert proven.document["service_reference"] == me["service_reference"]
    assert proven.document["registrar_reference"] == me["registrar_reference"]

    altered = [
        *(next((folder / "signed").rglob(f"{name}.bin")) for name in ("body", "meta", "signature", "receipt", "blind")),
        *(next((folder / "signed").rglob(f"*.{kind}")) for kind in ("commit", "entry", "bind")),
        folder / "attachments" / "compte rendu.pdf",
    ]
    for path in altered:
        copy = clinic.root / "altered"
        shutil.copytree(folder, copy)
        target = copy / path.relative_to(folder)
        octets = bytearray(target.read_bytes())
        octets[len(octets) // 2] ^= 1
        target.write_bytes(bytes(octets))
        refused = confrere("export", "--verify", str(copy), "--json")
        assert (refused.code, refused.error) == (3, "export-wrong"), path.name
        target.unlink()
        assert confrere("export", "--verify", str(copy), "--json").error == "export-wrong"
        shutil.rmtree(copy)
