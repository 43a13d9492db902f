"""The stored octets of accounts, read for those who verify them: entries, bind evidence, wraps, sealed openings."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from directory.accounts.wraps import Wrap
from directory.store import tables
from directory.use_cases.look_up import LogEntry, StoredWrap

_entry, _bind, _wrap, _opening = (
    tables.account_entry.c,
    tables.bind_evidence.c,
    tables.account_wrap.c,
    tables.grant_opening.c,
)


class StoredLibrary:
    """Fills `look_up.Library`."""

    def log(self, account: bytes, first: int, most: int, connection: Connection) -> Sequence[LogEntry]:
        query = select(_entry.raw, _entry.tick).where(_entry.account == account, _entry.seq >= first)
        rows = connection.execute(query.order_by(_entry.seq).limit(most))
        return [LogEntry(raw, tick) for raw, tick in rows]

    def binds(self, account: bytes, connection: Connection) -> Sequence[bytes]:
        query = select(_bind.evidence).where(_bind.account == account).order_by(_bind.seq)
        return list(connection.execute(query).scalars())

    def wraps_for(
        self, account: bytes, recipients: Sequence[bytes], connection: Connection
    ) -> Sequence[StoredWrap]:
        query = select(tables.account_wrap).where(_wrap.owner == account, _wrap.recipient.in_(recipients))
        return [
            StoredWrap(
                Wrap(
                    row.recipient,
                    row.device,
                    row._mapping[_wrap["class"]],
                    row.g,
                    row.recipient_generation,
                    row.sealed,
                ),
                row.position,
                row.size,
                row.path,
            )
            for row in connection.execute(query.order_by(_wrap.id))
        ]

    def sealed_consents(self, record: bytes, connection: Connection) -> Sequence[tuple[bytes, bytes]]:
        table = tables.consent_opening.c
        query = select(table.entry_hash, table.sealed_opening).where(table.record == record).order_by(table.seq)
        return [(entry_hash, sealed) for entry_hash, sealed in connection.execute(query)]

    def sealed_openings(self, mailbox: bytes, connection: Connection) -> Sequence[tuple[bytes, bytes]]:
        query = (
            select(_opening.entry_hash, _opening.sealed_opening)
            .join(tables.account_entry, _entry.hash == _opening.entry_hash)
            .where(_opening.mailbox == mailbox)
            .order_by(_entry.seq)
        )
        return [(entry_hash, sealed) for entry_hash, sealed in connection.execute(query)]
