"""What follows a commit and may take a read: CHANGED to whoever shares a thread, and notices that were read past."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from directory.ports import AccountBook, Reader
from messaging.http.hub import Hub
from messaging.ports import FeedStore
from messaging.use_cases.notices import Notices

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger("confrere.announcing")


class Announcer:
    """Callbacks for the event loop; each starts a short task."""

    def __init__(
        self,
        hub: Hub,
        accounts: AccountBook,
        feeds: FeedStore,
        notices: Notices,
        reader: Reader,
        clock: Callable[[], int],
    ) -> None:
        self._hub = hub
        self._accounts = accounts
        self._feeds = feeds
        self._notices = notices
        self._reader = reader
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def account_changed(self, account: bytes, seq: int) -> None:
        self._start(self._announce(account, seq))

    def read_up_to(self, mailbox: bytes, position: int) -> None:
        if self._notices.passed(mailbox, position):
            self._start(self._notices.forget(mailbox, position))

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _announce(self, account: bytes, seq: int) -> None:
        def query(connection: Connection) -> tuple[frozenset[bytes], frozenset[bytes]]:
            held = self._accounts.holdings(account, connection, self._clock())
            acts_for = (account, *(holding.mailbox for holding in held))
            return frozenset(acts_for) | self._feeds.sharing(connection, acts_for), frozenset(acts_for)

        sharing, holders = await self._reader.read(query)
        self._hub.account_changed(account, seq, sharing, holders)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            log.error("an announcement was lost: %s", type(problem).__name__)
