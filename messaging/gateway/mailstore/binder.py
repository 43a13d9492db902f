"""Writes the pages that somebody has missed: those of a file of an older version, of messages beside one that went, and
what was damaged. Afterwards and in small turns, so that nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection

from messaging.errors import MessagingError
from messaging.gateway.mailstore.ledger import Ledger
from messaging.gateway.mailstore.turn import Turn

AT_ONCE = 4  # pages in a turn: some hundredths of a second


class Binder:
    """Beside a `Ledger`. A page that cannot be written now is written when it is missed again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._missed: set[int] = set()
        self._work: asyncio.Task[None] | None = None

    def miss(self, pages: Collection[int]) -> None:
        """All ids of each are given."""
        self._missed |= set(pages)
        if self._missed and (self._work is None or self._work.done()):
            self._work = asyncio.create_task(self._bind())

    async def rest(self) -> None:
        """Returns once nothing is missed."""
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    async def close(self) -> None:
        """What is missed stays so."""
        if self._work is not None:
            self._work.cancel()
        await self.rest()

    async def _bind(self) -> None:
        while self._missed:
            some = sorted(self._missed)[:AT_ONCE]
            self._missed.difference_update(some)
            with contextlib.suppress(MessagingError):
                await self._ledger.change(lambda turn, some=some: _write(turn, some))  # type: ignore[misc]


def _write(turn: Turn, some: Collection[int]) -> None:
    for page in some:
        turn.write_page(page)
