"""A mail store on a real disk, with a clock that is set by hand, that can be closed and opened again."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from messaging.gateway.database.mail_database import FILE_NAME, MailDatabase
from messaging.gateway.mailstore.arrivals import Arrivals, Delivery, Sent
from messaging.gateway.mailstore.notes import Notes
from messaging.gateway.mailstore.store import MailStore
from messaging.profile.vault import Vault

START = 1_795_000_000_000


class Desk:
    """`store` is what is open now; `tamper` is a stranger who may write to the file."""

    store: MailStore
    arrivals: Arrivals
    notes: Notes

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.vault = Vault(os.urandom(32))

    async def open(self) -> None:
        self.database = await MailDatabase.open(self.folder)
        try:
            self.store = await MailStore.open(self.database, self.vault, os.urandom, lambda: self.now)
        except BaseException:
            await self.database.close()
            raise
        self.arrivals, self.notes = Arrivals(self.store), Notes(self.store)

    async def close(self) -> None:
        await self.store.close()
        await self.database.close()

    async def reopen(self) -> None:
        await self.close()
        await self.open()

    async def append(self, folder: str = "INBOX", number: int = 1, flags: tuple[str, ...] = ()) -> int:
        return (await self.store.append(folder, mail(number), flags, self.now)).targets[0]

    def uids(self, folder: str = "INBOX") -> list[int]:
        return [mail.uid for mail in self.store.folder(folder).mails]

    async def keep_sent(self, message_id: str, alias: str, delivery: Delivery) -> None:
        """As before a 250: nobody waits for it."""
        prepared = await self.arrivals.prepare(delivery.octets)
        self.arrivals.keep_sent(Sent(delivery, prepared, message_id, alias))

    def flags(self, folder: str = "INBOX") -> dict[int, set[str]]:
        return {mail.uid: set(mail.flags) for mail in self.store.folder(folder).mails}

    def tamper(self, statement: str, *values: object) -> None:
        connection = sqlite3.connect(self.folder / FILE_NAME)
        with connection:
            connection.execute(statement, values)
        connection.close()

    def count(self, table: str) -> int:
        connection = sqlite3.connect(self.folder / FILE_NAME)
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        connection.close()
        return found


def mail(number: int = 1, message_id: str = "", body: str = "Bonjour") -> bytes:
    """A small message; each number its own Message-ID."""
    return (
        f"From: Dr Durand <durand@example.test>\r\nTo: cabinet@example.test\r\nSubject: Compte rendu {number}\r\n"
        f"Message-ID: {message_id or f'<{number}@example.test>'}\r\n\r\n{body} {number}\r\n"
    ).encode()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path)
    await made.open()
    yield made
    await made.close()
