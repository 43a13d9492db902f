"""The bridge's durable queue of filings (docs/spec/filing.md FI-7); their documents stand in `store.documents`.

Every function works inside the caller's one transaction (`Profile.run`), so that a state and what it stands for are on
disk together. A state moves by compare-and-set: two workers, or one that was killed and came back, never both do an
act. Whoever acts first writes the state that says so: `submit` before the octets leave, `accept` with the receipt.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, insert, select, update

from messaging.profile.store import Profile
from record_bridge.errors import RecordError
from record_bridge.filing.states import Act, State, step
from record_bridge.store import tables

_TABLE = tables.filings


@dataclass(frozen=True, slots=True)
class Filing:
    """`thread` is the exchange's, `seq` the request's place in the filing thread. `request` and `identity` are octets
    that this store does not look into; `identity` is empty until one came after the request. `updated` is ms UTC."""

    filing: bytes
    thread: bytes
    seq: int
    state: State
    reason: str
    request: bytes
    identity: bytes
    updated: int


def open_tables(connection: Connection) -> None:
    """Make what is missing; once per start."""
    tables.metadata.create_all(connection)


def put(
    profile: Profile, connection: Connection, *, filing: bytes, thread: bytes, seq: int, request: bytes, now: int
) -> Filing:
    """Take a request, once: the same again gives the filing as it stands. Raises RecordError("filing-id-used")."""
    held = find(profile, connection, filing)
    if held is not None:
        if (held.thread, held.request) != (thread, request):
            raise RecordError("filing-id-used")
        return held
    connection.execute(
        insert(_TABLE).values(
            filing=filing,
            thread=thread,
            seq=seq,
            state=step(None, Act.TAKE).value,
            reason="",
            sealed_request=profile.seal(_place("request", filing), request),
            updated=now,
        )
    )
    return get(profile, connection, filing)


def find(profile: Profile, connection: Connection, filing: bytes) -> Filing | None:
    row = connection.execute(select(_TABLE).where(_TABLE.c.filing == filing)).one_or_none()
    return None if row is None else _read(profile, row)


def get(profile: Profile, connection: Connection, filing: bytes) -> Filing:
    """Raises RecordError("filing-unknown")."""
    found = find(profile, connection, filing)
    if found is None:
        raise RecordError("filing-unknown")
    return found


def keep_identity(profile: Profile, connection: Connection, filing: bytes, identity: bytes, now: int) -> None:
    """An identity that came after the request; the newest replaces. Raises RecordError("filing-unknown")."""
    sealed = profile.seal(_place("identity", filing), identity)
    known = _TABLE.c.filing == filing
    changed = connection.execute(update(_TABLE).where(known).values(sealed_identity=sealed, updated=now))
    if changed.rowcount == 0:
        raise RecordError("filing-unknown")


def advance(connection: Connection, filing: bytes, before: State, act: Act, now: int, reason: str = "") -> State:
    """Move a filing that still is where the caller saw it. Gives the new state.

    Raises RecordError: filing-illegal-transition (also when it has moved on), filing-unknown.
    """
    after = step(before, act)
    here = _TABLE.c.filing == filing
    changed = connection.execute(
        update(_TABLE)
        .where(here, _TABLE.c.state == before.value)
        .values(state=after.value, reason=reason, updated=now)
    )
    if changed.rowcount == 0:
        now_in = connection.execute(select(_TABLE.c.state).where(here)).scalar_one_or_none()
        if now_in is None:
            raise RecordError("filing-unknown")
        raise RecordError("filing-illegal-transition", act=act.value, state=now_in)
    return after


def due(profile: Profile, connection: Connection, states: Collection[State], limit: int = 256) -> list[Filing]:
    """Filings in these states, the longest untouched first."""
    rows = connection.execute(
        select(_TABLE)
        .where(_TABLE.c.state.in_([state.value for state in states]))
        .order_by(_TABLE.c.updated, _TABLE.c.filing)
        .limit(limit)
    )
    return [_read(profile, row) for row in rows]


def postpone(connection: Connection, filing: bytes, now: int) -> None:
    """Behind all others: what cannot be done now keeps nobody waiting."""
    connection.execute(update(_TABLE).where(_TABLE.c.filing == filing).values(updated=now))


def of_thread(profile: Profile, connection: Connection, thread: bytes) -> list[Filing]:
    """Everything that was asked of an exchange: what a retraction there may concern."""
    rows = connection.execute(select(_TABLE).where(_TABLE.c.thread == thread))
    return [_read(profile, row) for row in rows]


def counts(connection: Connection) -> Mapping[State, int]:
    """How many documents are in each state, and filings that have none yet in theirs: what an operator sees."""
    found = dict.fromkeys(State, 0)
    without = _TABLE.c.filing.not_in(select(tables.documents.c.filing))
    for table, where in ((tables.documents, None), (_TABLE, without)):
        query = select(table.c.state, func.count()).group_by(table.c.state)
        for state, number in connection.execute(query if where is None else query.where(where)):
            found[State(state)] += number
    return found


def _place(column: str, filing: bytes) -> str:
    return f"filings/{column}/{filing.hex()}"


def _read(profile: Profile, row: Row[tuple[object, ...]]) -> Filing:
    identity = row.sealed_identity
    return Filing(
        row.filing,
        row.thread,
        row.seq,
        State(row.state),
        row.reason,
        profile.open_sealed(_place("request", row.filing), row.sealed_request),
        b"" if identity is None else profile.open_sealed(_place("identity", row.filing), identity),
        row.updated,
    )
