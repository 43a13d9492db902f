"""HPKE base mode (RFC 9180) over X-Wing (ML-KEM-768 + X25519), HKDF-SHA256, ChaCha20-Poly1305: suite 0x0001.

A private key is its 32-octet X-Wing seed, expanded by SHAKE-256 to 96 octets (ML-KEM seed d || z, X25519 scalar).
A public key is ML-KEM-768's 1,184 octets followed by X25519's 32.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from directory.errors import DirectoryError
from directory.primitives.kem_key import verify_public_key
from directory.primitives.labels import Label

SEED_SIZE = 32
OVERHEAD = 1120 + 16

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def public_key(seed: bytes) -> bytes:
    """The 1,216-octet public key of a 32-octet seed."""
    mlkem, x25519 = _private_halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def seal(public: bytes, plaintext: bytes, label: Label, info: bytes) -> bytes:
    """enc(1120) || ciphertext || tag for the holder of `public`. Draws its entropy from the library (no nonce)."""
    return _SUITE.encrypt(plaintext, _public(public), info=label + info)


def open_sealed(seed: bytes, sealed: bytes, label: Label, info: bytes) -> bytes:
    """What was sealed to `public_key(seed)` for this very `info`, or DirectoryError("wrap-wrong")."""
    mlkem, x25519 = _private_halves(seed)
    try:
        return _SUITE.decrypt(sealed, hpke.MLKEM768X25519PrivateKey(mlkem, x25519), info=label + info)
    except (InvalidTag, ValueError):
        raise DirectoryError("wrap-wrong") from None


def _private_halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(96)
    try:
        return (
            MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
            X25519PrivateKey.from_private_bytes(expanded[64:]),
        )
    except UnsupportedAlgorithm:
        raise DirectoryError("sealing-unsupported") from None


@lru_cache(maxsize=64)  # who writes fifty mails to a colleague reads her key once
def _public(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    lattice, curve = verify_public_key(public)
    try:
        return hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(lattice), X25519PublicKey.from_public_bytes(curve)
        )
    except (ValueError, UnsupportedAlgorithm):
        raise DirectoryError("key-unsafe") from None
