"""Access statements in `service.db`: kept for ever, read by a record's holders and by the demand for one."""

from __future__ import annotations

from sqlalchemy import Connection, select

from directory.ports import GroupCommit
from messaging.store.tables import accesses, groups, receipts
from messaging.store.threads import PROOF_COLUMNS, proof_of
from messaging.wire.access import WHOLE, AccessStatement

PAGE = 1000


class SqlAccesses:
    """Fills `ports.AccessStore`."""

    def proof_of(self, connection: Connection, statement: bytes) -> bytes:
        query = (
            select(*PROOF_COLUMNS)
            .join_from(accesses, receipts, receipts.c.tick == accesses.c.tick)
            .join(groups, groups.c.group_no == receipts.c.group_no)
            .where(accesses.c.id == statement)
        )
        row = connection.execute(query).first()
        return b"" if row is None else proof_of(row)

    def add(self, group: GroupCommit, tick: int, statement: AccessStatement) -> None:
        group.insert(
            accesses,
            {
                "tick": tick,
                "id": statement.id,
                "record": statement.record,
                "mailbox": statement.mailbox,
                "account": statement.reader.account,
                "device": statement.reader.device,
                "thread": statement.thread,
                "classes": sum(1 << class_ for class_ in statement.classes),
                "received": group.now,
                "raw": statement.raw,
            },
        )

    def stated(
        self,
        connection: Connection,
        account: bytes,
        device: bytes,
        record: bytes,
        mailbox: bytes,
        thread: bytes,
        since: int,
    ) -> tuple[int, ...]:
        found = accesses.c
        query = select(found.classes).where(
            found.device == device,
            found.received >= since,
            found.account == account,
            found.record == record,
            found.mailbox == mailbox,
            found.thread.in_((thread, WHOLE)),
        )
        mask = 0
        for classes in connection.execute(query).scalars():
            mask |= classes
        return tuple(class_ for class_ in range(8) if mask >> class_ & 1)

    def page(self, connection: Connection, record: bytes, after: int) -> tuple[bytes, ...]:
        query = (
            select(*PROOF_COLUMNS, accesses.c.raw)
            .join_from(accesses, receipts, receipts.c.tick == accesses.c.tick)
            .join(groups, groups.c.group_no == receipts.c.group_no)
            .where(accesses.c.record == record, accesses.c.tick > after)
            .order_by(accesses.c.tick)
            .limit(PAGE)
        )
        return tuple(octets for row in connection.execute(query) for octets in (row.raw, proof_of(row)))
