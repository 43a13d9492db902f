"""Uploads that are not complete: what the service must be told of each spooled blob, sealed."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from messaging.profile import tables
from messaging.profile.store import Profile


def _place(blob: bytes) -> str:
    return f"upload/{blob.hex()}"


def put(profile: Profile, connection: Connection, blob: bytes, plain: bytes) -> None:
    connection.execute(insert(tables.uploads).values(blob=blob, sealed=profile.seal(_place(blob), plain)))


def get(profile: Profile, connection: Connection, blob: bytes) -> bytes | None:
    sealed = connection.execute(
        select(tables.uploads.c.sealed).where(tables.uploads.c.blob == blob)
    ).scalar_one_or_none()
    return None if sealed is None else profile.open_sealed(_place(blob), sealed)


def remove(connection: Connection, blob: bytes) -> None:
    connection.execute(delete(tables.uploads).where(tables.uploads.c.blob == blob))
