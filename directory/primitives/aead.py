"""ChaCha20-Poly1305 (RFC 8439) under keys used once, and XChaCha20-Poly1305 for local stores. One door to the AEAD.

A fixed nonce is safe in `seal_once` because CP1 derives its key from 32 fresh random octets and uses it for one message
(CP1-5.2), and in `seal_chunk` because the nonce is the chunk's index under a key drawn for one upload (CP1-6.2).
Local stores reuse a key for years, so they take a random 192-bit nonce.
"""

from __future__ import annotations

from nacl import bindings
from nacl.exceptions import CryptoError

from directory.errors import DirectoryError

KEY_SIZE = 32
TAG_SIZE = 16
NONCE_SIZE = 12
STORE_NONCE_SIZE = 24
_ONCE = bytes(NONCE_SIZE)


def seal_once(key: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Ciphertext || tag under a key that seals nothing else."""
    sealed: bytes = bindings.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, aad, _ONCE, key)
    return sealed


def open_once(key: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    """The plaintext, or DirectoryError("tag-wrong")."""
    return _open(key, _ONCE, ciphertext, aad)


def seal_chunk(key: bytes, index: int, final: bool, plaintext: bytes, aad: bytes) -> bytes:
    """Chunk `index` of one upload: the nonce is u88 index || u8 final (CP1-6.2)."""
    sealed: bytes = bindings.crypto_aead_chacha20poly1305_ietf_encrypt(
        plaintext, aad, _chunk_nonce(index, final), key
    )
    return sealed


def open_chunk(key: bytes, index: int, final: bool, ciphertext: bytes, aad: bytes) -> bytes:
    """The chunk's plaintext, or DirectoryError("tag-wrong")."""
    return _open(key, _chunk_nonce(index, final), ciphertext, aad)


def _chunk_nonce(index: int, final: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if final else b"\x00")


def _open(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    if len(ciphertext) < TAG_SIZE:
        raise DirectoryError("tag-wrong")
    try:
        opened: bytes = bindings.crypto_aead_chacha20poly1305_ietf_decrypt(ciphertext, aad, nonce, key)
    except CryptoError:
        raise DirectoryError("tag-wrong") from None
    return opened


def seal_stored(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """nonce(24) || XChaCha20-Poly1305 for a local store; `nonce` is 24 fresh random octets."""
    sealed: bytes = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, aad, nonce, key)
    return nonce + sealed


def open_stored(key: bytes, stored: bytes, aad: bytes) -> bytes:
    """What `seal_stored` sealed, or DirectoryError("tag-wrong")."""
    if len(stored) < STORE_NONCE_SIZE + TAG_SIZE:
        raise DirectoryError("tag-wrong")
    nonce, sealed = stored[:STORE_NONCE_SIZE], stored[STORE_NONCE_SIZE:]
    try:
        opened: bytes = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, aad, nonce, key)
    except CryptoError:
        raise DirectoryError("tag-wrong") from None
    return opened
