"""What was accepted from a mail program and what became of it: the record of a submission, beside the outbox.

It is written in the transaction that puts the mail into the outbox: so the same mail submitted again, after a 250 that
was lost or a crash, is the mail that was accepted, and whom to tell of a failure is never forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory.primitives.codec import var
from directory.primitives.digest import labelled, sha256
from directory.primitives.labels import Label
from messaging.profile import outbox
from messaging.profile.outbox import Outgoing
from messaging.profile.store import Profile
from messaging.protocol import body as bodies
from messaging.protocol.body import EventType

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SECRET = "mail/secret"
_OPEN = "mail/open/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked of one recipient (RFC 3461): address, NOTIFY as written, ORCPT."""

    address: str
    notify: tuple[str, ...] = ()
    original: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """A mail that was accepted: under which intents it leaves and whom to tell what became of it. `name` is a secret
    hash of what was submitted; `key` names the author's own copy; `told` holds what the author was told already,
    `alias` the Message-ID that the mail program gave."""

    name: str
    key: bytes
    message_id: str
    subject: str
    arrived: int
    intents: tuple[bytes, ...]
    recipients: tuple[Wanted, ...]
    ret: str = ""
    envid: str = ""
    receipt: bool = False
    told: tuple[str, ...] = ()
    alias: str = ""

    def values(self) -> dict[str, bytes]:
        """What the profile keeps: the record, its intents, and that something is still to come of it."""
        plain = json.dumps(_fields(self), default=_plain, ensure_ascii=False).encode()
        intents = {f"mail/intent/{intent.hex()}": self.name.encode() for intent in self.intents}
        is_open = {f"{_OPEN}{self.name}": b"1"} if self.intents else {}
        return {_name(self.name): plain, **intents, **is_open}

    def after(self, *told: str) -> Record:
        return replace(self, told=(*self.told, *told))


class Records:
    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._known_secret = b""
        self._open: dict[str, Record] = {}
        self._loaded = False

    async def name_of(self, account: bytes, message_id: str, recipients: Collection[str], octets: bytes) -> str:
        """What the same submission by the same person has again: Message-ID, envelope and content. A secret of the
        profile is in it, so that the name tells nobody what was written."""
        self._known_secret = self._known_secret or await self._profile.run(self._secret)
        envelope = "\n".join(sorted(address.lower() for address in recipients)).encode()
        parts = (self._known_secret, account, message_id.encode(), envelope, sha256(octets))
        return labelled(Label.MAIL, var(b"submission"), *map(var, parts)).hex()

    async def find(self, name: str) -> Record | None:
        raw = await self._profile.run(lambda c: self._profile.kept(c, _name(name)))
        return None if raw is None else _read(raw)

    async def of_intent(self, intent: bytes) -> Record | None:
        name = await self._profile.run(lambda c: self._profile.kept(c, f"mail/intent/{intent.hex()}"))
        return None if name is None else await self.find(name.decode())

    async def keep(self, record: Record) -> None:
        """As it is now; what is still to come of it stays as it was."""
        values = {name: value for name, value in record.values().items() if not name.startswith(_OPEN)}

        def write(connection: Connection) -> None:
            for name, value in values.items():
                self._profile.keep(connection, name, value)

        await self._profile.run(write)
        if record.name in self._open:
            self._open[record.name] = record

    async def accept(self, record: Record, outgoing: Sequence[Outgoing]) -> Record:
        """Keep it with what leaves, in one transaction; of a mail that was accepted before nothing is kept. Gives the
        record that stands. From here on nothing is lost and nothing is sent twice."""

        def accept(connection: Connection) -> Record:
            raw = self._profile.kept(connection, _name(record.name))
            if raw is not None:
                return _read(raw)
            for one in outgoing:
                outbox.put(self._profile, connection, one)
            self._profile.keep_all(connection, record.values())
            return record

        stands = await self._profile.run(accept)
        if stands is record and record.intents:
            self._open[record.name] = record
        return stands

    async def still_open(self) -> list[Record]:
        """Those that have not all left: from memory, as they are asked for at every turn."""
        if not self._loaded:
            found = await self._profile.run(self._read_open)
            if not self._loaded:
                self._open = {record.name: record for record in found} | self._open
                self._loaded = True
        return list(self._open.values())

    def _read_open(self, connection: Connection) -> list[Record]:
        names = [name.removeprefix(_OPEN) for name in self._profile.names(connection, _OPEN)]
        found = (self._profile.kept(connection, _name(name)) for name in names)
        return [_read(raw) for raw in found if raw is not None]

    async def close(self, records: Collection[Record]) -> None:
        """All of them have left, or their author was told that they never will."""

        def forget(connection: Connection) -> None:
            for record in records:
                self._profile.forget(connection, f"{_OPEN}{record.name}")

        if records:
            await self._profile.run(forget)
            for record in records:
                self._open.pop(record.name, None)

    def _secret(self, connection: Connection) -> bytes:
        kept = self._profile.kept(connection, _SECRET)
        if kept is None:
            kept = self._profile.entropy(32)
            self._profile.keep(connection, _SECRET, kept)
        return kept


def travelled(waiting: Iterable[Outgoing | None]) -> bytes:
    """The octets of the first of these that is a mail without files, as it travels; nothing where none is."""
    for one in waiting:
        if one is not None and one.type == EventType.MESSAGE and not one.uploads:
            body = bodies.parse(one.body)
            if not body.manifests:
                return body.content
    return b""


def _name(name: str) -> str:
    return f"mail/submitted/{name}"


def _fields(value: Record | Wanted) -> dict[str, object]:
    """`asdict` copies all it finds, which takes longer than the rest."""
    return {name: getattr(value, name) for name in value.__slots__}


def _plain(value: bytes | Wanted) -> object:
    return value.hex() if isinstance(value, bytes) else _fields(value)


def _read(raw: bytes) -> Record:
    plain = json.loads(raw)
    return Record(
        **plain
        | {
            "key": bytes.fromhex(plain["key"]),
            "intents": tuple(map(bytes.fromhex, plain["intents"])),
            "recipients": tuple(
                Wanted(one["address"], tuple(one["notify"]), one["original"]) for one in plain["recipients"]
            ),
            "told": tuple(plain["told"]),
        }
    )
