"""Every table of both houses and of the writer. Until a release has shipped, it follows the tables' modules."""

from __future__ import annotations

from alembic import op

from confrere.database import tables as writer_tables
from directory.store import tables as directory_tables
from messaging.store import tables as messaging_tables

revision = "0001"
down_revision = None

METADATA = (writer_tables.metadata, directory_tables.metadata, messaging_tables.metadata)


def upgrade() -> None:
    for metadata in METADATA:
        metadata.create_all(op.get_bind())
