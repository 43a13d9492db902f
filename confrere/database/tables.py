"""Receipts and their groups: the tables of the writer itself, read by both houses' stores.

A receipt is never changed. `path` is the concatenation of its audit path's nodes. The index on `scope` carries the
tick as SQLite's row number, so it also answers "after this tick" and "the last of this scope".
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table

metadata = MetaData()

groups = Table(
    "groups",
    metadata,
    Column("group_no", Integer, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("tick", Integer, primary_key=True, autoincrement=False),
    Column("kind", Integer, nullable=False),
    Column("scope", LargeBinary(16), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("id", LargeBinary(32), nullable=False),
    Column("chain", LargeBinary(32), nullable=False),
    Column("idx", Integer, nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("group_no", Integer, nullable=False),
    Index("receipts_scope", "scope"),
)
