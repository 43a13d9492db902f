"""Every table of both houses and of the writer, as their modules have them, but for what a later revision changes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

from confrere.database import tables as writer_tables
from directory.store import tables as directory_tables
from messaging.store import tables as messaging_tables

revision = "0001"
down_revision = None

METADATA = (writer_tables.metadata, directory_tables.metadata, messaging_tables.metadata)
LATER = frozenset({"notice_preferences", "notices", "notice_tokens", "notice_bounces"})

# As they were when this was the newest revision.
FORMER = MetaData()
Table(
    "notice_preferences",
    FORMER,
    Column("mailbox", LargeBinary(16), primary_key=True),
    Column("email", String, nullable=False),
    Column("language", String, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "notices",
    FORMER,
    Column("mailbox", LargeBinary(16), primary_key=True),
    Column("tick", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("due", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
    sqlite_with_rowid=False,
)


def upgrade() -> None:
    FORMER.create_all(op.get_bind())
    for metadata in METADATA:
        metadata.create_all(op.get_bind(), [table for table in metadata.sorted_tables if table.name not in LATER])
