"""The durable queue of notices, and who wants them: rows of `service.db`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select, update

from directory.ports import GroupCommit
from messaging.ports import DueNotice, Preference
from messaging.store.tables import notice_preferences, notices


class SqlNotices:
    """`messaging.ports.NoticeStore`."""

    def preferences(self, connection: Connection) -> Mapping[bytes, Preference]:
        rows = connection.execute(select(notice_preferences))
        return {row.mailbox: Preference(row.email, row.language) for row in rows}

    def pending(self, connection: Connection) -> Mapping[bytes, int]:
        return {row.mailbox: row.tick for row in connection.execute(select(notices.c.mailbox, notices.c.tick))}

    def due(self, connection: Connection, now: int, most: int) -> Sequence[DueNotice]:
        query = select(notices).where(notices.c.settled == 0, notices.c.due <= now).order_by(notices.c.due)
        return [DueNotice(row.mailbox, row.kind, row.attempts) for row in connection.execute(query.limit(most))]

    def add(self, group: GroupCommit, mailbox: bytes, tick: int, kind: str, due: int) -> None:
        row = {"mailbox": mailbox, "tick": tick, "kind": kind, "due": due, "attempts": 0, "settled": 0}
        group.insert(notices, row)

    def remove(self, group: GroupCommit, mailbox: bytes) -> None:
        group.connection.execute(delete(notices).where(notices.c.mailbox == mailbox))

    def settle(self, group: GroupCommit, mailbox: bytes) -> None:
        group.connection.execute(update(notices).where(notices.c.mailbox == mailbox).values(settled=1))

    def retry(self, group: GroupCommit, mailbox: bytes, due: int) -> None:
        later = update(notices).where(notices.c.mailbox == mailbox)
        group.connection.execute(later.values(due=due, attempts=notices.c.attempts + 1))

    def prefer(self, group: GroupCommit, mailbox: bytes, preference: Preference | None) -> None:
        group.connection.execute(delete(notice_preferences).where(notice_preferences.c.mailbox == mailbox))
        if preference is not None:
            row = {"mailbox": mailbox, "email": preference.email, "language": preference.language}
            group.connection.execute(insert(notice_preferences), row)
