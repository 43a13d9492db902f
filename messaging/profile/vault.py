"""The vault of a profile (CP1-8.3): a passphrase opens one random root key, and the root key seals every stored value.

Argon2id with floors, then XChaCha20-Poly1305 with random nonces; each value is bound to its table and row by its
associated data, so that rows cannot be swapped. Pure: entropy is a parameter, the store is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from directory.errors import DirectoryError
from directory.primitives import aead, kdf, passphrase
from directory.primitives.labels import Label
from directory.primitives.passphrase import Cost
from messaging.errors import MessagingError

_ROOT = b"root"


@dataclass(frozen=True, slots=True)
class Lock:
    """What is stored in clear of a vault: Argon2id salt and cost, and the root key under the passphrase's key."""

    salt: bytes
    cost: Cost
    sealed_root: bytes


@dataclass(frozen=True, slots=True)
class Vault:
    """An opened vault."""

    _key: bytes = field(repr=False)

    def seal(self, place: str, value: bytes, nonce: bytes) -> bytes:
        """`place` names table, column and row; `nonce` is 24 fresh random octets."""
        return aead.seal_stored(self._key, nonce, value, Label.STORE + place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """Raises MessagingError("profile-damaged")."""
        try:
            return aead.open_stored(self._key, sealed, Label.STORE + place.encode())
        except DirectoryError:
            raise MessagingError("profile-damaged") from None


def create(words: str, salt: bytes, root: bytes, nonce: bytes, cost: Cost) -> tuple[Lock, Vault]:
    """A new vault from 16 octets of salt, 32 of root and 24 of nonce, all fresh."""
    sealed = aead.seal_stored(passphrase.derive(words, salt, cost), nonce, root, Label.STORE + _ROOT)
    return Lock(salt, cost, sealed), _vault(root)


def unlock(words: str, lock: Lock) -> Vault:
    """Raises MessagingError("passphrase-wrong"), DirectoryError("passphrase-cost-unsafe")."""
    try:
        root = aead.open_stored(
            passphrase.derive(words, lock.salt, lock.cost), lock.sealed_root, Label.STORE + _ROOT
        )
    except DirectoryError as refused:
        if refused.id != "tag-wrong":
            raise
        raise MessagingError("passphrase-wrong") from None
    return _vault(root)


def _vault(root: bytes) -> Vault:
    return Vault(kdf.derive(root, bytes(32), Label.STORE, b"values", aead.KEY_SIZE))
