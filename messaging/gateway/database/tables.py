"""The tables of `PROFILE/mail.db` as they are now. Columns named `sealed` are the vault's octets; `key`, `name`, `own`
and `alias` are ids that are random or hashed under a key of this file; numbers are in clear. How a file of an older
version comes to this shape is in `migrations`."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table

metadata = MetaData()

# What must never go back: the next id of a message, the last UIDVALIDITY. `sealed` is the key of the hashed names.
counters = Table(
    "counters",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("next_message", Integer, nullable=False),
    Column("uid_validity", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

folders = Table(
    "folders",
    metadata,
    Column("uid_validity", Integer, primary_key=True),  # what other tables call `folder`
    Column("sealed", LargeBinary, nullable=False),  # role and name
    Column("subscribed", Integer, nullable=False),
    Column("uid_next", Integer, nullable=False),
    Column("highest_modseq", Integer, nullable=False),
)

# A message in three tables, so that a look at ten thousand headers reads no page of a body.
descriptions = Table(
    "descriptions",
    metadata,
    Column("message", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
texts = Table(
    "texts",
    metadata,
    Column("message", Integer, ForeignKey("descriptions.message", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
octets = Table(
    "octets",
    metadata,
    Column("message", Integer, ForeignKey("descriptions.message", ondelete="CASCADE"), primary_key=True),
    Column("part", Integer, primary_key=True),  # from 0
    Column("sealed", LargeBinary, nullable=False),
)

placements = Table(
    "placements",
    metadata,
    Column("folder", Integer, primary_key=True),
    Column("uid", Integer, primary_key=True),
    Column("message", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("internal", Integer, nullable=False),  # ms UTC
    Column("modseq", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # flags, bound to the row's other columns but `modseq`
    Index("placements_by_message", "message"),
    sqlite_with_rowid=False,
)

expunged = Table(
    "expunged",
    metadata,
    Column("folder", Integer, primary_key=True),
    Column("uid", Integer, primary_key=True),
    Column("modseq", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Which events were delivered, for ever: the message may have gone since.
deliveries = Table(
    "deliveries",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("message", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# What was submitted a moment ago, until a client has put its copy into Sent.
submitted = Table(
    "submitted",
    metadata,
    Column("message", Integer, primary_key=True),
    Column("own", LargeBinary, nullable=False),
    Column("alias", LargeBinary, nullable=False),
    Column("at", Integer, nullable=False),  # ms UTC
)

notes = Table(
    "notes",
    metadata,
    Column("name", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Since version 2: who may log in.
lock = Table(
    "lock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("memory", Integer, nullable=False),
    Column("passes", Integer, nullable=False),
    Column("sealed_root", LargeBinary, nullable=False),
)
roll = Table(
    "app_passwords",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
logins = Table(
    "logins",
    metadata,
    Column("password", Integer, primary_key=True),
    Column("at", Integer, nullable=False),  # ms UTC
)

# Since version 3: what many messages have of one kind, written together. All of it can be made again from the tables
# above, and a message that goes takes its pages with it.
pages = Table(
    "pages",
    metadata,
    Column("page", Integer, primary_key=True),  # ids of messages, divided
    Column("kind", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
