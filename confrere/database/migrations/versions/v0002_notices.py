"""Notices with times of their owner's choosing, their thread, and the return address of each mail."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, LargeBinary, String, text

revision = "0002"
down_revision = "0001"

_CHOSEN = (("every", "now"), ("quiet", ""), ("quiet_days", ""), ("zone", "UTC"))


def upgrade() -> None:
    for name, default in _CHOSEN:
        op.add_column("notice_preferences", Column(name, String, nullable=False, server_default=default))
    for name in ("thread", "token"):
        op.add_column("notices", Column(name, LargeBinary(16), nullable=False, server_default=text("x''")))
    op.create_table(
        "notice_tokens",
        Column("token", LargeBinary(16), primary_key=True),
        Column("mailbox", LargeBinary(16), nullable=False),
        Column("sent", Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("notice_tokens_mailbox", "notice_tokens", ["mailbox"])
    op.create_table(
        "notice_bounces",
        Column("mailbox", LargeBinary(16), primary_key=True),
        Column("failures", Integer, nullable=False),
        Column("status", String, nullable=False),
        Column("time", Integer, nullable=False),
        sqlite_with_rowid=False,
    )
