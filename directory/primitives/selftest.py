"""Known answers at start-up for what every process links: signatures, hashes, the tree (CP1-1.8).

A library that was swapped, cut down or miscompiled is found before the first octet is believed. The answers are ours
(labels included); tests hold the same functions against the published ones. Takes a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from directory.errors import DirectoryError
from directory.primitives import digest, kem_key, signature, tree
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey

_SEED = bytes(range(32))
_MESSAGE = b"confrere"
_PUBLIC = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
_SIGNATURE = bytes.fromhex(
    "0b172a17250dfdd83f627a09906883aa3cd9ec0752f1a4a685a60daa21780e83"
    "db7f288d7618e6af9567f1cd37d8b389f0ebe231a1a163c220231d5d3209300d"
)
_DIGEST = bytes.fromhex("6023e153e6bfcac5a7a87581de14ce930c2be968b817dc6f019d47933ffbaee9")
_ROOT_OF_SEVEN = bytes.fromhex("3560191803028444b232018ac047fdb561c09c23a7a6876c85e08b5e4d48e9f3")
# Order 4, and the key above plus a point of order 8: the first signs everything, the second now and then.
_SMALL_ORDER = bytes(32)
_MIXED_ORDER = bytes.fromhex("b154bd62188ae283dd187fefe8c31f5e276edf083b4cff11c9d5cff856c74440")


def run() -> None:
    """Raises DirectoryError("selftest-failed", what=...)."""
    key = SigningKey(_SEED)
    expect("ed25519", key.public == _PUBLIC and key.sign(Label.GROUP, _MESSAGE) == _SIGNATURE)
    expect("ed25519", not refuses(lambda: signature.verify(_PUBLIC, _SIGNATURE, Label.GROUP, _MESSAGE)))
    expect("ed25519", refuses(lambda: signature.verify(_PUBLIC, _SIGNATURE, Label.EVENT, _MESSAGE)))
    flipped = bytes([_SIGNATURE[0] ^ 1]) + _SIGNATURE[1:]
    expect("ed25519", refuses(lambda: signature.verify(_PUBLIC, flipped, Label.GROUP, _MESSAGE)))
    for unsafe in (_SMALL_ORDER, _MIXED_ORDER):
        expect("ed25519-points", refuses(lambda unsafe=unsafe: signature.verify_key(unsafe)))  # type: ignore[misc]
    expect("ed25519-points", not refuses(lambda: signature.verify_key(_PUBLIC)))
    expect("sha256", digest.labelled(Label.ENTRY_HASH, _MESSAGE) == _DIGEST)
    _tree()
    expect("kem-key", refuses(lambda: kem_key.verify_public_key(b"\xff" * kem_key.PUBLIC_SIZE)))


def _tree() -> None:
    leaves = [bytes([number]) for number in range(7)]
    root, paths = tree.paths([tree.leaf_hash(leaf) for leaf in leaves])
    expect("tree", tree.root([]) == sha256(b"").digest() and root == _ROOT_OF_SEVEN == tree.root(leaves))
    expect("tree", not refuses(lambda: tree.verify_path(leaves[6], 6, 7, paths[6], root)))
    expect("tree", refuses(lambda: tree.verify_path(leaves[5], 6, 7, paths[6], root)))


def expect(what: str, holds: bool) -> None:
    """Raises DirectoryError("selftest-failed")."""
    if not holds:
        raise DirectoryError("selftest-failed", what=what)


def refuses(act: Callable[[], object]) -> bool:
    """Whether `act` ends in a refusal of ours."""
    try:
        act()
    except DirectoryError:
        return True
    return False
