"""Documents of filings, from being prepared to being told (docs/spec/filing.md FI-7).

The octets of a submission are kept before they leave, and go again as they were after a crash. A state moves by
compare-and-set, inside the caller's one transaction (`Profile.run`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from messaging.profile.store import Profile
from record_bridge.errors import RecordError
from record_bridge.filing.states import Act, State, step
from record_bridge.store import tables

_TABLE = tables.documents


@dataclass(frozen=True, slots=True)
class Document:
    """`prepared` are the very octets that go to the record, each time that they go. `told`: the exchange has been told
    of this state. `event` and `proof` are what the record's service answered."""

    filing: bytes
    n: int
    state: State
    reason: str
    prepared: bytes
    record_thread: bytes
    event: bytes | None
    proof: bytes | None
    told: bool
    updated: int


def put(
    profile: Profile, connection: Connection, *, filing: bytes, n: int, prepared: bytes, record_thread: bytes, now: int
) -> Document:
    """Keep what is to be sent before it is. While nothing has left, it may be prepared anew; afterwards what was kept
    goes again, whatever is offered: gives the document as it stands."""
    held = find(profile, connection, filing, n)
    sealed = profile.seal(_place(filing, n), prepared)
    if held is None:
        connection.execute(
            insert(_TABLE).values(
                filing=filing,
                n=n,
                state=step(None, Act.TAKE).value,
                reason="",
                sealed_prepared=sealed,
                record_thread=record_thread,
                told=False,
                updated=now,
            )
        )
    elif held.state in (State.QUEUED, State.WAITING_IDENTITY):
        connection.execute(
            update(_TABLE).where(*_is(filing, n)).values(sealed_prepared=sealed, updated=now)
        )
    return get(profile, connection, filing, n)


def find(profile: Profile, connection: Connection, filing: bytes, n: int) -> Document | None:
    row = connection.execute(select(_TABLE).where(*_is(filing, n))).one_or_none()
    return None if row is None else _read(profile, row)


def get(profile: Profile, connection: Connection, filing: bytes, n: int) -> Document:
    """Raises RecordError("filing-unknown")."""
    found = find(profile, connection, filing, n)
    if found is None:
        raise RecordError("filing-unknown")
    return found


def of_filing(profile: Profile, connection: Connection, filing: bytes) -> list[Document]:
    rows = connection.execute(
        select(_TABLE).where(_TABLE.c.filing == filing).order_by(_TABLE.c.n)
    )
    return [_read(profile, row) for row in rows]


def advance(
    connection: Connection,
    filing: bytes,
    n: int,
    before: State,
    act: Act,
    now: int,
    *,
    reason: str = "",
    event: bytes | None = None,
    proof: bytes | None = None,
) -> State:
    """Move a document that still is where the caller saw it; its new state is yet to be told. `event` and `proof` are
    kept once they are known. Gives the new state.

    Raises RecordError: filing-illegal-transition (also when it has moved on), filing-unknown.
    """
    after = step(before, act)
    values: dict[str, object] = {"state": after.value, "reason": reason, "told": False, "updated": now}
    values |= {name: value for name, value in (("event", event), ("proof", proof)) if value is not None}
    changed = connection.execute(
        update(_TABLE).where(*_is(filing, n), _TABLE.c.state == before.value).values(values)
    )
    if changed.rowcount == 0:
        now_in = connection.execute(select(_TABLE.c.state).where(*_is(filing, n))).scalar_one_or_none()
        if now_in is None:
            raise RecordError("filing-unknown")
        raise RecordError("filing-illegal-transition", act=act.value, state=now_in)
    return after


def due(
    profile: Profile, connection: Connection, states: Collection[State], limit: int = 256
) -> list[Document]:
    """Documents in these states, the longest untouched first."""
    rows = connection.execute(
        select(_TABLE)
        .where(_TABLE.c.state.in_([state.value for state in states]))
        .order_by(_TABLE.c.updated, _TABLE.c.filing, _TABLE.c.n)
        .limit(limit)
    )
    return [_read(profile, row) for row in rows]


def untold(profile: Profile, connection: Connection, states: Collection[State], limit: int = 256) -> list[Document]:
    """Documents in these states of which the exchange has not been told."""
    rows = connection.execute(
        select(_TABLE)
        .where(_TABLE.c.told.is_(False), _TABLE.c.state.in_([state.value for state in states]))
        .order_by(_TABLE.c.updated, _TABLE.c.filing, _TABLE.c.n)
        .limit(limit)
    )
    return [_read(profile, row) for row in rows]


def tell(connection: Connection, filing: bytes, n: int, state: State) -> bool:
    """Mark that the exchange has been told of `state`; False when the document has moved on since."""
    changed = connection.execute(
        update(_TABLE)
        .where(*_is(filing, n), _TABLE.c.state == state.value)
        .values(told=True)
    )
    return changed.rowcount == 1


def _is(filing: bytes, n: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _TABLE.c.filing == filing, _TABLE.c.n == n


def _place(filing: bytes, n: int) -> str:
    return f"documents/prepared/{filing.hex()}/{n}"


def _read(profile: Profile, row: Row[tuple[object, ...]]) -> Document:
    return Document(
        row.filing,
        row.n,
        State(row.state),
        row.reason,
        profile.open_sealed(_place(row.filing, row.n), row.sealed_prepared),
        row.record_thread,
        row.event,
        row.proof,
        row.told,
        row.updated,
    )
