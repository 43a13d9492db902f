"""Which notice is due (docs/spec/service.md): at most one a mailbox until its reader has passed what caused it.

The row is written in the commit of its cause. The service knows that an exchange is new or has grown, and no more. It
renders and delivers nothing: the door hands what is due to `messaging.notices`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum

from directory.ports import GroupCommit, Reader, Writer
from messaging.errors import MessagingError
from messaging.mailbox.membership import Feed
from messaging.ports import DueNotice, NoticeStore, Preference

AT_ONCE = 50
MOST_ATTEMPTS = 12
FIRST_PAUSE_MS = 30_000
LONGEST_PAUSE_MS = 6 * 3600 * 1000
LANGUAGES = ("fr", "en")
_EMAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)


class Cause(StrEnum):
    """What the service can know of it."""

    NEW_EXCHANGE = "new-exchange"
    NEW_ACTIVITY = "new-activity"


class Sent(StrEnum):
    """What became of one delivery."""

    DONE = "done"
    LATER = "later"
    NEVER = "never"


Deliver = Callable[[DueNotice, Preference], Awaitable[Sent]]


class Notices:
    """`messaging.ports.NoticeBoard`. One per process; `load` before the first command."""

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        store: NoticeStore,
        present: Callable[[bytes], bool],
        wake: Callable[[], None],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._store = store
        self._present = present
        self._wake = wake
        self._preferences: dict[bytes, Preference] = {}
        self._pending: dict[bytes, int] = {}
        self._group: GroupCommit | None = None
        self._placed: set[bytes] = set()

    async def load(self) -> None:
        self._preferences = dict(await self._reader.read(self._store.preferences))
        self._pending = dict(await self._reader.read(self._store.pending))

    def placed(self, group: GroupCommit, tick: int, feeds: Iterable[Feed], author: bytes, *, first: bool) -> None:
        if not self._preferences:
            return
        if group is not self._group:
            self._group, self._placed = group, set()
        for feed in feeds:
            mailbox = feed.mailbox
            if mailbox == author or mailbox not in self._preferences or mailbox in self._pending:
                continue
            if mailbox in self._placed or self._present(mailbox):
                continue
            self._placed.add(mailbox)
            cause = Cause.NEW_EXCHANGE if first else Cause.NEW_ACTIVITY
            self._store.add(group, mailbox, tick, cause, group.now)
            group.after_commit(lambda mailbox=mailbox: self._now_pending(mailbox, tick))  # type: ignore[misc]

    def _now_pending(self, mailbox: bytes, tick: int) -> None:
        self._pending[mailbox] = tick
        self._wake()

    def passed(self, mailbox: bytes, position: int) -> bool:
        """Whether this reader has passed what the mailbox's notice is about: then `forget` it."""
        return self._pending.get(mailbox, position + 1) <= position

    async def forget(self, mailbox: bytes) -> None:
        def command(group: GroupCommit) -> None:
            self._store.remove(group, mailbox)
            group.after_commit(gone)

        def gone() -> None:
            self._pending.pop(mailbox, None)

        await self._writer.write(command)

    async def prefer(self, mailbox: bytes, email: str, language: str) -> None:
        """Where a mailbox's notices go; an empty email ends them. Raises MessagingError("request-malformed")."""
        if email and not _EMAIL.fullmatch(email):
            raise MessagingError("request-malformed", field="email")
        if language not in LANGUAGES:
            raise MessagingError("request-malformed", field="language")
        preference = Preference(email, language) if email else None

        def command(group: GroupCommit) -> None:
            self._store.prefer(group, mailbox, preference)
            group.after_commit(settled)

        def settled() -> None:
            if preference is None:
                self._preferences.pop(mailbox, None)
            else:
                self._preferences[mailbox] = preference

        await self._writer.write(command)

    async def send_due(self, now: int, deliver: Deliver) -> int:
        """Hand every due notice to `deliver` once; how many there were."""
        found = await self._reader.read(lambda connection: self._store.due(connection, now, AT_ONCE))
        for notice in found:
            preference = self._preferences.get(notice.mailbox)
            outcome = Sent.NEVER if preference is None else await deliver(notice, preference)
            if outcome is Sent.LATER and notice.attempts + 1 < MOST_ATTEMPTS:
                due = now + pause(notice.attempts)
                await self._writer.write(lambda group, n=notice, d=due: self._store.retry(group, n.mailbox, d))  # type: ignore[misc]
            else:
                await self._writer.write(lambda group, n=notice: self._store.settle(group, n.mailbox))  # type: ignore[misc]
        return len(found)


def pause(attempts: int) -> int:
    """ms until the next attempt: doubling, at most six hours."""
    return int(min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2**attempts))
