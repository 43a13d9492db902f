"""Receipts (docs/spec/cp1-receipts.md, CP1-7.1 to CP1-7.5): what the service signs once per group commit.

A receipt places one accepted thing in its scope (a thread or an account log) and in the one order of ticks. A group
signs the RFC 6962 root of its receipts; a `ReceiptProof` is a receipt with its path and its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from directory.errors import DirectoryError
from directory.primitives import digest, signature, tree
from directory.primitives.codec import Reader, u8, u16, u32, u64
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey

RECEIPT_MAGIC = b"CP1r"
GROUP_MAGIC = b"CP1g"
SUITE = 0x0001
RECEIPT_SIZE = 4 + 1 + 16 + 8 + 32 + 32 + 8
GROUP_SIZE = 4 + 2 + 8 + 8 + 4 + 32 + SIGNATURE_SIZE
CHAIN_START = bytes(32)
MAX_PATH = 24


class ReceiptKind(IntEnum):
    EVENT = 1
    EPOCH = 2
    ACCOUNT_ENTRY = 3
    ACCESS = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """`seq` counts within `scope` from 1; `tick` counts everything accepted; `chain` links the scope's receipts."""

    kind: ReceiptKind
    scope: bytes
    seq: int
    id: bytes
    chain: bytes
    tick: int

    def encode(self) -> bytes:
        return b"".join(
            (
                RECEIPT_MAGIC,
                u8(self.kind),
                self.scope,
                u64(self.seq),
                self.id,
                self.chain,
                u64(self.tick),
            )
        )


def next_chain(scope: bytes, previous: bytes, identifier: bytes) -> bytes:
    """CP1-7.2: `previous` is CHAIN_START for the first receipt of a scope."""
    return digest.labelled(Label.RECEIPT_CHAIN, scope, previous, identifier)


@dataclass(frozen=True, slots=True)
class Group:
    """A signed group: time (ms UTC) of the commit, its last tick, how many receipts, their root."""

    raw: bytes
    time: int
    last_tick: int
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class ReceiptProof:
    """A receipt, its index and path in its group, and the group."""

    receipt: Receipt
    index: int
    path: tuple[bytes, ...]
    group: Group

    def encode(self) -> bytes:
        return encode_proof(self.receipt.encode(), self.index, b"".join(self.path), self.group.raw)


def encode_proof(receipt: bytes, index: int, path: bytes, group: bytes) -> bytes:
    """From parts already encoded, as the store keeps them."""
    return b"".join((receipt, u32(index), u16(len(path) // 32), path, group))


def sign_group(
    receipts: Sequence[Receipt], time: int, key: SigningKey
) -> tuple[Group, list[tuple[bytes, ...]]]:
    """(the signed group, the path of every receipt). `receipts` are in tick order and not empty."""
    root, paths = tree.paths([tree.leaf_hash(receipt.encode()) for receipt in receipts])
    unsigned = b"".join(
        (GROUP_MAGIC, u16(SUITE), u64(time), u64(receipts[-1].tick), u32(len(receipts)), root)
    )
    raw = unsigned + key.sign(Label.GROUP, unsigned)
    return Group(raw, time, receipts[-1].tick, len(receipts), root), paths


def _parse_group(reader: Reader, raw: bytes) -> Group:
    start = reader.at
    reader.magic(GROUP_MAGIC)
    if reader.u16("suite") != SUITE:
        raise DirectoryError("protocol-newer", what="receipt group")
    time = reader.u64("time")
    last_tick = reader.u64("last_tick")
    size = reader.u32("n")
    root = reader.take(32, "root")
    reader.take(SIGNATURE_SIZE, "signature")
    return Group(raw[start : reader.at], time, last_tick, size, root)


def parse_proof(raw: bytes) -> ReceiptProof:
    """Strict parse; verifies nothing. Raises DirectoryError("octets-malformed" | "protocol-newer")."""
    reader = Reader(raw, "receipt")
    reader.magic(RECEIPT_MAGIC)
    try:
        kind = ReceiptKind(reader.u8("kind"))
    except ValueError:
        raise reader.fail("kind") from None
    receipt = Receipt(
        kind,
        reader.take(16, "scope"),
        reader.u64("seq"),
        reader.take(32, "id"),
        reader.take(32, "chain"),
        reader.u64("tick"),
    )
    index = reader.u32("index")
    path = tuple(
        reader.take(32, "path") for _ in range(reader.count("path", MAX_PATH))
    )
    group = _parse_group(reader, raw)
    reader.end()
    return ReceiptProof(receipt, index, path, group)


def verify_proof(proof: ReceiptProof, service_pk: bytes) -> Receipt:
    """The receipt if the pinned service key signed its group and its path leads there.

    Raises DirectoryError: signature-wrong, tree-path-wrong, receipt-tick-wrong.
    """
    raw = proof.group.raw
    signature.verify(service_pk, raw[-SIGNATURE_SIZE:], Label.GROUP, raw[:-SIGNATURE_SIZE])
    tree.verify_path(
        proof.receipt.encode(), proof.index, proof.group.size, proof.path, proof.group.root
    )
    # Receipts lie in their group in tick order and the last one has the group's last tick (CP1-7.3).
    if proof.receipt.tick != proof.group.last_tick - (proof.group.size - 1 - proof.index):
        raise DirectoryError("receipt-tick-wrong")
    return proof.receipt
