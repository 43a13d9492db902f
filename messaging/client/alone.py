"""One task at a time through a piece of code that calls itself: a lock that its own task may enter again."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Alone:
    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[object] | None = None
        self._depth = 0

    async def __aenter__(self) -> None:
        current = asyncio.current_task()
        if self._task is not current or current is None:
            await self._lock.acquire()
            self._task = current
        self._depth += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._task = None
            self._lock.release()
