"""The code on a custodial record's printed sheet (docs/spec/record.md; CP1-3.17): it can claim the record and no more.

The code names the record and holds 100 random bits. The key that signs the claim is made from these bits together with
the patient's own traits, so that whoever finds a sheet and is somebody else makes another key, and nobody who reads
the record's log can try names. No key that opens anything is on the sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from directory.identity.folding import plain
from directory.primitives import crockford, digest
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from messaging.referral.patient import Patient
from record_bridge.errors import RecordError

SheetCode = NewType("SheetCode", str)
"""The canonical characters, without hyphens."""

SECRET_SIZE = 13
_ID_CHARACTERS = 26  # 128 bits, two to spare
_SECRET_CHARACTERS = 20
_GROUP = 5


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet says: which record, and its secret."""

    record: bytes
    secret: str

    @property
    def code(self) -> SheetCode:
        number = int.from_bytes(self.record, "big")
        return SheetCode(crockford.write(number, _ID_CHARACTERS) + self.secret)


def secret(entropy: bytes) -> str:
    """The random part of a code, from 13 random octets of which it takes the first 100 bits."""
    bits = int.from_bytes(entropy, "big") >> 8 * SECRET_SIZE - 5 * _SECRET_CHARACTERS
    return crockford.write(bits, _SECRET_CHARACTERS)


def parse(typed: str) -> Sheet:
    """What somebody typed or scanned. Raises RecordError("sheet-code-malformed")."""
    code = crockford.canonical(typed, _ID_CHARACTERS + _SECRET_CHARACTERS)
    if code is None:
        raise RecordError("sheet-code-malformed")
    number = crockford.number_of(code[:_ID_CHARACTERS])
    if number >> 128:
        raise RecordError("sheet-code-malformed")
    return Sheet(number.to_bytes(16, "big"), code[_ID_CHARACTERS:])


def grouped(code: SheetCode) -> str:
    """As it is printed: groups of five."""
    return crockford.grouped(code, _GROUP)


def signing_key(random: str, patient: Patient) -> SigningKey:
    """The key that may claim: from the sheet's secret and whose record it is."""
    traits = patient.traits
    whose = "\n".join(
        (plain(traits.birth_name), plain(traits.birth_given_names), traits.birth_date.isoformat(), traits.sex.value)
    )
    return SigningKey(digest.labelled(Label.SHEET, random.encode("ascii"), b"\n", whose.encode()))
