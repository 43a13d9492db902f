"""Blobs: interrupted and resumed, changed on the way, oversized, fetched with a wrong token."""

from __future__ import annotations

import asyncio
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


# --- a blob of one chunk ---


def one_chunk(live, person, size: int = LAST) -> Upload:
    upload = Upload(live, person)
    upload.chunks = [secrets.token_bytes(size)]
    upload.declared |= {"chunks": 1, "size": size, "root": tree.root(upload.chunks).hex()}
    return upload


async def put_whole(upload: Upload, octets: bytes | None = None, person=None, **changed: str) -> tuple[int, str]:
    named = {name: str(upload.declared[name]) for name in ("root", "token_hash")} | changed
    sent = upload.chunks[0] if octets is None else octets
    path = f"/api/blobs/{upload.blob.hex()}"
    status, answer = await upload.call("PUT", path, person, params=named, data=sent)
    return status, answer.get("id", "")


async def test_a_blob_of_one_chunk_is_whole_after_one_request_and_again(live) -> None:
    for size in (16, LAST, SEALED_CHUNK):
        upload = one_chunk(live, await live.person(), size)
        assert await put_whole(upload) == (204, "")
        assert await put_whole(upload) == (204, "")
        assert await upload.fetch(0, upload.token) == (200, upload.chunks[0])
        assert (await upload.fetch(0, bytes(32)))[0] == 403
        assert await upload.declare() == (201, {"received": [0]})
        assert (await upload.complete())[0] == 204


async def test_a_declared_blob_of_one_chunk_is_finished_by_one_request(live) -> None:
    upload = one_chunk(live, await live.person())
    await upload.declare()
    assert await put_whole(upload) == (204, "")
    assert await upload.fetch(0, upload.token) == (200, upload.chunks[0])


async def test_one_request_changes_nothing_of_a_blob_that_is_there(live) -> None:
    upload = one_chunk(live, await live.person())
    await put_whole(upload)
    stranger, other = await live.person(), secrets.token_bytes(LAST)
    roots = {"root": tree.root([other]).hex()}
    for person in (None, stranger):
        assert await put_whole(upload, other, person, **roots) == (409, "blob-changed")
    assert await put_whole(upload, person=stranger) == (409, "blob-changed")
    assert await put_whole(upload, token_hash=bytes(32).hex()) == (409, "blob-changed")
    assert await upload.fetch(0, upload.token) == (200, upload.chunks[0])


async def test_two_who_claim_one_id_at_once_leave_one_whole_blob(live) -> None:
    one = one_chunk(live, await live.person())
    two = one_chunk(live, await live.person())
    two.blob = one.blob
    answers = await asyncio.gather(put_whole(one), put_whole(two))
    assert sorted(status for status, _ in answers) == [204, 409]
    kept = one if answers[0][0] == 204 else two
    assert await kept.fetch(0, kept.token) == (200, kept.chunks[0])


async def test_one_request_with_a_wrong_root_or_shape_is_refused_and_keeps_nothing(live) -> None:
    upload = one_chunk(live, await live.person())
    assert (await put_whole(upload, root=bytes(32).hex()))[1] == "blob-root-wrong"
    assert (await put_whole(upload, upload.chunks[0][:-1]))[1] == "blob-root-wrong"
    assert (await put_whole(upload, bytes(15)))[1] == "request-malformed"
    assert (await put_whole(upload, root="zz"))[1] == "request-malformed"
    assert (await put_whole(upload, bytes(SEALED_CHUNK + 1)))[1] == "request-too-large"
    folder = live.data / "blobs" / upload.blob.hex()[:2] / upload.blob.hex()
    assert not folder.exists()
    assert await upload.declare() == (201, {"received": []})
