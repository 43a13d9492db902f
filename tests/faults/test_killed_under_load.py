"""kill -9 twenty times under load: every acknowledged event is there once, and every receipt chain verifies."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path

import aiohttp
import pytest

from benchmarks.client import Wire, log_in, service_pk
from benchmarks.world import Conversation, Person, admit
from directory.transparency.receipt import CHAIN_START, next_chain, parse_proof, verify_proof
from messaging.wire import frames, header
from messaging.wire.frames import Ack, ItemKind

KILLS = 20
PEOPLE = 6


class Sender:
    """Keeps events in flight; what was not acknowledged is sent again, octet for octet, by the next round."""

    def __init__(self, person: Person, exchange: Conversation) -> None:
        self.person = person
        self.exchange = exchange
        self.opened = False
        self.unanswered: list[bytes] = []
        self.acknowledged: dict[bytes, bytes] = {}  # event octets -> proof

    async def pour(self, wire: Wire, acked: asyncio.Queue[None]) -> None:
        if not self.opened:
            answer = frames.parse(await (await wire.post(self.exchange.opening())))
            assert isinstance(answer, Ack)
            self.opened = True
        again, self.unanswered = self.unanswered, []
        while True:
            event = again.pop() if again else self.exchange.event(512)
            self.unanswered.append(event)
            answer = await wire.post(self.exchange.sending(event))
            answer.add_done_callback(lambda done, event=event: self.answered(event, done, acked))
            if len(self.unanswered) >= 32:
                await asyncio.wait([answer])
            # Whatever happens to the connection, an event that was to be repeated stays in the list.
            if again:
                self.unanswered, again = self.unanswered + again, []

    def answered(self, event: bytes, done: asyncio.Future[bytes], acked: asyncio.Queue[None]) -> None:
        if done.cancelled() or done.exception() is not None:
            return
        answer = frames.parse(done.result())
        assert isinstance(answer, Ack), answer
        self.acknowledged.setdefault(event, answer.proofs[0])
        assert self.acknowledged[event] == answer.proofs[0]
        self.unanswered = [other for other in self.unanswered if other != event]
        acked.put_nowait(None)


async def serve(data: Path, config: Path) -> tuple[asyncio.subprocess.Process, str]:
    command = ("-m", "confrere", "serve", "--data", str(data), "--port", "0", "--json", "--config", str(config))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    return process, json.loads(await process.stdout.readline())["url"]


async def one_round(senders: list[Sender], data: Path, config: Path, acks: int) -> None:
    process, url = await serve(data, config)
    acked: asyncio.Queue[None] = asyncio.Queue()
    wires: list[Wire] = []
    tasks: list[asyncio.Task[None]] = []
    async with aiohttp.ClientSession() as http:
        try:
            key = await service_pk(http, url)
            for sender in senders:
                token = await log_in(http, url, sender.person, key)
                wires.append(await Wire.open(http, url, token, ()))
            tasks = [asyncio.create_task(sender.pour(wire, acked)) for sender, wire in zip(senders, wires, strict=True)]
            for _ in range(acks):
                get = asyncio.create_task(acked.get())
                await asyncio.wait([get, *tasks], return_when=asyncio.FIRST_COMPLETED)
                assert get.done(), [task.exception() for task in tasks if task.done()]
        finally:
            process.kill()
            await process.wait()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for wire in wires:
                await wire.__aexit__(None, None, None)


async def every_item(http: aiohttp.ClientSession, url: str, token: str, mailbox: bytes) -> list[frames.Item]:
    found: list[frames.Item] = []
    while True:
        after = found[-1].cursor if found else 0
        path = f"{url}/api/mailboxes/{mailbox.hex()}/items?after={after}"
        async with http.get(path, headers={"Authorization": f"Bearer {token}"}) as answer:
            page = frames.parse_page(await answer.read())
        if not page:
            return found
        found += page


@pytest.mark.asyncio
async def test_kill_9_twenty_times_keeps_every_acknowledged_event_once(tmp_path: Path) -> None:
    data, config = tmp_path / "data", tmp_path / "config"
    config.mkdir()
    (config / "service.toml").write_text("[rates]\nmessages = 10000000\nlogins = 100000\n", encoding="utf-8")
    (config / "client.toml").write_text("", encoding="utf-8")
    people = [Person.make(f"killed {at}") for at in range(PEOPLE)]
    await admit(data, people)
    senders = [Sender(people[at], Conversation.start(people[at], people[at - 1])) for at in range(PEOPLE)]
    chance = random.Random(20)
    for _ in range(KILLS):
        await one_round(senders, data, config, chance.randrange(1, 200))

    process, url = await serve(data, config)
    try:
        async with aiohttp.ClientSession() as http:
            key = await service_pk(http, url)
            for sender in senders:
                token = await log_in(http, url, sender.person, key)
                items = await every_item(http, url, token, sender.person.mailbox)
                verify_feed(items, key)
                own = [item for item in items if of_thread(item, sender.exchange.thread)]
                verify_chain(own)
                stored: dict[bytes, list[bytes]] = {}
                for item in own:
                    stored.setdefault(item.raw, []).append(item.proof)
                for event, proof in sender.acknowledged.items():
                    assert stored[event] == [proof]
                assert all(len(proofs) == 1 for proofs in stored.values())
    finally:
        process.kill()
        await process.wait()
    assert sum(len(sender.acknowledged) for sender in senders) >= KILLS


def of_thread(item: frames.Item, thread: bytes) -> bool:
    if item.kind is ItemKind.EVENT:
        return header.parse(item.raw).header.thread == thread
    return parse_proof(item.proof).receipt.scope == thread


def verify_feed(items: list[frames.Item], key: bytes) -> None:
    ticks = [verify_proof(parse_proof(item.proof), key).tick for item in items]
    assert ticks == [item.cursor for item in items] == sorted(set(ticks))


def verify_chain(items: list[frames.Item]) -> None:
    chain = CHAIN_START
    for seq, item in enumerate(items, start=1):
        receipt = parse_proof(item.proof).receipt
        chain = next_chain(receipt.scope, chain, receipt.id)
        assert (receipt.seq, receipt.chain) == (seq, chain)
        if item.kind is ItemKind.EVENT:
            assert receipt.id == header.parse(item.raw).id


