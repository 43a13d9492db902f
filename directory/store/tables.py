"""The directory's tables in `service.db` (SQLAlchemy Core). Shapes only; Alembic in `confrere/database` creates them.

Account entries are the truth; every other table of accounts is what the service needs to answer without folding:
who may read (openings), which address and RPPS lead to whom, which keys were ever seen. Times are ms UTC.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

metadata = MetaData()


def _octets(name: str, *, primary_key: bool = False, unique: bool | None = None) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False, primary_key=primary_key, unique=unique)


account = Table(
    "account",
    metadata,
    _octets("account", primary_key=True),
    Column("kind", Integer, nullable=False),
    _octets("manager"),  # zeros for persons and services
    sqlite_with_rowid=False,
)

account_entry = Table(
    "account_entry",
    metadata,
    _octets("account", primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("tick", BigInteger, nullable=False, unique=True),
    Column("received", BigInteger, nullable=False),  # time of its receipt's group
    _octets("hash", unique=True),
    _octets("raw"),
)

# A device id belongs to one account, whoever asks: a recovery sheet knows its device only.
device = Table(
    "device",
    metadata,
    _octets("device", primary_key=True),
    _octets("account"),
    sqlite_with_rowid=False,
)

# What an entry's `wraps_root` commits to. `position` of `size` leaves and `path` prove a wrap against that root.
account_wrap = Table(
    "account_wrap",
    metadata,
    Column("id", Integer, primary_key=True),
    _octets("owner"),
    Column("seq", BigInteger, nullable=False),  # the entry that committed to it
    _octets("recipient"),
    _octets("device"),
    Column("class", Integer, nullable=False),
    Column("g", Integer, nullable=False),
    Column("recipient_generation", Integer, nullable=False),
    _octets("sealed"),
    Column("position", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    _octets("path"),
)

# The service's access list: grants opened (CP1-3.8). The blind and payload are what the holders' openings say.
grant_opening = Table(
    "grant_opening",
    metadata,
    _octets("entry_hash", primary_key=True),
    _octets("mailbox"),
    _octets("principal"),
    Column("principal_kind", Integer, nullable=False),
    _octets("blind"),
    _octets("payload"),
    _octets("sealed_opening"),
)

# What consents say, sealed to a record's class 0: the service has no opening of them (CP1-3.16).
consent_opening = Table(
    "consent_opening",
    metadata,
    _octets("entry_hash", primary_key=True),
    _octets("record"),
    _octets("series"),
    Column("seq", BigInteger, nullable=False),
    _octets("sealed_opening"),
)

bind_evidence = Table(
    "bind_evidence",
    metadata,
    _octets("account", primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _octets("evidence"),
)

# Every key that any entry ever showed, as its SHA-256: a key serves once (CP1-3.4).
key_seen = Table("key_seen", metadata, _octets("hash", primary_key=True), sqlite_with_rowid=False)

address = Table(
    "address",
    metadata,
    Column("address", Text, primary_key=True),
    _octets("mailbox", unique=True),
    _octets("person"),
    Column("kind", Integer, nullable=False),  # bind.InviteeKind
    Column("identifier", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("profession", Text, nullable=False),
)

rpps = Table(
    "rpps",
    metadata,
    Column("rpps", Text, primary_key=True),
    Column("person", LargeBinary, nullable=False, unique=True),
    Column("address", Text, ForeignKey("address.address"), nullable=False),
)

# A live invitation is one neither used nor replaced; two of them never promise one address.
invitation = Table(
    "invitation",
    metadata,
    _octets("code_pk", primary_key=True),
    _octets("certificate"),
    Column("kind", Integer, nullable=False),
    Column("identifier", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("replaced", Integer, nullable=False, server_default="0"),
    Column("used_by", LargeBinary),
    Column("used_submission_hash", LargeBinary),
)

# A colleague asked that somebody be invited: one row per professional, the latest request, and when it was last
# announced by e-mail (0: never).
invitation_request = Table(
    "invitation_request",
    metadata,
    Column("rpps", Text, primary_key=True),
    _octets("requested_by"),
    Column("requested", BigInteger, nullable=False),
    Column("announced", BigInteger, nullable=False),
)

_LIVE = text("used_by IS NULL AND replaced = 0 AND address <> ''")

Index("account_manager", account.c.manager)
Index("account_wrap_recipient", account_wrap.c.owner, account_wrap.c.recipient)
Index("account_wrap_generation", account_wrap.c.owner, account_wrap.c["class"], account_wrap.c.g)
Index("grant_opening_principal", grant_opening.c.principal)
Index("grant_opening_mailbox", grant_opening.c.mailbox)
Index("invitation_address", invitation.c.address, unique=True, sqlite_where=_LIVE)
Index("consent_opening_record", consent_opening.c.record, consent_opening.c.seq)
Index("invitation_used_by", invitation.c.used_by)
Index("invitation_identifier", invitation.c.kind, invitation.c.identifier)
