"""Numbers of a structure: FINESS (OID 1.2.250.1.71.4.2.2, type 1), SIREN (type 2) and SIRET (type 3).

All three end in a Luhn key. Well formed is all that a parsed number says; that the structure exists and who
may speak for it is decided elsewhere.
"""

from __future__ import annotations

from typing import NewType

from directory.errors import DirectoryError
from directory.identity.luhn import ascii_digits, luhn_sum

Finess = NewType("Finess", str)
Siren = NewType("Siren", str)
Siret = NewType("Siret", str)

_CORSICA = {"2A": "21", "2B": "22"}  # the department's letter counts as its rank
_LA_POSTE = (
    "356000000"  # its establishments outgrew the key: there the plain sum of digits is a multiple of five
)


def parse_finess(text: str) -> Finess:
    """Nine characters, digits but for a Corsican 2A or 2B in front, and a Luhn key; else `finess-invalid`."""
    number = "".join(text.split()).upper()
    digits = _CORSICA.get(number[:2], number[:2]) + number[2:]
    if not ascii_digits(digits, 9) or luhn_sum(digits) % 10:
        raise DirectoryError("finess-invalid")
    return Finess(number)


def parse_siren(text: str) -> Siren:
    """Nine digits with a Luhn key; else `siren-invalid`."""
    number = "".join(text.split())
    if not ascii_digits(number, 9) or luhn_sum(number) % 10:
        raise DirectoryError("siren-invalid")
    return Siren(number)


def parse_siret(text: str) -> Siret:
    """Fourteen digits with a Luhn key (La Poste's own rule where it applies); else `siret-invalid`."""
    number = "".join(text.split())
    if not ascii_digits(number, 14):
        raise DirectoryError("siret-invalid")
    by_luhn = luhn_sum(number) % 10 == 0
    by_la_poste = number.startswith(_LA_POSTE) and sum(map(int, number)) % 5 == 0
    if not by_luhn and not by_la_poste:
        raise DirectoryError("siret-invalid")
    return Siret(number)


def siren_of(siret: Siret) -> Siren:
    """The legal unit that the establishment belongs to: a SIRET's first nine digits."""
    return Siren(siret[:9])
