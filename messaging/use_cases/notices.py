"""Which notice is due (docs/spec/service.md): at most one a mailbox until its reader has passed what caused it.

The row is written in the commit of its cause. What comes within the gathering time, in the quiet or before a digest is
one notice. The service knows that an exchange is new or has grown, and no more. It renders and delivers nothing: the
door hands what is due to `messaging.notices`.

An attempt is on the disk before it is made, and its outcome after: a service that is killed sends again only what the
relay had taken in the moment before, under the same Message-ID. SMTP offers no better (RFC 5321 4.5.3.2.6, RFC 1047).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

from directory.ports import GroupCommit, Reader, Writer
from messaging.errors import MessagingError
from messaging.mailbox.membership import Feed
from messaging.mailbox.ordinary_mail import is_address
from messaging.mailbox.quiet import parse, zone_of
from messaging.ports import Bounce, DueNotice, NoticeStore, Preference, Waiting

AT_ONCE = 50
MOST_ATTEMPTS = 25  # with the pauses below: about four days (RFC 5321 4.5.4.1)
FIRST_PAUSE_MS = 30_000
LONGEST_PAUSE_MS = 6 * 3600 * 1000
EXPIRED = "4.4.7"  # RFC 3463: delivery time expired
TOKEN_SIZE = 16
LANGUAGES = ("fr", "en")


class Cause(StrEnum):
    """What the service can know of it."""

    NEW_EXCHANGE = "new-exchange"
    NEW_ACTIVITY = "new-activity"


class Sent(StrEnum):
    """What became of one delivery: AWAY is the relay's silence, and what else is due can wait as well."""

    DONE = "done"
    LATER = "later"
    AWAY = "away"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Delivered:
    """The outcome, and for one that was refused its status (RFC 3463)."""

    sent: Sent
    status: str = ""


Deliver = Callable[[DueNotice, Preference], Awaitable[Delivered]]


class Notices:
    """`messaging.ports.NoticeBoard`. One per process; `load` before the first command.

    `gather` is the time (ms) in which several items are one notice, `zone` that of an owner who chose none.
    """

    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        store: NoticeStore,
        present: Callable[[bytes], bool],
        wake: Callable[[], None],
        *,
        gather: int = 0,
        zone: str = "UTC",
        entropy: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._store = store
        self._present = present
        self._wake = wake
        self._gather = gather
        self._zone = zone if zone_of(zone) else "UTC"
        self._entropy = entropy
        self._preferences: dict[bytes, Preference] = {}
        self._pending: dict[bytes, Waiting] = {}
        # What this very group placed or took away, before it is committed.
        self._group: GroupCommit | None = None
        self._placed: dict[bytes, Waiting | None] = {}

    async def load(self) -> None:
        self._preferences = dict(await self._reader.read(self._store.preferences))
        self._pending = dict(await self._reader.read(self._store.pending))

    # --- what waits ---

    def placed(
        self, group: GroupCommit, tick: int, thread: bytes, feeds: Iterable[Feed], author: bytes, *, first: bool
    ) -> None:
        if not self._preferences:
            return
        for feed in feeds:
            mailbox = feed.mailbox
            preference = self._preferences.get(mailbox)
            if preference is None or mailbox == author or self._present(mailbox):
                continue
            before = self._waiting(group, mailbox)
            if before is None:
                waiting = Waiting(tick, thread)
                cause = Cause.NEW_EXCHANGE if first else Cause.NEW_ACTIVITY
                due = preference.times.due(group.now + self._gather)
                self._store.add(group, mailbox, waiting, cause, due)
            else:
                # The newer tick is kept in memory alone: a message costs no write for a notice that waits anyway.
                waiting = replace(before, tick=tick, thread=before.thread if before.thread == thread else b"")
                if waiting.thread != before.thread and not before.settled:
                    self._store.widen(group, mailbox)
            self._placed[mailbox] = waiting
            group.after_commit(partial(self._now_pending, mailbox, waiting))

    def _waiting(self, group: GroupCommit, mailbox: bytes) -> Waiting | None:
        """A mailbox's notice as this group sees it."""
        if group is not self._group:
            self._group, self._placed = group, {}
        return self._placed[mailbox] if mailbox in self._placed else self._pending.get(mailbox)

    def _now_pending(self, mailbox: bytes, waiting: Waiting) -> None:
        known = mailbox in self._pending
        self._pending[mailbox] = waiting
        if not known:
            self._wake()

    def passed(self, mailbox: bytes, position: int) -> bool:
        """Whether this reader has passed what the mailbox's notice is about: then `forget` it."""
        waiting = self._pending.get(mailbox)
        return waiting is not None and waiting.tick <= position

    async def forget(self, mailbox: bytes, position: int) -> None:
        def command(group: GroupCommit) -> None:
            waiting = self._waiting(group, mailbox)
            if waiting is None or waiting.tick > position:
                return
            self._remove(group, mailbox)

        await self._writer.write(command)

    def _remove(self, group: GroupCommit, mailbox: bytes) -> None:
        self._waiting(group, mailbox)
        self._placed[mailbox] = None
        self._store.remove(group, mailbox)

        def removed() -> None:
            self._pending.pop(mailbox, None)

        group.after_commit(removed)

    # --- the owner's wishes ---

    async def prefer(
        self,
        mailbox: bytes,
        email: str,
        language: str,
        *,
        every: str = "now",
        quiet: str = "",
        quiet_days: str = "",
        zone: str = "",
        confirm: bool = True,
    ) -> None:
        """Where, how often and when (`quiet.parse`) a mailbox's notices go; an empty email ends them. What failed
        before is forgotten when the address is another one, or confirmed. Raises
        MessagingError("request-malformed")."""
        if email and not is_address(email):
            raise MessagingError("request-malformed", field="email")
        if language not in LANGUAGES:
            raise MessagingError("request-malformed", field="language")
        preference = Preference(email, language, parse(every, quiet, quiet_days, zone or self._zone))

        def command(group: GroupCommit) -> None:
            former = self._preferences.get(mailbox)
            if confirm or former is None or former.email != email:
                self._store.forgive(group, mailbox)
            self._store.prefer(group, mailbox, preference if email else None)
            if email:
                self._store.postpone(group, mailbox, preference.times.due(group.now))
            elif self._waiting(group, mailbox) is not None:
                self._remove(group, mailbox)
            group.after_commit(settled)

        def settled() -> None:
            if email:
                self._preferences[mailbox] = preference
                self._wake()
            else:
                self._preferences.pop(mailbox, None)

        await self._writer.write(command)

    async def preferred(self, mailbox: bytes) -> tuple[Preference | None, Bounce | None]:
        """What stands, and what of it did not arrive."""
        bounce = await self._reader.read(lambda connection: self._store.bounce(connection, mailbox))
        return self._preferences.get(mailbox), bounce

    async def bouncing(self) -> tuple[int, int]:
        """How many mailboxes' notices do not arrive, and how many of these are suspended."""
        found = await self._reader.read(self._store.bounces)
        return len(found), sum(bounce.suspended for bounce in found.values())

    # --- sending ---

    async def send_due(self, now: int, deliver: Deliver) -> int:
        """Hand every due notice to `deliver` once; how many there were, or 0 once the relay is away."""
        found = await self._reader.read(lambda connection: self._store.due(connection, now, AT_ONCE))
        for notice in found:
            if await self._send(notice, now, deliver) is Sent.AWAY:
                return 0
        return len(found)

    async def _send(self, notice: DueNotice, now: int, deliver: Deliver) -> Sent:
        mailbox, preference = notice.mailbox, self._preferences.get(notice.mailbox)
        if preference is None:
            await self._writer.write(lambda group: self._remove(group, mailbox))
            return Sent.NEVER
        opens = preference.times.opens(now)
        if opens > now:  # a late attempt, or wishes that changed
            await self._writer.write(lambda group: self._store.postpone(group, mailbox, opens))
            return Sent.LATER
        token = notice.token or self._entropy(TOKEN_SIZE)
        again = now + pause(notice.attempts)
        tried = await self._writer.write(lambda group: self._store.attempt(group, mailbox, token, again))
        if not tried.result:
            return Sent.DONE  # read in the meantime
        outcome = await deliver(replace(notice, token=token), preference)
        if outcome.sent in (Sent.DONE, Sent.NEVER):
            await self._settle(mailbox, outcome.status)
        elif notice.attempts + 1 >= MOST_ATTEMPTS:
            await self._settle(mailbox, EXPIRED)
        return outcome.sent

    async def _settle(self, mailbox: bytes, failed: str) -> None:
        """Sent or given up; `failed` is the status of what will not arrive, or nothing."""

        def command(group: GroupCommit) -> None:
            self._store.settle(group, mailbox)
            if failed:
                self._store.fail(group.connection, mailbox, failed, group.now)
            group.after_commit(settled)

        def settled() -> None:
            if mailbox in self._pending:
                self._pending[mailbox] = replace(self._pending[mailbox], settled=True)

        await self._writer.write(command)


def pause(attempts: int) -> int:
    """ms until the next attempt: doubling, at most six hours."""
    return int(min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2**attempts))
