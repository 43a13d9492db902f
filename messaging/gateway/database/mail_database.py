"""`PROFILE/mail.db`: one connection that writes, two that only read, each in a thread of its own.

SQLite in WAL mode with synchronous=FULL: what returned is on the disk. The file is not locked exclusively, because
`confrere gateway password` writes to it while the gateway runs; the mail in it has one writer nevertheless, the process
that holds `profile.db`. A transaction runs whole in a thread: a hop for each statement costs more than its seals.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool

from messaging.errors import MessagingError
from messaging.gateway.database.migrations import climb

FILE_NAME = "mail.db"
READERS = 2
_WAIT_MS = 15_000
_CACHE_KIB = 1024  # of what is written: two are no faster
_READERS_CACHE_KIB = 256  # what they read is long and read once: more is no faster
# SQLite's primary result codes, by whose matter they are.
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_UNWRITABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
Result = TypeVar("Result")


class MailDatabase:
    """An open mail.db. `write` and `read` give a function one transaction.

    Raises MessagingError from each: mail-store-full, mail-store-damaged, profile-locked, profile-unwritable."""

    def __init__(self, path: Path) -> None:
        self._writer = _engine(path, 1, "BEGIN IMMEDIATE", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
        self._readers = _engine(path, READERS, "BEGIN", "query_only=ON", f"cache_size=-{_READERS_CACHE_KIB}")
        self._writing = ThreadPoolExecutor(1, "mail-write")
        self._reading = ThreadPoolExecutor(READERS, "mail-read")

    @classmethod
    async def open(cls, folder: Path) -> MailDatabase:
        """The mail.db of a profile's folder, made if it is not there, brought to this version if it is older.

        Raises MessagingError also: mail-store-newer."""
        path = folder / FILE_NAME
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError:
            raise MessagingError("profile-unwritable") from None
        database = cls(path)
        try:
            await database.write(climb)
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, action: Callable[[Connection], Result]) -> Result:
        """`action` in one transaction; on the disk on return, rolled back when it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._writing, _transaction, self._writer, action)

    async def read(self, action: Callable[[Connection], Result]) -> Result:
        """`action` sees one snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, _transaction, self._readers, action)

    async def close(self) -> None:
        """After the transactions under way."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self._reading.shutdown()
        self._writing.shutdown()
        self._readers.dispose()
        self._writer.dispose()


def _transaction(engine: Engine, action: Callable[[Connection], Result]) -> Result:
    try:
        with engine.begin() as connection:
            return action(connection)
    except DatabaseError as failed:
        refusal = _refusal(failed)
        if refusal is None:
            raise
        raise refusal from None


def _refusal(failed: DatabaseError) -> MessagingError | None:
    """What a person can do about it, if it is not a mistake of ours."""
    code = getattr(failed.orig, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return MessagingError("mail-store-full")
    if code in _BUSY:
        return MessagingError("profile-locked")
    if code in _UNWRITABLE:
        return MessagingError("profile-unwritable")
    return MessagingError("mail-store-damaged") if code in _DAMAGED else None


def _engine(path: Path, connections: int, begin: str, *pragmas: str) -> Engine:
    """Transactions begin explicitly: the driver's own guess leaves reads outside them. No value reaches an error."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout={_WAIT_MS}", f"cache_size=-{_CACHE_KIB}", "temp_store=MEMORY", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
