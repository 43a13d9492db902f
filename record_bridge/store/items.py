"""What this device knows of each item of the records that it reads: one sealed summary a line, newest first by tick.

Made from verified events (`client.index`), and made again from them at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    delete,
    insert,
    select,
)

from messaging.profile.store import Profile

metadata = MetaData()

record_items = Table(
    "record_items",
    metadata,
    Column("thread", LargeBinary, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("class", Integer, nullable=False, key="class_"),
    Column("tick", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("record_items_newest", "record", "tick"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """`summary` is empty where the thread is of the record but no item: an identity, a notice, a handover."""

    thread: bytes
    record: bytes
    class_: int
    tick: int
    summary: bytes


def open_tables(connection: Connection) -> None:
    metadata.create_all(connection)


def put(profile: Profile, connection: Connection, kept: Sequence[Kept]) -> None:
    rows = [
        {
            "thread": one.thread,
            "record": one.record,
            "class_": one.class_,
            "tick": one.tick,
            "sealed": profile.seal(_place(one.thread), one.summary),
        }
        for one in kept
    ]
    if rows:
        connection.execute(insert(record_items).prefix_with("OR REPLACE"), rows)


def newest(profile: Profile, connection: Connection, record: bytes, most: int = -1) -> list[bytes]:
    """Summaries of a record's items, the newest first; all of them by default."""
    query = select(record_items.c.thread, record_items.c.sealed).where(record_items.c.record == record)
    rows = connection.execute(query.order_by(record_items.c.tick.desc()).limit(most))
    return [summary for thread, sealed in rows if (summary := profile.open_sealed(_place(thread), sealed))]


def find(profile: Profile, connection: Connection, record: bytes, beginning: str) -> list[bytes]:
    """Summaries of the items whose thread begins so (hexadecimal)."""
    rows = connection.execute(
        select(record_items.c.thread, record_items.c.sealed).where(record_items.c.record == record)
    )
    return [
        summary
        for thread, sealed in rows
        if thread.hex().startswith(beginning) and (summary := profile.open_sealed(_place(thread), sealed))
    ]


def known(connection: Connection, record: bytes) -> set[bytes]:
    return set(connection.execute(select(record_items.c.thread).where(record_items.c.record == record)).scalars())


def remove(connection: Connection, thread: bytes) -> None:
    connection.execute(delete(record_items).where(record_items.c.thread == thread))


def _place(thread: bytes) -> str:
    return f"record-item/{thread.hex()}"
