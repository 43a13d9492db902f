"""RPPS numbers, the national identifier of a health professional (ANS; OID 1.2.250.1.71.4.2.1).

Eleven digits that mean nothing, the last one a Luhn key. A parsed number is well formed; whether it was ever
given to somebody is for the directory to say.
"""

from __future__ import annotations

from typing import NewType

from directory.errors import DirectoryError
from directory.identity.luhn import ascii_digits, luhn_sum

Rpps = NewType("Rpps", str)


def is_rpps(text: str) -> bool:
    """Whether `text` is eleven digits whose key holds: the test of the import's inner loop."""
    return ascii_digits(text, 11) and luhn_sum(text) % 10 == 0


def parse(text: str) -> Rpps:
    """The RPPS number that a person typed, spaces around and inside it allowed; else `rpps-invalid`."""
    number = "".join(text.split())
    if not is_rpps(number):
        raise DirectoryError("rpps-invalid")
    return Rpps(number)


def idnps(number: Rpps) -> str:
    """The national identifier "8" + RPPS, as it stands in CDA ids and in the extraction."""
    return "8" + number
