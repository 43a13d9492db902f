"""Blobs (docs/spec/cp1-blobs.md; docs/spec/service.md): declare, receive in any order, complete, fetch.

The service sees sealed chunks of a declared shape. A chunk is kept only at exactly its declared size; a blob is whole
once the RFC 6962 root over its sealed chunks is the declared one, and only then is it fetched, by whoever shows the
token whose hash was declared. Completed chunks never change. A blob of one chunk takes one request.
"""

from __future__ import annotations

import asyncio
import hmac
from weakref import WeakValueDictionary

from directory.ports import GroupCommit, Reader, Session, Writer
from directory.primitives import digest, tree
from directory.primitives.labels import Label
from messaging.errors import MessagingError
from messaging.ports import BlobFiles, BlobIndex, BlobShape, StoredBlob
from messaging.wire import limits

SEAL_OCTETS = limits.SEALED_CHUNK - limits.CHUNK


class Blobs:
    """The verbs. A blob belongs to the account that declared it, until it is complete."""

    def __init__(self, writer: Writer, reader: Reader, index: BlobIndex, files: BlobFiles, most: int) -> None:
        self._writer = writer
        self._reader = reader
        self._index = index
        self._files = files
        self._most = most
        self._alone: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def declare(self, blob: bytes, shape: BlobShape) -> tuple[int, ...]:
        """The chunks that are there already. Raises request-too-large, request-malformed, blob-changed."""
        if shape.size > self._most or shape.chunks > limits.MAX_BLOB_CHUNKS:
            raise MessagingError("request-too-large", what="blob", limit=self._most)
        if shape.chunks < 1 or not shape.chunk_size(shape.chunks - 1) >= SEAL_OCTETS:
            raise MessagingError("request-malformed", field="size")
        if shape.size > shape.chunks * limits.SEALED_CHUNK:
            raise MessagingError("request-malformed", field="size")

        def command(group: GroupCommit) -> None:
            found = self._index.find(group.connection, blob)
            if found is None:
                self._index.add(group, blob, shape)
            elif found.shape != shape:
                raise MessagingError("blob-changed")

        await self._writer.write(command)
        found = await self._reader.read(lambda connection: self._index.find(connection, blob))
        if found is None:
            raise MessagingError("blob-unknown")
        received = await self._reader.read(lambda connection: self._index.received(connection, found.number))
        return tuple(received)

    async def put(self, session: Session, blob: bytes, root: bytes, token_hash: bytes, sealed: bytes) -> None:
        """A blob of one chunk: declared, received and complete at once, durable when it returns.

        Raises MessagingError: request-too-large, request-malformed, blob-changed, blob-root-wrong.
        """
        if len(sealed) > self._most:
            raise MessagingError("request-too-large", what="blob", limit=self._most)
        if len(sealed) < SEAL_OCTETS:
            raise MessagingError("request-malformed", field="size")
        shape = BlobShape(session.account, 1, len(sealed), root, token_hash)
        leaf = tree.leaf_hash(sealed)
        if tree.root_of_hashes([leaf]) != root:
            raise MessagingError("blob-root-wrong")
        # One at a time: of two who claim one id, the second must not touch what the first wrote.
        async with self._alone.setdefault(blob, asyncio.Lock()):
            await self._put(blob, shape, leaf, sealed)

    async def _put(self, blob: bytes, shape: BlobShape, leaf: bytes, sealed: bytes) -> None:
        found = await self._reader.read(lambda connection: self._index.find(connection, blob))
        if found is not None and found.shape != shape:
            raise MessagingError("blob-changed")
        if found is not None and found.complete:
            return
        await self._files.keep(blob, 0, sealed)

        def command(group: GroupCommit) -> None:
            known = self._index.find(group.connection, blob)
            if known is not None and known.shape != shape:
                raise MessagingError("blob-changed")
            number = self._index.add(group, blob, shape) if known is None else known.number
            self._index.add_chunk(group, number, 0, leaf)
            self._index.complete(group, number)

        await self._writer.write(command)

    async def receive(self, session: Session, blob: bytes, index: int, sealed: bytes) -> None:
        """Durable when it returns. Raises MessagingError: blob-unknown, blob-chunk-unknown, blob-changed."""
        found = await self._own(session, blob)
        if not 0 <= index < found.shape.chunks:
            raise MessagingError("blob-chunk-unknown")
        if len(sealed) != found.shape.chunk_size(index):
            raise MessagingError("blob-changed")
        leaf = tree.leaf_hash(sealed)
        received = await self._reader.read(lambda connection: self._index.received(connection, found.number))
        if received.get(index) == leaf:
            return
        if found.complete:
            raise MessagingError("blob-changed")
        await self._files.keep(blob, index, sealed)
        await self._writer.write(lambda group: self._index.add_chunk(group, found.number, index, leaf))

    async def complete(self, session: Session, blob: bytes) -> None:
        """Raises MessagingError: blob-unknown, blob-incomplete, blob-root-wrong."""
        found = await self._own(session, blob)
        if found.complete:
            return

        def command(group: GroupCommit) -> None:
            leaves = self._index.received(group.connection, found.number)
            if len(leaves) != found.shape.chunks:
                raise MessagingError("blob-incomplete", missing=found.shape.chunks - len(leaves))
            if tree.root_of_hashes([leaves[at] for at in range(found.shape.chunks)]) != found.shape.root:
                raise MessagingError("blob-root-wrong")
            self._index.complete(group, found.number)

        await self._writer.write(command)

    async def fetch(self, blob: bytes, index: int, token: bytes) -> bytes:
        """One sealed chunk. An unknown blob and a wrong token are one refusal: MessagingError("blob-token-wrong")."""
        found = await self._reader.read(lambda connection: self._index.find(connection, blob))
        expected = found.shape.token_hash if found is not None else digest.ZERO
        shown = digest.labelled(Label.BLOB_TOKEN, token)
        if not hmac.compare_digest(shown, expected) or found is None or not found.complete:
            raise MessagingError("blob-token-wrong")
        if not 0 <= index < found.shape.chunks:
            raise MessagingError("blob-chunk-unknown")
        return await self._files.load(blob, index)

    async def _own(self, session: Session, blob: bytes) -> StoredBlob:
        found = await self._reader.read(lambda connection: self._index.find(connection, blob))
        if found is None or found.shape.account != session.account:
            raise MessagingError("blob-unknown")
        return found
