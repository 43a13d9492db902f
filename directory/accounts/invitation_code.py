"""The one-time code of an invitation (CP1-3.11): 100 random bits that a person reads off paper, and its key.

Crockford's base 32 in four groups of five. Whether a code was ever issued is not known here.
"""

from __future__ import annotations

from typing import NewType

from directory.errors import DirectoryError
from directory.primitives import crockford, digest
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey

Code = NewType("Code", str)
"""The twenty canonical characters, without hyphens: what the key is made from."""

ENTROPY_SIZE = 13
_LENGTH = 20
_GROUP = 5


def make(entropy: bytes) -> Code:
    """A code from 13 random octets, of which it takes the first 100 bits."""
    if len(entropy) != ENTROPY_SIZE:
        raise ValueError("an invitation code takes 13 octets of entropy")
    bits = int.from_bytes(entropy, "big") >> 8 * ENTROPY_SIZE - 5 * _LENGTH
    return Code(crockford.write(bits, _LENGTH))


def parse(typed: str) -> Code:
    """The code that somebody typed. Raises DirectoryError("invitation-code-malformed")."""
    code = crockford.canonical(typed, _LENGTH)
    if code is None:
        raise DirectoryError("invitation-code-malformed")
    return Code(code)


def grouped(code: Code) -> str:
    """As it is printed: XXXXX-XXXXX-XXXXX-XXXXX."""
    return crockford.grouped(code, _GROUP)


def signing_key(code: Code) -> SigningKey:
    """The key whose public half stands in the invitation's certificate and which signs the bind."""
    return SigningKey(digest.labelled(Label.INVITATION_CODE, code.encode("ascii")))
