"""What the gateway must remember beside the mail: small values under names, both unreadable in the file. What they are
is the gateway's to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, bindparam, insert, select

from messaging.gateway.database import tables
from messaging.gateway.mailstore.seals import Seals
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.mailstore.turn import Turn

_NOTE = "note"
_KEEP = insert(tables.notes).prefix_with("OR REPLACE")
_KEPT = select(tables.notes.c.sealed).where(tables.notes.c.name == bindparam("of"))


class Notes:
    """Beside `MailStore`, in the same file. Raises MessagingError("mail-store-damaged") for what was altered."""

    def __init__(self, store: MailStore) -> None:
        self._ledger = store.ledger

    async def keep(self, name: str, value: bytes) -> None:
        """Replaces what the name had."""
        await self.keep_all({name: value})

    async def kept(self, name: str) -> bytes | None:
        await self._ledger.caught_up()
        return await self._ledger.read(
            lambda connection: _kept(connection, self._ledger.seals, self._ledger.seals.hashed(_NOTE, name))
        )

    async def keep_all(self, values: Mapping[str, bytes]) -> None:
        """`keep` for several, in one transaction."""

        if values:
            await self._ledger.change(lambda turn: _keep(turn, values))

    def keep_soon(self, values: Mapping[str, bytes]) -> None:
        """The same within a moment (`Ledger.soon`); who asks meanwhile waits for it."""
        self._ledger.soon(_keep_together, values)

    async def kept_all(self, names: Collection[str]) -> dict[str, bytes]:
        """Those of the names that have a value."""
        seals = self._ledger.seals

        def query(connection: Connection) -> dict[str, bytes]:
            found = ((name, _kept(connection, seals, seals.hashed(_NOTE, name))) for name in names)
            return {name: value for name, value in found if value is not None}

        await self._ledger.caught_up()
        return await self._ledger.read(query)


def _keep(turn: Turn, values: Mapping[str, bytes]) -> None:
    hashed = [(turn.seals.hashed(_NOTE, name), value) for name, value in values.items()]
    turn.connection.execute(_KEEP, [{"name": name, "sealed": turn.seals.note(name, value)} for name, value in hashed])


def _keep_together(turn: Turn, some: list[Mapping[str, bytes]]) -> None:
    _keep(turn, {name: value for values in some for name, value in values.items()})


def _kept(connection: Connection, seals: Seals, name: bytes) -> bytes | None:
    sealed = connection.execute(_KEPT, {"of": name}).scalar_one_or_none()
    return None if sealed is None else seals.open_note(name, sealed)
