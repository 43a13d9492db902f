"""The app passwords of one mailbox, in `mail.db`: `confrere gateway password` makes and removes them, the gateway
believes them.

Both may run at once, in two processes: each change is one transaction over the sealed roll, and whoever checks reads
the roll first. Rolling the whole file back while no gateway runs cannot be seen from the file itself: the one who opens
it may say from which `generation` on it is believed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from directory.primitives.aead import STORE_NONCE_SIZE
from messaging.errors import MessagingError
from messaging.gateway.access import roll as rolls
from messaging.gateway.access.roll import AppPassword, Entropy, Roll
from messaging.gateway.database import tables
from messaging.gateway.database.mail_database import MailDatabase
from messaging.profile.vault import Vault

_PLACE = "mail/app_passwords/1"
_NOTED_EACH_MS = 3_600_000
Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Listed:
    """What a person may see of an app password; `last_used` is None before the first login. Times are ms UTC, and
    `last_used` is noted at most once an hour."""

    name: str
    created: int
    last_used: int | None


class AppPasswords:
    """`now` gives ms UTC; `since` is the lowest generation of the roll that is believed.

    What reads or writes raises MessagingError("mail-store-damaged") for a roll that was altered, planted or rolled
    back, and as `MailDatabase`."""

    def __init__(self, database: MailDatabase, vault: Vault, entropy: Entropy, now: Clock, since: int = 0) -> None:
        self._database = database
        self._vault = vault
        self._entropy = entropy
        self._now = now
        self._since = since
        self._roll = rolls.empty(entropy)
        self._noted: dict[int, int] = {}
        self._listeners: dict[object, Callable[[str], None]] = {}

    @property
    def generation(self) -> int:
        """Of the roll as last read."""
        return self._roll.generation

    async def add(self, name: str) -> str:
        """A new password, in groups: shown this once, kept as a hash only. Raises MessagingError: mail-password-name,
        mail-passwords-too-many."""
        name, password = rolls.checked_name(name), rolls.new_password(self._entropy)
        await self._change(lambda roll: roll.added(name, password, self._now()))
        return password

    async def remove(self, name: str) -> None:
        """Every password of that name. Raises MessagingError("mail-password-unknown")."""
        await self._change(lambda roll: roll.without(" ".join(name.split()), self._now()))

    async def start_anew(self) -> None:
        """Withdraw every password, whatever stands there: for a roll that cannot be believed."""
        self._roll = replace(rolls.empty(self._entropy), generation=max(self._since, self._roll.generation) + 1)
        await self._database.write(lambda connection: self._write(connection, self._roll))

    async def names(self) -> list[Listed]:
        """Those that may be used, oldest first."""
        await self.refresh()
        used: dict[int, int] = dict(await self._database.read(_logins))
        return [Listed(one.name, one.created, used.get(one.number)) for one in self._roll.live]

    async def refresh(self) -> None:
        """Read the roll again, and tell who listens of passwords that were removed meanwhile, here or by another
        process. The gateway calls it before each login and every few seconds."""
        self._take(await self._database.read(self._read))

    def listen(self, removed: Callable[[str], None]) -> Callable[[], None]:
        """Call `removed` with the name of each password that is found to be removed; gives what ends it."""
        listener = object()
        self._listeners[listener] = removed

        def end() -> None:
            self._listeners.pop(listener, None)

        return end

    def matching(self, typed: str) -> AppPassword | None:
        """The password that was typed, also one that was removed, by the roll as last read."""
        return self._roll.matching(typed)

    async def note_login(self, password: AppPassword) -> None:
        """Keep when it was last used."""
        now = self._now()
        if abs(now - self._noted.get(password.number, 0)) < _NOTED_EACH_MS:
            return
        self._noted[password.number] = now
        row = insert(tables.logins).prefix_with("OR REPLACE").values(password=password.number, at=now)
        await self._database.write(lambda connection: connection.execute(row).close())

    async def _change(self, change: Callable[[Roll], Roll]) -> None:
        def act(connection: Connection) -> Roll:
            roll = change(self._believed(self._read(connection)))
            self._write(connection, roll)
            return roll

        self._take(await self._database.write(act))

    def _write(self, connection: Connection, roll: Roll) -> None:
        sealed = self._vault.seal(_PLACE, roll.encode(), self._entropy(STORE_NONCE_SIZE))
        connection.execute(insert(tables.roll).prefix_with("OR REPLACE").values(id=1, sealed=sealed))

    def _read(self, connection: Connection) -> Roll | None:
        sealed = connection.execute(select(tables.roll.c.sealed)).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            return rolls.decode(self._vault.open(_PLACE, sealed))
        except MessagingError:
            raise MessagingError("mail-store-damaged") from None

    def _believed(self, found: Roll | None) -> Roll:
        """What was found, where it can be what became of the roll that was read before."""
        if found is None and not self._roll.generation:
            found = self._roll
        if found is None or found.generation < self._since or not found.follows(self._roll):
            raise MessagingError("mail-store-damaged")
        return found

    def _take(self, found: Roll | None) -> None:
        before, self._roll = self._roll, self._believed(found)
        remaining = {password.number for password in self._roll.live}
        for name in dict.fromkeys(password.name for password in before.live if password.number not in remaining):
            for removed in tuple(self._listeners.values()):
                removed(name)


def _logins(connection: Connection) -> list[Any]:
    return [tuple(row) for row in connection.execute(select(tables.logins.c.password, tables.logins.c.at))]
