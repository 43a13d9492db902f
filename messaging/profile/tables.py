"""The tables of `PROFILE/profile.db`: an endpoint's whole state. Columns named `sealed` are the vault's octets; the
others are public (logs, proofs, ciphertext as received) or random ids."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()

lock = Table(
    "lock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schema", Integer, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("memory", BigInteger, nullable=False),
    Column("passes", Integer, nullable=False),
    Column("sealed_root", LargeBinary, nullable=False),
)

values = Table(
    "kept_values",
    metadata,
    Column("name", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

entries = Table(
    "account_entries",
    metadata,
    Column("account", LargeBinary, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
)

seeds = Table(
    "aek_seeds",
    metadata,
    Column("owner", LargeBinary, primary_key=True),
    Column("class", Integer, primary_key=True, key="class_"),
    Column("g", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

threads = Table(
    "threads",
    metadata,
    Column("thread", LargeBinary, primary_key=True),
    Column("mailbox", LargeBinary, nullable=False),
    Column("class", Integer, nullable=False, key="class_"),
    Column("sealed_order", LargeBinary, nullable=False),
    Column("shown_seq", Integer, nullable=False),
    Column("read_seq", Integer, nullable=False),
    Column("delivered_seq", Integer, nullable=False),
)

epochs = Table(
    "epochs",
    metadata,
    Column("thread", LargeBinary, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("tick", BigInteger, nullable=False),
    Column("sealed_tes", LargeBinary),
)

events = Table(
    "events",
    metadata,
    Column("thread", LargeBinary, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", LargeBinary, nullable=False),
    Column("tick", BigInteger, nullable=False),
    Column("author", LargeBinary),
    Column("device", LargeBinary),
    Column("intent", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("failure", String, nullable=False),
    Column("notices", String, nullable=False),
    Index("events_intent", "thread", "intent"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("mailbox", LargeBinary, primary_key=True),
    Column("cursor", BigInteger, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("intent", LargeBinary, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Index("outbox_by_position", "position"),  # of a thousand mails that wait, the last one's place is not looked for
)

uploads = Table(
    "uploads",
    metadata,
    Column("blob", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("mailbox", LargeBinary, primary_key=True),
    Column("tick", BigInteger, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
    Column("proof", LargeBinary, nullable=False),
    Column("failure", String, nullable=False),
)
