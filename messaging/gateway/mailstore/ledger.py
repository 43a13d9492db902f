"""The index and the file it stands for, changed together: turns one after the other, each durable before it is seen.

A session that is cut in the middle of a turn does not cut the turn: it ends, and the index says what the disk says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection

from messaging.gateway.database.mail_database import MailDatabase
from messaging.gateway.mailstore.index import Index
from messaging.gateway.mailstore.seals import Seals
from messaging.gateway.mailstore.turn import Turn

Result = TypeVar("Result")
Clock = Callable[[], int]


class Ledger:
    """`change` gives a function one turn, `read` one snapshot; both run it in a thread. `now` gives ms UTC."""

    def __init__(self, database: MailDatabase, index: Index, seals: Seals, now: Clock) -> None:
        self.index = index
        self.seals = seals
        self._database = database
        self._now = now
        self._one_at_a_time = asyncio.Lock()
        self._turns: set[asyncio.Task[Any]] = set()
        self._listeners: dict[object, Callable[[str], None]] = {}

    async def change(self, act: Callable[[Turn], Result]) -> Result:
        """What `act` gives, once its turn is on the disk. Raises what `act` does, and as `MailDatabase.write`."""
        turn = asyncio.create_task(self._turn(act))
        self._turns.add(turn)
        turn.add_done_callback(self._ended)
        return await asyncio.shield(turn)

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        return await self._database.read(query)

    def listen(self, changed: Callable[[str], None]) -> Callable[[], None]:
        """As `ports.MailStore.listen`."""
        listener = object()
        self._listeners[listener] = changed

        def end() -> None:
            self._listeners.pop(listener, None)

        return end

    async def close(self) -> None:
        """After the turns under way. The database is whose it was."""
        await asyncio.gather(*self._turns, return_exceptions=True)

    async def _turn(self, act: Callable[[Turn], Result]) -> Result:
        async with self._one_at_a_time:
            result, turn = await self._database.write(lambda connection: self._written(connection, act))
            turn.settle()
        loop = asyncio.get_running_loop()
        for name in dict.fromkeys(turn.told):
            for changed in tuple(self._listeners.values()):
                loop.call_soon(changed, name)
        return result

    def _written(self, connection: Connection, act: Callable[[Turn], Result]) -> tuple[Result, Turn]:
        turn = Turn(connection, self.index, self.seals, self._now())
        result = act(turn)
        turn.write()
        return result, turn

    def _ended(self, turn: asyncio.Task[Any]) -> None:
        self._turns.discard(turn)
        if not turn.cancelled():
            turn.exception()  # looked at: whoever asked may have gone
