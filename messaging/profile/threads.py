"""Threads, epochs and events as a profile keeps them: received octets and proofs, the verdict, and sealed secrets."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from directory.transparency.receipt import Receipt, parse_proof
from messaging.profile import tables
from messaging.profile.store import Profile
from messaging.protocol.continuity import Last, Notice, ThreadOrder
from messaging.wire import epoch
from messaging.wire.epoch import EpochCommit

_AT_ONCE = 500  # variables of one statement
# Made once: of a small statement, making it is most of the work.
_OF: BindParameter[bytes] = bindparam("of")
_EVENT = tables.events.c
_SAVE = insert(tables.threads).prefix_with("OR REPLACE")
_SAVE_EPOCH = insert(tables.epochs).prefix_with("OR REPLACE")
_SAVE_EVENT = insert(tables.events).prefix_with("OR REPLACE")
_THREAD = select(tables.threads).where(tables.threads.c.thread == _OF)
_EPOCHS = select(tables.epochs).where(tables.epochs.c.thread == _OF).order_by(tables.epochs.c.epoch)
_EVENTS = (
    select(tables.events)
    .where(_EVENT.thread == _OF, _EVENT.state.in_(bindparam("states", expanding=True)))
    .order_by(_EVENT.seq)
)
_PROOF_AT = [
    select(table.c.proof).where(table.c.thread == _OF, table.c.seq == bindparam("at"))
    for table in (tables.events, tables.epochs)
]
_INTENT = select(_EVENT.id).where(
    _EVENT.thread == _OF,
    _EVENT.intent == bindparam("sent"),
    _EVENT.device == bindparam("by"),
    _EVENT.state == "verified",
)


@dataclass(frozen=True, slots=True)
class KeptEpoch:
    """`tes` is None while nobody gave us this epoch's secret (before a "from now on" member's first epoch)."""

    commit: EpochCommit
    proof: bytes
    tick: int
    tes: bytes | None


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """`state`: verified, refused (authenticity: never shown), waiting (its epoch is not known yet)."""

    thread: bytes
    seq: int
    id: bytes
    tick: int
    author: bytes | None
    device: bytes | None
    intent: bytes
    raw: bytes
    proof: bytes
    state: str
    failure: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptThread:
    """`shown_seq` is the last place at which somebody else wrote something to read; `read_seq` and `delivered_seq`
    say how far that was read by a person and acknowledged."""

    thread: bytes
    mailbox: bytes
    class_: int
    order: ThreadOrder
    shown_seq: int = 0
    read_seq: int = 0
    delivered_seq: int = 0


def _encode_order(order: ThreadOrder) -> bytes:
    devices = [[a.hex(), d.hex(), last.ctr, last.id.hex()] for (a, d), last in order.devices.items()]
    return json.dumps({"seq": order.seq, "chain": order.chain.hex(), "devices": devices, "owed": order.owed}).encode()


def _decode_order(raw: bytes) -> ThreadOrder:
    plain = json.loads(raw)
    devices = {(bytes.fromhex(a), bytes.fromhex(d)): Last(ctr, bytes.fromhex(i)) for a, d, ctr, i in plain["devices"]}
    owed = tuple(map(Notice, plain.get("owed", ())))
    return ThreadOrder(plain["seq"], bytes.fromhex(plain["chain"]), devices, owed)


def _order_place(thread: bytes) -> str:
    return f"order/{thread.hex()}"


def load(profile: Profile, connection: Connection, thread: bytes) -> KeptThread | None:
    row = connection.execute(_THREAD, {"of": thread}).one_or_none()
    return None if row is None else _kept(profile, row)


def among(connection: Connection, wanted: Collection[bytes]) -> set[bytes]:
    """Those of the threads that this profile has."""
    found, listed = set(), list(wanted)
    for at in range(0, len(listed), _AT_ONCE):
        query = select(tables.threads.c.thread).where(tables.threads.c.thread.in_(listed[at : at + _AT_ONCE]))
        found |= set(connection.execute(query).scalars())
    return found


def load_all(profile: Profile, connection: Connection, without: Sequence[bytes] = ()) -> list[KeptThread]:
    """Every thread but those of the mailboxes `without`."""
    wanted = select(tables.threads).where(tables.threads.c.mailbox.not_in(without))
    return [_kept(profile, row) for row in connection.execute(wanted)]


def unacknowledged(profile: Profile, connection: Connection, without: Sequence[bytes] = ()) -> list[KeptThread]:
    """Those of `load_all` in which somebody else wrote since the last acknowledgement."""
    columns = tables.threads.c
    wanted = select(tables.threads).where(columns.mailbox.not_in(without), columns.shown_seq > columns.delivered_seq)
    return [_kept(profile, row) for row in connection.execute(wanted)]


def unread(connection: Connection, among: Collection[bytes]) -> set[bytes]:
    """Those of the threads in which somebody else wrote since a person last looked."""
    columns, listed = tables.threads.c, list(among)
    found: set[bytes] = set()
    for at in range(0, len(listed), _AT_ONCE):
        wanted = select(columns.thread).where(
            columns.thread.in_(listed[at : at + _AT_ONCE]), columns.shown_seq > columns.read_seq
        )
        found |= set(connection.execute(wanted).scalars())
    return found


def of_mailbox(profile: Profile, connection: Connection, mailbox: bytes) -> list[KeptThread]:
    wanted = select(tables.threads).where(tables.threads.c.mailbox == mailbox)
    return [_kept(profile, row) for row in connection.execute(wanted)]


def _kept(profile: Profile, row: object) -> KeptThread:
    thread = row.thread  # type: ignore[attr-defined]
    order = _decode_order(profile.open_sealed(_order_place(thread), row.sealed_order))  # type: ignore[attr-defined]
    return KeptThread(
        thread,
        row.mailbox,  # type: ignore[attr-defined]
        row.class_,  # type: ignore[attr-defined]
        order,
        row.shown_seq,  # type: ignore[attr-defined]
        row.read_seq,  # type: ignore[attr-defined]
        row.delivered_seq,  # type: ignore[attr-defined]
    )


def save(profile: Profile, connection: Connection, kept: KeptThread) -> None:
    connection.execute(
        _SAVE,
        {
            "thread": kept.thread,
            "mailbox": kept.mailbox,
            "class_": kept.class_,
            "sealed_order": profile.seal(_order_place(kept.thread), _encode_order(kept.order)),
            "shown_seq": kept.shown_seq,
            "read_seq": kept.read_seq,
            "delivered_seq": kept.delivered_seq,
        },
    )


def _tes_place(thread: bytes, number: int) -> str:
    return f"tes/{thread.hex()}/{number}"


def save_epoch(profile: Profile, connection: Connection, kept: KeptEpoch) -> None:
    commit = kept.commit
    sealed = None if kept.tes is None else profile.seal(_tes_place(commit.thread, commit.epoch), kept.tes)
    connection.execute(
        _SAVE_EPOCH,
        {
            "thread": commit.thread,
            "epoch": commit.epoch,
            "id": commit.id,
            "raw": commit.raw,
            "proof": kept.proof,
            "seq": parse_proof(kept.proof).receipt.seq,
            "tick": kept.tick,
            "sealed_tes": sealed,
        },
    )


def save_secret(profile: Profile, connection: Connection, thread: bytes, number: int, tes: bytes) -> None:
    connection.execute(
        update(tables.epochs)
        .where(tables.epochs.c.thread == thread, tables.epochs.c.epoch == number)
        .values(sealed_tes=profile.seal(_tes_place(thread, number), tes))
    )


def epochs_of(profile: Profile, connection: Connection, thread: bytes) -> list[KeptEpoch]:
    """Every known epoch of a thread, oldest first."""
    rows = connection.execute(_EPOCHS, {"of": thread})
    return [
        KeptEpoch(
            epoch.parse(row.raw),
            row.proof,
            row.tick,
            None if row.sealed_tes is None else profile.open_sealed(_tes_place(thread, row.epoch), row.sealed_tes),
        )
        for row in rows
    ]


def save_event(connection: Connection, kept: KeptEvent) -> None:
    connection.execute(
        _SAVE_EVENT,
        {
            "thread": kept.thread,
            "seq": kept.seq,
            "id": kept.id,
            "tick": kept.tick,
            "author": kept.author,
            "device": kept.device,
            "intent": kept.intent,
            "raw": kept.raw,
            "proof": kept.proof,
            "state": kept.state,
            "failure": kept.failure,
            "notices": ",".join(kept.notices),
        },
    )


def events_of(connection: Connection, thread: bytes, states: Sequence[str] = ("verified",)) -> list[KeptEvent]:
    """Events of a thread in receipt order."""
    rows = connection.execute(_EVENTS, {"of": thread, "states": list(states)})
    return [
        KeptEvent(
            row.thread,
            row.seq,
            row.id,
            row.tick,
            row.author,
            row.device,
            row.intent,
            row.raw,
            row.proof,
            row.state,
            row.failure,
            tuple(filter(None, row.notices.split(","))),
        )
        for row in rows
    ]


def names_of(connection: Connection, among: Collection[bytes]) -> list[tuple[bytes, bytes, bytes]]:
    """(id, author, intent) of every verified event of these threads."""
    columns, listed = tables.events.c, list(among)
    wanted = select(columns.id, columns.author, columns.intent).where(columns.state == "verified")
    found: list[tuple[bytes, bytes, bytes]] = []
    for at in range(0, len(listed), _AT_ONCE):
        rows = connection.execute(wanted.where(columns.thread.in_(listed[at : at + _AT_ONCE])))
        found += [(row.id, row.author, row.intent) for row in rows]
    return found


def forget_content(connection: Connection, thread: bytes) -> None:
    """Drop the events and secrets of a thread whose content was lent; what was there, and its order, stays known."""
    connection.execute(delete(tables.events).where(tables.events.c.thread == thread))
    connection.execute(update(tables.epochs).where(tables.epochs.c.thread == thread).values(sealed_tes=None))


def receipt_at(connection: Connection, thread: bytes, seq: int) -> Receipt | None:
    """The receipt at a place of a thread that this profile has seen, or None."""
    for statement in _PROOF_AT:
        found = connection.execute(statement, {"of": thread, "at": seq}).scalar_one_or_none()
        if found is not None:
            return parse_proof(found).receipt
    return None


def newest(connection: Connection, among: Collection[bytes] | None = None) -> dict[bytes, int]:
    """The place of the last thing that is kept in each thread (or in each of these), the thread that moved first coming
    first."""
    columns = tables.events.c
    last = select(columns.thread, func.max(columns.seq), func.max(columns.tick)).group_by(columns.thread)
    if among is None:
        rows = list(connection.execute(last))
    else:
        listed = list(among)
        parts = [listed[at : at + _AT_ONCE] for at in range(0, len(listed), _AT_ONCE)]
        rows = [row for part in parts for row in connection.execute(last.where(columns.thread.in_(part)))]
    return {thread: seq for thread, seq, _ in sorted(rows, key=lambda row: int(row[2]))}


def intent_seen(connection: Connection, thread: bytes, intent: bytes, device: bytes) -> bool:
    """Whether this device's sending was shown already (CP1-5.8)."""
    named = {"of": thread, "sent": intent, "by": device}
    return connection.execute(_INTENT, named).first() is not None


def event_of_intent(connection: Connection, thread: bytes, intent: bytes, author: bytes) -> bytes | None:
    """The id of the verified event by which a person's intent arrived, from whichever of her devices, or None."""
    return (
        connection.execute(
            select(tables.events.c.id).where(
                tables.events.c.thread == thread,
                tables.events.c.intent == intent,
                tables.events.c.author == author,
                tables.events.c.state == "verified",
            )
        )
        .scalars()
        .first()
    )


def cursor_of(connection: Connection, mailbox: bytes) -> int:
    found = connection.execute(
        select(tables.cursors.c.cursor).where(tables.cursors.c.mailbox == mailbox)
    ).scalar_one_or_none()
    return found or 0


def save_cursor(connection: Connection, mailbox: bytes, cursor: int) -> None:
    connection.execute(insert(tables.cursors).prefix_with("OR REPLACE").values(mailbox=mailbox, cursor=cursor))


def save_evidence(connection: Connection, mailbox: bytes, tick: int, raw: bytes, proof: bytes, failure: str) -> None:
    """Keep what failed verification outside any thread, for whoever looks into it; it is never shown as a message."""
    connection.execute(
        insert(tables.evidence)
        .prefix_with("OR IGNORE")
        .values(mailbox=mailbox, tick=tick, raw=raw, proof=proof, failure=failure)
    )


def evidence_count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.evidence)).scalar_one()
