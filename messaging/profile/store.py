"""A profile folder: opening it, its one transaction at a time, and its values. One process holds it while it is open.

SQLAlchemy on SQLite, synchronous=FULL: what is in the outbox when a verb returns is on disk. A transaction runs whole
in the profile's own thread: a page of a record takes hundreds of statements, and a hop for each of them cost more than
all of its seals.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam, create_engine, delete, event, insert, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from directory.primitives.aead import STORE_NONCE_SIZE
from directory.primitives.passphrase import SALT_SIZE, Cost
from messaging.errors import MessagingError
from messaging.profile import tables, vault
from messaging.profile.vault import Lock, Vault

SCHEMA = 1
_WAIT_MS = 15_000
# SQLite's primary result codes, by whose matter they are.
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNWRITABLE = {
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM),
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TOGETHER = 64
# Made once: of a small statement, making it is most of the work.
_KEEP = insert(tables.values).prefix_with("OR REPLACE")
_KEPT = select(tables.values.c.sealed).where(tables.values.c.name == bindparam("of"))
Result = TypeVar("Result")
Action = Callable[[Connection], Any]
Entropy = Callable[[int], bytes]


class _Database:
    """The one connection of an open profile, and the thread that uses it.

    Actions that wait at the same time share one transaction, each in a savepoint of its own: one wait for the disk
    serves them all. An action that fails takes nothing of the others with it; where the database itself fails, each is
    done again alone.
    """

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, "profile")
        self._engine = _engine(path)
        self._connection: Connection | None = None
        self._waiting: list[tuple[Action, asyncio.Future[Any]]] = []
        self._working: asyncio.Task[None] | None = None

    async def run(self, action: Callable[[Connection], Result]) -> Result:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((action, done))
        if self._working is None:
            self._working = loop.create_task(self._work())
        return await done

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
                actions = [action for action, _ in taken]
                outcomes = await loop.run_in_executor(self._thread, self._together, actions)
                for (_, done), outcome in zip(taken, outcomes, strict=True):
                    if done.cancelled():  # nobody waits for it any more
                        continue
                    if isinstance(outcome, _Failed):
                        done.set_exception(outcome.error)
                    else:
                        done.set_result(outcome)
        finally:
            self._working = None

    def _together(self, actions: Sequence[Action]) -> list[object]:
        if len(actions) > 1:
            try:
                return self._shared(actions)
            except DatabaseError:
                pass
        return [self._alone(action) for action in actions]

    def _shared(self, actions: Sequence[Action]) -> list[object]:
        outcomes: list[object] = []
        connection = self._connected()
        with connection.begin():
            for action in actions:
                connection.exec_driver_sql("SAVEPOINT one")  # `begin_nested` costs more than most actions
                try:
                    outcomes.append(action(connection))
                except DatabaseError:
                    raise
                except BaseException as error:
                    connection.exec_driver_sql("ROLLBACK TO one")
                    outcomes.append(_Failed(error))
                connection.exec_driver_sql("RELEASE one")
        return outcomes

    def _alone(self, action: Action) -> object:
        try:
            connection = self._connected()
            with connection.begin():
                return action(connection)
        except BaseException as error:
            return _Failed(error)

    def _connected(self) -> Connection:
        """The one connection, taken from its pool once: taking it for each transaction costs as much as a statement."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()

    async def close(self) -> None:
        if self._working is not None:
            await asyncio.wait([self._working])
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: object, _record: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in (
            f"busy_timeout={_WAIT_MS}",
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")  # the driver's own guess knows no savepoints

    return engine


def _refusal(failed: DatabaseError) -> MessagingError | None:
    """What a person can do about it, if it is not a mistake of ours."""
    code = getattr(failed.orig, "sqlite_errorcode", 0) & 0xFF
    if code in _BUSY:
        return MessagingError("profile-locked")
    if code in _UNWRITABLE:
        return MessagingError("profile-unwritable")
    return MessagingError("profile-damaged") if code in _DAMAGED else None


def _lock(connection: Connection) -> Lock:
    """Raises MessagingError: profile-damaged, profile-newer."""
    row = connection.execute(select(tables.lock)).one_or_none()
    if row is None:
        raise MessagingError("profile-damaged")
    if row.schema != SCHEMA:
        raise MessagingError("profile-newer")
    return Lock(row.salt, Cost(row.memory, row.passes), row.sealed_root)


def _complete(connection: Connection) -> None:
    """What a profile of an earlier version lacks and can do without: its index of the outbox. On a full disk it is read
    as ever."""
    with contextlib.suppress(DatabaseError), connection.begin_nested():
        for index in tables.outbox.indexes:
            index.create(connection, checkfirst=True)


class Profile:
    """An unlocked profile. `run` gives a function one transaction; `seal` and `open` are the vault with this profile's
    entropy."""

    def __init__(self, folder: Path, database: _Database, opened: Vault, entropy: Entropy) -> None:
        self.folder = folder
        self._database = database
        self._vault = opened
        self.entropy = entropy

    @staticmethod
    def exists(folder: Path) -> bool:
        return (folder / "profile.db").exists()

    @classmethod
    async def create(cls, folder: Path, words: str, cost: Cost, entropy: Entropy) -> Profile:
        """A new profile, readable by its owner only. Raises MessagingError: profile-exists, profile-unwritable."""
        if cls.exists(folder):
            raise MessagingError("profile-exists")
        path = folder / "profile.db"
        lock, opened = vault.create(words, entropy(SALT_SIZE), entropy(32), entropy(STORE_NONCE_SIZE), cost)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError:
            raise MessagingError("profile-unwritable") from None
        database = _Database(path)

        def prepare(connection: Connection) -> None:
            tables.metadata.create_all(connection)
            connection.execute(
                insert(tables.lock).values(
                    id=1,
                    schema=SCHEMA,
                    salt=lock.salt,
                    memory=lock.cost.memory,
                    passes=lock.cost.passes,
                    sealed_root=lock.sealed_root,
                )
            )

        profile = cls(folder, database, opened, entropy)
        await profile.run(prepare)
        return profile

    @classmethod
    async def open(cls, folder: Path, words: str, entropy: Entropy) -> Profile:
        """Raises MessagingError: profile-missing, profile-locked, profile-newer, profile-damaged,
        profile-unwritable, passphrase-wrong."""
        path = folder / "profile.db"
        if not path.exists():
            raise MessagingError("profile-missing")
        database = _Database(path)
        try:
            opened = vault.unlock(words, await database.run(_lock))
            await database.run(_complete)
        except DatabaseError as failed:
            await database.close()
            raise _refusal(failed) or MessagingError("profile-damaged") from None
        except BaseException:
            await database.close()
            raise
        return cls(folder, database, opened, entropy)

    async def close(self) -> None:
        await self._database.close()

    async def run(self, action: Callable[[Connection], Result]) -> Result:
        """`action` in one transaction; committed and on disk on return, rolled back when it raises. It may be run
        again, after a rollback: it changes nothing but the database.

        Raises MessagingError: profile-damaged, profile-unwritable (also a full disk).
        """
        try:
            return await self._database.run(action)
        except DatabaseError as failed:
            refusal = _refusal(failed)
            if refusal is None:
                raise
            raise refusal from None

    @property
    def vault(self) -> Vault:
        """For another file of the same folder, sealed alike."""
        return self._vault

    async def lock(self) -> Lock:
        """The vault's lock, for that file too."""
        return await self.run(_lock)

    def seal(self, place: str, value: bytes) -> bytes:
        return self._vault.seal(place, value, self.entropy(STORE_NONCE_SIZE))

    def open_sealed(self, place: str, sealed: bytes) -> bytes:
        return self._vault.open(place, sealed)

    def keep(self, connection: Connection, name: str, value: bytes) -> None:
        """Store one named value, replacing it."""
        self.keep_all(connection, {name: value})

    def keep_all(self, connection: Connection, values: Mapping[str, bytes]) -> None:
        """The same for several, by one statement."""
        rows = [{"name": name, "sealed": self.seal(f"value/{name}", value)} for name, value in values.items()]
        if rows:
            connection.execute(_KEEP, rows)

    def kept(self, connection: Connection, name: str) -> bytes | None:
        sealed = connection.execute(_KEPT, {"of": name}).scalar_one_or_none()
        return None if sealed is None else self.open_sealed(f"value/{name}", sealed)

    def names(self, connection: Connection, beginning: str) -> list[str]:
        """The names of the values that begin so."""
        column = tables.values.c.name
        return list(connection.execute(select(column).where(column.startswith(beginning, autoescape=True))).scalars())

    def forget(self, connection: Connection, name: str) -> None:
        connection.execute(delete(tables.values).where(tables.values.c.name == name))
