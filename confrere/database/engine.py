"""`DATA/service.db`: one write connection and a pool of query-only ones (ARCHITECTURE.md, "The durable write path").

SQLite in WAL mode with synchronous=FULL: a commit that returned is on the disk. Transactions begin explicitly: the
driver's own guess leaves reads outside them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

FILE_NAME = "service.db"
BUSY_MS = 5_000
READERS = 4
# A WAL of 64 MB before its pages are copied back: fewer, larger checkpoints.
CHECKPOINT_PAGES = 8_000

Result = TypeVar("Result")


def url(file: Path, driver: str = "sqlite+aiosqlite") -> URL:
    return URL.create(driver, database=str(file))


def write_engine(file: Path, *, synchronous: str = "full", cache_mib: int = 64) -> AsyncEngine:
    """An engine for exactly one connection, whose transactions take the write lock at once."""
    engine = create_async_engine(url(file), pool_size=1, max_overflow=0, poolclass=AsyncAdaptedQueuePool)
    pragmas = (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={synchronous.upper()}",
        f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}",
        *_pragmas(cache_mib),
    )
    _explicit(engine, pragmas, "BEGIN IMMEDIATE")
    return engine


def read_engine(file: Path, *, cache_mib: int = 64, size: int = READERS) -> AsyncEngine:
    engine = create_async_engine(url(file), pool_size=size, max_overflow=0, poolclass=AsyncAdaptedQueuePool)
    _explicit(engine, ("PRAGMA query_only=ON", *_pragmas(cache_mib)), "BEGIN")
    return engine


def _pragmas(cache_mib: int) -> tuple[str, ...]:
    return (f"PRAGMA busy_timeout={BUSY_MS}", f"PRAGMA cache_size=-{cache_mib * 1024}", "PRAGMA temp_store=MEMORY")


def _explicit(engine: AsyncEngine, pragmas: tuple[str, ...], begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


class ReadPool:
    """`directory.ports.Reader` on the query-only pool; one query sees one snapshot."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        async with self._engine.connect() as connection:
            return await connection.run_sync(query)

    async def close(self) -> None:
        await self._engine.dispose()
