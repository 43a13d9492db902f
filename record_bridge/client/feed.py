"""Bring in what a record holds, newest first (docs/spec/record.md): a statement, then pages, then what follows them.

A record may hold a hundred thousand documents: the newest page is enough to show one, and older pages come when
somebody asks for them. Everything is verified by the same door as a message (`messaging.client.intake`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from directory.errors import Refusal
from directory.primitives.codec import u64
from messaging.client.endpoint import Endpoint
from messaging.profile import threads
from messaging.wire import epoch, header
from messaging.wire.access import VALID_MS, Purpose
from messaging.wire.frames import Item, ItemKind
from record_bridge.client import statements
from record_bridge.client.index import add as keep_lines
from record_bridge.record.classes import RecordClass

_NEWEST = 2**53
_ALL_READ = 0


class RecordFeed:
    """The feed of one record, as far as this endpoint may read it."""

    def __init__(self, endpoint: Endpoint, record: bytes, purpose: Purpose) -> None:
        self._endpoint = endpoint
        self._record = record
        self._purpose = purpose
        self._stated_until = 0

    @property
    def classes(self) -> tuple[int, ...]:
        held = self._endpoint.keyring.held.get(self._record)
        return () if held is None else held.classes

    async def refresh(self) -> None:
        """What is new; the first time, the newest page."""
        await self._state()
        endpoint, record = self._endpoint, self._record
        cursor, opens = await endpoint.profile.run(lambda c: threads.cursor_of(c, record)), self._opens()
        if cursor and not await self._more_classes():
            newer = partial(endpoint.service.items, record, classes=self.classes)
            async for page in endpoint.service.pages(newer, cursor):
                await self._take(page, record)
        else:
            await self._newest(record)
        if self._opens() > opens:
            await self._newest(None)  # a former holder handed over what opens its past

    async def _newest(self, cursor_of: bytes | None) -> None:
        page = await self._endpoint.service.recent(self._record, _NEWEST, self.classes)
        await self._take(page, cursor_of)
        await self._reached(page)

    def _opens(self) -> int:
        """How many generations of the record this device can open."""
        endpoint, record = self._endpoint, self._record
        made = [one for chain in endpoint.accounts.lookup(record).generations.values() for one in chain]
        return sum(endpoint.keyring.seed(record, one.class_, one.g) is not None for one in made)

    async def older(self) -> bool:
        """One page further back; False when nothing is older."""
        before = await self._oldest()
        if before == _ALL_READ:
            return False
        await self._state()
        page = await self._endpoint.service.recent(self._record, before, self.classes)
        await self._take(page, None)
        await self._reached(page)
        return bool(page)

    async def everything(self) -> None:
        """All of it, for what must be complete: results over time, an export."""
        await self.refresh()
        while await self.older():
            pass

    async def has_older(self) -> bool:
        return await self._oldest() != _ALL_READ

    async def _state(self) -> None:
        now = self._endpoint.environment.now()
        if now < self._stated_until:
            return
        await statements.state(self._endpoint, self._record, self.classes, self._purpose)
        self._stated_until = now + VALID_MS - 60_000

    async def _more_classes(self) -> bool:
        """Whether more may be read than when the feed was last read: then it is read again from its newest page."""
        endpoint, name = self._endpoint, f"record-classes/{self._record.hex()}"
        now = bytes(self.classes)
        known = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, name))
        await endpoint.profile.run(lambda c: endpoint.profile.keep(c, name, now))
        return known is not None and not set(now) <= set(known)

    async def _take(self, page: Sequence[Item], cursor_of: bytes | None) -> None:
        if not page:
            return
        endpoint = self._endpoint
        if not await endpoint.profile.run(lambda c: endpoint.profile.kept(c, f"record-classes/{self._record.hex()}")):
            await self._more_classes()
        await endpoint.intake.take_page(page, cursor_of)
        named = [(_thread_of(item), item.kind) for item in page]
        touched = list(dict.fromkeys(thread for thread, _ in named))
        with_event = {thread for thread, kind in named if kind is ItemKind.EVENT}
        for thread in touched:
            if thread not in with_event:
                await self._complete(thread)
        await keep_lines(endpoint, self._record, touched)

    async def _complete(self, thread: bytes) -> None:
        """An item whose newest commit came without its event: the event is older than the page."""
        endpoint, record = self._endpoint, self._record
        if await endpoint.profile.run(lambda c: bool(threads.events_of(c, thread))):
            return
        try:
            async for items in endpoint.service.pages(partial(endpoint.service.thread_items, thread, record), 0):
                for item in items:
                    if item.kind is ItemKind.EVENT:
                        await endpoint.intake.take(item)
        except Refusal as refused:
            if refused.kind.temporary:
                raise
        await endpoint.intake.flush()

    async def _oldest(self) -> int:
        endpoint = self._endpoint
        raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, self._place()))
        return _NEWEST if raw is None else int.from_bytes(raw, "big")

    async def _reached(self, page: Sequence[Item]) -> None:
        endpoint = self._endpoint
        reached = page[0].cursor if page else _ALL_READ
        await endpoint.profile.run(lambda c: endpoint.profile.keep(c, self._place(), u64(reached)))

    def _place(self) -> str:
        return f"record-oldest/{self._record.hex()}"


def _thread_of(item: Item) -> bytes:
    if item.kind is ItemKind.EPOCH:
        return epoch.parse(item.raw).thread
    return header.parse(item.raw).header.thread


async def shown_item(endpoint: Endpoint, record: bytes, class_: RecordClass, thread: bytes, mailbox: bytes) -> None:
    """Fetch one item that a record shows to a member of an exchange, on a statement of its own."""
    await statements.state(
        endpoint, record, [int(class_)], Purpose.EXCHANGE, thread=thread, mailbox=mailbox
    )
    async for page in endpoint.service.pages(partial(endpoint.service.thread_items, thread, mailbox), 0):
        for item in page:
            if item.kind is ItemKind.EVENT:
                await endpoint.intake.take(item)
    await endpoint.intake.flush()
