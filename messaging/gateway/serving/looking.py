"""What a person has looked at in a mail program is told to who wrote it: `\\Seen` in the store, READ in the exchange.

An acknowledgement is cumulative (CP1-5.11): it goes up to the last mail of a thread before which none is unseen, so
that nobody is told that he was read who was not. A mail that was deleted counts as seen.
"""

from __future__ import annotations

from collections.abc import Callable

from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.gateway.mailstore.arrivals import Arrivals
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.serving import exchanges, shown
from messaging.gateway.serving.delivering import key_of
from messaging.gateway.serving.memory import Memory
from messaging.profile import threads as kept_threads


class Looking:
    def __init__(self, endpoint: Endpoint, store: MailStore, arrivals: Arrivals, memory: Memory) -> None:
        self._endpoint = endpoint
        self._store = store
        self._arrivals = arrivals
        self._memory = memory
        self._changed: set[str] = set()
        self._looked: dict[int, int] = {}  # UIDVALIDITY -> MODSEQ up to which was looked

    def watch(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Listen to the store, from what it holds now on; `wake` has a turn come. Gives what ends it."""
        self._changed = set(self._store.folders())

        def changed(folder: str) -> None:
            self._changed.add(folder)
            wake()

        return self._store.listen(changed)

    async def acknowledge(self) -> None:
        """Within a turn: what was newly seen is put into the outbox."""
        changed, self._changed = self._changed, set()
        messages = {
            mail.message
            for name in changed
            if (folder := self._store.folders().get(name)) is not None
            for mail in folder.mails
            if mail.modseq > self._looked.get(folder.uid_validity, 0) and shown.SEEN in mail.flags
        }
        for name in changed:
            if (folder := self._store.folders().get(name)) is not None:
                self._looked[folder.uid_validity] = folder.highest_modseq
        if not messages:
            return
        keys = await self._arrivals.keys_of(messages)
        places = await self._memory.places(keys.values())
        unread = await self._unread({place.thread for place in places.values() if place.seq})
        for exchange in unread:
            await self._acknowledge(exchange)

    async def _unread(self, threads: set[bytes]) -> list[Exchange]:
        """Only exchanges in which there is something to acknowledge are opened."""
        waiting = await self._endpoint.profile.run(lambda c: kept_threads.unread(c, threads))
        return await exchanges.without_words(self._endpoint, self._memory, waiting)

    async def _acknowledge(self, exchange: Exchange) -> None:
        mails = [event for event in exchange.events if shown.is_mail(event, exchange) and not event.own]
        there = await self._arrivals.delivered([key_of(event) for event in mails])
        flags = await self._arrivals.flags_of(there)
        until: dict[bytes, int] = {}
        stopped: set[bytes] = set()
        for event in mails:
            key = key_of(event)
            if key not in there or (key in flags and shown.SEEN not in flags[key]):
                stopped.add(event.thread)
            elif event.thread not in stopped:
                until[event.thread] = event.seq
        await self._endpoint.read_acknowledged(exchange, until)
