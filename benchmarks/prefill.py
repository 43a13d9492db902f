"""A data folder that has been used: right-shaped stored events in bulk, spread as exchanges are.

Fifty events an exchange, two feeds an event, receipts in groups of 64; octets are random, signatures are not made.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.world import START
from confrere.database import engine
from directory.primitives.codec import u16, u64
from directory.transparency.receipt import GROUP_MAGIC, GROUP_SIZE

EVENTS_IN_THREAD = 50
ACTIVE_THREADS = 50
GROUP = 64
EVENT_OCTETS = 2048 + 138
SLICE = 20_000


def prefill(data: Path, mailboxes: Sequence[bytes], count: int) -> int:
    """Store `count` events more; the last tick."""
    connection = sqlite3.connect(data / engine.FILE_NAME, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-262144")
    tick = int(connection.execute("SELECT coalesce(max(tick), 0) FROM receipts").fetchone()[0])
    group = int(connection.execute("SELECT coalesce(max(group_no), 0) FROM groups").fetchone()[0])
    if not count:
        return tick
    connection.execute("BEGIN")
    rows = [(at + 1, mailbox) for at, mailbox in enumerate(mailboxes)]
    connection.executemany("INSERT INTO mailboxes (mailbox_no, mailbox) VALUES (?, ?)", rows)
    threads = [(at + 1, os.urandom(16), 1) for at in range(count // EVENTS_IN_THREAD + ACTIVE_THREADS)]
    connection.executemany("INSERT INTO threads (thread_no, thread, class_) VALUES (?, ?, ?)", threads)
    for first in range(0, count, SLICE):
        made = list(_events(first, min(SLICE, count - first), tick, threads, len(mailboxes)))
        connection.executemany("INSERT INTO events (tick, thread_no, epoch, intent, raw) VALUES (?, ?, 0, ?, ?)", (
            (at, thread[0], os.urandom(16), os.urandom(EVENT_OCTETS)) for at, thread, _ in made
        ))  # fmt: skip
        connection.executemany(
            "INSERT INTO receipts (tick, kind, scope, seq, id, chain, idx, path, group_no) VALUES (?,1,?,?,?,?,?,?,?)",
            (
                (at, thread[1], 1 + at // ACTIVE_THREADS, os.urandom(32), os.urandom(32), at % GROUP, os.urandom(192),
                 group + 1 + (at - tick) // GROUP)
                for at, thread, _ in made
            ),
        )  # fmt: skip
        items = sorted((box, at) for at, _, pair in made for box in pair)
        connection.executemany("INSERT INTO items (mailbox_no, tick, class_) VALUES (?, ?, 1)", items)
    last = tick + count
    head = GROUP_MAGIC + u16(1) + u64(START)
    groups = [(group + 1 + n, head + secrets.token_bytes(GROUP_SIZE - len(head))) for n in range(count // GROUP + 1)]
    connection.executemany("INSERT INTO groups (group_no, raw) VALUES (?, ?)", groups)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    # Its gigabytes reach the disk now, not under the clock.
    if hasattr(os, "sync"):
        os.sync()
    return last


# --- records ---

COMMIT_OCTETS = 460
WRAP_OCTETS = 1120 + 16 + 34 + 17
DOCUMENT_OCTETS = 6_000  # of a report's card, sealed
COMMON = 1


@dataclass(frozen=True, slots=True)
class Shelf:
    """A record and how many deposited documents it holds."""

    record: bytes
    documents: int


def prefill_records(data: Path, shelves: Sequence[Shelf], depositor: bytes) -> int:
    """Store deposits as the service keeps them, an epoch and an event each, the records' taking turns; how many."""
    connection = sqlite3.connect(data / engine.FILE_NAME, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-262144")
    top = {
        name: int(connection.execute(f"SELECT coalesce(max({name}), 0) FROM {table}").fetchone()[0])
        for name, table in (("tick", "receipts"), ("group_no", "groups"), ("thread_no", "threads"))
    }
    connection.execute("BEGIN")
    boxes = {mailbox: _mailbox_no(connection, mailbox) for mailbox in (depositor, *(one.record for one in shelves))}
    turns = [shelf.record for place in range(max(s.documents for s in shelves)) for shelf in shelves
             if place < shelf.documents]  # fmt: skip
    for first in range(0, len(turns), SLICE):
        _deposits(connection, turns[first : first + SLICE], first, boxes, boxes[depositor], top)
    head = GROUP_MAGIC + u16(1) + u64(START)
    number = 2 * len(turns) // GROUP + 1
    groups = [(top["group_no"] + 1 + at, head + secrets.token_bytes(GROUP_SIZE - len(head))) for at in range(number)]
    connection.executemany("INSERT INTO groups (group_no, raw) VALUES (?, ?)", groups)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    if hasattr(os, "sync"):
        os.sync()
    return len(turns)


def _mailbox_no(connection: sqlite3.Connection, mailbox: bytes) -> int:
    found = connection.execute("SELECT mailbox_no FROM mailboxes WHERE mailbox = ?", (mailbox,)).fetchone()
    if found is not None:
        return int(found[0])
    number = int(connection.execute("SELECT coalesce(max(mailbox_no), 0) + 1 FROM mailboxes").fetchone()[0])
    connection.execute("INSERT INTO mailboxes (mailbox_no, mailbox) VALUES (?, ?)", (number, mailbox))
    return number


def _deposits(
    connection: sqlite3.Connection, records: Sequence[bytes], first: int, boxes: dict[bytes, int], own: int,
    top: dict[str, int],
) -> None:  # fmt: skip
    """A slice: two ticks a document, the commit's and the event's."""
    rows = []
    for at, record in enumerate(records, first):
        rows.append((top["tick"] + 1 + 2 * at, top["thread_no"] + 1 + at, os.urandom(16), boxes[record]))
    put = connection.executemany
    put("INSERT INTO threads (thread_no, thread, class_) VALUES (?, ?, ?)", ((n, t, COMMON) for _, n, t, _ in rows))
    put("INSERT INTO epochs (tick, thread_no, epoch, epoch_id, raw) VALUES (?, ?, 0, ?, ?)",
        ((tick, n, os.urandom(32), os.urandom(COMMIT_OCTETS)) for tick, n, _, _ in rows))  # fmt: skip
    put("INSERT INTO epoch_wraps (tick, mailbox_no, wrap, path) VALUES (?, ?, ?, ?)",
        sorted(one for tick, _, _, box in rows
               for one in ((tick, own, b"", b""), (tick, box, os.urandom(WRAP_OCTETS), os.urandom(32)))))  # fmt: skip
    put("INSERT INTO events (tick, thread_no, epoch, intent, raw) VALUES (?, ?, 0, ?, ?)",
        ((tick + 1, n, os.urandom(16), os.urandom(DOCUMENT_OCTETS)) for tick, n, _, _ in rows))  # fmt: skip
    put("INSERT INTO receipts (tick, kind, scope, seq, id, chain, idx, path, group_no) VALUES (?,?,?,?,?,?,?,?,?)",
        ((tick + kind, (2, 1)[kind], thread, 1 + kind, os.urandom(32), os.urandom(32), (tick + kind) % GROUP,
          os.urandom(192), top["group_no"] + 1 + (tick + kind - top["tick"]) // GROUP)
         for tick, _, thread, _ in rows for kind in (0, 1)))  # fmt: skip
    put("INSERT INTO items (mailbox_no, tick, class_) VALUES (?, ?, ?)",
        sorted((box, tick + kind, COMMON) for tick, _, _, box in rows for kind in (0, 1)))  # fmt: skip


def _events(first: int, count: int, tick: int, threads: Sequence[Any], boxes: int) -> Iterator[tuple[int, Any, Any]]:
    """(tick, thread row, the two mailbox numbers): fifty exchanges at a time, each of one pair."""
    for at in range(first, first + count):
        wave, place = divmod(at, EVENTS_IN_THREAD * ACTIVE_THREADS)
        thread = wave * ACTIVE_THREADS + place % ACTIVE_THREADS
        pair = thread % (boxes // 2)
        yield tick + 1 + at, threads[thread % len(threads)], (2 * pair + 1, 2 * pair + 2)
