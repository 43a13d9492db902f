"""The durable queue of notices, who wants them, and which did not arrive: rows of `service.db`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Row, delete, insert, select, update

from directory.ports import GroupCommit
from messaging.mailbox.quiet import Every, Times
from messaging.ports import MOST_FAILURES, Bounce, DueNotice, Preference, Waiting
from messaging.store.tables import notice_bounces, notice_preferences, notice_tokens, notices

# A mail server gives up within a week (RFC 5321 4.5.4.1 recommends four to five days); later reports name nothing.
TOKEN_MS = 30 * 24 * 3600 * 1000
# What failed so long before the next failure is another story.
FAILURE_MS = 30 * 24 * 3600 * 1000


class SqlNotices:
    """`messaging.ports.NoticeStore`."""

    # --- what stands ---

    def preferences(self, connection: Connection) -> Mapping[bytes, Preference]:
        return {row.mailbox: _preference(row) for row in connection.execute(select(notice_preferences))}

    def pending(self, connection: Connection) -> Mapping[bytes, Waiting]:
        query = select(notices.c.mailbox, notices.c.tick, notices.c.thread, notices.c.settled)
        return {row.mailbox: Waiting(row.tick, row.thread, bool(row.settled)) for row in connection.execute(query)}

    def due(self, connection: Connection, now: int, most: int) -> Sequence[DueNotice]:
        suspended = select(notice_bounces.c.mailbox).where(notice_bounces.c.failures >= MOST_FAILURES)
        query = (
            select(notices)
            .where(notices.c.settled == 0, notices.c.due <= now, notices.c.mailbox.not_in(suspended))
            .order_by(notices.c.due)
            .limit(most)
        )
        return [
            DueNotice(row.mailbox, row.kind, row.thread, row.attempts, row.token) for row in connection.execute(query)
        ]

    def bounces(self, connection: Connection) -> Mapping[bytes, Bounce]:
        """The latest first."""
        rows = connection.execute(select(notice_bounces).order_by(notice_bounces.c.time.desc()))
        return {row.mailbox: Bounce(row.failures, row.status, row.time) for row in rows}

    def bounce(self, connection: Connection, mailbox: bytes) -> Bounce | None:
        row = connection.execute(select(notice_bounces).where(notice_bounces.c.mailbox == mailbox)).first()
        return None if row is None else Bounce(row.failures, row.status, row.time)

    # --- the queue ---

    def add(self, group: GroupCommit, mailbox: bytes, waiting: Waiting, kind: str, due: int) -> None:
        row = {"mailbox": mailbox, "tick": waiting.tick, "thread": waiting.thread, "kind": kind, "due": due}
        group.insert(notices, row | {"attempts": 0, "settled": 0, "token": b""})

    def widen(self, group: GroupCommit, mailbox: bytes) -> None:
        group.change(update(notices).where(notices.c.mailbox == mailbox).values(thread=b""))

    def remove(self, group: GroupCommit, mailbox: bytes) -> None:
        group.connection.execute(delete(notices).where(notices.c.mailbox == mailbox))

    def settle(self, group: GroupCommit, mailbox: bytes) -> None:
        group.connection.execute(update(notices).where(notices.c.mailbox == mailbox).values(settled=1))

    def postpone(self, group: GroupCommit, mailbox: bytes, due: int) -> None:
        open_one = update(notices).where(notices.c.mailbox == mailbox, notices.c.settled == 0)
        group.connection.execute(open_one.values(due=due))

    def attempt(self, group: GroupCommit, mailbox: bytes, token: bytes, due: int) -> bool:
        tried = update(notices).where(notices.c.mailbox == mailbox, notices.c.settled == 0)
        tried = tried.values(due=due, attempts=notices.c.attempts + 1, token=token)
        if not group.connection.execute(tried).rowcount:
            return False
        stale = notice_tokens.c.mailbox == mailbox, notice_tokens.c.sent < group.now - TOKEN_MS
        group.connection.execute(delete(notice_tokens).where(*stale))
        group.connection.execute(delete(notice_tokens).where(notice_tokens.c.token == token))
        group.connection.execute(insert(notice_tokens), {"token": token, "mailbox": mailbox, "sent": group.now})
        return True

    # --- who wants them ---

    def prefer(self, group: GroupCommit, mailbox: bytes, preference: Preference | None) -> None:
        group.connection.execute(delete(notice_preferences).where(notice_preferences.c.mailbox == mailbox))
        if preference is None:
            return
        times = preference.times
        row = {"mailbox": mailbox, "email": preference.email, "language": preference.language}
        row |= {"every": times.every.value, "quiet": times.quiet, "quiet_days": ",".join(times.days)}
        group.connection.execute(insert(notice_preferences), row | {"zone": times.zone})

    # --- what did not arrive ---

    def fail(self, connection: Connection, mailbox: bytes, status: str, now: int) -> None:
        before = self.bounce(connection, mailbox)
        recent = before is not None and before.time > now - FAILURE_MS
        failures = 1 + (before.failures if before is not None and recent else 0)
        connection.execute(delete(notice_bounces).where(notice_bounces.c.mailbox == mailbox))
        row = {"mailbox": mailbox, "failures": failures, "status": status, "time": now}
        connection.execute(insert(notice_bounces), row)

    def returned(self, connection: Connection, token: bytes, status: str, now: int) -> bytes:
        """The mail with this token came back: its mailbox, or b"" for a token that is unknown or was used. Each mail
        comes back once, whoever repeats the report."""
        found = select(notice_tokens.c.mailbox).where(notice_tokens.c.token == token)
        mailbox: bytes | None = connection.execute(found).scalar()
        if mailbox is None:
            return b""
        connection.execute(delete(notice_tokens).where(notice_tokens.c.token == token))
        self.fail(connection, mailbox, status, now)
        return mailbox

    def forgive(self, group: GroupCommit, mailbox: bytes) -> None:
        for table in (notice_bounces, notice_tokens):
            group.connection.execute(delete(table).where(table.c.mailbox == mailbox))


def _preference(row: Row[tuple[object, ...]]) -> Preference:
    days = tuple(row.quiet_days.split(",")) if row.quiet_days else ()
    return Preference(row.email, row.language, Times(Every(row.every), row.quiet, days, row.zone))
