"""Blobs: their rows in `service.db`, their sealed chunks as files `DATA/blobs/<2 hex>/<id>/<index>`."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from directory.ports import GroupCommit
from messaging.errors import MessagingError
from messaging.ports import BlobShape, StoredBlob
from messaging.store.tables import blob_chunks, blobs


class SqlBlobs:
    """`messaging.ports.BlobIndex`."""

    def find(self, connection: Connection, blob: bytes) -> StoredBlob | None:
        row = connection.execute(select(blobs).where(blobs.c.blob == blob)).first()
        if row is None:
            return None
        shape = BlobShape(row.account, row.chunks, row.size, row.root, row.token_hash)
        return StoredBlob(row.blob_no, shape, bool(row.complete))

    def received(self, connection: Connection, number: int) -> Mapping[int, bytes]:
        query = select(blob_chunks.c.idx, blob_chunks.c.leaf).where(blob_chunks.c.blob_no == number)
        return {row.idx: row.leaf for row in connection.execute(query.order_by(blob_chunks.c.idx))}

    def add(self, group: GroupCommit, blob: bytes, shape: BlobShape) -> int:
        highest = group.connection.execute(select(func.max(blobs.c.blob_no))).scalar() or 0
        group.connection.execute(
            insert(blobs),
            {
                "blob_no": highest + 1,
                "blob": blob,
                "account": shape.account,
                "chunks": shape.chunks,
                "size": shape.size,
                "root": shape.root,
                "token_hash": shape.token_hash,
                "complete": 0,
            },
        )
        return int(highest) + 1

    def add_chunk(self, group: GroupCommit, number: int, index: int, leaf: bytes) -> None:
        row = {"blob_no": number, "idx": index, "leaf": leaf}
        group.connection.execute(insert(blob_chunks).prefix_with("OR REPLACE"), row)

    def complete(self, group: GroupCommit, number: int) -> None:
        group.connection.execute(update(blobs).where(blobs.c.blob_no == number).values(complete=1))


class BlobFolder:
    """`messaging.ports.BlobFiles`: a chunk appears whole and durable, or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def keep(self, blob: bytes, index: int, sealed: bytes) -> None:
        await asyncio.to_thread(self._keep, blob, index, sealed)

    async def load(self, blob: bytes, index: int) -> bytes:
        try:
            return await asyncio.to_thread(self._path(blob, index).read_bytes)
        except FileNotFoundError:
            raise MessagingError("blob-chunk-unknown") from None

    def _path(self, blob: bytes, index: int) -> Path:
        name = blob.hex()
        return self._root / name[:2] / name / str(index)

    def _keep(self, blob: bytes, index: int, sealed: bytes) -> None:
        path = self._path(blob, index)
        for folder in (path.parent.parent, path.parent):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync_folder(folder.parent)
        draft = path.with_name(f".{index}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(sealed)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # pragma: no cover
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
