"""What the gateway must remember beside the mail: small values under names, both unreadable in the file.

The thread of each Message-ID is such a value. Mail says nothing about who may write in a thread: that is for the
protocol to judge, whatever a References field claims.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, insert, select

from messaging.gateway.database import tables
from messaging.gateway.mailstore.seals import Seals
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.mailstore.turn import Turn

MOST_REFERENCES = 100
_NOTE = "note"
_THREAD = "thread"


class Notes:
    """Beside `MailStore`, in the same file. Raises MessagingError("mail-store-damaged") for what was altered."""

    def __init__(self, store: MailStore) -> None:
        self._ledger = store.ledger

    async def keep(self, name: str, value: bytes) -> None:
        """Replaces what the name had."""
        await self._ledger.change(lambda turn: _keep(turn, "OR REPLACE", turn.seals.hashed(_NOTE, name), value))

    async def kept(self, name: str) -> bytes | None:
        return await self._ledger.read(
            lambda connection: _kept(connection, self._ledger.seals, self._ledger.seals.hashed(_NOTE, name))
        )

    async def keep_all(self, values: Mapping[str, bytes]) -> None:
        """`keep` for several, in one transaction."""

        def act(turn: Turn) -> None:
            for name, value in values.items():
                _keep(turn, "OR REPLACE", turn.seals.hashed(_NOTE, name), value)

        if values:
            await self._ledger.change(act)

    async def kept_all(self, names: Collection[str]) -> dict[str, bytes]:
        """Those of the names that have a value."""
        seals = self._ledger.seals

        def query(connection: Connection) -> dict[str, bytes]:
            found = ((name, _kept(connection, seals, seals.hashed(_NOTE, name))) for name in names)
            return {name: value for name, value in found if value is not None}

        return await self._ledger.read(query)

    async def keep_thread(self, message_id: str, thread: bytes) -> None:
        """The thread of a Message-ID; the first one that it was given stays."""
        await self._ledger.change(lambda turn: keep_thread(turn, message_id, thread))

    async def thread_of(self, message_ids: Sequence[str]) -> bytes | None:
        """The thread of the last of `message_ids` that has one, as References are ordered from the root to the parent
        (RFC 5322 section 3.6.4); of very many, only the last hundred are looked at."""
        seals = self._ledger.seals

        def query(connection: Connection) -> bytes | None:
            for message_id in reversed(message_ids[-MOST_REFERENCES:]):
                thread = _kept(connection, seals, seals.hashed_id(_THREAD, message_id))
                if thread is not None:
                    return thread
            return None

        return await self._ledger.read(query)


def keep_thread(turn: Turn, message_id: str, thread: bytes) -> None:
    """In the turn in which the message is delivered. A later mail that claims the same Message-ID changes nothing."""
    name = turn.seals.hashed_id(_THREAD, message_id)
    if name:
        _keep(turn, "OR IGNORE", name, thread)


def _keep(turn: Turn, otherwise: str, name: bytes, value: bytes) -> None:
    turn.connection.execute(
        insert(tables.notes).prefix_with(otherwise).values(name=name, sealed=turn.seals.note(name, value))
    )


def _kept(connection: Connection, seals: Seals, name: bytes) -> bytes | None:
    sealed = connection.execute(select(tables.notes.c.sealed).where(tables.notes.c.name == name)).scalar_one_or_none()
    return None if sealed is None else seals.open_note(name, sealed)
