"""Attachments (CP1-6): sealed into a spool once, sent from the spool only, fetched chunk by chunk and opened whole or
not at all. The spool holds ciphertext; its keys lie sealed in the profile until the message that carries them has
left."""

from __future__ import annotations

import asyncio
import io
import json
import mimetypes
import os
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from directory.primitives import tree
from messaging.client.environment import Environment
from messaging.client.service import Service, field
from messaging.errors import MessagingError
from messaging.profile import outbox, uploads
from messaging.profile.store import Profile
from messaging.protocol import blob
from messaging.protocol.body import Manifest
from messaging.wire import limits

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
_IDENTIFIER = re.compile("[0-9a-f]{32}")
Progress = Callable[[str, int, int], None]
"""(file name, octets done, octets in all)."""


def no_progress(_name: str, _done: int, _total: int) -> None:
    return None


class Attachments:
    def __init__(
        self, profile: Profile, service: Service, environment: Environment, progress: Progress = no_progress
    ) -> None:
        self._profile = profile
        self._service = service
        self._environment = environment
        self.progress = progress

    async def spool(self, path: Path) -> Manifest:
        """Seal a file into the spool and give its manifest.

        Raises MessagingError: attachment-unreadable, attachment-too-large, attachment-changed (while it was read).
        """
        entropy = self._environment.entropy
        identifier, key = entropy(16), entropy(32)
        try:
            before = path.stat()
            size = before.st_size
            padded = blob.padded_size(size)
            if blob.chunk_count(padded) > limits.MAX_BLOB_CHUNKS:
                raise MessagingError("attachment-too-large", limit=limits.MAX_BLOB_CHUNKS * limits.CHUNK)
            root = await asyncio.to_thread(self._seal_file, path, identifier, key, size, padded)
            after = path.stat()
        except OSError:
            raise MessagingError("attachment-unreadable") from None
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            shutil.rmtree(self._folder(identifier), ignore_errors=True)
            raise MessagingError("attachment-changed")
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        name = path.name.encode(errors="replace").decode()  # a disk has names that are no text
        return await self._kept(Manifest(identifier, key, padded, size, root, name, media_type))

    async def spool_octets(self, octets: bytes, name: str, media_type: str) -> Manifest:
        """The same for what was never a file. Raises MessagingError("attachment-too-large")."""
        identifier, key = self._environment.entropy(16), self._environment.entropy(32)
        padded = blob.padded_size(len(octets))
        if blob.chunk_count(padded) > limits.MAX_BLOB_CHUNKS:
            raise MessagingError("attachment-too-large", limit=limits.MAX_BLOB_CHUNKS * limits.CHUNK)
        root = await asyncio.to_thread(self._seal, io.BytesIO(octets), name, identifier, key, len(octets), padded)
        return await self._kept(Manifest(identifier, key, padded, len(octets), root, name, media_type))

    async def send_octets(self, octets: bytes, name: str, media_type: str) -> Manifest:
        """Seal and send what is at hand, complete on return; after an interruption it is sealed anew under another key.

        One chunk needs no spool; more take the way of `spool_octets` and `upload`. Raises what those raise.
        """
        padded = blob.padded_size(len(octets))
        if blob.chunk_count(padded) > 1:
            manifest = await self.spool_octets(octets, name, media_type)
            await self.upload([manifest.id.hex()])
            return manifest
        identifier, key = self._environment.entropy(16), self._environment.entropy(32)
        sealed = blob.seal_chunk(identifier, key, padded, 0, octets)
        root = blob.root([tree.leaf_hash(sealed)])
        await self._put_whole(identifier.hex(), root.hex(), blob.token_hash(blob.fetch_token(key)).hex(), sealed)
        return Manifest(identifier, key, padded, len(octets), root, name, media_type)

    async def _put_whole(self, identifier: str, root: str, token_hash: str, sealed: bytes) -> None:
        query = {"root": root, "token_hash": token_hash}
        await self._service.request("PUT", f"/api/blobs/{identifier}", query=query, octets=sealed)
        self.progress("", 1, 1)

    async def _kept(self, manifest: Manifest) -> Manifest:
        identifier, key, root, padded = manifest.id, manifest.key, manifest.root, manifest.padded
        plain = {"token_hash": blob.token_hash(blob.fetch_token(key)).hex(), "root": root.hex(), "padded": padded}
        await self._profile.run(lambda c: uploads.put(self._profile, c, identifier, json.dumps(plain).encode()))
        return manifest

    def _folder(self, identifier: bytes) -> Path:
        return self._profile.folder / "spool" / identifier.hex()

    def _seal_file(self, path: Path, identifier: bytes, key: bytes, size: int, padded: int) -> bytes:
        with path.open("rb") as source:
            return self._seal(source, path.name, identifier, key, size, padded)

    def _seal(self, source: BinaryIO, name: str, identifier: bytes, key: bytes, size: int, padded: int) -> bytes:
        folder = self._folder(identifier)
        folder.mkdir(parents=True, mode=0o700)
        hashes = []
        for index in range(blob.chunk_count(padded)):
            plain = source.read(limits.CHUNK)
            sealed = blob.seal_chunk(identifier, key, padded, index, plain)
            hashes.append(tree.leaf_hash(sealed))
            _write_durably(folder / str(index), sealed)
            self.progress(name, min(size, (index + 1) * limits.CHUNK), size)
        if source.read(1):
            raise MessagingError("attachment-changed")
        return blob.root(hashes)

    async def upload(self, identifiers: Iterable[str]) -> None:
        """Send what the service does not have of each spooled blob, then close it. Raises MessagingError,
        ServiceRefusal."""
        for text in identifiers:
            identifier = bytes.fromhex(text)
            kept = await self._profile.run(lambda c, i=identifier: uploads.get(self._profile, c, i))  # type: ignore[misc]
            if kept is None:
                continue  # already complete
            await self._upload_one(text, json.loads(kept))
            await self._profile.run(lambda c, i=identifier: uploads.remove(c, i))  # type: ignore[misc]
            shutil.rmtree(self._folder(identifier), ignore_errors=True)

    async def sweep(self) -> None:
        """Forget what was spooled for a message that was never written: its verb was killed in between. Only at the
        start, before this process spools anything; the open profile keeps every other process out."""
        there = {folder.name for folder in (self._profile.folder / "spool").glob("*")}
        if not there:
            return
        waiting = await self._profile.run(lambda c: outbox.waiting(self._profile, c))
        wanted = {text for outgoing in waiting for text in outgoing.uploads}
        await self.discard(text for text in there - wanted if _IDENTIFIER.fullmatch(text))

    async def discard(self, identifiers: Iterable[str]) -> None:
        """Forget spooled blobs that nothing waits for any more."""
        for text in identifiers:
            await self._profile.run(lambda c, i=bytes.fromhex(text): uploads.remove(c, i))  # type: ignore[misc]
            shutil.rmtree(self._folder(bytes.fromhex(text)), ignore_errors=True)

    async def _upload_one(self, text: str, plain: dict[str, object]) -> None:
        folder = self._folder(bytes.fromhex(text))
        padded = int(str(plain["padded"]))
        count = blob.chunk_count(padded)
        if count == 1:
            sealed = await self._spooled(folder, 0)
            await self._put_whole(text, str(plain["root"]), str(plain["token_hash"]), sealed)
            return
        announced = {
            "blob": text,
            "chunks": count,
            "size": padded + 16 * count,
            "root": plain["root"],
            "token_hash": plain["token_hash"],
        }
        answer = await self._service.json("POST", "/api/blobs", document=announced)
        done = {index for index in field(answer, "received", list) if type(index) is int}
        for index in range(count):
            if index not in done:
                octets = await self._spooled(folder, index)
                await self._service.request("PUT", f"/api/blobs/{text}/chunks/{index}", octets=octets)
            self.progress("", index + 1, count)
        await self._service.request("POST", f"/api/blobs/{text}/complete")

    async def _spooled(self, folder: Path, index: int) -> bytes:
        try:
            return await asyncio.to_thread((folder / str(index)).read_bytes)
        except OSError:
            raise MessagingError("spool-damaged") from None

    async def download(self, manifest: Manifest, folder: Path) -> Path:
        """Fetch, open and verify a blob, and only then give the file its name in `folder`.

        Raises MessagingError: blob-root-wrong, blob-chunk-wrong; DirectoryError("tag-wrong"); ServiceRefusal.
        """
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{manifest.id.hex()}.part"
        try:
            # Opened content: for its owner only, also while it is on its way.
            with os.fdopen(os.open(part, _NEW_FILE, 0o600), "wb") as target:
                await self._fetch(manifest, target)
            found = _free_name(folder, manifest.name)
            part.replace(found)
        finally:
            part.unlink(missing_ok=True)
        return found


    async def fetch(self, manifest: Manifest, most: int) -> bytes:
        """The same, for what is read at once and is no file: at most `most` octets.

        Raises also MessagingError("attachment-too-large").
        """
        if manifest.size > most:
            raise MessagingError("attachment-too-large", limit=most)
        target = io.BytesIO()
        await self._fetch(manifest, target)
        return target.getvalue()

    async def _fetch(self, manifest: Manifest, target: BinaryIO) -> None:
        token, hashes = blob.fetch_token(manifest.key), []
        for index in range(blob.chunk_count(manifest.padded)):
            sealed = await self._service.request(
                "GET",
                f"/api/blobs/{manifest.id.hex()}/chunks/{index}",
                headers={"Confrere-Fetch-Token": token.hex()},
            )
            hashes.append(tree.leaf_hash(sealed))
            target.write(blob.open_chunk(manifest, index, sealed))
            self.progress(manifest.name, index + 1, blob.chunk_count(manifest.padded))
        blob.verify_whole(manifest, hashes)


def _write_durably(path: Path, octets: bytes) -> None:
    """A message that is accepted with its files must find them after a power cut."""
    with path.open("xb") as target:
        target.write(octets)
        target.flush()
        os.fsync(target.fileno())


def _free_name(folder: Path, name: str) -> Path:
    """A file name that stays in `folder` and overwrites nothing, whatever the sender called it."""
    safe = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name).strip(". ")
    # Octets count on a disk, not characters.
    safe = safe.encode()[:150].decode(errors="ignore").strip(". ") or "document"
    candidate, number = folder / safe, 1
    while candidate.exists():
        stem, dot, ending = safe.rpartition(".")
        candidate = folder / (f"{stem} ({number}).{ending}" if dot else f"{safe} ({number})")
        number += 1
    return candidate
