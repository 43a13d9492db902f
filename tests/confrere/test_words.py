"""The catalogue of words: which language, and what a missing message does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast

from confrere.errors import ConfrereError
from confrere.words import catalogue
from confrere.words.catalogue import LANGUAGES, Language, WordsMissing, choose_language, sources, words


@pytest.mark.parametrize(
    ("explicit", "environment", "configured", "language"),
    [
        ("en", {"CONFRERE_LANG": "fr"}, "fr", "en"),
        ("", {"CONFRERE_LANG": "en", "LANG": "fr_FR.UTF-8"}, "fr", "en"),
        ("", {"LANG": "fr_FR.UTF-8"}, "en", "en"),
        ("", {"LANG": "en_GB.UTF-8"}, "", "en"),
        ("", {"LC_ALL": "fr_BE", "LANG": "en_GB"}, "", "fr"),
        ("", {"LANG": "C.UTF-8"}, "", "fr"),
        ("", {"LANG": "enm_XX"}, "", "fr"),
        ("", {}, "", "fr"),
    ],
)
def test_language(explicit: str, environment: dict[str, str], configured: str, language: str) -> None:
    assert choose_language(explicit, environment, configured) == language


def test_facts_enter_the_sentence_without_invisible_marks() -> None:
    refusal = ConfrereError("setting-invalid", file="service.toml", key="listen.port", expected="0..65535")
    sentence = words("en", strict=True).of(refusal)
    assert sentence == "service.toml: the value of listen.port does not fit. Expected: 0..65535."


def test_a_missing_message_or_fact_raises_when_strict_and_shows_the_id_otherwise() -> None:
    with pytest.raises(WordsMissing):
        words("fr", strict=True).say("no-such-message")
    with pytest.raises(WordsMissing):
        words("fr", strict=True).say("error-setting-unreadable")
    assert words("fr").say("no-such-message") == "no-such-message"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_by_itself_is_the_one_that_its_whole_file_has(language: Language) -> None:
    parser = FluentParser(with_spans=False)
    whole = {}
    for file in sorted((Path(catalogue.__file__).parent / language).glob("*.ftl")):
        for entry in parser.parse(file.read_text(encoding="utf-8")).body:
            assert isinstance(entry, ast.Message | ast.Comment | ast.GroupComment | ast.ResourceComment), file.name
            if isinstance(entry, ast.Message):
                assert entry.id.name not in whole, file.name
                whole[entry.id.name] = entry
    assert sources(language).keys() == whole.keys()
    for message_id, source in sources(language).items():
        (alone,) = parser.parse(source).body
        assert alone.equals(whole[message_id], ignored_fields=["comment"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_refers_to_another(language: Language) -> None:
    for source in sources(language).values():
        assert not re.search(r"\{\s*-?[a-z][\w-]*\s*\}", source)
