"""Wrong command lines end with 2 and one document; every verb explains itself in both languages; passphrases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.confrere.verbs.command_line import User, confrere

VERBS = [
    *(["enroll"], ["whoami"], ["devices", "list"], ["devices", "revoke"], ["recover"]),
    *(["delegate", "grant"], ["delegate", "revoke"], ["delegate", "list"]),
    *(["send"], ["inbox"], ["show"], ["refer"], ["accept"], ["decline"], ["ask"], ["answer"], ["note"], ["cancel"]),
    *(["appointment"], ["remark"], ["add"], ["export"]),
]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_has_help_in_both_languages(verb: list[str]) -> None:
    french, english = (confrere(*verb, "--help", "--lang", language) for language in ("fr", "en"))
    assert (french.code, english.code) == (0, 0)
    assert french.out.startswith("utilisation")
    assert english.out.startswith("usage")
    assert "--profile" in french.out
    assert "--json" in english.out


@pytest.mark.parametrize(
    "verb", [["serve"], ["check-config"], ["directory", "import"], ["directory", "search"], ["invite"], ["watch"]]
)
def test_every_other_verb_has_help_in_both_languages(verb: list[str]) -> None:
    french, english = (confrere(*verb, "--help", "--lang", language) for language in ("fr", "en"))
    assert (french.code, english.code) == (0, 0)
    assert french.out.startswith("utilisation")
    assert english.out.startswith("usage")


@pytest.mark.parametrize(
    "argv",
    [
        ["send", "--subject", "s", "--text", "t"],
        ["send", "--to", "a@b.c", "--text", "t"],
        ["send", "--to", "a@b.c", "--subject", "s"],
        ["send", "--to", "a@b.c", "--thread", "abcd", "--text", "t"],
        ["refer", "--to", "a@b.c", "--patient", "x", "--text", "q", "--urgency", "now"],
        ["decline", "abcd", "--reason", "because"],
        ["ask", "abcd", "--text", "  "],
        ["answer", "abcd"],
        ["answer", "abcd", "--text", "t", "--by-when", "tomorrow"],
        ["appointment", "abcd"],
        ["appointment", "abcd", "--start", "2026-12-01T09:00", "--minutes", "0"],
        ["delegate", "grant", "--to", "a@b.c", "--classes", "everything"],
        ["recover"],
        ["recover", "--server", "http://127.0.0.1:1", "--confirm", "x"],
        ["enroll", "--server", "http://127.0.0.1:1"],
        ["export", "abcd"],
        ["export", "abcd", "--verify", "x"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2_with_one_document(argv: list[str], tmp_path: Path) -> None:
    played = User(tmp_path / "nobody").run(*argv)
    assert played.code == 2
    assert played.error == "usage"


def test_a_profile_is_named_by_flag_or_environment(tmp_path: Path) -> None:
    missing = confrere("inbox", "--json", CONFRERE_PROFILE="")
    assert (missing.code, missing.error) == (2, "usage")
    named = confrere("inbox", "--json", CONFRERE_PROFILE=str(tmp_path / "nobody"))
    assert (named.code, named.error) == (2, "profile-missing")


def test_files_that_are_not_there_or_no_text_are_wrong_usage(tmp_path: Path) -> None:
    nobody = User(tmp_path / "nobody")
    binary = tmp_path / "scan.pdf"
    binary.write_bytes(b"%PDF\xff\xfe")
    to = ["send", "--to", "a@b.c", "--subject", "s"]
    assert nobody.run(*to, "--body", str(tmp_path / "absent")).error == "file-unreadable"
    assert nobody.run(*to, "--text", "t", "--attach", str(tmp_path)).error == "file-unreadable"
    assert nobody.run(*to, "--body", str(binary)).error == "file-not-text"


def test_a_production_ins_with_a_wrong_key_blocks_before_anything_is_opened(tmp_path: Path) -> None:
    scanned = (
        "IS01" + "0" * 22 + "S1279035121518900S21.2.250.1.213.1.4.8\x1dS3DOMINIQUE\x1dS4PAT\x1dS5FS628-03-1979S751215"
    )
    asked = ["refer", "--to", "a@b.c", "--patient", scanned, "--text", "q", "--urgency", "routine"]
    played = User(tmp_path / "nobody").run(*asked)
    assert (played.code, played.error) == (3, "patient-ins-key-wrong")
    assert "PAT" not in played.out + played.err


def test_a_new_passphrase_is_long_enough_and_there(tmp_path: Path) -> None:
    nobody = User(tmp_path / "nobody")
    enrol = ["enroll", "--server", "http://127.0.0.1:1", "--code", "00000-00000-00000-00000"]
    assert nobody.run(*enrol, CONFRERE_PASSPHRASE="short").error == "passphrase-too-short"
    missing = nobody.run(*enrol, CONFRERE_PASSPHRASE="")
    assert (missing.code, missing.error) == (2, "passphrase-missing")


def test_a_server_is_https_or_this_machine(tmp_path: Path) -> None:
    enrol = ["enroll", "--code", "00000-00000-00000-00000", "--server", "http://example.org"]
    played = User(tmp_path / "nobody").run(*enrol)
    assert (played.code, played.error) == (2, "server-url-wrong")
