"""The index and the file it stands for, changed together: turns one after the other, each durable before it is seen.

A session that is cut in the middle of a turn does not cut the turn: it ends, and the index says what the disk says.
What nobody waits for is gathered into one turn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection

from messaging.gateway.database.mail_database import MailDatabase
from messaging.gateway.mailstore.index import Index
from messaging.gateway.mailstore.seals import Seals
from messaging.gateway.mailstore.turn import Turn

Result = TypeVar("Result")
Item = TypeVar("Item")
Clock = Callable[[], int]
_SOON: Final = 0.1  # seconds in which what nobody waits for gathers
_LOG: Final = logging.getLogger("confrere.gateway")


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
        self._gathered: dict[Callable[[Turn, list[Any]], None], list[Any]] = {}
        self._writing_gathered = False
        self._timer: asyncio.TimerHandle | None = None

    def soon(self, write: Callable[[Turn, list[Item]], None], item: Item) -> None:
        """`write` gets this within a moment, with all else that was gathered for it, and before every change that is
        asked for after this. What fails is logged and is not done."""
        self._gathered.setdefault(write, []).append(item)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self._begin_gathered)

    async def caught_up(self) -> None:
        """Returns once what was gathered before is on the disk."""
        if self._gathered or self._writing_gathered:
            await self.change(_nothing)

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
        """After the turns under way, and what is gathered. The database is whose it was."""
        await self.caught_up()
        await asyncio.gather(*self._turns, return_exceptions=True)

    async def _turn(self, act: Callable[[Turn], Result]) -> Result:
        async with self._one_at_a_time:
            await self._write_gathered()
            result, turn = await self._database.write(lambda connection: self._written(connection, act))
            turn.settle()
        self._tell(turn)
        return result

    def _begin_gathered(self) -> None:
        turn = asyncio.create_task(self._turn(_nothing))
        self._turns.add(turn)
        turn.add_done_callback(self._ended)

    async def _write_gathered(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return

        def all_of_it(turn: Turn) -> None:
            for write, items in gathered.items():
                write(turn, items)

        self._writing_gathered = True
        try:
            _, turn = await self._database.write(lambda connection: self._written(connection, all_of_it))
            turn.settle()
            self._tell(turn)
        except Exception as failed:  # those who asked for it wait for nothing
            _LOG.warning("what was to be kept soon is kept later: %s", type(failed).__name__)
        finally:
            self._writing_gathered = False

    def _tell(self, turn: Turn) -> None:
        loop = asyncio.get_running_loop()
        for name in dict.fromkeys(turn.told):
            for changed in tuple(self._listeners.values()):
                loop.call_soon(changed, name)

    def _written(self, connection: Connection, act: Callable[[Turn], Result]) -> tuple[Result, Turn]:
        turn = Turn(connection, self.index, self.seals, self._now())
        result = act(turn)
        turn.write()
        return result, turn

    def _ended(self, turn: asyncio.Task[Any]) -> None:
        self._turns.discard(turn)
        if not turn.cancelled():
            turn.exception()  # looked at: whoever asked may have gone


def _nothing(_turn: Turn) -> None:
    """A turn for what was gathered."""
