"""The app passwords of a mailbox, for the verbs that give and withdraw them, whether its gateway runs or not."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from confrere.commands import opening, passphrase
from confrere.output import Output
from messaging.client.enrolment import IDENTITY
from messaging.client.environment import Environment
from messaging.errors import MessagingError
from messaging.gateway.access import lock
from messaging.gateway.access.app_passwords import AppPasswords
from messaging.gateway.database.mail_database import MailDatabase
from messaging.profile import identity
from messaging.profile.store import Profile


@asynccontextmanager
async def opened(arguments: argparse.Namespace, output: Output) -> AsyncIterator[tuple[str, AppPasswords]]:
    """The user name, and the passwords. Raises as `lock.open_vault`."""
    folder = Path(arguments.profile)
    if not Profile.exists(folder):
        raise MessagingError("profile-missing")
    async with opened_in(folder, passphrase.read(arguments, output), arguments) as found:
        yield found


@asynccontextmanager
async def opened_in(
    folder: Path, secret: str, arguments: argparse.Namespace
) -> AsyncIterator[tuple[str, AppPasswords]]:
    """The same of a profile that exists."""
    environment = opening.environment_of(opening.settings_of(arguments))
    database = await MailDatabase.open(folder)
    try:
        vault = await lock.open_vault(database, folder, secret, environment.entropy)
        address = await lock.owner(database, vault) or await _owner(folder, secret, environment)
        await lock.keep_owner(database, vault, address, environment.entropy)
        yield address, AppPasswords(database, vault, environment.entropy, environment.now)
    finally:
        await database.close()


async def _owner(folder: Path, secret: str, environment: Environment) -> str:
    profile = await Profile.open(folder, secret, environment.entropy)
    try:
        raw = await profile.run(lambda connection: profile.kept(connection, IDENTITY))
    finally:
        await profile.close()
    if raw is None:
        raise MessagingError("profile-not-enrolled")
    return identity.decode(raw).address
