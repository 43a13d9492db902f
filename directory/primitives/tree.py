"""The Merkle tree of RFC 6962 section 2.1: root, audit path, verification. No consistency proofs yet.

Used for wraps, receipt groups and blob chunks. Leaf hash is SHA-256(0x00 || leaf), node SHA-256(0x01 || l || r).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from directory.errors import DirectoryError


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over leaf values, 32 octets; SHA-256 of nothing when there is none (RFC 6962 2.1)."""
    return root_of_hashes([leaf_hash(leaf) for leaf in leaves])


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """The same over leaf hashes already made, for leaves too large to keep."""
    if not hashes:
        return sha256(b"").digest()
    return _levels(hashes)[-1][0]


def _levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    # Pairing left to right and carrying an odd last node up gives the same tree as RFC 6962's split at the largest
    # power of two, and is linear.
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_node(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def paths(hashes: Sequence[bytes]) -> tuple[bytes, list[tuple[bytes, ...]]]:
    """(root, audit path of every leaf, in leaf order): one pass for a whole receipt group."""
    if not hashes:
        return root_of_hashes(hashes), []
    levels = _levels(hashes)
    found: list[tuple[bytes, ...]] = []
    for index in range(len(hashes)):
        path: list[bytes] = []
        position = index
        for level in levels[:-1]:
            sibling = position ^ 1
            if sibling < len(level):
                path.append(level[sibling])
            position >>= 1
        found.append(tuple(path))
    return levels[-1][0], found


def verify_path(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes) -> None:
    """Check that `leaf` is number `index` of `size` under `expected_root` (RFC 9162 2.1.3.2, same tree).

    Raises DirectoryError("tree-path-wrong").
    """
    if not 0 <= index < size:
        raise DirectoryError("tree-path-wrong")
    position, last, current = index, size - 1, leaf_hash(leaf)
    for sibling in path:
        if last == 0:
            raise DirectoryError("tree-path-wrong")
        if position & 1 or position == last:
            current = _node(sibling, current)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            current = _node(current, sibling)
        position >>= 1
        last >>= 1
    if last != 0 or current != expected_root:
        raise DirectoryError("tree-path-wrong")
