"""The one writer (ARCHITECTURE.md, "The durable write path"): a drain, a connection, a signed receipt group a commit.

1. The drain takes what is queued, up to a bound; it never waits for more.
2. It asks each kind of command to prepare: one read for all of that kind.
3. It runs the commands in order; a refusal undoes what that command placed, in memory.
4. It signs one group over every placed receipt, inserts by executemany, commits once.
5. Only then does it run the callbacks and answer the callers.
A batch that fails is rolled back and its members are replayed one transaction each: only the culprit fails, and if the
disk refuses, nobody is acknowledged.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeVar, runtime_checkable

from sqlalchemy import Connection, Table, UpdateBase, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from confrere.database.tables import groups, receipts
from confrere.errors import ConfrereError
from directory.errors import Refusal
from directory.ports import GroupCommit, Written
from directory.primitives.signature import SigningKey
from directory.transparency.receipt import (
    CHAIN_START,
    Receipt,
    ReceiptKind,
    encode_proof,
    next_chain,
    sign_group,
)

log = logging.getLogger("confrere.writer")

Result = TypeVar("Result")
SCOPES_CACHED = 50_000


def wall_clock() -> int:
    return time.time_ns() // 1_000_000


@runtime_checkable
class Preparing(Protocol):
    """A command that wants to read together with the others of its kind in the batch."""

    def prepare(self, connection: Connection, kin: Sequence[Any]) -> None:
        """Called on one of `kin` for all of them, before any command of the batch runs."""


@dataclass(slots=True)
class _Member(Generic[Result]):
    """One queued command and its caller."""

    command: Callable[[GroupCommit], Result]
    answer: asyncio.Future[Written[Result]]
    result: Any = None
    refusal: Refusal | None = None
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class _Position:
    """Where the order of everything stands on disk."""

    tick: int = 0
    group_no: int = 0
    time: int = 0
    scopes: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)


class Group:
    """One group commit in the making: `directory.ports.GroupCommit`, and the proofs once it is signed."""

    __slots__ = (
        "_account_entries",
        "_after",
        "_base",
        "_changes",
        "_connection",
        "_journal",
        "_position",
        "_receipts",
        "_rows",
        "_scopes",
        "group_no",
        "now",
        "proofs",
        "raw",
    )

    def __init__(self, connection: Connection, position: _Position, now: int) -> None:
        self._connection = connection
        self._position = position
        self._base = position.tick
        self._receipts: list[Receipt] = []
        self._rows: list[tuple[Table, Mapping[str, Any]]] = []
        self._changes: list[UpdateBase] = []
        self._after: list[Callable[[], None]] = []
        self._scopes: dict[bytes, tuple[int, bytes]] = {}
        self._journal: list[tuple[bytes, tuple[int, bytes] | None]] = []
        self._account_entries = 0
        self.now = now
        self.group_no = position.group_no + 1
        self.raw = b""
        self.proofs: list[bytes] = []

    @property
    def connection(self) -> Connection:
        return self._connection

    def place(self, kind: ReceiptKind, scope: bytes, identifier: bytes) -> Receipt:
        before = self._scopes.get(scope)
        self._journal.append((scope, before))
        seq, chain = before or self._stored_scope(scope)
        chain = next_chain(scope, chain, identifier)
        tick = self._base + len(self._receipts) + 1
        receipt = Receipt(kind, scope, seq + 1, identifier, chain, tick)
        self._scopes[scope] = (seq + 1, chain)
        self._receipts.append(receipt)
        self._account_entries += kind is ReceiptKind.ACCOUNT_ENTRY
        return receipt

    def insert(self, table: Table, row: Mapping[str, Any]) -> None:
        self._rows.append((table, row))

    def change(self, statement: UpdateBase) -> None:
        self._changes.append(statement)

    def after_commit(self, callback: Callable[[], None]) -> None:
        self._after.append(callback)

    def proof(self, receipt: Receipt) -> bytes:
        """The encoded proof of a receipt of this group; from `after_commit` on."""
        return self.proofs[receipt.tick - self._base - 1]

    @property
    def account_entries(self) -> int:
        """How many account entries this group has placed so far: a cheap 'may a key have changed in here?'."""
        return self._account_entries

    def mark(self) -> tuple[int, int, int, int]:
        return len(self._receipts), len(self._rows), len(self._after), len(self._changes)

    def undo(self, mark: tuple[int, int, int, int]) -> None:
        """Back to `mark`: what a refused command placed never was."""
        placed, rows, after, changes = mark
        while len(self._journal) > placed:
            scope, before = self._journal.pop()
            if before is None:
                del self._scopes[scope]
            else:
                self._scopes[scope] = before
        self._account_entries -= sum(r.kind is ReceiptKind.ACCOUNT_ENTRY for r in self._receipts[placed:])
        del self._receipts[placed:], self._rows[rows:], self._after[after:], self._changes[changes:]

    def sign_and_insert(self, key: SigningKey) -> None:
        """The receipts' own rows, one executemany a table in order of the first insert, then the changes in order."""
        by_table: dict[Table, list[Mapping[str, Any]]] = {}
        if self._receipts:
            signed, paths = sign_group(self._receipts, self.now, key)
            self.raw = signed.raw
            by_table[groups] = [{"group_no": self.group_no, "raw": signed.raw}]
            rows = by_table[receipts] = []
            for index, (receipt, nodes) in enumerate(zip(self._receipts, paths, strict=True)):
                path = b"".join(nodes)
                self.proofs.append(encode_proof(receipt.encode(), index, path, signed.raw))
                rows.append(
                    {
                        "tick": receipt.tick,
                        "kind": int(receipt.kind),
                        "scope": receipt.scope,
                        "seq": receipt.seq,
                        "id": receipt.id,
                        "chain": receipt.chain,
                        "idx": index,
                        "path": path,
                        "group_no": self.group_no,
                    }
                )
        for table, row in self._rows:
            by_table.setdefault(table, []).append(row)
        for table, table_rows in by_table.items():
            self._connection.execute(_insert_into(table), table_rows)
        for statement in self._changes:
            self._connection.execute(statement)

    def settle(self) -> None:
        """On disk: the position moves, the callbacks run."""
        position = self._position
        if self._receipts:
            position.tick = self._receipts[-1].tick
            position.group_no = self.group_no
        position.time = self.now
        if len(position.scopes) > SCOPES_CACHED:
            position.scopes.clear()
        position.scopes.update(self._scopes)
        for callback in self._after:
            try:
                callback()
            except Exception as problem:  # durable already: one listener's fault is no reason to fail a caller
                log.error("after-commit callback failed: %s", type(problem).__name__)

    def _stored_scope(self, scope: bytes) -> tuple[int, bytes]:
        known = self._position.scopes.get(scope)
        if known is None:
            query = select(receipts.c.seq, receipts.c.chain).where(receipts.c.scope == scope)
            row = self._connection.execute(query.order_by(receipts.c.tick.desc()).limit(1)).first()
            known = (row.seq, row.chain) if row else (0, CHAIN_START)
            self._position.scopes[scope] = known
        return known


def _where(problem: BaseException) -> str:
    """Frames only: the text of a database error holds the values of its statement."""
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(ours[-4:]))


_INSERTS: dict[Table, Any] = {}


def _insert_into(table: Table) -> Any:
    statement = _INSERTS.get(table)
    if statement is None:
        statement = _INSERTS[table] = insert(table)
    return statement


class GroupWriter:
    """`directory.ports.Writer` on one aiosqlite connection. `start` before use, `close` drains."""

    MOST: ClassVar[int] = 256

    def __init__(
        self,
        engine: AsyncEngine,
        key: SigningKey,
        *,
        batch: int = MOST,
        queue: int = 4096,
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self._engine = engine
        self._key = key
        self._batch = batch
        self._bound = queue
        self._clock = clock
        self._queue: list[_Member[Any]] = []
        self._wake = asyncio.Event()
        self._closing = False
        self._position = _Position()
        self._connection: AsyncConnection | None = None
        self._drain: asyncio.Task[None] | None = None
        self._on_reset: list[Callable[[], None]] = []

    async def start(self) -> None:
        await self._open()
        self._drain = asyncio.create_task(self._run(), name="writer")

    async def close(self) -> None:
        """Writes what is queued, then lets go of the connection."""
        self._closing = True
        self._wake.set()
        if self._drain is not None:
            await self._drain
        if self._connection is not None:
            await self._connection.close()
        await self._engine.dispose()

    @property
    def tick(self) -> int:
        """The last tick on disk."""
        return self._position.tick

    def on_reset(self, callback: Callable[[], None]) -> None:
        """Run when a batch failed and memory is read again from disk."""
        self._on_reset.append(callback)

    async def write(self, command: Callable[[GroupCommit], Result]) -> Written[Result]:
        """Returns once the group is on disk. Raises the Refusal; ConfrereError: service-busy, write-failed."""
        if self._closing or len(self._queue) >= self._bound:
            raise ConfrereError("service-busy")
        answer: asyncio.Future[Written[Result]] = asyncio.get_running_loop().create_future()
        self._queue.append(_Member(command, answer))
        self._wake.set()
        return await answer

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = [member for member in self._queue[: self._batch] if not member.answer.done()]
            del self._queue[: self._batch]
            if not self._queue:
                self._wake.clear()
            if batch:
                await self._commit(batch)
            if self._closing and not self._queue:
                return

    async def _commit(self, batch: list[_Member[Any]]) -> None:
        try:
            connection = self._connection or await self._open()
            group = await connection.run_sync(self._transact, batch)
        except Exception as problem:
            log.error("a batch of %d failed: %s at %s", len(batch), type(problem).__name__, _where(problem))
            await self._reset()
            if len(batch) > 1:
                for member in batch:
                    await self._commit([member])
            elif not batch[0].answer.done():
                failed = ConfrereError("write-failed")
                failed.__cause__ = problem
                batch[0].answer.set_exception(failed)
            return
        group.settle()
        for member in batch:
            if member.answer.done():
                continue
            if member.refusal is not None:
                member.answer.set_exception(member.refusal)
            else:
                proofs = tuple(group.proofs[member.first : member.last])
                member.answer.set_result(Written(member.result, proofs))

    def _transact(self, connection: Connection, batch: list[_Member[Any]]) -> Group:
        group = Group(connection, self._position, max(self._clock(), self._position.time))
        with connection.begin():
            self._prepare(connection, batch)
            for member in batch:
                mark = group.mark()
                member.refusal = None
                try:
                    member.result = member.command(group)
                except Refusal as refusal:
                    group.undo(mark)
                    member.refusal = refusal
                member.first, member.last = mark[0], group.mark()[0]
            group.sign_and_insert(self._key)
        return group

    def _prepare(self, connection: Connection, batch: list[_Member[Any]]) -> None:
        kinds: dict[type, list[Any]] = {}
        for member in batch:
            if isinstance(member.command, Preparing):
                kinds.setdefault(type(member.command), []).append(member.command)
        for kin in kinds.values():
            kin[0].prepare(connection, kin)

    async def _open(self) -> AsyncConnection:
        connection = await self._engine.connect()
        try:
            self._position = await connection.run_sync(self._read_position)
        except BaseException:
            await connection.close()  # the pool has no other
            raise
        self._connection = connection
        return connection

    def _read_position(self, connection: Connection) -> _Position:
        with connection.begin() as transaction:
            tick = connection.execute(select(func.max(receipts.c.tick))).scalar() or 0
            last = connection.execute(select(groups).order_by(groups.c.group_no.desc()).limit(1)).first()
            transaction.rollback()
        # "CP1g" | suite u16 | time u64: what was signed last is what time may not run behind.
        signed = int.from_bytes(last.raw[6:14], "big") if last else 0
        return _Position(tick, last.group_no if last else 0, max(signed, self._position.time))

    async def _reset(self) -> None:
        """Forget what was in the making; if even that fails, the next batch opens anew."""
        connection, self._connection = self._connection, None
        for callback in self._on_reset:
            callback()
        if connection is None:
            return
        try:
            await connection.invalidate()
            await connection.close()
        except Exception as problem:
            log.error("the write connection did not close: %s", type(problem).__name__)
