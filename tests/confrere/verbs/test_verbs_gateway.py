"""`gateway setup`, `password(s)` and `doctor` as a person and a script meet them; nothing leaves the temporary home."""

from __future__ import annotations

import shlex
import stat
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from confrere.commands import autostart
from confrere.errors import ConfrereError
from tests.confrere.verbs.command_line import PASSPHRASE, Clinic, User, confrere

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="systemd")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")}


def unit_of(text: str) -> ConfigParser:
    read = ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(text)
    return read


# --- setup ---


def test_setup_gives_all_that_a_first_program_needs(gp: User, home: dict[str, str]) -> None:
    document = gp.run("gateway", "setup", "--name", "Thunderbird", **home).document
    (mailbox,) = document["mailboxes"]
    assert mailbox["user"] == gp.address
    assert len(mailbox["password"].replace("-", "")) == 20
    assert document["page"] == "http://localhost:1980/"
    assert (document["host"], document["smtp"], document["imap"], document["pop3"]) == ("localhost", 1465, 1993, 1995)
    assert Path(document["ca"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert document["installed"] == ""
    assert list(Path(home["HOME"]).rglob("*")) == []


def test_on_a_terminal_ports_are_as_they_are_typed_and_no_word_is_missing(gp: User, home: dict[str, str]) -> None:
    for language in ("fr", "en"):
        said = gp.says("gateway", "setup", CONFRERE_LANG=language, **home)
        assert said.code == 0, said.err
        for value in ("1465", "1993", "1995", "http://localhost:1980/", gp.address):
            assert value in said.out


def test_a_password_of_the_same_name_that_nobody_used_is_replaced(gp: User, home: dict[str, str]) -> None:
    for _ in range(3):
        gp.run("gateway", "setup", "--name", "le  même", **home)
    names = [one["name"] for one in gp.do("gateway", "passwords")["passwords"]]
    assert names.count("le même") == 1


def test_a_wrong_passphrase_makes_and_installs_nothing(gp: User, home: dict[str, str]) -> None:
    played = gp.run("gateway", "setup", "--install", CONFRERE_PASSPHRASE="une autre phrase", **home)
    assert played.error == "passphrase-wrong"
    assert list(Path(home["HOME"]).rglob("*")) == []


def test_setup_without_a_profile_says_so(tmp_path: Path) -> None:
    played = confrere("gateway", "setup", "--profile", str(tmp_path / "none"), "--json")
    assert (played.code, played.error) == (2, "profile-missing")


@linux
def test_install_writes_a_unit_and_a_passphrase_that_one_user_alone_reads(gp: User, home: dict[str, str]) -> None:
    document = gp.run("gateway", "setup", "--install", **home).document
    unit, kept = Path(document["installed"]), Path(document["passphrase_file"])
    assert unit == Path(home["HOME"], ".config/systemd/user/confrere-gateway.service")
    assert {path for path in Path(home["HOME"]).rglob("*") if path.is_file()} == {unit, kept}
    assert kept.read_text() == f"{PASSPHRASE}\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert PASSPHRASE not in unit.read_text()
    service = unit_of(unit.read_text())["Service"]
    assert shlex.split(service["ExecStart"]) == [
        *(sys.executable, "-m", "confrere", "gateway", "--lang", "en"),
        *("--profile", str(gp.profile.resolve()), "--passphrase-file", str(kept)),
    ]
    assert (service["Restart"], service["UMask"], service["LimitCORE"]) == ("always", "0077", "0")


@linux
def test_a_passphrase_file_of_ones_own_is_used_and_none_is_written(
    gp: User, clinic: Clinic, home: dict[str, str]
) -> None:
    own = clinic.written("own-passphrase", PASSPHRASE)
    Path(own).chmod(0o644)
    played = gp.run("gateway", "setup", "--install", "--passphrase-file", own, **home)
    document = played.document
    assert "chmod 600" in played.err
    assert document["passphrase_file"] == own
    assert [path.name for path in Path(home["HOME"]).rglob("*") if path.is_file()] == [autostart.UNIT]
    assert own in document["unit"]


def test_elsewhere_install_points_to_the_guide(gp: User, home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert gp.run("gateway", "setup", "--install", **home).error == "autostart-unknown"


def test_a_path_is_one_word_of_the_unit_whatever_is_in_it() -> None:
    odd = Path('/srv/Dr "X" 100%/$HOME/a\\b;c')
    line = unit_of(autostart.unit([odd], Path("/p"), "", "fr"))["Service"]["ExecStart"]
    read = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]
    assert read[read.index("--profile") + 1] == str(odd)
    with pytest.raises(ConfrereError, match="file-unwritable"):
        autostart.unit([Path("/srv/a\nExecStartPre=/bin/sh")], Path("/p"), "", "fr")


# --- passwords ---


def test_a_password_is_given_listed_and_withdrawn(cardiologist: User) -> None:
    given = cardiologist.do("gateway", "password", "--name", "mutt")
    assert given["user"] == cardiologist.address
    (listed,) = cardiologist.do("gateway", "passwords")["passwords"]
    assert (listed["name"], listed["last_used"]) == ("mutt", None)
    assert given["password"] not in str(listed)
    assert cardiologist.do("gateway", "passwords", "--remove", "mutt")["passwords"] == []
    assert cardiologist.run("gateway", "passwords", "--remove", "mutt").error == "mail-password-unknown"


# --- doctor ---


def test_the_doctor_of_a_gateway_that_does_not_run(secretary: User) -> None:
    played = secretary.run("gateway", "doctor")
    assert played.code == 3
    findings = {one["id"]: one for one in played.document["findings"]}
    assert played.document["healthy"] is False
    assert findings["gateway-stopped"]["grade"] == "wrong"
    assert "confrere gateway" in findings["gateway-stopped"]["message"]
    assert {"profile-free", "service-well", "device-well", "folder-well", "mail-missing"} <= set(findings)


def test_the_doctor_speaks_to_people_in_their_language(secretary: User) -> None:
    for language, word in (("fr", "À corriger"), ("en", "To put right")):
        assert word in secretary.says("gateway", "doctor", CONFRERE_LANG=language).out


def test_the_doctor_needs_no_passphrase(secretary: User) -> None:
    played = secretary.run("gateway", "doctor", CONFRERE_PASSPHRASE="")
    assert "service-unknown" in {one["id"] for one in played.document["findings"]}
    assert played.code == 3
