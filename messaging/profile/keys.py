"""Account logs and AEK seeds as a profile keeps them: logs with their proofs in clear, seeds sealed."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from messaging.profile import tables
from messaging.profile.store import Profile


def log_of(connection: Connection, account: bytes) -> list[tuple[bytes, bytes]]:
    """(entry, receipt proof) in order."""
    rows = connection.execute(
        select(tables.entries.c.raw, tables.entries.c.proof)
        .where(tables.entries.c.account == account)
        .order_by(tables.entries.c.seq)
    )
    return [(row.raw, row.proof) for row in rows]


def add_entry(connection: Connection, account: bytes, seq: int, raw: bytes, proof: bytes) -> None:
    connection.execute(
        insert(tables.entries)
        .prefix_with("OR IGNORE")
        .values(account=account, seq=seq, raw=raw, proof=proof)
    )


def _place(owner: bytes, class_: int, g: int) -> str:
    return f"seed/{owner.hex()}/{class_}/{g}"


def save_seed(profile: Profile, connection: Connection, owner: bytes, class_: int, g: int, seed: bytes) -> None:
    connection.execute(
        insert(tables.seeds)
        .prefix_with("OR REPLACE")
        .values(owner=owner, class_=class_, g=g, sealed=profile.seal(_place(owner, class_, g), seed))
    )


def seeds(profile: Profile, connection: Connection) -> dict[tuple[bytes, int, int], bytes]:
    """Every AEK seed this profile holds, by (owner, class, generation)."""
    return {
        (row.owner, row.class_, row.g): profile.open_sealed(_place(row.owner, row.class_, row.g), row.sealed)
        for row in connection.execute(select(tables.seeds))
    }
