"""How far a bridge has worked through each thread that it reads: what is beyond is still to be looked at (FI-7)."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, LargeBinary, Table, and_, func, insert, or_, select

from messaging.profile import tables as profile_tables
from record_bridge.store.tables import metadata

seen = Table(
    "bridge_seen",
    metadata,
    Column("thread", LargeBinary, primary_key=True),
    Column("seq", Integer, nullable=False),
)


def beyond(connection: Connection, limit: int = 256) -> list[tuple[bytes, int]]:
    """(thread, seq that was seen) of threads in which somebody else has written since."""
    theirs = profile_tables.threads.c
    query = (
        select(theirs.thread, func.coalesce(seen.c.seq, 0))
        .join_from(profile_tables.threads, seen, seen.c.thread == theirs.thread, isouter=True)
        .where(or_(and_(seen.c.seq.is_(None), theirs.shown_seq > 0), theirs.shown_seq > seen.c.seq))
        .limit(limit)
    )
    return [(thread, seq) for thread, seq in connection.execute(query)]


def reached(connection: Connection, thread: bytes, seq: int) -> None:
    connection.execute(insert(seen).prefix_with("OR REPLACE").values(thread=thread, seq=seq))
