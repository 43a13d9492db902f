"""A mailbox whose passwords a person and a gateway look after, on a real disk, with clocks that are set by hand."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from messaging.gateway.access.app_passwords import AppPasswords
from messaging.gateway.database.mail_database import FILE_NAME, MailDatabase
from messaging.profile.vault import Vault

START = 1_795_000_000_000


class Cabinet:
    """One profile's folder. `passwords` is what the running gateway has; `verb` opens as another process does."""

    passwords: AppPasswords

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.vault = Vault(os.urandom(32))
        self._open: list[MailDatabase] = []

    async def verb(self, since: int = 0, vault: Vault | None = None) -> AppPasswords:
        database = await MailDatabase.open(self.folder)
        self._open.append(database)
        return AppPasswords(database, vault or self.vault, os.urandom, lambda: self.now, since)

    async def close(self) -> None:
        for database in self._open:
            await database.close()

    def sealed(self) -> bytes:
        """The roll as it stands in the file now."""
        connection = sqlite3.connect(self.folder / FILE_NAME)
        found: bytes = connection.execute("SELECT sealed FROM app_passwords").fetchone()[0]
        connection.close()
        return found

    def plant(self, statement: str, *values: object) -> None:
        """By a stranger who may write to the file."""
        connection = sqlite3.connect(self.folder / FILE_NAME)
        with connection:
            connection.execute(statement, values)
        connection.close()


@pytest_asyncio.fixture(loop_scope="session")
async def cabinets(tmp_path: Path) -> AsyncIterator[tuple[Cabinet, Cabinet]]:
    made = []
    for name in ("durand", "martin"):
        (tmp_path / name).mkdir()
        cabinet = Cabinet(tmp_path / name)
        cabinet.passwords = await cabinet.verb()
        made.append(cabinet)
    yield made[0], made[1]
    for cabinet in made:
        await cabinet.close()


@pytest_asyncio.fixture(loop_scope="session")
async def cabinet(cabinets: tuple[Cabinet, Cabinet]) -> Cabinet:
    return cabinets[0]
