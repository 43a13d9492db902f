"""AEK generations on the endpoint (CP1-3.4, CP1-3.5): make, wrap, open, and walk the history chain backwards.

Endpoint only: it links the code that opens. Every opened seed is checked against the public key that the log shows, so
a garbage wrap is an alarm and never a silent loss.
"""

from __future__ import annotations

from directory.accounts.wraps import SEALED_SIZE, WRAP_LABEL, Wrap, hpke_info
from directory.errors import DirectoryError
from directory.primitives import aead, kdf, kem
from directory.primitives.codec import u8, u32
from directory.primitives.labels import Label

_NO_SALT = bytes(32)


def _chain_key(seed: bytes, owner: bytes, class_: int, g: int) -> bytes:
    return kdf.derive(seed, _NO_SALT, Label.AEK_CHAIN, owner + u8(class_) + u32(g), aead.KEY_SIZE)


def chain(seed: bytes, owner: bytes, class_: int, g: int, previous_seed: bytes) -> bytes:
    """`chain_ct` of generation `g`: the previous seed, openable by whoever holds `seed` (48 octets)."""
    return aead.seal_once(_chain_key(seed, owner, class_, g), previous_seed, b"")


def open_chain(
    seed: bytes, owner: bytes, class_: int, g: int, chain_ct: bytes, expected_previous_pk: bytes
) -> bytes:
    """The seed of generation `g` - 1. Raises DirectoryError: tag-wrong, generation-key-wrong."""
    return verify_seed(
        aead.open_once(_chain_key(seed, owner, class_, g), chain_ct, b""), expected_previous_pk
    )


def verify_seed(seed: bytes, expected_pk: bytes) -> bytes:
    """The seed itself if the log's public key is its own. Raises DirectoryError("generation-key-wrong")."""
    if len(seed) != kem.SEED_SIZE or kem.public_key(seed) != expected_pk:
        raise DirectoryError("generation-key-wrong")
    return seed


def wrap_to(
    *,
    seed: bytes,
    owner: bytes,
    class_: int,
    g: int,
    recipient: bytes,
    device: bytes,
    recipient_generation: int,
    recipient_pk: bytes,
) -> Wrap:
    """Seal generation `g` of (owner, class) to one device or account."""
    info = hpke_info(owner, class_, g, recipient, device, recipient_generation)
    sealed = kem.seal(recipient_pk, seed, WRAP_LABEL, info)
    return Wrap(recipient, device, class_, g, recipient_generation, sealed)


def open_wrap(wrap: Wrap, owner: bytes, recipient_seed: bytes, expected_pk: bytes) -> bytes:
    """The AEK seed in a wrap made for us. Raises DirectoryError: wrap-wrong, generation-key-wrong."""
    if len(wrap.sealed) != SEALED_SIZE:
        raise DirectoryError("wrap-wrong")
    info = hpke_info(
        owner, wrap.class_, wrap.g, wrap.recipient, wrap.device, wrap.recipient_generation
    )
    return verify_seed(kem.open_sealed(recipient_seed, wrap.sealed, WRAP_LABEL, info), expected_pk)
