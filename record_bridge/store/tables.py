"""The bridge's tables in `PROFILE/profile.db` (docs/spec/filing.md FI-7): ids and states in clear, the rest sealed.

Columns named `sealed_*` are the vault's octets. A reason is the id of words; a proof is a receipt's and names ids only.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

filings = Table(
    "filings",
    metadata,
    Column("filing", LargeBinary, primary_key=True),
    Column("thread", LargeBinary, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("sealed_request", LargeBinary, nullable=False),
    Column("sealed_identity", LargeBinary),
    Column("updated", BigInteger, nullable=False),
    Index("filings_state", "state", "updated"),
)

documents = Table(
    "filing_documents",
    metadata,
    Column("filing", LargeBinary, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("sealed_prepared", LargeBinary, nullable=False),
    Column("record_thread", LargeBinary, nullable=False, unique=True),
    Column("event", LargeBinary),
    Column("proof", LargeBinary),
    Column("told", Boolean, nullable=False),
    Column("updated", BigInteger, nullable=False),
    ForeignKeyConstraint(["filing"], ["filings.filing"]),
    Index("filing_documents_state", "state", "updated"),
    Index("filing_documents_told", "told"),
)
