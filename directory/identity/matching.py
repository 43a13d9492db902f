"""How people ask for a specialty or a place, and what of the directory's labels answers them.

French words as typed (cardiologue, infirmière, St-Étienne, 69) against labels as published (Cardiologie et
maladies vasculaires, Infirmier, Saint-Étienne, Rhône). Folded comparison only; no medical knowledge, no
geography.
"""

from __future__ import annotations

import re

from directory.identity.folding import name_parts

_ENDINGS = re.compile(r"(?:iennes?|iens?|istes?|iques?|ieres?|iers?|ies?|ues?|es?|s)$")
_STEM_LENGTH = 5
_SAINTS = {"st": "saint", "ste": "sainte"}
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_DEPARTMENT_CODE = re.compile(r"(?:[0-9]{1,3}|2[ab])", re.ASCII)


def stem(word: str) -> str:
    """A folded word without the ending that tells a profession from its practitioner or its gender.

    cardiologue, cardiologie -> cardiolog; infirmière, infirmier -> infirm. Short words only lose a plural's s.
    """
    short = _ENDINGS.sub("", word)
    if len(short) >= _STEM_LENGTH:
        return short
    return word.removesuffix("s") if len(word) >= _STEM_LENGTH else word


def answers_specialty(query: str, labels: str, codes: tuple[str, ...]) -> bool:
    """Whether a profession or specialty answers `query`: by a code, or each word by a word's beginning."""
    if query.strip().upper() in codes:
        return True
    words = name_parts(labels)
    return all(any(word.startswith(stem(part)) for word in words) for part in name_parts(query))


def place_words(query: str) -> str:
    """A place as typed, folded, `St` written out."""
    return " ".join(_SAINTS.get(word, word) for word in name_parts(query))


def postal_code_in(words: str) -> tuple[str, str]:
    """The postal code among folded words (or ""), and the other words."""
    code = next((word for word in words.split() if _POSTAL_CODE.fullmatch(word)), "")
    return code, " ".join(word for word in words.split() if word != code)


def department_in(words: str) -> tuple[str, str]:
    """The department's code at the end of folded words (or ""), and the words before it."""
    before, _, last = words.rpartition(" ")
    return (last.upper().zfill(2), before) if _DEPARTMENT_CODE.fullmatch(last) else ("", words)
