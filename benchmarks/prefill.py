"""A data folder that has been used: right-shaped stored events in bulk, spread as exchanges are.

Fifty events an exchange, two feeds an event, receipts in groups of 64; octets are random, signatures are not made.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
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


def _events(first: int, count: int, tick: int, threads: Sequence[Any], boxes: int) -> Iterator[tuple[int, Any, Any]]:
    """(tick, thread row, the two mailbox numbers): fifty exchanges at a time, each of one pair."""
    for at in range(first, first + count):
        wave, place = divmod(at, EVENTS_IN_THREAD * ACTIVE_THREADS)
        thread = wave * ACTIVE_THREADS + place % ACTIVE_THREADS
        pair = thread % (boxes // 2)
        yield tick + 1 + at, threads[thread % len(threads)], (2 * pair + 1, 2 * pair + 2)
