"""What the gateway itself brings into the mail store: messages that arrived, and what was submitted from here.

A delivery has a key (the id of the sealed event) and is made once for ever: a key that was delivered is not delivered
again, wherever its message went since. So a full resync changes no UID and brings back nothing that was deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from messaging.gateway.database import tables
from messaging.gateway.mail.parts import Part
from messaging.gateway.mailstore import reading, submitted
from messaging.gateway.mailstore.prepared import Prepared, prepare
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.mailstore.turn import Turn
from messaging.gateway.ports import FlagChange

CHUNK_MAILS = 200
CHUNK_OCTETS = 8 * 1024 * 1024
_KEYS = 500  # in one statement


@dataclass(frozen=True, slots=True, repr=False)
class Delivery:
    """A message for one folder, under its key. `internal` is INTERNALDATE in ms UTC."""

    key: bytes
    folder: str
    octets: bytes
    flags: Collection[str]
    internal: int


@dataclass(frozen=True, slots=True, repr=False)
class Sent:
    """What was submitted, for Sent. `message_id` is ours, `alias` the one that the mail program gave; the key is the
    one under which the mail's event will be delivered."""

    delivery: Delivery
    prepared: Prepared
    message_id: str
    alias: str


class Arrivals:
    """Beside `MailStore`, on the same mail; raises as it does."""

    def __init__(self, store: MailStore) -> None:
        self._ledger = store.ledger
        self._describe = store.describe

    async def delivered(self, keys: Collection[bytes]) -> set[bytes]:
        """Which of `keys` were delivered, ever."""
        return set(await self._messages(keys))

    async def deliver(self, batch: Sequence[Delivery]) -> None:
        """Place each where it belongs, in order, in transactions of some hundreds: what a failure cuts short is taken
        up again by the same call. Keys that were delivered before are passed over."""
        for chunk in _chunks(batch):
            known = await self.delivered([delivery.key for delivery in chunk])
            new = [(delivery, await self.prepare(delivery.octets)) for delivery in chunk if delivery.key not in known]
            if new:
                await self._ledger.change(lambda turn, new=new: _deliver(turn, new))  # type: ignore[misc]

    async def prepare(self, octets: bytes, root: Part | None = None) -> Prepared:
        """What is read from a message before it is placed; `root` are its parts where they are known. Raises
        MessagingError("mail-too-large")."""
        return await prepare(self._describe, octets, root)

    def keep_sent(self, sent: Sent) -> None:
        """Deliver within a moment what was submitted now, and expect the mail program's own copy (`submitted` says how
        it is recognised). It comes before every change that is asked for later (`Ledger.soon`), so this is to be said
        before the 250. What cannot be kept so is brought by its event, under the same key."""
        self._ledger.soon(_keep_sent, sent)

    async def flag_by_key(self, key: bytes, add: Collection[str], remove: Collection[str] = ()) -> None:
        """Set and take away flags of a delivered message in every folder that has it now; nothing where none has."""
        await self.flag_by_keys({key: (frozenset(add), frozenset(remove))})

    async def flag_by_keys(self, changes: Mapping[bytes, tuple[frozenset[str], frozenset[str]]]) -> None:
        """The same for many, in one transaction: what each gets, and what it loses."""

        def act(turn: Turn) -> None:
            table = tables.placements
            by_id = {folder.uid_validity: folder for folder in turn.index.by_name.values()}
            spelling = turn.index.spelling
            for key, message in _known(turn.connection, list(changes)).items():
                add, remove = changes[key]
                where = select(table.c.folder, table.c.uid).where(table.c.message == message)
                for row in turn.connection.execute(where):
                    folder = by_id[row.folder]
                    for mail in folder.found([row.uid]):
                        kept = spelling.changed(mail.flags, FlagChange.REMOVE, remove)
                        turn.flag(folder, mail, spelling.changed(kept, FlagChange.ADD, add))

        if changes:
            await self._ledger.change(act)

    async def keys_of(self, messages: Collection[int]) -> dict[int, bytes]:
        """The keys under which these messages (`ports.Mail.message`) were delivered; others are left out."""
        table, wanted = tables.deliveries, list(messages)

        def query(connection: Connection) -> dict[int, bytes]:
            found: dict[int, bytes] = {}
            for start in range(0, len(wanted), _KEYS):
                rows = connection.execute(select(table).where(table.c.message.in_(wanted[start : start + _KEYS])))
                found |= {row.message: row.key for row in rows}
            return found

        await self._ledger.caught_up()
        return await self._ledger.read(query)

    async def _messages(self, keys: Collection[bytes]) -> dict[bytes, int]:
        """Those of `keys` that were delivered, ever, with what was submitted until now."""
        await self._ledger.caught_up()
        return await self._ledger.read(lambda connection: _known(connection, list(keys)))

    async def flags_of(self, keys: Collection[bytes]) -> dict[bytes, frozenset[str]]:
        """The flags that the delivered messages have now, those of all folders together; what went has none here."""
        messages = await self._messages(keys)
        wanted = set(messages.values())
        flags: dict[int, frozenset[str]] = {}
        for folder in self._ledger.index.by_name.values():
            for mail in folder.mails:
                if mail.message in wanted:
                    flags[mail.message] = flags.get(mail.message, frozenset()) | mail.flags
        return {key: flags[message] for key, message in messages.items() if message in flags}

    async def octets_of(self, key: bytes) -> bytes | None:
        """The octets of a delivered message; None where no folder has it any more."""
        message = (await self._messages([key])).get(key)
        for folder in self._ledger.index.by_name.values():
            for mail in folder.mails:
                if mail.message == message:
                    found = await reading.octets(self._ledger, mail)
                    return found if isinstance(found, bytes) else None
        return None


def _chunks(batch: Sequence[Delivery]) -> Iterator[list[Delivery]]:
    chunk: list[Delivery] = []
    octets = 0
    for delivery in batch:
        if chunk and (len(chunk) == CHUNK_MAILS or octets + len(delivery.octets) > CHUNK_OCTETS):
            yield chunk
            chunk, octets = [], 0
        chunk.append(delivery)
        octets += len(delivery.octets)
    if chunk:
        yield chunk


def _known(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, int]:
    """The messages of those of `keys` that were delivered; some may have gone since."""
    table = tables.deliveries
    known: dict[bytes, int] = {}
    for start in range(0, len(keys), _KEYS):
        rows = connection.execute(select(table).where(table.c.key.in_(keys[start : start + _KEYS])))
        known |= {row.key: row.message for row in rows}
    return known


def _deliver(turn: Turn, batch: Sequence[tuple[Delivery, Prepared]]) -> dict[bytes, int]:
    """The message of each key, those that were there before too."""
    known = _known(turn.connection, [delivery.key for delivery, _ in batch])
    new: list[dict[str, object]] = []
    for delivery, prepared in batch:
        if delivery.key in known:
            continue
        folder, flags = turn.index.folder(delivery.folder), turn.index.spelling.spell(delivery.flags)
        message = turn.bring(prepared)
        turn.place(folder, message, len(delivery.octets), flags, delivery.internal)
        known[delivery.key] = message
        new.append({"key": delivery.key, "message": message})
    if new:
        turn.connection.execute(insert(tables.deliveries), new)
    return known


def _keep_sent(turn: Turn, held: list[Sent]) -> None:
    messages = _deliver(turn, [(sent.delivery, sent.prepared) for sent in held])
    submitted.note(turn, [(messages[sent.delivery.key], sent.message_id, sent.alias) for sent in held])
