"""The words of the interface: a message id and its facts in, a sentence out, French or English.

Messages are Fluent (docs/adr/0001), in `words/fr/*.ftl` and `words/en/*.ftl`. Each is parsed when it is first said: a
verb says a dozen of a thousand, and all of them cost it a tenth of a second. They refer to no other message. It does
not decide the language of a message to others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from directory.errors import Refusal

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle
    from fluent.syntax import FluentParser

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FALLBACK: Language = "fr"

_HERE = Path(__file__).parent
_MESSAGE = re.compile(r"^([a-zA-Z][\w-]*) *=.*\n(?:(?:[ }].*)?\n)*", re.MULTILINE)


class WordsMissing(LookupError):
    """A language lacks this message, or a fact that it names was not given: a mistake of ours."""


class Words:
    """One language. `strict` raises where production falls back to the other language and then to the id."""

    __slots__ = ("language", "strict")

    def __init__(self, language: Language, *, strict: bool = False) -> None:
        self.language = language
        self.strict = strict

    def has(self, message_id: str) -> bool:
        return message_id in sources(self.language)

    def say(self, message_id: str, **facts: str | int | float) -> str:
        """The sentence of `message_id`; `facts` are its variables. WordsMissing only when strict."""
        for language in (self.language, *(other for other in LANGUAGES if other != self.language)):
            if message_id not in sources(language):
                if self.strict:
                    raise WordsMissing(f"{message_id} ({language})")
                continue
            bundle = _bundle(language)
            if not bundle.has_message(message_id):
                bundle.add_resource(_parser().parse(sources(language)[message_id]))
            pattern = bundle.get_message(message_id).value
            if pattern is None:
                break
            sentence, errors = bundle.format_pattern(pattern, facts)
            if errors and self.strict:
                raise WordsMissing(f"{message_id} ({language}): {errors[0]}")
            return str(sentence)
        if self.strict:
            raise WordsMissing(message_id)
        return message_id

    def of(self, refusal: Refusal) -> str:
        """The sentence of a refusal, `error-<id>` with its facts."""
        return self.say(f"error-{refusal.id}", **refusal.facts)


def words(language: Language, *, strict: bool = False) -> Words:
    return Words(language, strict=strict)


def choose_language(explicit: str, environment: Mapping[str, str], configured: str = "") -> Language:
    """The first that names a language we speak: --lang, CONFRERE_LANG, the client's settings, the locale."""
    candidates = (
        explicit,
        environment.get("CONFRERE_LANG", ""),
        configured,
        environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or "",
    )
    for candidate in candidates:
        for language in LANGUAGES:
            if candidate[:2].lower() == language and not candidate[2:3].isalnum():
                return language
    return FALLBACK


@cache
def sources(language: Language) -> Mapping[str, str]:
    """The messages of a language as they are written: an id at the beginning of a line, and the lines below it that are
    indented."""
    written = "".join(file.read_text(encoding="utf-8") + "\n" for file in sorted((_HERE / language).glob("*.ftl")))
    return {match[1]: match[0] for match in _MESSAGE.finditer(written)}


@cache
def _bundle(language: Language) -> FluentBundle:
    from fluent.runtime import FluentBundle

    # No bidirectional isolates: they would travel with an address copied out of a terminal.
    return FluentBundle([language], use_isolating=False)


@cache
def _parser() -> FluentParser:
    from fluent.syntax import FluentParser

    return FluentParser(with_spans=False)
