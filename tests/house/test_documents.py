"""Documents that cannot rot: commands, settings, links, decisions and the lock are held to what is there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from confrere.commands.frame import VERBS
from confrere.settings import FILES, section_type

ROOT = Path(__file__).parents[2]
UNREAD = {".venv", ".git", "node_modules", "demo-data"}
DOCUMENTS = sorted(path for path in ROOT.rglob("*.md") if not UNREAD & set(path.relative_to(ROOT).parts))
BY_NAME = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    """The fragments that a Markdown file's headings get."""
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    explicit = re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(explicit)


def test_every_command_of_the_documents_is_a_make_target_and_every_target_explained() -> None:
    makefile = read("Makefile")
    targets = {t for line in re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE) for t in line.split()}
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    documented = set(re.findall(r"`make ([a-z-]+)", read("README.md") + read("CONTRIBUTING.md")))
    assert documented <= targets
    assert targets == explained
    assert targets - documented <= {"help", "clean"}


def test_continuous_integration_calls_the_test_command_of_the_readme() -> None:
    assert "`make test`" in read("README.md")
    script = read(".ci/run")
    assert "\nset -eu\n" in script
    assert "\nmake test\n" in script
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_every_verb_in_the_readme_is_a_verb() -> None:
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", read("README.md"), re.DOTALL))
    assert set(re.findall(r"^confrere ([a-z-]+)", shell, re.MULTILINE)) <= set(VERBS)


@pytest.mark.parametrize("name", FILES)
def test_every_setting_is_documented(name: str) -> None:
    assert f"config/{name}" in read("README.md")
    for section in fields(FILES[name]):
        assert section_type(section).__doc__, section.name
        for entry in fields(section_type(section)):
            assert entry.metadata["meaning"].endswith("."), entry.name


@pytest.mark.parametrize("name", BY_NAME)
def test_relative_links_resolve(name: str) -> None:
    text = re.sub(r"```.*?```", "", read(name), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file.read_text(encoding="utf-8")), target


def test_changelog_has_what_is_not_released_yet() -> None:
    assert "\n## Unreleased\n" in read("CHANGELOG.md")


def test_decisions_are_numbered_without_gap_and_say_their_status() -> None:
    files = sorted((ROOT / "docs/adr").glob("*.md"))
    assert [file.name[:5] for file in files] == [f"{number:04d}-" for number in range(len(files))]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith(f"# {file.name[:4]}. ")
        for line in ("\n* Status: ", "\n* Date: ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"):
            assert line in text, (file.name, line)


# --- what is installed ---


def requirement_names(lines: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return {re.sub(r"[-_.]+", "-", match.group()).lower() for match in found if match}


def test_lock_has_only_names_versions_and_hashes() -> None:
    lines = read("requirements.lock").splitlines()
    for line in lines:
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?|[a-z0-9-]+==[\w.]+( ; [^\\]+)? \\", line), line


def test_lock_covers_what_the_project_declares() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    declared += [line for extra in project["project"]["optional-dependencies"].values() for line in extra]
    asked = [line for line in read("requirements.in").splitlines() if line and not line.startswith("#")]
    locked = [line for line in read("requirements.lock").splitlines() if not line.startswith(" ")]
    assert requirement_names(asked) == requirement_names(declared)
    assert requirement_names(asked) <= requirement_names(locked)


def test_licence_is_apache_2() -> None:
    assert "Apache License" in read("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in read("LICENSE")
