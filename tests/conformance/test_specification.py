"""The specification held to code and tests: clause ids, the table of labels, the table of limits."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from directory.primitives.labels import Label
from messaging.wire import limits

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "docs/spec"
HOUSES = ("directory", "messaging", "record_bridge", "confrere", "tests")
# Held both ways; other chapters' ids are permanent, not yet held.
CHAPTERS = ("CP1", "CO", "RD", "CDA", "FI", "DOC", "ML")
_CHAPTER = "|".join(CHAPTERS)
# Defined and cited nowhere, with the reason.
UNCITED = {
    "CP1-7.6": "says what is not there yet",
    "CP1-8.1": "says what is not there yet",
}


def defined() -> Counter[str]:
    """A clause is defined where a line starts with it: `* **CP1-5.7**` or `## CP1-3.1`."""
    found: Counter[str] = Counter()
    for path in SPEC.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(rf"^(?:\* \*\*|#+ )((?:{_CHAPTER})-\d+\.\d+)\b", text, re.MULTILINE))
    return found


def cited() -> Iterator[tuple[str, str]]:
    """(clause, file) of every citation in code and tests; "CP1-4.4 to CP1-4.9" cites all six."""
    files = [path for house in HOUSES for path in (ROOT / house).rglob("*.py")]
    for path in files:
        if path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        yield from ((clause, name) for clause in re.findall(rf"\b(?:{_CHAPTER})-\d+\.\d+", text))
        for prefix, chapter, first, last in re.findall(rf"\b({_CHAPTER})-(\d+)\.(\d+) to \1-\2\.(\d+)", text):
            yield from ((f"{prefix}-{chapter}.{clause}", name) for clause in range(int(first), int(last) + 1))
        for prefix, chapter, clause in re.findall(rf"def test_({_CHAPTER.lower()})_(\d+)_(\d+)_", text):
            yield f"{prefix.upper()}-{chapter}.{clause}", name
    for path in (ROOT / "tests/vectors").rglob("*.json"):
        for clause in json.loads(path.read_text()).get("clauses", ()):
            yield clause, path.relative_to(ROOT).as_posix()


def test_every_cited_clause_is_defined_exactly_once() -> None:
    definitions = defined()
    missing = {(clause, file) for clause, file in cited() if not definitions[clause]}
    assert not missing, sorted(missing)
    assert not [clause for clause, times in definitions.items() if times > 1]


def test_every_defined_clause_is_cited() -> None:
    everywhere = {clause for clause, _ in cited()}
    assert not set(defined()) - everywhere - set(UNCITED), sorted(set(defined()) - everywhere)
    assert not set(UNCITED) & everywhere


def test_clauses_named_between_chapters_exist() -> None:
    definitions = defined()
    for path in SPEC.glob("cp1-*.md"):
        named = set(re.findall(r"CP1-\d+\.\d+", path.read_text(encoding="utf-8")))
        assert named <= set(definitions), (path.name, sorted(named - set(definitions)))


def test_cp1_1_6_the_table_of_labels_is_the_codes() -> None:
    rows = re.findall(r"\| ([A-Z_]+) \| `([^`]+)` \|", (SPEC / "cp1-conventions.md").read_text(encoding="utf-8"))
    assert {name: octets.encode() + b"\0" for name, octets in rows} == {label.name: label.value for label in Label}
    assert len(rows) == len({octets for _, octets in rows})


def test_the_table_of_limits_is_the_codes() -> None:
    rows = re.findall(r"\| ([A-Z_]+) \| (\d+) \|", (SPEC / "limits.md").read_text(encoding="utf-8"))
    assert {name: int(value) for name, value in rows} == {n: v for n, v in vars(limits).items() if n.isupper()}
