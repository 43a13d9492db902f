"""`service.db` from a process beside `confrere serve`: one short transaction of an operator's verb, or a look.

It makes no tables and brings none up to date: that is the service's own start.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from confrere.database.engine import FILE_NAME
from confrere.database.schema import HEAD
from confrere.errors import ConfrereError

BUSY_SECONDS = 10.0
_PAUSE = 0.000_2  # the writer lets go for a fraction of a millisecond at a time; SQLite's own waiting misses the gaps


@contextmanager
def writing(data: Path) -> Iterator[Connection]:
    """A transaction, on the disk when the block ends. Raises ConfrereError: data-missing, service-busy."""
    with _begun(data, "BEGIN IMMEDIATE") as connection:
        yield connection


@contextmanager
def reading(data: Path) -> Iterator[Connection]:
    """One snapshot. Raises ConfrereError("data-missing")."""
    with _begun(data, "BEGIN") as connection:
        yield connection


@contextmanager
def _begun(data: Path, begin: str) -> Iterator[Connection]:
    engine = create_engine("sqlite://", creator=lambda: _open(data / FILE_NAME), poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: _begin(connection, begin, time.monotonic() + BUSY_SECONDS))
    if not _is_ready(data / FILE_NAME):
        raise ConfrereError("data-missing", data=str(data))
    with engine.begin() as connection:
        yield connection


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=0, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _begin(connection: Connection, begin: str, until: float) -> None:
    driver = connection.connection.cursor()
    while True:
        try:
            driver.execute(begin)
            return
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > until:
                raise ConfrereError("service-busy") from None
            time.sleep(_PAUSE)


def _is_ready(file: Path) -> bool:
    """Whether this is a database of exactly this version: another one's service was not started yet."""
    try:
        connection = _open(file)
    except sqlite3.OperationalError:
        return False
    try:
        return bool(connection.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,))
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
