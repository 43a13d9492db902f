"""State an access to a record, and demand one (CP1-10.2 to CP1-10.7).

A statement is receipted before anything is given out; a device is served for `access.VALID_MS` after its statement.
The service sees that an account opens a class of a record, which it knows anyway, and never what is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from directory.accounts.entry import AccountKind
from directory.accounts.state import NOW
from directory.ports import AccountBook, GroupCommit, Reader, Session, Writer
from directory.transparency.receipt import Receipt, ReceiptKind
from messaging.errors import MessagingError
from messaging.mailbox.membership import readable_classes
from messaging.mailbox.rates import Rate
from messaging.ports import AccessStore, FeedStore
from messaging.wire import access, limits
from messaging.wire.access import AccessStatement

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOTICES = 0
"""The one class that is read without a statement."""


class Accesses:
    def __init__(
        self,
        writer: Writer,
        reader: Reader,
        accounts: AccountBook,
        store: AccessStore,
        feeds: FeedStore,
        rate: Rate,
        clock: Callable[[], int],
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._accounts = accounts
        self._store = store
        self._feeds = feeds
        self._rate = rate
        self._clock = clock

    async def state(self, session: Session, raw: bytes) -> bytes:
        """The receipt proof of a statement, durable; the same statement again gives the same proof.

        Raises what `access.parse` and `access.verify` raise, MessagingError: access-reader-not-caller, time-ahead,
        access-late, thread-unknown, thread-not-member.
        """
        statement = access.parse(raw)
        if (statement.reader.account, statement.reader.device) != (session.account, session.device):
            raise MessagingError("access-reader-not-caller")
        self._rate.take(session.account, 1, self._clock())

        def command(group: GroupCommit) -> tuple[bytes, Receipt | None]:
            stored = self._store.proof_of(group.connection, statement.id)
            if stored:
                return stored, None
            if statement.time > group.now + limits.CLOCK_SKEW:
                raise MessagingError("time-ahead")
            if statement.time < group.now - limits.CLOCK_SKEW:
                raise MessagingError("access-late")
            access.verify(statement, lambda a: self._accounts.state(a, group.connection), NOW, group.now)
            if statement.mailbox != statement.record:
                self._verify_shown(statement, group.connection)
            receipt = group.place(ReceiptKind.ACCESS, access.scope_of(statement.record), statement.id)
            self._store.add(group, receipt.tick, statement)
            return b"", receipt

        written = await self._writer.write(command)
        stored, _ = written.result
        return stored or written.proofs[0]

    def _verify_shown(self, statement: AccessStatement, connection: Connection) -> None:
        """Nobody writes into a patient's log who is shown nothing. Raises as `FeedStore.commits_of`, and
        MessagingError("record-unknown-here")."""
        _, newest = self._feeds.commits_of(connection, statement.thread, statement.mailbox)
        if newest.member(statement.record) is None or newest.class_ not in statement.classes:
            raise MessagingError("record-unknown-here")

    def demand(
        self, connection: Connection, session: Session, record: bytes, mailbox: bytes, class_: int, thread: bytes
    ) -> None:
        """Raises MessagingError("access-statement-needed") unless this device stated this access within the last half
        hour. `class_` is the record's; `thread` is access.WHOLE for a feed."""
        if class_ == NOTICES:
            return
        since = self._clock() - access.VALID_MS
        who = session.account, session.device
        if class_ not in self._store.stated(connection, *who, record, mailbox, thread, since):
            raise MessagingError("access-statement-needed")

    def record_of(self, connection: Connection, accounts: tuple[bytes, ...]) -> bytes | None:
        """The record among these accounts, if any: a thread has one at most."""
        for account in accounts:
            if self._accounts.state(account, connection).kind is AccountKind.RECORD:
                return account
        return None

    async def page(self, session: Session, record: bytes, after: int) -> tuple[bytes, ...]:
        """Statement, proof, statement, proof ... after a tick, for holders of the record's notices.

        Raises MessagingError("mailbox-not-held").
        """

        def query(connection: Connection) -> tuple[bytes, ...]:
            holdings = self._accounts.holdings(session.account, connection, self._clock())
            if NOTICES not in readable_classes(record, session.account, holdings):
                raise MessagingError("mailbox-not-held")
            return self._store.page(connection, record, after)

        return await self._reader.read(query)


__all__ = ["NOTICES", "AccessStatement", "Accesses"]
