"""`confrere notices` as its owner and the operator use it, beside a running service."""

from __future__ import annotations

import io
import shutil
import sys
import time
from pathlib import Path

import pytest

from confrere.database import beside
from directory.store.invitations import StoredRegister
from messaging.notices.compose import Letterhead
from messaging.store.tables import notice_tokens
from tests.confrere.verbs.command_line import Clinic, Played, User, confrere
from tests.conftest import CONFIG
from tests.messaging.notices.test_bounces import DSN, RETURN

EMAIL = "cabinet@mail.localhost"


def piped(monkeypatch: pytest.MonkeyPatch, octets: bytes, *argv: str) -> Played:
    """With these octets on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets), "latin-1"))
    return confrere(*argv, "--json")


def sent(clinic: Clinic, address: str, token: bytes) -> bytes:
    """A notice about this mailbox was handed over under this token; the report of its failure."""
    with beside.writing(clinic.server.data) as connection:
        found = StoredRegister().by_address(address, connection)
        assert found is not None
        row = {"token": token, "mailbox": found.mailbox, "sent": time.time_ns() // 1_000_000}
        connection.execute(notice_tokens.insert(), row)
    return DSN.replace(RETURN, Letterhead("a@b.fr", bounces="b@c.fr").returns_to(token)).encode()


def test_an_owner_sets_changes_and_ends_notices(gp: User) -> None:
    nothing = gp.do("notices")
    assert (nothing["mailbox"], nothing["email"], nothing["bounce"]) == (gp.address, "", None)
    assert "confrere notices --email" in gp.says("notices").out
    asked = ["--email", EMAIL, "--every", "hour", "--quiet", "20:00-07:30", "--quiet-days", "sun,sat"]
    assert gp.do("notices", *asked) == gp.do("notices") | {
        "email": EMAIL, "language": "en", "every": "hour", "quiet": "20:00-07:30", "quiet_days": "sat,sun",
        "zone": "Europe/Paris", "bounce": None,
    }  # fmt: skip
    shown = gp.says("notices").out
    for words in (EMAIL, "20:00 – 07:30 (Europe/Paris)", "Saturday, Sunday", "one an hour"):
        assert words in shown
    changed = gp.do("notices", "--quiet", "none", "--language", "fr", "--zone", "Indian/Reunion")
    assert (changed["quiet"], changed["language"], changed["zone"]) == ("", "fr", "Indian/Reunion")
    assert (changed["email"], changed["every"], changed["quiet_days"]) == (EMAIL, "hour", "sat,sun")
    assert gp.do("notices", "--off")["email"] == ""


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (("--email", "a b@c.fr"), "--email"),
        (("--email", EMAIL, "--quiet", "20-7"), "--quiet"),
        (("--email", EMAIL, "--quiet-days", "mon,tue,wed,thu,fri,sat,sun"), "--quiet-days"),
        (("--email", EMAIL, "--zone", "Europe/Atlantis"), "--zone"),
        (("--every", "day"), "--email"),
        (("--off", "--confirm"), "--off"),
    ],
)
def test_a_wrong_wish_is_refused_by_its_flag_and_changes_nothing(gp: User, flags: tuple[str, ...], word: str) -> None:
    played = gp.run("notices", *flags)
    assert (played.code, played.error) == (2, "usage")
    assert word in played.err
    assert gp.do("notices")["email"] == ""


def test_a_mailbox_of_somebody_else_is_not_shown(gp: User, cardiologist: User, secretary: User) -> None:
    assert gp.run("notices", "--mailbox", cardiologist.address).error == "mailbox-not-held"
    assert secretary.do("notices")["mailbox"] == secretary.address


def test_what_comes_back_is_seen_by_owner_and_operator_until_it_is_confirmed(
    clinic: Clinic, cardiologist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = ("--data", str(clinic.server.data))
    cardiologist.do("notices", "--email", EMAIL)
    for failure in range(3):
        report = sent(clinic, cardiologist.address, bytes([failure] * 16))
        noted = piped(monkeypatch, report, "notices", "bounce", *data)
        assert (noted.code, noted.document) == (0, {"noted": True})
        again = piped(monkeypatch, report, "notices", "bounce", *data)
        assert (again.code, again.document) == (0, {"noted": False})
        bounce = cardiologist.do("notices")["bounce"]
        assert (bounce["status"], bounce["suspended"]) == ("5.1.1", failure == 2)
    (listed,) = confrere("notices", "bounces", *data, "--json").document
    assert (listed["mailbox"], listed["status"], listed["failures"]) == (cardiologist.address, "5.1.1", 3)
    said = confrere("notices", "bounces", *data).out
    assert cardiologist.address in said
    assert EMAIL not in said
    for verb in (("inbox",), ("notices",)):
        assert "suspended" in "".join([(told := cardiologist.says(*verb)).out, told.err])
    assert cardiologist.do("notices", "--every", "day")["bounce"] is not None
    assert cardiologist.do("notices", "--confirm")["bounce"] is None
    assert cardiologist.says("inbox").err.count("e-mail") == 0
    assert confrere("notices", "bounces", *data, "--json").document == []
    cardiologist.do("notices", "--off")


@pytest.mark.parametrize(
    ("file", "text", "error", "named"),
    [
        ("mail/digest.en.j2", "{% extends layout %}{{ nothing }}", "referral-settings-invalid", "mail/digest.en.j2"),
        ("mail/layout.html.j2", "{% block text %}{% endblock %}{{ patient }}", "referral-settings-invalid", "mail/"),
        ("service.toml", '[notices]\nsender = "Confrère <a@b.fr>"\n', "notice-malformed", "sender"),
        ("service.toml", '[notices]\nbounces = "@b.fr"\n', "notice-malformed", "bounces"),
    ],
)
def test_check_config_reads_what_a_notice_would_wait_for(
    tmp_path: Path, file: str, text: str, error: str, named: str
) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    assert confrere("check-config", "--config", str(config)).code == 0
    (config / file).write_text(text, encoding="utf-8")
    played = confrere("check-config", "--config", str(config), "--json")
    assert played.error == error
    assert named in played.err


def test_what_is_no_report_is_taken_and_forgotten(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ("--data", str(clinic.server.data))
    for octets in (b"", b"\xff" * 1_000_000, DSN.encode()):
        played = piped(monkeypatch, octets, "notices", "bounce", *data)
        assert (played.code, played.document) == (0, {"noted": False})


def test_a_report_that_cannot_be_noted_now_is_tried_again_by_the_mail_server(
    tmp_path: Path, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert piped(monkeypatch, DSN.encode(), "notices", "bounce", "--data", str(tmp_path)).code == 75
    assert list(tmp_path.iterdir()) == []
    assert confrere("notices", "bounces", "--data", str(tmp_path), "--json").error == "data-missing"
    monkeypatch.setattr(beside, "BUSY_SECONDS", 0.0)
    with beside.writing(clinic.server.data):
        played = piped(monkeypatch, DSN.encode(), "notices", "bounce", "--data", str(clinic.server.data))
    assert (played.code, played.error) == (75, "service-busy")
