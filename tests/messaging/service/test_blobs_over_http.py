"""Blobs: interrupted and resumed, changed on the way, oversized, fetched with a wrong token."""

from __future__ import annotations

import secrets

import pytest

from directory.primitives import digest, tree
from directory.primitives.labels import Label
from messaging.wire.limits import MAX_BLOB_CHUNKS, SEALED_CHUNK

pytestmark = pytest.mark.asyncio(loop_scope="session")
LAST = 1_000


class Upload:
    """Three sealed chunks and how to put them there."""

    def __init__(self, live, person) -> None:
        self.live, self.person = live, person
        self.blob = secrets.token_bytes(16)
        self.token = secrets.token_bytes(32)
        self.chunks = [secrets.token_bytes(size) for size in (SEALED_CHUNK, SEALED_CHUNK, LAST)]
        self.declared = {
            "blob": self.blob.hex(),
            "chunks": 3,
            "size": 2 * SEALED_CHUNK + LAST,
            "root": tree.root(self.chunks).hex(),
            "token_hash": digest.labelled(Label.BLOB_TOKEN, self.token).hex(),
        }

    async def declare(self, **changed) -> tuple[int, dict]:
        return await self.call("POST", "/api/blobs", json={**self.declared, **changed})

    async def put(self, index: int, octets: bytes | None = None, person=None) -> tuple[int, dict]:
        path = f"/api/blobs/{self.blob.hex()}/chunks/{index}"
        return await self.call("PUT", path, person, data=self.chunks[index] if octets is None else octets)

    async def complete(self) -> tuple[int, dict]:
        return await self.call("POST", f"/api/blobs/{self.blob.hex()}/complete")

    async def fetch(self, index: int, token: bytes) -> tuple[int, bytes]:
        headers = await self.live.bearer(self.person) | {"Confrere-Fetch-Token": token.hex()}
        path = f"{self.live.url}/api/blobs/{self.blob.hex()}/chunks/{index}"
        async with self.live.http.get(path, headers=headers) as answer:
            return answer.status, await answer.read()

    async def call(self, method: str, path: str, person=None, **sent) -> tuple[int, dict]:
        headers = await self.live.bearer(person or self.person)
        async with self.live.http.request(method, self.live.url + path, headers=headers, **sent) as answer:
            raw = await answer.read()
            return answer.status, (await answer.json(content_type=None)) if raw else {}


async def test_an_interrupted_upload_resumes_and_is_fetched_whole(live) -> None:
    upload = Upload(live, await live.person())
    assert await upload.declare() == (201, {"received": []})
    assert (await upload.put(1))[0] == 204
    assert (await upload.put(2))[0] == 204
    assert await upload.declare() == (201, {"received": [1, 2]})
    assert (await upload.complete())[1]["id"] == "blob-incomplete"
    assert (await upload.fetch(1, upload.token))[0] == 403
    assert (await upload.put(0))[0] == 204
    assert (await upload.complete())[0] == 204
    assert (await upload.complete())[0] == 204
    assert [await upload.fetch(at, upload.token) for at in range(3)] == [(200, chunk) for chunk in upload.chunks]


async def test_a_changed_shape_on_resume_is_refused(live) -> None:
    upload = Upload(live, await live.person())
    await upload.declare()
    for changed in ({"size": 2 * SEALED_CHUNK + LAST - 1}, {"root": bytes(32).hex()}, {"token_hash": bytes(32).hex()}):
        status, problem = await upload.declare(**changed)
        assert (status, problem["id"]) == (409, "blob-changed")
    assert (await upload.put(2, bytes(LAST - 1)))[1]["id"] == "blob-changed"


async def test_changed_octets_are_found_by_the_root_and_a_complete_blob_never_changes(live) -> None:
    upload = Upload(live, await live.person())
    await upload.declare()
    for index in range(3):
        await upload.put(index)
    await upload.put(0, bytes(SEALED_CHUNK))
    assert (await upload.complete())[1]["id"] == "blob-root-wrong"
    await upload.put(0)
    assert (await upload.complete())[0] == 204
    assert (await upload.put(0, bytes(SEALED_CHUNK)))[1]["id"] == "blob-changed"
    assert (await upload.put(0))[0] == 204


async def test_a_wrong_token_and_an_unknown_blob_are_one_refusal(live) -> None:
    upload = Upload(live, await live.person())
    wrong = await upload.fetch(0, bytes(32))
    await upload.declare()
    for index in range(3):
        await upload.put(index)
    await upload.complete()
    assert await upload.fetch(0, bytes(32)) == wrong
    assert wrong[0] == 403


async def test_somebody_else_cannot_put_into_it(live) -> None:
    upload = Upload(live, await live.person())
    await upload.declare()
    assert (await upload.put(0, person=await live.person()))[1]["id"] == "blob-unknown"


@pytest.mark.parametrize(
    "changed",
    [
        {"chunks": 0},
        {"chunks": MAX_BLOB_CHUNKS + 1},
        {"size": 2 * SEALED_CHUNK + 15},
        {"size": 4 * SEALED_CHUNK},
        {"size": -1},
        {"size": "12"},
        {"chunks": True},
        {"blob": "00"},
        {"more": 1},
    ],
)
async def test_a_shape_that_cannot_be_is_refused(live, changed) -> None:
    upload = Upload(live, await live.person())
    status, problem = await upload.declare(**changed)
    assert (status, problem["id"]) in ((400, "request-malformed"), (413, "request-too-large"))


async def test_an_oversized_chunk_is_refused_before_it_is_read(live) -> None:
    upload = Upload(live, await live.person())
    await upload.declare()
    assert (await upload.put(0, bytes(SEALED_CHUNK + 1)))[1]["id"] == "request-too-large"
    assert (await upload.put(0, bytes(SEALED_CHUNK - 1)))[1]["id"] == "blob-changed"
