"""The outbox: what was to be sent, sealed, under an intent that never changes (CP1-5.5). Emptied by receipts only."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from messaging.profile import tables
from messaging.profile.store import Profile

# Made once: of a small statement, making it is most of the work.
_PLACE = select(tables.outbox.c.position).where(tables.outbox.c.intent == bindparam("intent")).scalar_subquery()
_BEHIND = select(func.coalesce(func.max(tables.outbox.c.position), 0) + 1).scalar_subquery()
_PUT = (
    insert(tables.outbox)
    .prefix_with("OR REPLACE")
    .values(intent=bindparam("intent"), position=func.coalesce(_PLACE, _BEHIND), sealed=bindparam("sealed"))
)
_REMOVE = delete(tables.outbox).where(tables.outbox.c.intent == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One intention. `thread` is fixed from the start, also for a thread that does not exist yet: `to` then names the
    addresses it opens with, `accounts` those that have none, and `waiting_for` a colleague's RPPS who has not enrolled.
    `failure` is the id of a refusal that only its author can mend; it is kept, and not tried again by itself."""

    intent: bytes
    thread: bytes
    class_: int
    acting_for: bytes
    type: int
    body: bytes = field(repr=False)
    to: tuple[str, ...] = ()
    waiting_for: str = ""
    uploads: tuple[str, ...] = ()
    failure: str = ""
    accounts: tuple[bytes, ...] = ()


def _place(intent: bytes) -> str:
    return f"outbox/{intent.hex()}"


def _encode(outgoing: Outgoing) -> bytes:
    return json.dumps(
        {
            "thread": outgoing.thread.hex(),
            "class": outgoing.class_,
            "acting_for": outgoing.acting_for.hex(),
            "type": outgoing.type,
            "body": base64.b64encode(outgoing.body).decode(),
            "to": outgoing.to,
            "waiting_for": outgoing.waiting_for,
            "uploads": outgoing.uploads,
            "failure": outgoing.failure,
            "accounts": [account.hex() for account in outgoing.accounts],
        }
    ).encode()


def _decode(intent: bytes, raw: bytes) -> Outgoing:
    plain = json.loads(raw)
    return Outgoing(
        intent,
        bytes.fromhex(plain["thread"]),
        plain["class"],
        bytes.fromhex(plain["acting_for"]),
        plain["type"],
        base64.b64decode(plain["body"]),
        tuple(plain["to"]),
        plain["waiting_for"],
        tuple(plain["uploads"]),
        plain["failure"],
        tuple(bytes.fromhex(account) for account in plain.get("accounts", ())),
    )


def put(profile: Profile, connection: Connection, outgoing: Outgoing) -> None:
    """Add at the end, or replace what has the same intent where it is."""
    sealed = profile.seal(_place(outgoing.intent), _encode(outgoing))
    connection.execute(_PUT, {"intent": outgoing.intent, "sealed": sealed})


def waiting(profile: Profile, connection: Connection) -> list[Outgoing]:
    """Everything not yet receipted, in the order it was written."""
    rows = connection.execute(select(tables.outbox).order_by(tables.outbox.c.position))
    return [_decode(row.intent, profile.open_sealed(_place(row.intent), row.sealed)) for row in rows]


def remove(connection: Connection, intent: bytes) -> None:
    connection.execute(_REMOVE, {"of": intent})
