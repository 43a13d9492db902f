"""Folding names and labels to what they are compared by: one spelling for all ways to type a French name.

Case, accents, apostrophes, hyphens, ligatures and runs of spaces fold (Unicode NFKD, then casefold). Folding
is for finding, never for showing or for an identity's strict traits.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "æ": "ae", "ı": "i"})
_SEPARATORS = re.compile(r"[\s'’‘ʼ´`‐‑‒–—―−_-]+")
_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset({"dr", "docteur", "pr", "professeur", "m", "mr", "mme", "mlle", "monsieur", "madame"})


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """`text` without case or accents, apostrophes and hyphens as single spaces. Idempotent."""
    if text.isascii():
        return _SEPARATORS.sub(" ", text.lower()).strip()
    # Twice: casefold can compose or expand what the first decomposition left (ẞ, ŉ, Greek iota below).
    folded = _stripped(_stripped(_SEPARATORS.sub(" ", text)))
    return _SEPARATORS.sub(" ", folded).strip()


def _stripped(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


@lru_cache(maxsize=65536)
def name_parts(name: str) -> tuple[str, ...]:
    """The folded words of a name, compound ones taken apart, in order: Le Gall-D'Arc -> le, gall, d, arc."""
    return tuple(_WORD.findall(fold(name)))


def plain(text: str) -> str:
    """The folded words of a label or a place in one line, all other signs dropped."""
    return " ".join(name_parts(text))


@lru_cache(maxsize=65536)
def search_parts(family: str, given: str) -> tuple[str, ...]:
    """What a person is found by: each part of both names, and each compound name written in one word too."""
    parts: list[str] = []
    for name in (family, given):
        words = name_parts(name)
        parts += words
        if len(words) > 1:
            parts.append("".join(words))
    return tuple(dict.fromkeys(parts))


def query_parts(text: str) -> tuple[str, ...]:
    """The name parts that somebody typed, in any order; a title in front of them is not part of the name."""
    words = name_parts(text)
    named = tuple(word for word in words if word not in _TITLES)
    return tuple(dict.fromkeys(named or words))


@lru_cache(maxsize=65536)
def shown(name: str) -> str:
    """A name as it is read: LE GALL-D'ARC becomes Le Gall-D'Arc; one with small letters stays as it is."""
    if not name.isupper():
        return name
    return _WORD.sub(lambda word: word[0].capitalize(), name)
