"""What a stranger, or somebody who is rightly enrolled, can try against the service."""

from __future__ import annotations

import asyncio
import os
import time

import pytest

from benchmarks.world import Conversation
from directory.errors import Refusal
from directory.ports import Session
from directory.use_cases.log_in import Pass
from messaging.errors import MessagingError
from messaging.http import websocket
from messaging.use_cases import submit
from messaging.wire.frames import Refused

pytestmark = pytest.mark.asyncio(loop_scope="session")
SHOWN_TO_A_SHEET = {
    "DELETE /api/login", "GET /api/holdings", "POST /api/accounts/changes", "GET /api/accounts/{account}/log",
    "GET /api/accounts/{account}/binds", "GET /api/accounts/{account}/wraps", "GET /api/accounts/{account}/openings",
}  # fmt: skip


def _path(row, mailbox: bytes) -> str:
    path = row.path
    for name in ("mailbox", "thread", "blob", "account", "record"):
        path = path.replace("{" + name + "}", mailbox.hex())
    return path.replace("{index}", "0").replace("{rpps}", "1").replace("{address}", "a@b")


def _admitted(live, session: Session, *, lives_ms: int = 60_000, recovery: bool = False) -> dict[str, str]:
    now = time.time_ns() // 1_000_000
    token = live.running.house.logins._admit(Pass(session, now + lives_ms, recovery), now)
    return {"Authorization": f"Bearer {token}"}


async def test_a_recovery_sheet_or_a_token_of_yesterday_opens_no_route_of_the_day(live) -> None:
    person = await live.person()
    session = Session(person.account, person.device.id)
    for row in live.running.rows:
        if not row.auth:
            continue
        url = live.url + _path(row, person.mailbox)
        async with live.http.request(row.method, url, headers=_admitted(live, session, lives_ms=-1)) as answer:
            assert (answer.status, (await answer.json(content_type=None))["id"]) == (401, "token-expired"), row.path
        if f"{row.method} {row.path}" in SHOWN_TO_A_SHEET:
            continue
        async with live.http.request(row.method, url, headers=_admitted(live, session, recovery=True)) as answer:
            assert (await answer.json(content_type=None))["id"] == "session-recovery-only", row.path


async def test_another_account_reads_and_changes_nothing_of_a_mailbox(live) -> None:
    owner, other, stranger = await live.person(), await live.person(), await live.person()
    talk = Conversation.start(owner, other)
    async with await live.wire(owner) as sender:
        await sender.send(talk.opening(talk.event()))
    box, thread, headers = owner.mailbox.hex(), talk.thread.hex(), await live.bearer(stranger)
    tried = [
        ("GET", f"mailboxes/{box}/items", None, "mailbox-not-held"),
        ("GET", f"threads/{thread}/items?mailbox={box}", None, "mailbox-not-held"),
        ("GET", f"threads/{thread}/epochs?mailbox={box}", None, "mailbox-not-held"),
        ("GET", f"threads/{thread}/items?mailbox={stranger.mailbox.hex()}", None, "thread-not-member"),
        ("GET", f"accounts/{box}/openings", None, "access-refused"),
        ("GET", f"accounts/{box}/consents", None, "access-refused"),
        ("GET", f"mailboxes/{box}/recent", None, "mailbox-not-held"),
        ("GET", f"records/{box}/accesses", None, "mailbox-not-held"),
        ("PUT", f"mailboxes/{box}/notices", {"email": "a@b.fr", "language": "fr"}, "mailbox-not-held"),
        ("POST", "submissions", talk.sending(talk.event()), "thread-not-member"),
    ]
    for method, path, sent, expected in tried:
        body = {"json": sent} if isinstance(sent, dict) else {"data": sent}
        async with live.http.request(method, f"{live.url}/api/{path}", headers=headers, **body) as answer:
            assert (await answer.json(content_type=None))["id"] == expected, path
    async with live.http.get(f"{live.url}/api/accounts/{box}/wraps", headers=headers) as answer:
        assert await answer.read() == bytes(2)


async def test_bodies_that_are_deep_long_or_no_text_are_refused_by_every_route(live) -> None:
    person = await live.person()
    headers = await live.bearer(person)
    bodies = (b"[" * 15_000, b'{"a":' * 3_000, b"\xff" * 100, b"0" * (4 * 1024 * 1024 + 1), b'{"a": ' + b"9" * 9_000)
    for row in live.running.rows:
        if not row.request:
            continue
        for sent in bodies:
            url = live.url + _path(row, person.mailbox)
            async with live.http.request(row.method, url, data=sent, headers=headers) as answer:
                assert 400 <= answer.status < 500, (row.path, sent[:10])


async def test_whoever_only_asks_to_log_in_pushes_nobody_out(live) -> None:
    logins, person = live.running.house.logins, await live.person()
    challenge, _ = await logins.challenge(person.device.id, person.account)
    for number in range(25_000):
        await logins.challenge(number.to_bytes(16, "big"), bytes(16), "192.0.2.1")
    signed = bytes(64)
    with pytest.raises(Refusal) as refused:
        await logins.log_in(Session(person.account, person.device.id), challenge, signed)
    assert refused.value.id == "login-refused"  # and not expired


async def test_a_stranger_does_not_use_up_the_attempts_of_a_device(live) -> None:
    logins, person = live.running.house.logins, await live.person()
    for _ in range(10_000):
        await logins.challenge(person.device.id, person.account, "192.0.2.2")
    with pytest.raises(Refusal) as refused:
        await logins.challenge(person.device.id, person.account, "192.0.2.2")
    assert refused.value.id == "too-many-requests"
    await logins.challenge(person.device.id, person.account, "192.0.2.3")


async def test_no_account_asks_a_whole_directory_to_be_written_to(live) -> None:
    headers, url = await live.bearer(await live.person()), f"{live.url}/api/invitations/requests"
    ids = []
    for _ in range(51):
        async with live.http.post(url, json={"rpps": "1"}, headers=headers) as answer:
            ids.append((await answer.json(content_type=None))["id"])
    assert set(ids[:50]) == {"rpps-invalid"}
    assert ids[50] == "too-many-requests"


async def test_changes_of_accounts_have_a_rate(live) -> None:
    headers = await live.bearer(await live.person())
    ids = []
    for _ in range(121):
        async with live.http.post(f"{live.url}/api/accounts/changes", data=b"x", headers=headers) as answer:
            ids.append((await answer.json(content_type=None))["id"])
    assert set(ids[:120]) == {"octets-malformed"}
    assert ids[120] == "too-many-requests"


async def test_a_mandate_that_ends_by_its_date_ends_on_an_open_line_too(live, monkeypatch) -> None:
    monkeypatch.setattr(websocket, "RIGHTS_SECONDS", 0)
    reader = await live.person()
    async with await live.wire(reader) as line:
        await line.caught_up.wait()
        accounts = live.running.house.accounts
        honest = accounts.holdings
        lapsed = lambda who, connection, now: () if who == reader.account else honest(who, connection, now)  # noqa: E731
        monkeypatch.setattr(accounts, "holdings", lapsed)
        async with asyncio.timeout(5):
            while not (said := [frame.error_id for frame in line.others if isinstance(frame, Refused)]):
                await asyncio.sleep(0)
        assert said == ["mailbox-not-held"]


async def test_what_waits_to_be_written_is_bounded_in_octets(live, monkeypatch) -> None:
    one, other = await live.person(), await live.person()
    talk = Conversation.start(one, other)
    session = Session(one.account, one.device.id)
    monkeypatch.setattr(submit, "WAITING_OCTETS", 20_000)
    submissions = live.running.line.submissions
    await submissions.submit(session, talk.opening())
    sent = [submissions.submit(session, talk.sending(talk.event(6_000))) for _ in range(10)]
    answers = await asyncio.gather(*sent, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, MessagingError)]
    assert {refusal.id for refusal in refused} == {"rate-exceeded"}
    assert 0 < len(refused) < 10
    await submissions.submit(session, talk.sending(talk.event(6_000)))


async def test_a_blob_is_its_declarers_alone(live) -> None:
    owner, other = await live.person(), await live.person()
    zeros, blob = bytes(32).hex(), os.urandom(16).hex()
    shape = {"chunks": 1, "size": 32, "root": zeros, "token_hash": zeros}
    mine, theirs = await live.bearer(owner), await live.bearer(other)
    url = f"{live.url}/api/blobs"
    async with live.http.post(url, json={"blob": blob, **shape}, headers=mine) as answer:
        assert answer.status == 201
    for method, path, body in (
        ("POST", "", {"json": {"blob": blob, **shape}}),
        ("PUT", f"/{blob}/chunks/0", {"data": bytes(32)}),
        ("PUT", f"/{blob}/chunks/..%2f..%2fx", {"data": bytes(32)}),
        ("POST", f"/{blob}/complete", {}),
        ("GET", f"/{blob}/chunks/0", {}),
    ):
        show = {**theirs, "Confrere-Fetch-Token": bytes(32).hex()}
        async with live.http.request(method, url + path, headers=show, **body) as answer:
            assert answer.status in (400, 403, 404, 409, 422), (method, path)
