"""Stored items of a mailbox's feed and of one thread, encoded as the frames that push them (`wire.frames`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, func, or_, select

from messaging.errors import MessagingError
from messaging.ports import Page
from messaging.store.tables import epoch_wraps, epochs, events, groups, items, mailboxes, receipts, threads
from messaging.store.threads import PROOF_COLUMNS, proof_of
from messaging.wire import epoch, frames, limits
from messaging.wire.frames import ItemKind

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row, Select

# What an item adds to its octets: proof, wrap, paths. Only used to bound a page.
OVERHEAD = 1024


class SqlFeeds:
    """Reads for the edges; nothing here decides who may read."""

    def mailbox_page(self, connection: Connection, mailbox: bytes, classes: tuple[int, ...], after: int) -> Page:
        """At most limits.PAGE_ITEMS or limits.PAGE_OCTETS of what follows `after` in the classes named."""
        number = self._number(connection, mailbox)
        wanted = and_(items.c.mailbox_no == number, items.c.class_.in_(classes))
        sizes = (
            select(items.c.tick, func.coalesce(func.length(events.c.raw), 0).label("size"))
            .join_from(items, events, events.c.tick == items.c.tick, isouter=True)
            .where(wanted, items.c.tick > after)
            .order_by(items.c.tick)
        )
        last, more = _cut(connection, sizes)
        if last is None:
            return Page((), after, more)
        query = self._items(number).join(items, items.c.tick == receipts.c.tick)
        rows = connection.execute(
            query.where(wanted, items.c.tick > after, items.c.tick <= last).order_by(items.c.tick)
        )
        return Page(tuple(_encode(mailbox, row) for row in rows), last, more)

    def recent_page(self, connection: Connection, mailbox: bytes, classes: tuple[int, ...], before: int) -> Page:
        """At most limits.RECENT_ITEMS or limits.PAGE_OCTETS of what precedes `before`, oldest first."""
        number = self._number(connection, mailbox)
        wanted = and_(items.c.mailbox_no == number, items.c.class_.in_(classes), items.c.tick < before)
        newest = (
            select(items.c.tick, func.coalesce(func.length(events.c.raw), 0).label("size"))
            .join_from(items, events, events.c.tick == items.c.tick, isouter=True)
            .where(wanted)
            .order_by(items.c.tick.desc())
        )
        first, more = _cut(connection, newest, limits.RECENT_ITEMS)
        if first is None:
            return Page((), before, more)
        query = self._items(number).join(items, items.c.tick == receipts.c.tick)
        rows = connection.execute(query.where(wanted, items.c.tick >= first).order_by(items.c.tick))
        return Page(tuple(_encode(mailbox, row) for row in rows), first, more)

    def commits_of(
        self, connection: Connection, thread: bytes, mailbox: bytes
    ) -> tuple[epoch.EpochCommit, epoch.EpochCommit]:
        newest = self._newest(connection, thread)
        if newest.member(mailbox) is None:
            raise MessagingError("thread-not-member")
        return self._commit(connection, thread, epochs.c.epoch), newest

    def thread_page(self, connection: Connection, thread: bytes, mailbox: bytes, after: int) -> Page:
        """For a current member: what its thread holds from its from_epoch on.

        Raises MessagingError: thread-unknown, thread-not-member.
        """
        start = self._member(connection, thread, mailbox).from_epoch
        readable = or_(epochs.c.epoch >= start, events.c.epoch >= start)
        return self._page(connection, thread, mailbox, after, readable)

    def epochs_page(self, connection: Connection, thread: bytes, mailbox: bytes, after: int) -> Page:
        """For a current member: every epoch commit, the chain that proves the newest one. Raises as `thread_page`."""
        self._member(connection, thread, mailbox)
        return self._page(connection, thread, mailbox, after, epochs.c.tick.is_not(None))

    def _page(
        self, connection: Connection, thread: bytes, mailbox: bytes, after: int, readable: ColumnElement[bool]
    ) -> Page:
        wanted = and_(receipts.c.scope == thread, receipts.c.tick > after, readable)
        sizes = (
            select(receipts.c.tick, func.coalesce(func.length(events.c.raw), 0).label("size"))
            .join_from(receipts, events, events.c.tick == receipts.c.tick, isouter=True)
            .join(epochs, epochs.c.tick == receipts.c.tick, isouter=True)
            .where(wanted)
            .order_by(receipts.c.tick)
        )
        last, more = _cut(connection, sizes)
        if last is None:
            return Page((), after, more)
        query = self._items(self._number(connection, mailbox)).where(wanted, receipts.c.tick <= last)
        rows = connection.execute(query.order_by(receipts.c.tick))
        return Page(tuple(_encode(mailbox, row) for row in rows), last, more)

    def thread_class(self, connection: Connection, thread: bytes, mailbox: bytes) -> int:
        """The class as which a current member reads the thread. Raises as `thread_page`."""
        return self._member(connection, thread, mailbox).class_

    def sharing(self, connection: Connection, accounts: tuple[bytes, ...]) -> frozenset[bytes]:
        """Every mailbox that was ever in one epoch with one of `accounts`."""
        theirs = (
            select(epoch_wraps.c.tick)
            .join(mailboxes, mailboxes.c.mailbox_no == epoch_wraps.c.mailbox_no)
            .where(mailboxes.c.mailbox.in_(accounts))
        )
        query = (
            select(mailboxes.c.mailbox)
            .distinct()
            .join_from(epoch_wraps, mailboxes, mailboxes.c.mailbox_no == epoch_wraps.c.mailbox_no)
            .where(epoch_wraps.c.tick.in_(theirs))
        )
        return frozenset(connection.execute(query).scalars())

    def _number(self, connection: Connection, mailbox: bytes) -> int:
        query = select(mailboxes.c.mailbox_no).where(mailboxes.c.mailbox == mailbox)
        return connection.execute(query).scalar() or 0

    def _member(self, connection: Connection, thread: bytes, mailbox: bytes) -> epoch.Member:
        member = self._newest(connection, thread).member(mailbox)
        if member is None:
            raise MessagingError("thread-not-member")
        return member

    def _newest(self, connection: Connection, thread: bytes) -> epoch.EpochCommit:
        return self._commit(connection, thread, epochs.c.epoch.desc())

    def _commit(self, connection: Connection, thread: bytes, order: ColumnElement[int]) -> epoch.EpochCommit:
        query = (
            select(epochs.c.raw)
            .join_from(threads, epochs, epochs.c.thread_no == threads.c.thread_no)
            .where(threads.c.thread == thread)
            .order_by(order)
        )
        raw = connection.execute(query.limit(1)).scalar()
        if raw is None:
            raise MessagingError("thread-unknown")
        return epoch.parse(raw)

    def _items(self, number: int) -> Select[Any]:
        return (
            select(
                *PROOF_COLUMNS,
                events.c.raw.label("event_raw"),
                epochs.c.raw.label("epoch_raw"),
                epoch_wraps.c.wrap,
                epoch_wraps.c.path.label("wrap_path"),
            )
            .join_from(receipts, groups, groups.c.group_no == receipts.c.group_no)
            .join(events, events.c.tick == receipts.c.tick, isouter=True)
            .join(epochs, epochs.c.tick == receipts.c.tick, isouter=True)
            .join(
                epoch_wraps,
                and_(epoch_wraps.c.tick == receipts.c.tick, epoch_wraps.c.mailbox_no == number),
                isouter=True,
            )
        )


def _cut(connection: Connection, sizes: Select[Any], most: int = limits.PAGE_ITEMS) -> tuple[int | None, bool]:
    """The last tick that still fits a page (the first always does), and whether more may follow."""
    last, octets, count = None, 0, 0
    for tick, size in connection.execute(sizes.limit(most + 1)):
        octets += size + OVERHEAD
        if count and (count == most or octets > limits.PAGE_OCTETS):
            return last, True
        last, count = tick, count + 1
    return last, False


def _encode(mailbox: bytes, row: Row[Any]) -> bytes:
    proof = proof_of(row)
    if row.event_raw is not None:
        return frames.encode_item(mailbox, row.tick, ItemKind.EVENT, row.event_raw, proof)
    path = row.wrap_path or b""
    nodes = [path[at : at + 32] for at in range(0, len(path), 32)]
    return frames.encode_item(mailbox, row.tick, ItemKind.EPOCH, row.epoch_raw, proof, row.wrap or b"", nodes)
