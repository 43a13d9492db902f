"""One record for a verb: the profile opened and fresh, the record chosen, what is new in it brought in.

A record is opened for a purpose that its patient sees, and read from what this device has: when the service is away,
or this person's access has ended, that is what is shown.
"""

from __future__ import annotations

import argparse
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from confrere.commands.record_views import Keeper
from confrere.output import DONE, UNREACHABLE, Output
from confrere.words.catalogue import Words
from directory.errors import Category, Refusal
from directory.primitives.codec import u64
from messaging.client.endpoint import Endpoint
from messaging.wire.access import Purpose
from record_bridge.client import facts, holding, index
from record_bridge.client.feed import RecordFeed
from record_bridge.client.holding import HeldRecord
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Item

_IDENTITY_PAGES = 20  # of a feed, at the first look into a record that is old
PURPOSES = {"care": Purpose.CARE, "emergency": Purpose.EMERGENCY}


def add_record(parser: argparse.ArgumentParser, words: Words, *, positional: bool) -> None:
    sentence = words.say("record-flag-record-help")
    if positional:
        parser.add_argument("record", metavar="RECORD", nargs="?", default="", help=sentence)
    else:
        parser.add_argument("--record", metavar="RECORD", default="", help=sentence)


def add_purpose(parser: argparse.ArgumentParser, words: Words) -> None:
    sentence = words.say("record-flag-purpose-help")
    parser.add_argument("--purpose", choices=tuple(PURPOSES), default="care", help=sentence)


@dataclass(slots=True)
class Reader:
    """A record that is being read. `online` turns False when the service goes away in between."""

    endpoint: Endpoint
    held: HeldRecord
    feed: RecordFeed
    online: bool

    @property
    def record(self) -> bytes:
        return self.held.record

    @property
    def code(self) -> int:
        """How a verb ends that could show what this device has."""
        return DONE if self.online else UNREACHABLE

    async def items(self, lines: int = 0) -> list[Item]:
        """What this device has, the newest first; older pages are brought in until `lines` of them are here."""
        found = await index.items(self.endpoint, self.record)
        while len(found) < lines and await self._reached(self.feed.older()):
            found = await index.items(self.endpoint, self.record)
        for _ in range(_IDENTITY_PAGES):
            if self.held.patient is not None or not await self._reached(self.feed.older()):
                break
            await self._look()
        await self._look()
        return found

    async def _look(self) -> None:
        """Whose record it is stands among its oldest lines: nobody reads a first page without a name above it."""
        if self.held.patient is None:
            self.held = await holding.choose(self.endpoint, self.record.hex())

    async def everything(self) -> list[Item]:
        """All of it, for what must be complete; as much as can be reached."""
        await self._reached(self.feed.everything())
        await self._look()
        return await index.items(self.endpoint, self.record)

    async def _reached(self, work: Coroutine[Any, Any, bool | None]) -> bool:
        """What the work says; False when the service is away."""
        if not self.online:
            work.close()
            return False
        try:
            return bool(await work)
        except Refusal as refused:
            if refused.category is not Category.UNREACHABLE:
                raise
            self.online = False
            return False

    async def readers(self, items: Sequence[Item]) -> dict[bytes, tuple[str, ...]] | None:
        """Who opened each item; None where that cannot be asked now, or is not for this person."""
        if not self.online or RecordClass.NOTICES not in self.feed.classes:
            return None
        try:
            return dict(await facts.readers(self.endpoint, self.record, items))
        except Refusal as refused:
            if refused.category is not Category.UNREACHABLE:
                raise
            self.online = False
            return None

    async def unread(self, items: Sequence[Item]) -> frozenset[bytes]:
        """What arrived since this person last looked at the record here; nothing at the first look."""
        raw = await self.endpoint.profile.run(lambda c: self.endpoint.profile.kept(c, self._place()))
        if raw is None:
            return frozenset()
        since, me = int.from_bytes(raw, "big"), self.endpoint.identity.name
        new = [item for item in items if item.received_ms > since]
        return frozenset(item.thread for item in new if item.author.name != me or item.deposited_by is not None)

    async def seen(self, items: Sequence[Item]) -> None:
        """The first page was looked at."""
        newest = u64(max((item.received_ms for item in items), default=0))
        await self.endpoint.profile.run(lambda c: self.endpoint.profile.keep(c, self._place(), newest))

    def _place(self) -> str:
        return f"record-seen/{self.record.hex()}"

    async def keeper(self) -> Keeper:
        return await keeper_of(self.endpoint, self.held)


async def read(endpoint: Endpoint, typed: str, purpose: str, output: Output, *, online: bool) -> Reader:
    """Choose a record and bring in what is new of it.

    Raises RecordError: record-unknown, record-ambiguous; what the service refuses.
    """
    held = await holding.choose(endpoint, typed)
    stated = Purpose.OWN if held.own else PURPOSES[purpose]
    found = Reader(endpoint, held, RecordFeed(endpoint, held.record, stated), online)
    if not online:
        return found
    try:
        await found.feed.refresh()
    except Refusal as refused:
        if refused.category is not Category.UNREACHABLE:
            raise
        found.online = False
        output.note(output.words.say("offline-note"))
    found.held = await holding.choose(endpoint, held.record.hex())  # whose it is may have been read just now
    return found


async def keeper_of(endpoint: Endpoint, held: HeldRecord) -> Keeper:
    """Who keeps a record: the patient, or a professional for the patient."""
    if not held.custodial:
        return Keeper(custodial=False, own=held.own)
    manager = endpoint.accounts.lookup(held.record).manager
    name = (await facts.who(endpoint, manager)).name
    return Keeper(custodial=True, own=manager == endpoint.identity.account, name=name)
