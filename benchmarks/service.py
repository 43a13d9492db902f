"""The whole service path: acknowledged durable and pushed, by how much is stored; and the bare write path beside it.

`python -m benchmarks.service [--quick]`. The service is a process of its own, this one is the load. Events are made
before the clock starts and opened after it stops. `live` seals, opens and acknowledges while it runs. `bare` writes
the same rows and receipts through the same writer, without network and protocol checks; `verb` adds the checks and
still no network.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.client import Wire, log_in, service_pk
from benchmarks.prefill import prefill
from benchmarks.sealed import Opener, Pen
from benchmarks.world import Conversation, Person, admit
from confrere.database import engine, service_key
from confrere.database.writer import GroupWriter, wall_clock
from directory.ports import GroupCommit, Session
from directory.store.accounts import StoredAccounts
from directory.transparency.receipt import ReceiptKind
from messaging.http.hub import Hub
from messaging.mailbox.rates import Rate
from messaging.protocol.body import EventType
from messaging.store.notices import SqlNotices
from messaging.store.tables import events as events_table
from messaging.store.tables import items
from messaging.store.threads import SqlThreads
from messaging.use_cases.notices import Notices
from messaging.use_cases.submit import Submissions
from messaging.use_cases.thread_book import ThreadBook

PAIRS = 50
SIZE = 2048
WINDOW = 16
ACK_EVERY = 16
SETTINGS = "[rates]\nmessages = 10000000\nlogins = 100000\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured line."""

    name: str
    stored: int
    rate: float
    p50: float = 0.0
    p99: float = 0.0
    resident: float = 0.0


@asynccontextmanager
async def served(data: Path) -> AsyncIterator[tuple[str, int]]:
    """A `confrere serve` on this folder: (url, pid)."""
    config = data.parent / "config"
    if not config.exists():
        config.mkdir()
        (config / "service.toml").write_text(SETTINGS, encoding="utf-8")
        (config / "client.toml").write_text("", encoding="utf-8")
    command = ("-m", "confrere", "serve", "--data", str(data), "--port", "0", "--json", "--config", str(config))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    if process.stdout is None:
        raise RuntimeError("no output")
    try:
        yield json.loads(await process.stdout.readline())["url"], process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


def resident_mib(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


class Pair:
    """A sender, a recipient, their exchange."""

    def __init__(self, sender: Person, recipient: Person) -> None:
        self.sender, self.recipient = sender, recipient
        self.exchange = Conversation.start(sender, recipient)
        self.pen, self.ack_pen = Pen(sender, self.exchange), Pen(recipient, self.exchange)
        self.reader: Opener
        self.received: list[bytes] = []
        self.live = False
        self.due_acks = 0
        self.acks: list[asyncio.Future[None]] = []
        self.arrived = 0
        self.wanted = 0
        self.all_arrived = asyncio.Event()
        self.out: Wire
        self.into: Wire

    def take(self, _tick: int, frame: bytes) -> None:
        if self.live:
            meta_type = self.reader.open(frame, self.exchange)
            if meta_type == EventType.ACK:
                return
            self.due_acks += 1
            if self.due_acks % ACK_EVERY == 0:
                self.acks.append(asyncio.ensure_future(self._acknowledge()))
        else:
            self.received.append(frame)
        self.arrived += 1
        if self.arrived >= self.wanted:
            self.all_arrived.set()

    async def _acknowledge(self) -> None:
        """A cumulative ack, sealed now; durable before the clock stops."""
        await (await self.into.post(self.exchange.sending(self.ack_pen.ack(self.due_acks))))

    async def pour_live(self, number: int) -> None:
        """`pour`, sealing each one as it leaves and opening it as it arrives."""
        self.live, self.due_acks, self.acks = True, 0, []
        await self.pour((self.exchange.sending(self.pen.event(SIZE)) for _ in range(number)), number)
        await asyncio.gather(*self.acks)
        self.live = False

    def open_received(self) -> int:
        """Open everything that arrived while the clock ran; how many there were."""
        for frame in self.received:
            self.reader.open(frame, self.exchange)
        number, self.received = len(self.received), []
        return number

    async def connect(self, http: aiohttp.ClientSession, url: str, key: bytes, tick: int) -> None:
        self.reader = Opener([self.sender, self.recipient], key)
        for person in (self.sender, self.recipient):
            token = await log_in(http, url, person, key)
            wire = await Wire.open(
                http, url, token, ((person.mailbox, tick),), self.take if person is self.recipient else _ignore
            )
            await wire.caught_up.wait()
            if person is self.recipient:
                self.into = wire
            else:
                self.out = wire
        await self.out.send(self.exchange.opening())

    async def pour(self, sealed: Iterable[bytes], number: int) -> None:
        """Every one sent, at most WINDOW unanswered; returns when each is acknowledged and has arrived."""
        free = asyncio.Semaphore(WINDOW)
        refused = []
        self.arrived, self.wanted = 0, number
        self.all_arrived.clear()

        def answered(answer: asyncio.Future[bytes]) -> None:
            free.release()
            if answer.exception() is not None or answer.result()[0] != 4:
                refused.append(1)

        for submission in sealed:
            await free.acquire()
            (await self.out.post(submission)).add_done_callback(answered)
        for _ in range(WINDOW):
            await free.acquire()
        await self.all_arrived.wait()
        if refused:
            raise RuntimeError(f"{len(refused)} refused")


def _ignore(_tick: int, _frame: bytes) -> None:
    return None


async def _pour(pairs: list[Pair], each: int) -> float:
    """Messages a second, sealed before the clock starts."""
    sealed = [[pair.exchange.sending(pair.pen.event(SIZE)) for _ in range(each)] for pair in pairs]
    begun = time.perf_counter()
    await asyncio.gather(*(pair.pour(some, each) for pair, some in zip(pairs, sealed, strict=True)))
    return PAIRS * each / (time.perf_counter() - begun)


async def whole_service(data: Path, people: list[Person], stored: int, tick: int, each: int, calm: int) -> list[Row]:
    async with served(data) as (url, pid), aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        key = await service_pk(http, url)
        pairs = [Pair(people[2 * at], people[2 * at + 1]) for at in range(PAIRS)]
        for pair in pairs:
            await pair.connect(http, url, key, tick)
        await _pour(pairs, 20)
        rate = await _pour(pairs, each)
        opened = sum(pair.open_received() for pair in pairs)
        if opened < PAIRS * each:
            raise RuntimeError(f"{opened} of {PAIRS * each} opened")
        begun = time.perf_counter()
        await asyncio.gather(*(pair.pour_live(each) for pair in pairs))
        live = PAIRS * each / (time.perf_counter() - begun)
        delays = [await _delivery(pairs[at % PAIRS]) for at in range(calm)]
        memory = resident_mib(pid)
        for pair in pairs:
            await pair.out.socket.close()
            await pair.into.socket.close()
    cuts = statistics.quantiles(delays, n=100)
    return [
        Row("service", stored, rate, cuts[49] * 1000, cuts[98] * 1000, memory),
        Row("live", stored, live),
    ]


async def _delivery(pair: Pair) -> float:
    """Seconds from handing one event to the socket to its arrival."""
    submission = pair.exchange.sending(pair.pen.event(SIZE))
    pair.arrived, pair.wanted = 0, 1
    pair.all_arrived.clear()
    begun = time.perf_counter()
    answer = await pair.out.post(submission)
    await pair.all_arrived.wait()
    took = time.perf_counter() - begun
    await answer
    await asyncio.sleep(0.002)
    return took


async def in_process(data: Path, people: list[Person], stored: int, count: int) -> list[Row]:
    """The writer alone, and the verb on it: same rows, same receipts, no network."""
    file = data / engine.FILE_NAME
    reader = engine.ReadPool(engine.read_engine(file))
    writer = GroupWriter(engine.write_engine(file), service_key.load_or_make(data))
    await writer.start()
    board = Notices(writer, reader, SqlNotices(), lambda _: False, lambda: None)
    verb = Submissions(writer, ThreadBook(SqlThreads()), StoredAccounts(), Hub(), board, Rate(10_000_000), wall_clock)
    pairs = [(people[2 * at], Conversation.start(people[2 * at], people[2 * at + 1])) for at in range(PAIRS)]
    for sender, exchange in pairs:
        await verb.submit(Session(sender.account, sender.device.id), exchange.opening())
    raw = [exchange.event(SIZE) for _, exchange in pairs for _ in range(count // PAIRS)]
    whole = [
        (sender, exchange.sending(exchange.event(SIZE))) for sender, exchange in pairs for _ in range(count // PAIRS)
    ]
    numbers = range(1_000_001, 1_000_001 + PAIRS)

    def bare(at: int) -> None:
        event, thread = raw[at], numbers[at % PAIRS]

        def command(group: GroupCommit) -> None:
            receipt = group.place(ReceiptKind.EVENT, thread.to_bytes(16, "big"), event[-32:])
            row = {
                "tick": receipt.tick,
                "thread_no": thread,
                "epoch": 0,
                "intent": secrets.token_bytes(16),
                "raw": event,
            }
            group.insert(events_table, row)
            for box in (2 * (at % PAIRS) + 1, 2 * (at % PAIRS) + 2):
                group.insert(items, {"mailbox_no": box, "tick": receipt.tick, "class_": 1})

        commands.append(command)

    commands: list[object] = []
    for at in range(len(raw)):
        bare(at)
    rows = [Row("bare", stored, await _rate([lambda c=c: writer.write(c) for c in commands]))]  # type: ignore[misc]
    sends = [
        lambda p=p, s=s: verb.submit(Session(p.account, p.device.id), s)  # type: ignore[misc]
        for p, s in whole
    ]
    rows.append(Row("verb", stored, await _rate(sends)))
    await writer.close()
    await reader.close()
    return rows


async def _rate(works: list[object]) -> float:
    todo = iter(works)

    async def worker() -> None:
        for work in todo:
            await work()  # type: ignore[operator]

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(PAIRS * 4)))
    return len(works) / (time.perf_counter() - begun)


async def measure(stores: Sequence[int], each: int, calm: int) -> list[Row]:
    rows: list[Row] = []
    people = [Person.make(f"bench {at}") for at in range(2 * PAIRS)]
    for stored in stores:
        with tempfile.TemporaryDirectory(prefix="confrere-bench-") as folder:
            data = Path(folder) / "data"
            await admit(data, people)
            tick = prefill(data, [person.mailbox for person in people], stored)
            rows += await in_process(data, people, stored, PAIRS * each)
            rows += await whole_service(data, people, stored, _last_tick(data), each, calm)
            show(rows[-4:])
            del tick
    return rows


def _last_tick(data: Path) -> int:
    import sqlite3

    with contextlib.closing(sqlite3.connect(data / engine.FILE_NAME)) as connection:
        return int(connection.execute("SELECT max(tick) FROM receipts").fetchone()[0])


def show(rows: Sequence[Row]) -> None:
    for row in rows:
        calm = f"{row.p50:8.2f} {row.p99:8.2f} {row.resident:8.0f}" if row.resident else f"{'':8} {'':8} {'':8}"
        print(f"{row.name:8} {row.stored:>10,} {row.rate:>10,.0f} {calm}", flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="an empty store and 100,000 stored, fewer events")
    quick = parser.parse_args(arguments).quick
    print(f"{SIZE} octets an event, {PAIRS} pairs, {os.cpu_count()} cores with the load; SQLite WAL, synchronous=FULL")
    print(f"{'path':8} {'stored':>10} {'msg/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'MiB':>8}")
    work = measure((0, 100_000), 100, 200) if quick else measure((0, 100_000, 1_000_000), 400, 1000)
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work)


if __name__ == "__main__":
    main()
