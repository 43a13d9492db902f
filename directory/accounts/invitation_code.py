"""The one-time code of an invitation (CP1-3.11): 100 random bits that a person reads off paper, and its key.

Crockford's base 32 in four groups of five. Reading forgives case, spaces, hyphens and the letters that look like
digits (O, I, L). Whether a code was ever issued is not known here.
"""

from __future__ import annotations

from typing import NewType

from directory.errors import DirectoryError
from directory.primitives import digest
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey

Code = NewType("Code", str)
"""The twenty canonical characters, without hyphens: what the key is made from."""

ENTROPY_SIZE = 13
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 20
_GROUP = 5
_BETWEEN = " -\u2010\u2011\u2013\t\r\n\u00a0\u202f"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys(_BETWEEN, ""))


def make(entropy: bytes) -> Code:
    """A code from 13 random octets, of which it takes the first 100 bits."""
    if len(entropy) != ENTROPY_SIZE:
        raise ValueError("an invitation code takes 13 octets of entropy")
    bits = int.from_bytes(entropy, "big") >> 8 * ENTROPY_SIZE - 5 * _LENGTH
    return Code("".join(_ALPHABET[bits >> 5 * at & 31] for at in reversed(range(_LENGTH))))


def parse(typed: str) -> Code:
    """The code that somebody typed. Raises DirectoryError("invitation-code-malformed")."""
    code = typed[:200].upper().translate(_LOOKALIKES)
    if len(code) != _LENGTH or not set(code) <= set(_ALPHABET):
        raise DirectoryError("invitation-code-malformed")
    return Code(code)


def grouped(code: Code) -> str:
    """As it is printed: XXXXX-XXXXX-XXXXX-XXXXX."""
    return "-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def signing_key(code: Code) -> SigningKey:
    """The key whose public half stands in the invitation's certificate and which signs the bind."""
    return SigningKey(digest.labelled(Label.INVITATION_CODE, code.encode("ascii")))
