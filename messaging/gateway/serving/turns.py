"""The turns of one endpoint that never rests: what waits leaves, what arrives is brought in and delivered, whatever the
network does. One turn at a time, so that the endpoint's rooms are used as a verb would use them.

It does not know what a delivery is, nor what was submitted: both are given to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.live import pushes
from messaging.gateway.serving.giving_way import QUIET, GivingWay
from messaging.wire.frames import Changed

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_SOON: Final = 1.0
_ROUNDS: Final = 8  # of what leaves, in one turn
_ARRIVING_WAITS: Final = 0.5  # seconds, for those who hand in mail
_LOOK_AGAIN: Final = 300.0
"""Seconds after which everything is asked for again, pushed or not: a service may forget to push."""
_LOG: Final = logging.getLogger("confrere.gateway")


class Turns:
    """`deliver` takes what the intake says has arrived to the mail store, and says whether to come back soon; `settle`
    looks after what was accepted; `looked_at` puts into the outbox what people have read; `upkeep` does what a device
    in touch owes, from time to time; `failed` is told why a turn came to nothing."""

    def __init__(
        self,
        endpoint: Endpoint,
        deliver: Callable[[], Awaitable[bool]],
        settle: Callable[[], Awaitable[None]],
        looked_at: Callable[[], Awaitable[None]],
        upkeep: Callable[[Endpoint], Awaitable[None]],
        failed: Callable[[str], Awaitable[None]],
    ) -> None:
        self._endpoint = endpoint
        self._deliver = deliver
        self._settle = settle
        self._looked_at = looked_at
        self._upkeep = upkeep
        self._failed = failed
        self._due = asyncio.Event()
        self._due.set()
        self._ended = asyncio.Event()
        self._pause = _FIRST_PAUSE
        self._connected = False
        self._incoming = True
        self._outgoing = True
        self._owed = True
        self._line: asyncio.Task[None] | None = None
        self._held: asyncio.TimerHandle | None = None
        self._giving_way = GivingWay()
        self._at_work_since = 0.0
        self._rounds = 0
        self._arriving = False
        self.failure = "service-unreachable"
        """The id of what keeps it from the service; empty while all is well."""
        self.reached = 0
        """When a turn last ended well, in ms UTC; 0 before the first."""

    def handed_in(self) -> None:
        """A mail program put something durable into the outbox; it may have more."""
        self._giving_way.handed_in(asyncio.get_running_loop().time())
        self.send()

    def send(self) -> None:
        """Something waits in the outbox, or is to be put there."""
        self._outgoing = True
        if self._held is None:
            self._release()

    def _release(self) -> None:
        loop = asyncio.get_running_loop()
        wait = self._giving_way.wait(loop.time())
        self._held = loop.call_later(wait, self._release) if wait else None
        if self._held is None:
            self._due.set()

    def owe(self) -> None:
        """There is something for the upkeep to do."""
        self._owed = True
        self._due.set()

    async def turned(self) -> None:
        """Returns when the next turn has ended, well or not."""
        await self._ended.wait()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_AGAIN):
                        await self._due.wait()
                if not self._due.is_set():
                    self._connected = False  # who is given a mandate hears of it nowhere else
                    self._incoming = self._outgoing = self._owed = True
                self._due.clear()
                self._at_work_since = asyncio.get_running_loop().time()
                await self._one()
                ended, self._ended = self._ended, asyncio.Event()
                ended.set()
                await self._give_way()
        finally:
            await self._hang_up()

    async def _one(self) -> None:
        try:
            await self._turn()
        except Refusal as refused:
            await self._ends_badly(refused.id)
        except Exception as unforeseen:
            # Its text may hold content; the next turn starts anew.
            _LOG.error("a turn failed: %s", type(unforeseen).__name__)
            await self._ends_badly("internal")
        else:
            self.failure = ""
            self.reached = self._endpoint.environment.now()

    async def _ends_badly(self, failure: str) -> None:
        await self._hang_up()  # what is pushed in the pause would end it
        self._endpoint.accounts.offline = True
        self._again(failure)
        try:
            await self._failed(failure)
        except Exception as unforeseen:
            _LOG.error("a failed turn could not be told of: %s", type(unforeseen).__name__)

    def _again(self, failure: str) -> None:
        if failure != self.failure:
            _LOG.warning("the service: %s", failure)
        self.failure = failure
        self._connected = False
        self._incoming = self._outgoing = self._owed = True
        asyncio.get_running_loop().call_later(self._pause, self._due.set)
        self._pause = min(_LONGEST_PAUSE, self._pause * 2)

    async def _turn(self) -> None:
        endpoint = self._endpoint
        if not self._connected:
            await self._hang_up()
            endpoint.accounts.offline = False
            await endpoint.connect()
            await endpoint.renew_where_due()
            self._connected = True
            self._line = asyncio.create_task(self._listen())
        steps = []
        if self._outgoing:
            self._outgoing = False
            steps += [self._looked_at, self._leave]
        if self._incoming:
            self._incoming, self._arriving = False, True
            steps += [self._brought_in, self._delivered, endpoint.acknowledge, self._leave]
        if self._owed:
            self._owed = False
            steps += [self._kept_up, self._leave]
        await self._each(steps)

    async def _each(self, steps: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """One after the other. One that fails unforeseen keeps the others from nothing: what cannot leave stops no
        mail that arrives. A refusal is the service's or the disk's, and stops all."""
        failed: Exception | None = None
        for step in steps:
            try:
                await step()
            except (Refusal, OSError, MemoryError):
                raise
            except Exception as unforeseen:
                failed = failed or unforeseen
        if failed is not None:
            raise failed

    async def _kept_up(self) -> None:
        await self._upkeep(self._endpoint)

    async def _leave(self) -> None:
        await self._each([self._flushed, self._delivered, self._settle])

    async def _brought_in(self) -> None:
        self._arriving = False
        await self._endpoint.bring_in()

    async def _flushed(self) -> None:
        self._rounds = 0
        await self._endpoint.dispatch.flush(go_on=self._go_on)

    async def _go_on(self) -> bool:
        """Whether another round leaves in this turn: what arrives, and what became of what left, waits for a few."""
        await self._give_way()
        self._rounds += 1
        if self._rounds < _ROUNDS and not self._arriving and not self._incoming:
            return True
        self._outgoing = True
        self._due.set()
        return False

    async def _give_way(self) -> None:
        """After a round of what leaves, and after a turn: those who hand in mail go first, but not for ever."""
        loop, giving_way = asyncio.get_running_loop(), self._giving_way
        begun = loop.time()
        heard, until = giving_way.rest(self._at_work_since, begun)
        while (now := loop.time()) < until and (now < heard or not giving_way.quiet(now)):
            if self._incoming and now > begun + _ARRIVING_WAITS:
                break
            await asyncio.sleep(QUIET)
        self._at_work_since = loop.time()

    async def _delivered(self) -> None:
        if await self._deliver():
            self._incoming = True
            asyncio.get_running_loop().call_later(_SOON, self._due.set)

    async def _listen(self) -> None:
        """Wakes the turns at each push. Its connection may end while the rest goes on: then all is connected anew,
        after pauses that grow where none lasts."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            line = await self._endpoint.line()
            async with contextlib.aclosing(pushes(line, self._endpoint.environment)) as pushed:
                async for frame in pushed:
                    if isinstance(frame, Changed):
                        self._connected = False
                    self._incoming = True
                    self._due.set()
        except Refusal as refused:
            if refused.category is not Category.UNREACHABLE:
                _LOG.warning("no pushes: %s", refused.id)
            if loop.time() - begun > _LONGEST_PAUSE:
                self._pause = _FIRST_PAUSE
            self._again(refused.id)
        except Exception as unforeseen:
            _LOG.error("no pushes: %s", type(unforeseen).__name__)
            self._again("internal")

    async def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)
