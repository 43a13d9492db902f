"""Ed25519 as libsodium verifies it (CP1-1.5), with a purpose label in front of every message.

libsodium rejects small-order keys at verification; a mixed-order key still verifies some forged-looking signatures, so
a key is *registered* only after `verify_key` (crypto_core_ed25519_is_valid_point), and everybody who folds a log
repeats that check.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nacl import bindings
from nacl.exceptions import BadSignatureError
from nacl.exceptions import RuntimeError as SodiumError

from directory.errors import DirectoryError
from directory.primitives.labels import Label

SEED_SIZE = 32
KEY_SIZE = 32
SIZE = 64


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A signing key made from a 32-octet seed. `repr` shows the verification key only."""

    seed: bytes = field(repr=False)
    _secret: bytes = field(init=False, repr=False, compare=False)
    public: bytes = field(init=False)

    def __post_init__(self) -> None:
        public, secret = bindings.crypto_sign_seed_keypair(self.seed)
        object.__setattr__(self, "_secret", secret)
        object.__setattr__(self, "public", public)

    def sign(self, label: Label, *parts: bytes) -> bytes:
        """Ed25519(label || parts...), 64 octets (RFC 8032, deterministic)."""
        signed: bytes = bindings.crypto_sign(b"".join((label, *parts)), self._secret)
        return signed[:SIZE]


def verify_key(public: bytes) -> bytes:
    """The key itself if it is a canonical point of the prime-order group, else DirectoryError("key-unsafe")."""
    if len(public) != KEY_SIZE:
        raise DirectoryError("key-unsafe")
    try:
        valid = bindings.crypto_core_ed25519_is_valid_point(public)
    except (ValueError, TypeError, SodiumError):
        valid = False
    if not valid:
        raise DirectoryError("key-unsafe")
    return public


def verify(public: bytes, signature: bytes, label: Label, *parts: bytes) -> None:
    """Raise DirectoryError("signature-wrong") unless `signature` by `public` covers label || parts."""
    if len(signature) != SIZE or len(public) != KEY_SIZE:
        raise DirectoryError("signature-wrong")
    try:
        bindings.crypto_sign_open(b"".join((signature, label, *parts)), public)
    except (BadSignatureError, ValueError, SodiumError):
        raise DirectoryError("signature-wrong") from None
