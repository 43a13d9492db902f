"""The Luhn check digit (ISO/IEC 7812-1, annex B), shared by RPPS, FINESS, SIREN and SIRET numbers.

Digits in, a sum or a digit out. It does not know what the number means, nor who it belongs to.
"""

from __future__ import annotations

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn_sum(digits: str) -> int:
    """The weighted sum of ASCII `digits`, check digit last; a multiple of ten when it holds."""
    values = [ord(digit) - 48 for digit in reversed(digits)]
    return sum(values[0::2]) + sum(_DOUBLED[value] for value in values[1::2])


def check_digit(digits: str) -> str:
    """The digit to append to `digits` so that the whole holds."""
    return str(-luhn_sum(digits + "0") % 10)


def ascii_digits(text: str, length: int) -> bool:
    """Whether `text` is exactly `length` of 0-9: `str.isdigit` alone lets other scripts in."""
    return len(text) == length and text.isascii() and text.isdigit()
