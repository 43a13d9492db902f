"""The tables of messaging in `service.db`: threads, epochs, events, feeds, blobs, notices.

Small integers stand for 16-octet ids in everything that grows. Event and epoch are keyed by their tick; a feed row
is (mailbox, tick) in a clustered table, appended at one place per mailbox; the only other index that grows with
events is (thread, intent), which keeps the octets of one exchange together. An event's id is in its receipt.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, column, table, text

metadata = MetaData()


def _key(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _octets(name: str, size: int | None = None) -> Column[bytes]:
    return Column(name, LargeBinary(size), nullable=False)


mailboxes = Table(
    "mailboxes",
    metadata,
    _key("mailbox_no"),
    _octets("mailbox", 16),
    Index("mailboxes_mailbox", "mailbox", unique=True),
)

threads = Table(
    "threads",
    metadata,
    _key("thread_no"),
    _octets("thread", 16),
    _number("class_"),
    Index("threads_thread", "thread", unique=True),
)

epochs = Table(
    "epochs",
    metadata,
    _key("tick"),
    _number("thread_no"),
    _number("epoch"),
    _octets("epoch_id", 32),
    _octets("raw"),
    Index("epochs_thread", "thread_no", "epoch", unique=True),
)

# One row per member, empty for a wrapless one: also the membership of the epoch.
epoch_wraps = Table(
    "epoch_wraps",
    metadata,
    _key("tick"),
    _key("mailbox_no"),
    _octets("wrap"),
    _octets("path"),
    Index("epoch_wraps_mailbox", "mailbox_no"),
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    _key("tick"),
    _number("thread_no"),
    _number("epoch"),
    _octets("intent", 16),
    _octets("raw"),
    Index("events_intent", "thread_no", "intent", unique=True),
)

items = Table(
    "items",
    metadata,
    _key("mailbox_no"),
    _key("tick"),
    _number("class_"),
    sqlite_with_rowid=False,
)

blobs = Table(
    "blobs",
    metadata,
    _key("blob_no"),
    _octets("blob", 16),
    _octets("account", 16),
    _number("chunks"),
    _number("size"),
    _octets("root", 32),
    _octets("token_hash", 32),
    _number("complete"),
    Index("blobs_blob", "blob", unique=True),
)

blob_chunks = Table(
    "blob_chunks",
    metadata,
    _key("blob_no"),
    _key("idx"),
    _octets("leaf", 32),
    sqlite_with_rowid=False,
)

accesses = Table(
    "accesses",
    metadata,
    _key("tick"),
    _octets("id", 32),
    _octets("record", 16),
    _octets("mailbox", 16),
    _octets("account", 16),
    _octets("device", 16),
    _octets("thread", 16),
    _number("classes"),
    _number("received"),
    _octets("raw"),
    Index("accesses_id", "id", unique=True),
    Index("accesses_device", "device", "received"),
    Index("accesses_record", "record"),
)

notice_preferences = Table(
    "notice_preferences",
    metadata,
    Column("mailbox", LargeBinary(16), primary_key=True),
    Column("email", String, nullable=False),
    Column("language", String, nullable=False),
    Column("every", String, nullable=False, server_default="now"),
    Column("quiet", String, nullable=False, server_default=""),
    Column("quiet_days", String, nullable=False, server_default=""),
    Column("zone", String, nullable=False, server_default="UTC"),
    sqlite_with_rowid=False,
)

# At most one notice a mailbox, from the item that causes it until its reader has passed that item.
notices = Table(
    "notices",
    metadata,
    Column("mailbox", LargeBinary(16), primary_key=True),
    _number("tick"),
    Column("kind", String, nullable=False),
    _number("due"),
    _number("attempts"),
    _number("settled"),  # 1 once sent or given up; the row stays until the reader passes
    Column("thread", LargeBinary(16), nullable=False, server_default=text("x''")),  # empty: more than one
    Column("token", LargeBinary(16), nullable=False, server_default=text("x''")),  # empty: not tried yet
    sqlite_with_rowid=False,
)

# The return address of each mail that was handed over: what comes back names its token.
notice_tokens = Table(
    "notice_tokens",
    metadata,
    Column("token", LargeBinary(16), primary_key=True),
    _octets("mailbox", 16),
    _number("sent"),
    Index("notice_tokens_mailbox", "mailbox"),
    sqlite_with_rowid=False,
)

notice_bounces = Table(
    "notice_bounces",
    metadata,
    Column("mailbox", LargeBinary(16), primary_key=True),
    _number("failures"),
    Column("status", String, nullable=False),
    _number("time"),
    sqlite_with_rowid=False,
)

# The writer's tables, as far as a reader needs them (confrere/database/tables.py defines them).
receipts = table(
    "receipts",
    *(column(name) for name in ("tick", "kind", "scope", "seq", "id", "chain", "idx", "path", "group_no")),
)
groups = table("groups", column("group_no"), column("raw"))
