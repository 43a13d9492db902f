"""The vault's lock beside the mail: `confrere gateway password` works whether the gateway runs or not."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from directory.errors import DirectoryError
from directory.primitives.passphrase import Cost
from messaging.errors import MessagingError
from messaging.gateway.access.lock import keep_lock, keep_owner, open_vault, owner
from messaging.gateway.database.mail_database import MailDatabase
from messaging.profile.store import Profile
from messaging.profile.vault import Vault

pytestmark = pytest.mark.asyncio(loop_scope="session")
WORDS = "une phrase de passe de test"


@pytest_asyncio.fixture(loop_scope="session")
async def folder(tmp_path: Path) -> Path:
    profile = await Profile.create(tmp_path / "profile", WORDS, Cost(), os.urandom)
    await profile.close()
    return tmp_path / "profile"


@pytest_asyncio.fixture(loop_scope="session")
async def database(folder: Path) -> AsyncIterator[MailDatabase]:
    opened = await MailDatabase.open(folder)
    yield opened
    await opened.close()


async def test_before_the_first_start_the_profile_gives_its_lock(folder: Path, database: MailDatabase) -> None:
    made = await open_vault(database, folder, WORDS, os.urandom)
    profile = await Profile.open(folder, WORDS, os.urandom)
    try:
        assert made == profile.vault
        assert await open_vault(database, folder, WORDS, os.urandom) == profile.vault  # while it is held
    finally:
        await profile.close()


async def test_while_the_gateway_runs_the_copy_opens(folder: Path, database: MailDatabase) -> None:
    profile = await Profile.open(folder, WORDS, os.urandom)
    try:
        await keep_lock(database, await profile.lock())
        opened = await open_vault(database, folder, WORDS, os.urandom)
        assert opened.open("a", profile.seal("a", b"one")) == b"one"
    finally:
        await profile.close()


async def test_a_wrong_passphrase_opens_neither(folder: Path, database: MailDatabase) -> None:
    for _ in range(2):
        with pytest.raises(MessagingError, match="passphrase-wrong"):
            await open_vault(database, folder, "une autre", os.urandom)
        await open_vault(database, folder, WORDS, os.urandom)


async def test_a_lock_made_cheap_by_a_stranger_is_refused(folder: Path, database: MailDatabase) -> None:
    await open_vault(database, folder, WORDS, os.urandom)
    await database.write(lambda c: c.exec_driver_sql("UPDATE lock SET memory = 8192, passes = 1").close())
    with pytest.raises(DirectoryError, match="passphrase-cost-unsafe"):
        await open_vault(database, folder, WORDS, os.urandom)


async def test_without_a_profile_there_is_no_vault(tmp_path: Path) -> None:
    database = await MailDatabase.open(tmp_path)
    with pytest.raises(MessagingError, match="profile-missing"):
        await open_vault(database, tmp_path, WORDS, os.urandom)
    await database.close()


async def test_whose_mailbox_it_is_stands_there_sealed(folder: Path, database: MailDatabase) -> None:
    vault = await open_vault(database, folder, WORDS, os.urandom)
    assert await owner(database, vault) is None
    await keep_owner(database, vault, "durand@cabinet.test", os.urandom)
    assert await owner(database, vault) == "durand@cabinet.test"
    assert b"durand" not in b"".join(path.read_bytes() for path in folder.iterdir())
    with pytest.raises(MessagingError, match="mail-store-damaged"):
        await owner(database, Vault(os.urandom(32)))
