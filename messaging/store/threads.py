"""`messaging.ports.ThreadStore` in SQLAlchemy Core: what the writer reads before it decides, and the rows it adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, and_, delete, func, select, text, union_all, update

from directory.ports import GroupCommit
from directory.primitives.codec import u8, u64
from directory.transparency.receipt import RECEIPT_MAGIC, encode_proof
from messaging.mailbox.membership import Feed, Thread
from messaging.ports import EventKey, MemberWrap, StoredEvent
from messaging.store.tables import epoch_wraps, epochs, events, groups, items, mailboxes, receipts, threads
from messaging.wire import epoch
from messaging.wire.epoch import EpochCommit
from messaging.wire.header import SealedEvent

Value = TypeVar("Value")

# SQLite's bound on parameters is far higher; this keeps one statement's text short.
CHUNK = 400

PROOF_COLUMNS = (
    receipts.c.tick,
    receipts.c.kind,
    receipts.c.scope,
    receipts.c.seq,
    receipts.c.id,
    receipts.c.chain,
    receipts.c.idx,
    receipts.c.path,
    groups.c.raw.label("group_raw"),
)


def proof_of(row: Any) -> bytes:
    """The encoded proof from `PROOF_COLUMNS`."""
    receipt = (
        RECEIPT_MAGIC,
        u8(row.kind),
        row.scope,
        u64(row.seq),
        row.id,
        row.chain,
        u64(row.tick),
    )
    return encode_proof(b"".join(receipt), row.idx, row.path, row.group_raw)


_KEY_COUNTS = (1, 4, 16, 64, 256, 1024)


def _events_among(count: int) -> Any:
    """One seek a key: `(a, b) IN (...)` would scan. The key list is padded to few lengths, so few statements exist."""
    values = ",".join(f"(:n{i},:i{i})" for i in range(count))
    return text(
        f"WITH wanted(thread_no, intent) AS (VALUES {values}) "
        "SELECT wanted.thread_no, wanted.intent, events.tick FROM wanted CROSS JOIN events "
        "ON events.thread_no = wanted.thread_no AND events.intent = wanted.intent"
    )


_EVENTS_AMONG = {count: _events_among(count) for count in _KEY_COUNTS}


class SqlThreads:
    """No state: every method is given a connection or a group."""

    def highest_numbers(self, connection: Connection) -> tuple[int, int]:
        thread = connection.execute(select(func.max(threads.c.thread_no))).scalar()
        mailbox = connection.execute(select(func.max(mailboxes.c.mailbox_no))).scalar()
        return thread or 0, mailbox or 0

    def threads(self, connection: Connection, ids: Sequence[bytes]) -> Mapping[bytes, Thread]:
        inner = epochs.alias()
        newest = (
            select(func.max(inner.c.epoch)).where(inner.c.thread_no == threads.c.thread_no).scalar_subquery()
        )
        query = (
            select(threads.c.thread_no, threads.c.thread, epochs.c.tick, epochs.c.epoch_id, epochs.c.raw)
            .join_from(threads, epochs, epochs.c.thread_no == threads.c.thread_no)
            .where(epochs.c.epoch == newest)
        )
        found = {}
        for chunk in _chunks(ids):
            rows = connection.execute(query.where(threads.c.thread.in_(chunk))).all()
            numbers = self._members(connection, [row.tick for row in rows])
            for row in rows:
                commit = epoch.parse(row.raw)
                feeds = tuple(
                    Feed(member.account, numbers[row.tick][member.account], member.class_) for member in commit.members
                )
                found[row.thread] = Thread(row.thread_no, commit, row.epoch_id, row.tick, feeds)
        return found

    def _members(self, connection: Connection, ticks: Sequence[int]) -> dict[int, dict[bytes, int]]:
        query = select(epoch_wraps.c.tick, mailboxes.c.mailbox, mailboxes.c.mailbox_no).join_from(
            epoch_wraps, mailboxes, mailboxes.c.mailbox_no == epoch_wraps.c.mailbox_no
        )
        found: dict[int, dict[bytes, int]] = {}
        for row in connection.execute(query.where(epoch_wraps.c.tick.in_(ticks))):
            found.setdefault(row.tick, {})[row.mailbox] = row.mailbox_no
        return found

    def mailbox_numbers(self, connection: Connection, accounts: Sequence[bytes]) -> Mapping[bytes, int]:
        found: dict[bytes, int] = {}
        for chunk in _chunks(accounts):
            query = select(mailboxes.c.mailbox, mailboxes.c.mailbox_no).where(mailboxes.c.mailbox.in_(chunk))
            found.update((row.mailbox, row.mailbox_no) for row in connection.execute(query))
        return found

    def events(self, connection: Connection, keys: Sequence[EventKey]) -> Mapping[EventKey, StoredEvent]:
        ticks: dict[int, EventKey] = {}
        for chunk in _chunks(keys, _KEY_COUNTS[-1]):
            count = next(count for count in _KEY_COUNTS if count >= len(chunk))
            values: dict[str, Any] = {}
            for i in range(count):
                values[f"n{i}"], values[f"i{i}"] = chunk[i] if i < len(chunk) else (0, b"")
            for number, intent, tick in connection.execute(_EVENTS_AMONG[count], values):
                ticks[tick] = (number, intent)
        if not ticks:
            return {}
        query = select(*PROOF_COLUMNS).join_from(receipts, groups, groups.c.group_no == receipts.c.group_no)
        return {
            ticks[row.tick]: StoredEvent(row.id, proof_of(row))
            for chunk in _chunks(list(ticks))
            for row in connection.execute(query.where(receipts.c.tick.in_(chunk)))
        }

    def epoch(self, connection: Connection, thread_no: int, number: int) -> StoredEvent | None:
        query = (
            select(*PROOF_COLUMNS)
            .join_from(epochs, receipts, receipts.c.tick == epochs.c.tick)
            .join(groups, groups.c.group_no == receipts.c.group_no)
            .where(epochs.c.thread_no == thread_no, epochs.c.epoch == number)
        )
        row = connection.execute(query).first()
        return None if row is None else StoredEvent(row.id, proof_of(row))

    # --- adding ---

    def add_mailbox(self, group: GroupCommit, number: int, mailbox: bytes) -> None:
        group.insert(mailboxes, {"mailbox_no": number, "mailbox": mailbox})

    def add_thread(self, group: GroupCommit, number: int, thread: bytes, class_: int) -> None:
        group.insert(threads, {"thread_no": number, "thread": thread, "class_": class_})

    def add_epoch(
        self, group: GroupCommit, tick: int, thread: Thread, commit: EpochCommit, wraps: Iterable[MemberWrap]
    ) -> None:
        group.insert(
            epochs,
            {
                "tick": tick,
                "thread_no": thread.number,
                "epoch": commit.epoch,
                "epoch_id": thread.commit_id,
                "raw": commit.raw,
            },
        )
        for wrap in wraps:
            row = {"tick": tick, "mailbox_no": wrap.feed.number, "wrap": wrap.wrap, "path": b"".join(wrap.path)}
            group.insert(epoch_wraps, row)
        self._add_items(group, tick, thread.feeds)

    def add_event(self, group: GroupCommit, tick: int, thread: Thread, event: SealedEvent) -> None:
        group.insert(
            events,
            {
                "tick": tick,
                "thread_no": thread.number,
                "epoch": thread.commit.epoch,
                "intent": event.header.intent,
                "raw": event.raw,
            },
        )
        self._add_items(group, tick, thread.feeds)

    def move_feed(self, group: GroupCommit, thread_no: int, feed: Feed, class_: int | None, before: int) -> None:
        of_thread = union_all(
            select(events.c.tick).where(events.c.thread_no == thread_no),
            select(epochs.c.tick).where(epochs.c.thread_no == thread_no),
        )
        theirs = and_(items.c.mailbox_no == feed.number, items.c.tick.in_(of_thread), items.c.tick < before)
        moved = update(items).where(theirs)
        group.change(delete(items).where(theirs) if class_ is None else moved.values(class_=class_))

    def _add_items(self, group: GroupCommit, tick: int, feeds: Iterable[Feed]) -> None:
        for feed in feeds:
            group.insert(items, {"mailbox_no": feed.number, "tick": tick, "class_": feed.class_})


def _chunks(values: Sequence[Value], size: int = CHUNK) -> Iterable[Sequence[Value]]:
    return (values[at : at + size] for at in range(0, len(values), size))
