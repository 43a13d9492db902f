"""Blobs: attachments in sealed chunks of 1 MiB (docs/spec/cp1-blobs.md, CP1-6.1 to CP1-6.5). Pure per chunk.

A fresh key per upload; chunk nonces are the index and a final flag, so truncation, reordering and mixing of chunks fail
authentication. Sealed chunks are spooled before the first is sent and resumed from the spool only: sealing a changed
file again under one key would reuse nonces.
"""

from __future__ import annotations

from collections.abc import Sequence

from directory.primitives import aead, digest, kdf, tree
from directory.primitives.labels import Label
from messaging.errors import MessagingError
from messaging.protocol.body import Manifest
from messaging.protocol.padding import padme
from messaging.wire import limits

_NO_SALT = bytes(32)


def padded_size(size: int) -> int:
    """Octets of plaintext that are sealed for a file of `size` octets; an empty file stays empty (CP1-6.3)."""
    return padme(size)


def chunk_count(padded: int) -> int:
    """At least one chunk: exactly one is final, even of an empty blob."""
    return max(1, -(-padded // limits.CHUNK))


def _aad(blob: bytes) -> bytes:
    return Label.BLOB + blob


def chunk_size(padded: int, index: int) -> int:
    """Plaintext octets of chunk `index`."""
    return min(limits.CHUNK, padded - index * limits.CHUNK)


def seal_chunk(blob: bytes, key: bytes, padded: int, index: int, plaintext: bytes) -> bytes:
    """Seal chunk `index`; `plaintext` is zero-padded to the chunk's size. Raises MessagingError("blob-chunk-wrong")."""
    size = chunk_size(padded, index)
    final = index == chunk_count(padded) - 1
    if not 0 <= index < chunk_count(padded) or len(plaintext) > size:
        raise MessagingError("blob-chunk-wrong")
    return aead.seal_chunk(key, index, final, plaintext + bytes(size - len(plaintext)), _aad(blob))


def open_chunk(manifest: Manifest, index: int, sealed: bytes) -> bytes:
    """The true octets of chunk `index` (padding removed). Raises MessagingError("blob-chunk-wrong"), DirectoryError."""
    count = chunk_count(manifest.padded)
    if not 0 <= index < count:
        raise MessagingError("blob-chunk-wrong")
    plaintext = aead.open_chunk(manifest.key, index, index == count - 1, sealed, _aad(manifest.id))
    if len(plaintext) != chunk_size(manifest.padded, index):
        raise MessagingError("blob-chunk-wrong")
    wanted = max(0, min(len(plaintext), manifest.size - index * limits.CHUNK))
    if any(plaintext[wanted:]):
        raise MessagingError("blob-chunk-wrong")
    return plaintext[:wanted]


def root(sealed_hashes: Sequence[bytes]) -> bytes:
    """RFC 6962 root from the leaf hashes of the sealed chunks (`tree.leaf_hash`)."""
    return tree.root_of_hashes(sealed_hashes)


def verify_whole(manifest: Manifest, sealed_hashes: Sequence[bytes]) -> None:
    """Nothing missing, nothing changed. Raises MessagingError("blob-root-wrong")."""
    if len(sealed_hashes) != chunk_count(manifest.padded) or root(sealed_hashes) != manifest.root:
        raise MessagingError("blob-root-wrong")
    if padded_size(manifest.size) != manifest.padded:
        raise MessagingError("blob-root-wrong")


def fetch_token(key: bytes) -> bytes:
    """CP1-6.5: whoever can open the blob can fetch it; the service stores `token_hash` of it."""
    return kdf.derive(key, _NO_SALT, Label.BLOB_FETCH, b"", 32)


def token_hash(token: bytes) -> bytes:
    return digest.labelled(Label.BLOB_TOKEN, token)
