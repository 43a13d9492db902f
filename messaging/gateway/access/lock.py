"""The vault's lock in `mail.db`: a copy of that in `profile.db`, which the running gateway holds for itself alone.

With it, and the passphrase, `confrere gateway password` opens the vault while the gateway runs. It says nothing more
than the original: salt, cost, and the root key under the passphrase's key.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, select

from directory.primitives.aead import STORE_NONCE_SIZE
from directory.primitives.passphrase import Cost
from messaging.errors import MessagingError
from messaging.gateway.access.roll import Entropy
from messaging.gateway.database import tables
from messaging.gateway.database.mail_database import MailDatabase
from messaging.profile import vault
from messaging.profile.store import Profile
from messaging.profile.vault import Lock, Vault

_OWNER = "mail/owner"


async def keep_lock(database: MailDatabase, lock: Lock) -> None:
    """Put the profile's lock beside the mail; the gateway does so whenever it starts."""

    def act(connection: Connection) -> None:
        if _kept(connection) != lock:
            connection.execute(
                insert(tables.lock)
                .prefix_with("OR REPLACE")
                .values(
                    id=1,
                    salt=lock.salt,
                    memory=lock.cost.memory,
                    passes=lock.cost.passes,
                    sealed_root=lock.sealed_root,
                )
            )

    await database.write(act)


async def open_vault(database: MailDatabase, folder: Path, passphrase: str, entropy: Entropy) -> Vault:
    """The vault of the profile in `folder`, whose mail.db is `database`, whether its gateway runs or not. Where mail.db
    has no lock yet the profile is opened for a moment, and its lock is kept.

    Raises MessagingError("passphrase-wrong"), DirectoryError("passphrase-cost-unsafe"), and as `Profile.open`."""
    lock = await database.read(_kept)
    if lock is not None:
        return vault.unlock(passphrase, lock)
    profile = await Profile.open(folder, passphrase, entropy)
    try:
        await keep_lock(database, await profile.lock())
        return profile.vault
    finally:
        await profile.close()


def _kept(connection: Connection) -> Lock | None:
    row = connection.execute(select(tables.lock)).one_or_none()
    return None if row is None else Lock(row.salt, Cost(row.memory, row.passes), row.sealed_root)


async def keep_owner(database: MailDatabase, vault: Vault, address: str, entropy: Entropy) -> None:
    """Put beside the lock whose mailbox it is: the user name of its mail programs."""
    sealed = vault.seal(_OWNER, address.encode(), entropy(STORE_NONCE_SIZE))
    row = insert(tables.notes).prefix_with("OR REPLACE").values(name=_OWNER.encode(), sealed=sealed)
    await database.write(lambda connection: connection.execute(row).close())


async def owner(database: MailDatabase, vault: Vault) -> str | None:
    """The address; None before it was kept. Raises MessagingError("mail-store-damaged")."""
    query = select(tables.notes.c.sealed).where(tables.notes.c.name == _OWNER.encode())
    sealed = await database.read(lambda connection: connection.execute(query).scalar_one_or_none())
    if sealed is None:
        return None
    try:
        return vault.open(_OWNER, sealed).decode()
    except MessagingError:
        raise MessagingError("mail-store-damaged") from None
