"""A profile folder: opening it, its one transaction at a time, and its values. One process holds it while it is open.

SQLAlchemy on aiosqlite, synchronous=FULL: what is in the outbox when a verb returns is on disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, delete, event, insert, select
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import StaticPool

from directory.primitives.aead import STORE_NONCE_SIZE
from directory.primitives.passphrase import SALT_SIZE, Cost
from messaging.errors import MessagingError
from messaging.profile import tables, vault
from messaging.profile.vault import Lock, Vault

SCHEMA = 1
_WAIT_MS = 15_000
Result = TypeVar("Result")
Entropy = Callable[[int], bytes]


def _engine(path: Path) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}", poolclass=StaticPool)

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: object, _record: object) -> None:
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

    return engine


class Profile:
    """An unlocked profile. `run` gives a function one transaction; `seal` and `open` are the vault with this profile's
    entropy."""

    def __init__(self, folder: Path, engine: AsyncEngine, opened: Vault, entropy: Entropy) -> None:
        self.folder = folder
        self._engine = engine
        self._vault = opened
        self.entropy = entropy

    @staticmethod
    def exists(folder: Path) -> bool:
        return (folder / "profile.db").exists()

    @classmethod
    async def create(cls, folder: Path, words: str, cost: Cost, entropy: Entropy) -> Profile:
        """A new profile, readable by its owner only. Raises MessagingError("profile-exists")."""
        if cls.exists(folder):
            raise MessagingError("profile-exists")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        lock, opened = vault.create(words, entropy(SALT_SIZE), entropy(32), entropy(STORE_NONCE_SIZE), cost)
        path = folder / "profile.db"
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        engine = _engine(path)

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

        profile = cls(folder, engine, opened, entropy)
        await profile.run(prepare)
        return profile

    @classmethod
    async def open(cls, folder: Path, words: str, entropy: Entropy) -> Profile:
        """Raises MessagingError: profile-missing, profile-locked, profile-newer, profile-damaged, passphrase-wrong."""
        path = folder / "profile.db"
        if not path.exists():
            raise MessagingError("profile-missing")
        engine = _engine(path)
        try:
            async with engine.begin() as connection:
                row = (await connection.execute(select(tables.lock))).one_or_none()
            if row is None:
                raise MessagingError("profile-damaged")
            if row.schema != SCHEMA:
                raise MessagingError("profile-newer")
            opened = vault.unlock(words, Lock(row.salt, Cost(row.memory, row.passes), row.sealed_root))
        except OperationalError as failed:
            await engine.dispose()
            locked = "locked" in str(failed.orig)
            raise MessagingError("profile-locked" if locked else "profile-damaged") from None
        except DatabaseError:
            await engine.dispose()
            raise MessagingError("profile-damaged") from None
        except BaseException:
            await engine.dispose()
            raise
        return cls(folder, engine, opened, entropy)

    async def close(self) -> None:
        await self._engine.dispose()

    async def run(self, action: Callable[[Connection], Result]) -> Result:
        """`action` in one transaction; committed and on disk on return, rolled back when it raises."""
        async with self._engine.begin() as connection:
            return await connection.run_sync(action)

    def seal(self, place: str, value: bytes) -> bytes:
        return self._vault.seal(place, value, self.entropy(STORE_NONCE_SIZE))

    def open_sealed(self, place: str, sealed: bytes) -> bytes:
        return self._vault.open(place, sealed)

    def keep(self, connection: Connection, name: str, value: bytes) -> None:
        """Store one named value, replacing it."""
        connection.execute(
            insert(tables.values)
            .prefix_with("OR REPLACE")
            .values(name=name, sealed=self.seal(f"value/{name}", value))
        )

    def kept(self, connection: Connection, name: str) -> bytes | None:
        sealed = connection.execute(
            select(tables.values.c.sealed).where(tables.values.c.name == name)
        ).scalar_one_or_none()
        return None if sealed is None else self.open_sealed(f"value/{name}", sealed)

    def forget(self, connection: Connection, name: str) -> None:
        connection.execute(delete(tables.values).where(tables.values.c.name == name))
