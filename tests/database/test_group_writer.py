"""The durable write path: acknowledged means on disk, one culprit never takes others with it, nothing half-placed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import delete, event, text

from confrere.database import engine, lock, schema, service_key
from confrere.database.tables import groups
from confrere.database.writer import GroupWriter
from confrere.errors import ConfrereError
from directory.errors import DirectoryError
from directory.primitives.signature import SigningKey
from directory.transparency.receipt import CHAIN_START, ReceiptKind, next_chain, parse_proof, verify_proof
from messaging.store.tables import mailboxes

pytestmark = pytest.mark.asyncio
KEY = SigningKey(bytes(32))
SCOPE = bytes(16)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


@pytest_asyncio.fixture
async def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def writer(tmp_path: Path, clock: Clock) -> AsyncIterator[GroupWriter]:
    schema.migrate(tmp_path / engine.FILE_NAME)
    made = GroupWriter(engine.write_engine(tmp_path / engine.FILE_NAME), KEY, clock=clock, queue=64)
    await made.start()
    yield made
    await made.close()


def rows(tmp_path: Path, table: str) -> list[tuple]:
    connection = sqlite3.connect(tmp_path / engine.FILE_NAME)
    try:
        return connection.execute(f"SELECT * FROM {table}").fetchall()
    finally:
        connection.close()


def placing(identifier: bytes, scope: bytes = SCOPE):
    return lambda group: group.place(ReceiptKind.EVENT, scope, identifier)


async def test_one_batch_is_one_signed_group_in_tick_order(writer: GroupWriter, tmp_path: Path) -> None:
    ids = [bytes([at]) * 32 for at in range(10)]
    written = await asyncio.gather(*(writer.write(placing(each)) for each in ids))
    chain = CHAIN_START
    for seq, (each, done) in enumerate(zip(ids, written, strict=True), start=1):
        receipt = verify_proof(parse_proof(done.proofs[0]), KEY.public)
        chain = next_chain(SCOPE, chain, each)
        assert (receipt.tick, receipt.seq, receipt.id, receipt.chain) == (seq, seq, each, chain)
    assert len(rows(tmp_path, "groups")) == 1
    assert len(rows(tmp_path, "receipts")) == 10


async def test_a_refusal_undoes_only_its_own_command(writer: GroupWriter, tmp_path: Path) -> None:
    def refused(group):
        group.place(ReceiptKind.EVENT, SCOPE, b"r" * 32)
        group.insert(mailboxes, {"mailbox_no": 1, "mailbox": bytes(16)})
        group.after_commit(lambda: pytest.fail("never committed"))
        raise DirectoryError("account-unknown")

    done = await asyncio.gather(
        writer.write(placing(b"a" * 32)),
        writer.write(refused),
        writer.write(placing(b"b" * 32)),
        return_exceptions=True,
    )
    assert [done[0].result.tick, done[2].result.tick, done[2].result.seq] == [1, 2, 2]
    assert done[1].id == "account-unknown"
    assert rows(tmp_path, "mailboxes") == []


async def test_a_change_meets_what_its_own_group_inserted_and_a_refused_one_never_was(
    writer: GroupWriter, tmp_path: Path
) -> None:
    def inserting(group):
        for number in (1, 2, 3):
            group.insert(mailboxes, {"mailbox_no": number, "mailbox": bytes([number]) * 16})

    def removing(number: int, refused: bool = False):
        def command(group):
            group.change(delete(mailboxes).where(mailboxes.c.mailbox_no == number))
            if refused:
                raise DirectoryError("account-unknown")

        return command

    commands = (inserting, removing(1), removing(2, refused=True))
    await asyncio.gather(*(writer.write(each) for each in commands), return_exceptions=True)
    assert [row[0] for row in rows(tmp_path, "mailboxes")] == [2, 3]


async def test_a_batch_that_breaks_is_replayed_and_only_the_culprit_fails(
    writer: GroupWriter, tmp_path: Path
) -> None:
    def culprit(group):
        group.place(ReceiptKind.EVENT, SCOPE, b"c" * 32)
        raise ZeroDivisionError

    def breaks_the_insert(group):
        group.insert(mailboxes, {"mailbox_no": 7, "mailbox": None})

    done = await asyncio.gather(
        *(writer.write(placing(bytes([at]) * 32)) for at in range(5)),
        writer.write(culprit),
        writer.write(breaks_the_insert),
        *(writer.write(placing(bytes([at]) * 32)) for at in range(5, 10)),
        return_exceptions=True,
    )
    assert [each.id for each in done[5:7]] == ["write-failed", "write-failed"]
    kept = [*done[:5], *done[7:]]
    receipts_ = [verify_proof(parse_proof(each.proofs[0]), KEY.public) for each in kept]
    assert [receipt.seq for receipt in receipts_] == list(range(1, 11))
    assert len(rows(tmp_path, "receipts")) == 10


async def test_nobody_is_acknowledged_when_the_commit_itself_fails(writer: GroupWriter, tmp_path: Path) -> None:
    heard: list[str] = []

    def command(group):
        group.after_commit(lambda: heard.append("acknowledged"))
        return group.place(ReceiptKind.EVENT, SCOPE, b"c" * 32)

    def fails(_connection: object) -> None:
        raise OSError("no space left on device")

    event.listen(writer._engine.sync_engine, "commit", fails)
    done = await asyncio.gather(*(writer.write(command) for _ in range(3)), return_exceptions=True)
    assert [each.id for each in done] == ["write-failed"] * 3
    event.remove(writer._engine.sync_engine, "commit", fails)
    assert (heard, rows(tmp_path, "receipts")) == ([], [])
    assert (await writer.write(command)).result.tick == 1
    assert heard == ["acknowledged"]


async def test_nobody_is_acknowledged_when_the_disk_is_full(
    writer: GroupWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def fill_the_disk(group):
        # A page bound makes SQLite answer "database or disk is full", as a full disk does.
        group.connection.execute(text("PRAGMA max_page_count=1"))

    def heavy(group):
        group.place(ReceiptKind.EVENT, SCOPE, b"h" * 32)
        group.insert(mailboxes, {"mailbox_no": 5, "mailbox": bytes(2_000_000)})
        group.after_commit(lambda: heard.append("acknowledged"))

    await writer.write(fill_the_disk)
    monkeypatch.setattr(writer, "_reset", _keep_the_full_disk(writer))
    done = await asyncio.gather(*(writer.write(heavy) for _ in range(3)), return_exceptions=True)
    assert [each.id for each in done] == ["write-failed"] * 3
    assert heard == []
    assert rows(tmp_path, "receipts") == []
    monkeypatch.undo()
    await writer._reset()
    assert (await writer.write(placing(b"n" * 32))).result.tick == 1


def _keep_the_full_disk(writer: GroupWriter):
    async def reset() -> None:
        writer._position.scopes.clear()

    return reset


async def test_time_never_runs_backwards_even_over_a_restart(
    writer: GroupWriter, clock: Clock, tmp_path: Path
) -> None:
    first = await writer.write(placing(b"1" * 32))
    clock.now = 10
    second = await writer.write(placing(b"2" * 32))
    times = [parse_proof(each.proofs[0]).group.time for each in (first, second)]
    assert times == [1_000, 1_000]
    await writer.close()
    again = GroupWriter(engine.write_engine(tmp_path / engine.FILE_NAME), KEY, clock=clock)
    await again.start()
    third = await again.write(placing(b"3" * 32))
    assert (third.result.tick, third.result.seq) == (3, 3)
    assert parse_proof(third.proofs[0]).group.time == 1_000
    await again.close()


async def test_a_full_queue_is_refused_and_a_closed_writer_has_written_what_was_queued(
    writer: GroupWriter, tmp_path: Path
) -> None:
    waiting = [asyncio.ensure_future(writer.write(placing(at.to_bytes(32, "big")))) for at in range(64)]
    await asyncio.sleep(0)
    with pytest.raises(ConfrereError) as refused:
        await writer.write(placing(bytes(32)))
    assert refused.value.id == "service-busy"
    await writer.close()
    assert all(task.done() and not task.exception() for task in waiting)
    assert len(rows(tmp_path, "receipts")) == 64
    with pytest.raises(ConfrereError):
        await writer.write(placing(bytes(32)))


async def test_a_caller_that_went_away_is_not_written(writer: GroupWriter, tmp_path: Path) -> None:
    gone = asyncio.ensure_future(writer.write(placing(b"g" * 32)))
    stays = asyncio.ensure_future(writer.write(placing(b"s" * 32)))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await stays).result.id == b"s" * 32
    assert len(rows(tmp_path, "receipts")) == 1


async def test_a_listener_that_raises_fails_nobody(writer: GroupWriter) -> None:
    def command(group):
        group.after_commit(lambda: 1 / 0)
        return group.place(ReceiptKind.EVENT, SCOPE, b"l" * 32)

    assert (await writer.write(command)).proofs


async def test_a_second_serve_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with lock.held(tmp_path), pytest.raises(ConfrereError) as refused, lock.held(tmp_path):
        pass
    assert refused.value.id == "data-locked"
    with lock.held(tmp_path):
        pass


async def test_readers_cannot_write(tmp_path: Path) -> None:
    schema.migrate(tmp_path / engine.FILE_NAME)
    pool = engine.ReadPool(engine.read_engine(tmp_path / engine.FILE_NAME))
    with pytest.raises(Exception, match="readonly"):
        await pool.read(lambda connection: connection.execute(groups.insert(), {"group_no": 1, "raw": b""}))
    await pool.close()


async def test_the_key_is_the_service_s_alone_and_stays_the_same(tmp_path: Path) -> None:
    first = service_key.load_or_make(tmp_path)
    file = tmp_path / service_key.FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    assert service_key.load_or_make(tmp_path).public == first.public
    file.chmod(0o644)
    with pytest.raises(ConfrereError) as refused:
        service_key.load_or_make(tmp_path)
    assert refused.value.id == "service-key-unsafe"


async def test_other_processes_write_shortly_beside_the_service(writer: GroupWriter, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / engine.FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO mailboxes VALUES (1, x'00')")
    waiting = asyncio.ensure_future(writer.write(placing(b"w" * 32)))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not waiting.done()
    other.execute("COMMIT")
    other.close()
    assert (await waiting).result.tick == 1
