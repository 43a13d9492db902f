"""Argon2id (RFC 9106) from a passphrase to the key of a local store, with floors that a stored file cannot lower."""

from __future__ import annotations

from dataclasses import dataclass

from nacl import bindings

from directory.errors import DirectoryError

SALT_SIZE = 16
FLOOR_MEMORY = 64 * 1024 * 1024
FLOOR_PASSES = 3
CEILING_MEMORY = 4 * 1024 * 1024 * 1024
CEILING_PASSES = 32


@dataclass(frozen=True, slots=True)
class Cost:
    """Argon2id cost: memory in octets, number of passes (one lane, as in libsodium)."""

    memory: int = FLOOR_MEMORY
    passes: int = FLOOR_PASSES


def derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """32 octets. Raises DirectoryError("passphrase-cost-unsafe") outside the floors and ceilings (CP1-8.3)."""
    if not (
        FLOOR_MEMORY <= cost.memory <= CEILING_MEMORY
        and FLOOR_PASSES <= cost.passes <= CEILING_PASSES
        and len(salt) == SALT_SIZE
    ):
        raise DirectoryError("passphrase-cost-unsafe")
    key: bytes = bindings.crypto_pwhash_alg(
        32,
        passphrase.encode("utf-8"),
        salt,
        cost.passes,
        cost.memory,
        bindings.crypto_pwhash_ALG_ARGON2ID13,
    )
    return key
