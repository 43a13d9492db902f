"""RFC 6962 section 2.1 against its own recursive definition, written here apart from `primitives.tree`."""

from __future__ import annotations

from hashlib import sha256

import pytest

from directory.errors import DirectoryError
from directory.primitives import tree


def oracle_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + oracle_root(leaves[:split]) + oracle_root(leaves[split:])).digest()


def oracle_path(index: int, leaves: list[bytes]) -> tuple[bytes, ...]:
    if len(leaves) == 1:
        return ()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return (*oracle_path(index, leaves[:split]), oracle_root(leaves[split:]))
    return (*oracle_path(index - split, leaves[split:]), oracle_root(leaves[:split]))


@pytest.mark.parametrize("size", [*range(34), 63, 64, 65, 100])
def test_rfc_6962_2_1_root_and_paths(size: int) -> None:
    leaves = [b"leaf %d" % number for number in range(size)]
    root, paths = tree.paths([tree.leaf_hash(leaf) for leaf in leaves])
    assert root == oracle_root(leaves) == tree.root(leaves)
    for index, path in enumerate(paths):
        assert path == oracle_path(index, leaves)
        tree.verify_path(leaves[index], index, size, path, root)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_a_path_proves_its_own_leaf_at_its_own_index_only(size: int) -> None:
    leaves = [b"leaf %d" % number for number in range(size)]
    root, paths = tree.paths([tree.leaf_hash(leaf) for leaf in leaves])
    for index, path in enumerate(paths):
        wrong = [(leaves[index], other, size, path) for other in (*range(-1, index), *range(index + 1, size + 2))]
        wrong += [(b"another leaf", index, size, path), (leaves[index], index, size, (*path, bytes(32)))]
        if path:
            wrong += [(leaves[index], index, size, path[:-1]), (leaves[index], index, size, (*path[:-1], bytes(32)))]
        for leaf, at, count, nodes in wrong:
            with pytest.raises(DirectoryError, match="tree-path-wrong"):
                tree.verify_path(leaf, at, count, nodes, root)


def test_a_node_is_not_a_leaf() -> None:
    left, right = tree.leaf_hash(b"a"), tree.leaf_hash(b"b")
    assert tree.root([left + right]) != tree.root([b"a", b"b"])
