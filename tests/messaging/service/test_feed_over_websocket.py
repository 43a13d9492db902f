"""The feed: resume from any cursor without gap or repeat, while others write; slow readers; revocation; CHANGED."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks.client import Wire
from benchmarks.world import Conversation
from directory.primitives.tree import verify_path
from messaging.http import websocket
from messaging.wire import frames
from messaging.wire.epoch import Role, parse_wrap
from messaging.wire.frames import Ack, Changed, ItemKind, Refused

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_resume_at_every_cursor_while_events_arrive(live) -> None:
    one, other = await live.person(), await live.person()
    talk = Conversation.start(one, other)
    async with await live.wire(one) as sender:
        await sender.send(talk.opening())
        answers = [await sender.post(talk.sending(talk.event(100))) for _ in range(300)]
        pouring = asyncio.create_task(_pour(sender, talk, 700))
        feeds: list[list[int]] = []
        readers = []
        await answers[50]
        for cursor in (0, 1, 2**40):
            feed: list[int] = []
            feeds.append(feed)
            readers.append(await live.wire(other, cursor, lambda tick, _, feed=feed: feed.append(tick)))
        await pouring
        await sender.send(talk.sending(talk.event(100)))
        for reader in readers[:2]:
            await reader.caught_up.wait()
        await _until(lambda: len(feeds[0]) == 1002 and len(feeds[1]) == 1002)
    assert feeds[0] == sorted(set(feeds[0])) == feeds[1]
    assert feeds[2] == []
    middle = feeds[0][500]
    feed = []
    async with await live.wire(other, middle, lambda tick, _: feed.append(tick)) as again:
        await again.caught_up.wait()
    assert feed == feeds[0][501:]
    for reader in readers:
        await reader.__aexit__(None, None, None)


async def _pour(wire, talk: Conversation, count: int) -> None:
    for _ in range(count):
        await wire.post(talk.sending(talk.event(100)))


async def _until(holds) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


async def test_an_epoch_brings_each_mailbox_its_own_wrap(live) -> None:
    one, other = await live.person(), await live.person()
    talk = Conversation.start(one, other)
    got: list[bytes] = []
    async with await live.wire(other, 0, lambda _, frame: got.append(frame)) as wire, await live.wire(one) as sender:
        await wire.caught_up.wait()
        await sender.send(talk.opening(talk.event()))
        await _until(lambda: len(got) == 2)
    path = f"{live.url}/api/mailboxes/{other.mailbox.hex()}/items?after=0"
    async with live.http.get(path, headers=await live.bearer(other)) as answer:
        assert await answer.read() == frames.encode_page(got)
    item = frames.parse(got[0])
    assert (item.kind, item.raw) == (ItemKind.EPOCH, talk.commit.raw)
    assert parse_wrap(item.wrap).account == other.mailbox
    index = [member.account for member in talk.commit.members].index(other.mailbox)
    verify_path(item.wrap, index, 2, item.wrap_path, talk.commit.wraps_root)


async def test_from_now_on_means_events_from_the_epoch_and_every_commit(live) -> None:
    one, other, late = await live.person(), await live.person(), await live.person()
    talk = Conversation.start(one, other)
    async with await live.wire(one) as sender:
        await sender.send(talk.opening(talk.event(), talk.event()))
        grown = talk.next(one, [one.member(role=Role.ADMIN), other.member(), late.member(from_epoch=1)])
        await sender.send(grown.opening(grown.event()))
    kinds = {}
    for route in ("items", "epochs"):
        path = f"{live.url}/api/threads/{talk.thread.hex()}/{route}?mailbox={late.mailbox.hex()}&after=0"
        async with live.http.get(path, headers=await live.bearer(late)) as answer:
            kinds[route] = [item.kind for item in frames.parse_page(await answer.read())]
    assert kinds == {"items": [ItemKind.EPOCH, ItemKind.EVENT], "epochs": [ItemKind.EPOCH, ItemKind.EPOCH]}


@pytest.mark.parametrize("token", ["", "AAAA", "x" * 300])
async def test_hello_with_a_wrong_token_gets_a_refusal_and_the_end(live, token: str) -> None:
    wire = await Wire.open(live.http, live.url, token, ())
    await asyncio.gather(wire._reading, return_exceptions=True)
    assert all(isinstance(frame, Refused) for frame in wire.others)
    assert wire.socket.closed
    await wire.__aexit__(None, None, None)


async def test_hello_for_a_mailbox_that_is_not_held_is_refused(live) -> None:
    one, other = await live.person(), await live.person()
    wire = await Wire.open(live.http, live.url, await live.token(one), ((other.mailbox, 0),))
    await asyncio.gather(wire._reading, return_exceptions=True)
    assert [frame.error_id for frame in wire.others[:1]] == ["mailbox-not-held"]
    await wire.__aexit__(None, None, None)


async def test_a_slow_reader_is_dropped_and_resumes(live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "QUEUED_OCTETS", 200_000)
    monkeypatch.setattr(websocket, "HIGH_WATER", 100_000)
    one, other = await live.person(), await live.person()
    talk = Conversation.start(one, other)
    headers = frames.encode(frames.Hello(await live.token(other), ((other.mailbox, 0),)))
    slow = await live.http.ws_connect(f"{live.url}/api/ws", compress=0)
    await slow.send_bytes(headers)
    assert (await slow.receive_bytes())[0] == frames.FrameType.WELCOME
    while (await slow.receive_bytes())[0] != frames.FrameType.CAUGHT_UP:
        pass
    slow._response.connection.transport.pause_reading()
    async with await Wire.open(live.http, live.url, await live.token(one), ()) as sender:
        await sender.send(talk.opening())
        for _ in range(8):
            answers = [await sender.post(talk.sending(talk.event(500_000))) for _ in range(4)]
            assert all(answer[0] == frames.FrameType.ACK for answer in await asyncio.gather(*answers))
    await _until(lambda: not live.running.line.hub.present(other.mailbox))
    slow._response.connection.transport.resume_reading()
    await slow.close()
    feed: list[int] = []
    monkeypatch.undo()
    async with await live.wire(other, 0, lambda tick, _: feed.append(tick)) as again:
        await again.caught_up.wait()
    assert len(feed) == len(set(feed)) == 33


async def test_changed_reaches_those_who_share_a_thread_and_nobody_else(live) -> None:
    one, other, stranger = await live.person(), await live.person(), await live.person()
    talk = Conversation.start(one, other)
    async with (
        await live.wire(one) as a,
        await live.wire(other) as b,
        await live.wire(stranger) as c,
    ):
        for wire in (a, b, c):
            await wire.caught_up.wait()
        assert isinstance(await a.send(talk.opening()), Ack)
        await live.accept(other.rotation(1))
        for wire in (a, b):
            await _until(lambda wire=wire: Changed(other.mailbox, 4) in _changes(wire))
        assert other.mailbox not in {frame.account for frame in _changes(c)}


def _changes(wire) -> list[Changed]:
    return [frame for frame in wire.others if isinstance(frame, Changed)]
