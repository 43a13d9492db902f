"""The catalogue of words: which language, and what a missing message does."""

from __future__ import annotations

import pytest

from confrere.errors import ConfrereError
from confrere.words.catalogue import WordsMissing, choose_language, words


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
