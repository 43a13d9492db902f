"""Crockford's base 32 for codes that people copy from paper: digits and capitals without I, L, O, U.

Reading forgives case, spaces, hyphens and the letters that look like digits. Knows nothing of what a code is for.
"""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BETWEEN = " -\u2010\u2011\u2013\t\r\n\u00a0\u202f"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(_BETWEEN, ""))
_LONGEST_TYPED = 200


def write(number: int, length: int) -> str:
    """`number` in exactly `length` characters of five bits each, without hyphens."""
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def canonical(typed: str, length: int) -> str | None:
    """What was typed as `length` canonical characters, or None if it is not that."""
    code = typed[:_LONGEST_TYPED].upper().translate(_LOOKALIKES)
    return code if len(code) == length and set(code) <= set(_ALPHABET) else None


def number_of(code: str) -> int:
    """The number behind canonical characters."""
    number = 0
    for letter in code:
        number = number << 5 | _ALPHABET.index(letter)
    return number


def grouped(code: str, size: int) -> str:
    """In groups of `size`, with hyphens between."""
    return "-".join(code[at : at + size] for at in range(0, len(code), size))
