"""The frame of the command line: languages, one JSON document, exit codes, and no content of an unforeseen error."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from confrere.commands import check_config, frame
from confrere.errors import ConfrereError

MARKER = "Mme Marqueur"
ENVIRONMENT = {"CONFRERE_WORDS": "strict", "CONFRERE_LANG": "en"}


def confrere(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "confrere", *argv],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", **ENVIRONMENT, **environment},
        check=False,
        timeout=20,
    )


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Puts a behaviour in place of `check-config`."""

    def becomes(behaviour: Callable[[], object]) -> None:
        def run(arguments: argparse.Namespace, output: object) -> object:
            return behaviour()

        monkeypatch.setattr(check_config, "run", run)

    return becomes


def test_check_config_answers_one_json_document_and_0() -> None:
    run = confrere("check-config", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["files"] == ["client.toml", "document_types.toml", "service.toml", "urgency.toml"]


def test_check_config_imports_neither_sqlalchemy_nor_aiohttp() -> None:
    code = (
        "import sys; from confrere.commands.frame import play; play(['check-config', '--json'], {});"
        "sys.exit(any(name in sys.modules for name in ('aiohttp', 'sqlalchemy', 'nacl', 'cryptography')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_wrong_setting_is_wrong_usage_and_names_file_key_and_expectation(tmp_path: Path) -> None:
    (tmp_path / "service.toml").write_text("[listen]\nport = 99999\n")
    run = confrere("check-config", "--config", str(tmp_path), "--json")
    error = json.loads(run.stdout)["error"]
    assert run.returncode == 2
    assert (error["id"], error["key"], error["expected"]) == ("setting-invalid", "listen.port", "0..65535")
    assert error["message"].strip() == run.stderr.strip()


@pytest.mark.parametrize("argv", [["nonsense"], ["check-config", "--nonsense"], ["--json"], ["--lang", "xx"]])
def test_wrong_usage_is_2_and_says_where_help_is(argv: list[str]) -> None:
    run = confrere(*argv)
    assert run.returncode == 2
    assert "confrere" in run.stderr
    assert "--help" in run.stderr
    if "--json" in argv:
        assert json.loads(run.stdout)["error"]["id"] == "usage"
    else:
        assert run.stdout == ""


@pytest.mark.parametrize(
    ("argv", "heading"),
    [(["--help", "--lang", "fr"], "commandes"), (["--lang=en", "--help"], "commands"), ([], "commands")],
)
def test_help_lists_the_verbs_in_the_caller_s_language(argv: list[str], heading: str) -> None:
    run = confrere(*argv)
    assert run.returncode == 0
    assert f"{heading}:" in run.stdout
    assert "check-config" in run.stdout


def test_a_configured_language_holds_where_nothing_else_was_said(tmp_path: Path) -> None:
    (tmp_path / "client.toml").write_text('[interface]\nlanguage = "fr"\n')
    assert "commandes" in confrere("--config", str(tmp_path), "--help", CONFRERE_LANG="", LC_ALL="en_GB").stdout


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (ConfrereError("data-locked", data="p"), 3),
        (ConfrereError("data-missing", data="p"), 2),
        (KeyboardInterrupt(), 130),
        (ExceptionGroup("tasks", [ValueError(MARKER), ConfrereError("data-locked", data="p")]), 3),
        (RuntimeError(MARKER), 1),
    ],
)
def test_what_a_verb_raises_becomes_an_exit_code_and_one_document(
    raised: BaseException,
    code: int,
    verb: Callable[[Callable[[], object]], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    def behaviour() -> object:
        raise raised

    verb(behaviour)
    assert frame.play(["check-config", "--json", "--verbose"], ENVIRONMENT) == code
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["id"]
    assert MARKER not in said.out + said.err


def test_an_incident_shows_frames_and_types_but_never_the_text_of_the_error(
    verb: Callable[[Callable[[], object]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def behaviour() -> object:
        try:
            raise KeyError(MARKER)
        except KeyError as problem:
            raise RuntimeError(MARKER) from problem

    verb(behaviour)
    assert frame.play(["check-config"], ENVIRONMENT) == 1
    quiet = capsys.readouterr()
    assert "RuntimeError" not in quiet.err
    frame.play(["check-config", "--verbose"], ENVIRONMENT)
    loud = capsys.readouterr()
    assert "builtins.RuntimeError" in loud.err
    assert "builtins.KeyError" in loud.err
    assert MARKER not in quiet.err + loud.err + quiet.out + loud.out


def test_an_async_verb_runs_and_its_silence_is_an_empty_document(
    verb: Callable[[Callable[[], object]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    async def work() -> None:
        return None

    verb(work)
    assert frame.play(["check-config", "--json"], ENVIRONMENT) == 0
    assert json.loads(capsys.readouterr().out) == {}


def test_a_reader_that_goes_away_does_not_fail_the_work() -> None:
    wait_then_run = "import sys; sys.stdin.read(); from confrere.__main__ import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", wait_then_run, "check-config", "--json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stdin is not None
    process.stdin.close()
    assert process.stderr is not None
    complaint = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=20), complaint) == (0, b"")


def test_every_verb_module_is_in_the_list_of_verbs() -> None:
    folder = Path(frame.__file__).parent
    written = {
        path.stem.strip("_").replace("_", "-")
        for path in folder.glob("*.py")
        if "\ndef configure(" in path.read_text(encoding="utf-8")
    }
    groups = {path.name.replace("_", "-") for path in folder.iterdir() if (path / "__init__.py").is_file()}
    assert written | groups <= set(frame.VERBS)


def test_check_config_reads_the_urgency_delays_too(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "config", tmp_path / "config")
    (tmp_path / "config" / "urgency.toml").write_text("[nonsense]\n")
    run = confrere("check-config", "--config", str(tmp_path / "config"), "--json")
    assert (run.returncode, json.loads(run.stdout)["error"]["id"]) == (2, "referral-settings-invalid")
