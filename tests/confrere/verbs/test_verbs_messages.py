"""Messages from command line to command line: durable before it says so, and nothing lost, doubled or left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confrere.story.synthetic_extraction import CAST
from tests.confrere.verbs.command_line import Clinic, Played, User

BODY = "Bonjour,\n\nvotre avis sur Mme X ?"


def send(user: User, to: str, *more: str, subject: str = "Essai") -> Played:
    return user.run("send", "--to", to, "--subject", subject, "--text", BODY, *more)


def test_enrolment_gives_address_and_recovery_and_says_that_the_proof_is_weaker(gp: User) -> None:
    assert gp.address.endswith("@confrere.localhost")
    assert len(gp.recovery.replace("-", "")) == 32
    me = gp.do("whoami")
    assert (me["proof"], me["publicly_verified"], me["recovery_confirmed"]) == ("operator-code", False, False)
    assert me["rpps"] == str(CAST["gp"].rpps)
    assert [box["classes"] for box in me["mailboxes"]] == [["logistics", "clinical", "doctor-only"]]
    assert "weaker proof" in gp.says("whoami").out
    again = gp.run("enroll", "--server", me["service"], "--code", "00000-00000-00000-00000")
    assert (again.code, again.error) == (3, "profile-exists")


def test_a_message_with_an_attachment_arrives_is_read_and_answered(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    attachment = os.urandom(1_200_000)
    file = clinic.written("tracé ECG.pdf", attachment)
    sent = send(gp, cardiologist.address, "--attach", file, subject="Objet unique").document
    assert len(sent["event"]) == 64
    assert sent["state"] == "sent"
    row = cardiologist.row(sent["thread"])
    assert (row["subject"], row["unread"], row["state"]) == ("Objet unique", 1, "received")
    assert gp.address in row["from"]

    shown = cardiologist.do("show", sent["thread"], "--save", str(clinic.root / "saved"))
    (event,) = shown["events"]
    assert (event["event"], event["type"], event["body"]) == (sent["event"], "message", BODY)
    (saved,) = event["attachments"]
    assert (saved["name"], saved["size"]) == ("tracé ECG.pdf", len(attachment))
    assert Path(saved["path"]).read_bytes() == attachment
    assert len(shown["readers"]) == 2
    assert cardiologist.row(sent["thread"])["unread"] == 0
    assert gp.row(sent["thread"])["state"] == "read"

    replied = cardiologist.do("send", "--thread", sent["thread"][:8], "--text", "Volontiers.")
    assert replied["thread"] == sent["thread"]
    bodies = [event["body"] for event in gp.do("show", sent["thread"])["events"]]
    assert bodies == [BODY, "Volontiers."]


def test_a_person_reads_whom_it_is_encrypted_for(gp: User, cardiologist: User) -> None:
    said = gp.says("send", "--to", cardiologist.address, "--subject", "s", "--text", "t", CONFRERE_LANG="fr")
    assert f"chiffré pour {cardiologist.name} et son secrétariat" in said.out
    thread = send(gp, cardiologist.address).document["thread"]
    shown = cardiologist.says("show", thread)
    assert "not yet publicly verifiable" in shown.out
    assert gp.name in shown.out


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ("nobody.here@confrere.localhost", "recipient-unknown"),
        ("99799999999", None),
        ("Martin", "recipient-ambiguous"),
        ("Zzyzxqq", "recipient-unknown"),
        ("not an address@", "address-invalid"),
    ],
)
def test_a_wrong_recipient_is_refused_at_once_and_nothing_is_left(gp: User, to: str, error: str | None) -> None:
    before = len(gp.do("inbox"))
    played = send(gp, to)
    assert played.code == 3
    assert error in (None, played.error)
    assert len(gp.do("inbox")) == before


def test_what_waits_for_an_enrolment_leaves_by_itself_under_the_same_thread(clinic: Clinic, gp: User) -> None:
    waiting = send(gp, str(CAST["dermatologist"].rpps), subject="Quand vous serez là")
    assert waiting.code == 0
    assert waiting.document["event"] is None
    assert waiting.document["state"] == "waiting-enrolment"
    thread = waiting.document["thread"]
    row = gp.row(thread)
    assert (row["state"], row["subject"]) == ("waiting-enrolment", "Quand vous serez là")
    assert row["phone"] == waiting.document["phone"] != ""
    assert row["phone"] in gp.says("inbox").out
    dermatologist = clinic.enrol("dermatologist")
    assert gp.row(thread)["state"] == "sent"
    assert [event["body"] for event in dermatologist.do("show", thread)["events"]] == [BODY]


def test_unreachable_is_4_the_message_waits_and_leaves_once(clinic: Clinic, gp: User, cardiologist: User) -> None:
    known = send(gp, cardiologist.address).document["thread"]
    gp.do("show", known)
    file = clinic.written("attente.txt", "pièce jointe")
    clinic.server.stop()
    try:
        played = send(gp, cardiologist.address, "--attach", file, subject="Hors ligne")
        assert played.code == 4
        assert played.error == "service-unreachable"
        thread = played.document["thread"]
        listed = gp.run("inbox")
        assert listed.code == 4
        assert [row["state"] for row in listed.document if row["thread"] == thread] == ["waiting"]
        shown = gp.run("show", known)
        assert shown.code == 4
        assert gp.name in shown.document["events"][0]["author"]
        assert "not reachable" in shown.err
        assert gp.run("send", "--thread", known, "--text", "Aussi hors ligne").code == 4
        changed = gp.run("add", known, "--to", "x@confrere.localhost")
        assert (changed.code, changed.error) == (4, "action-unreachable")
    finally:
        clinic.server.start()
    assert gp.row(thread)["state"] == "sent"
    gp.do("inbox")
    shown = cardiologist.do("show", thread)
    assert [event["body"] for event in shown["events"]] == [BODY]
    assert [file["name"] for event in shown["events"] for file in event["attachments"]] == ["attente.txt"]
    assert [event["body"] for event in cardiologist.do("show", known)["events"]] == [BODY, "Aussi hors ligne"]


def test_a_wrong_passphrase_is_refused_and_a_file_will_do(clinic: Clinic, gp: User) -> None:
    wrong = gp.run("inbox", CONFRERE_PASSPHRASE="une autre phrase")
    assert (wrong.code, wrong.error) == (3, "passphrase-wrong")
    missing = gp.run("inbox", CONFRERE_PASSPHRASE="")
    assert (missing.code, missing.error) == (2, "passphrase-missing")
    file = clinic.written("phrase.txt", "une phrase de passe de test\n")
    assert gp.run("whoami", "--passphrase-file", file, CONFRERE_PASSPHRASE="ignored").code == 0


def test_an_invitation_is_used_once_and_wrong_codes_leave_no_profile(clinic: Clinic) -> None:
    code = clinic.invite("--rpps", str(CAST["endocrinologist"].rpps))
    enrol = ["enroll", "--server", clinic.server.url, "--code"]
    first, second = User(clinic.root / "endo"), User(clinic.root / "endo-2")
    assert second.run(*enrol, "ABC").error == "invitation-code-malformed"
    assert second.run(*enrol, "00000-00000-00000-00000").error == "invitation-unknown"
    file = clinic.written("code.txt", code + "\n")
    assert first.run("enroll", "--server", clinic.server.url, "--code-file", file).code == 0
    used = second.run(*enrol, code)
    assert (used.code, used.error) == (3, "invitation-used")
    assert not (second.profile / "profile.db").exists()


def test_a_thread_is_named_by_its_beginning_and_only_if_it_is_one(gp: User) -> None:
    unknown = gp.run("show", "ffffffffffff")
    assert (unknown.code, unknown.error) == (3, "thread-unknown")
    assert gp.run("show", "f").code == 3


def test_the_sheet_is_asked_for_gently_until_it_is_confirmed(clinic: Clinic, gp: User, cardiologist: User) -> None:
    send(gp, cardiologist.address)
    assert "recovery sheet" in gp.says("inbox").err
    sheet = clinic.root / "sheet.html"
    gp.do("recover", "--sheet", str(sheet))
    assert gp.recovery[:4] in sheet.read_text()
    assert sheet.stat().st_mode & 0o077 == 0
    other = gp.run("recover", "--confirm", cardiologist.recovery)
    assert (other.code, other.error) == (3, "recovery-not-confirmed")
    assert gp.do("recover", "--confirm", gp.recovery) == {"recovery_confirmed": True}
    assert "recovery sheet" not in gp.says("inbox").err
    assert gp.run("recover", "--sheet", str(sheet)).error == "recovery-unknown"


def test_a_new_device_from_the_sheet_reads_everything_and_the_lost_one_goes(
    clinic: Clinic, gp: User, cardiologist: User
) -> None:
    thread = send(gp, cardiologist.address, subject="Avant la perte").document["thread"]
    again = User(clinic.root / "cardiologist-2", cardiologist.address)
    again.do("recover", "--server", clinic.server.url, "--code", cardiologist.recovery)
    assert [event["body"] for event in again.do("show", thread)["events"]] == [BODY]
    listed = again.do("devices", "list")
    assert sorted(device["kind"] for device in listed) == ["paper", "sdk", "sdk"]
    assert again.run("devices", "revoke", next(d["id"] for d in listed if d["this"])).error == "device-is-this-one"
    lost = next(d["id"] for d in listed if d["kind"] == "sdk" and not d["this"])
    assert again.do("devices", "revoke", lost[:10]) == {"revoked": lost}
    later = send(gp, cardiologist.address, subject="Après").document["thread"]
    assert [event["body"] for event in again.do("show", later)["events"]] == [BODY]
    assert cardiologist.run("inbox").code == 3
    clinic.users["cardiologist"].profile = again.profile
