"""From the threads of a record to its lines (RD-1): opened once, kept as sealed summaries, read from there.

An event that says what it cannot be, a reimbursement by who does not pay or a document about somebody else, is no line:
it is counted as refused and shown by nobody. Handovers are taken, identities remembered, on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from directory.accounts.bind import InviteeKind
from directory.errors import DirectoryError, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.referral.patient import Patient
from messaging.wire.epoch import EpochCommit
from record_bridge.client import handing_over, moving
from record_bridge.client.documents import is_withdrawal, item_of_document, withdrawn_by
from record_bridge.client.holding import enrolled_as_patient, patient_of, take_identity
from record_bridge.consent.same_patient import same_patient
from record_bridge.errors import RecordError
from record_bridge.record import identity, note, summary
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Author, Item
from record_bridge.record.kinds import Kind
from record_bridge.store import items as store
from record_bridge.store.items import Kept

_FIRST_LINE = 120


async def add(endpoint: Endpoint, record: bytes, touched: Iterable[bytes]) -> None:
    """Read these threads again and keep what they come to."""
    kept = []
    waiting = list(touched)
    opened = await endpoint.reading.items(waiting)
    patient = await patient_of(endpoint, record)
    while waiting:
        thread = waiting.pop(0)
        found = opened.pop(thread, None) or await endpoint.reading.item(thread)
        if found is None:
            continue
        events, commit = found
        waiting += _taken_back(events)
        class_ = commit.class_
        item = await _item(endpoint, record, events, commit, patient)
        if events and events[0].type == "record-identity":
            before, patient = patient, await patient_of(endpoint, record)
            if patient is not None and (before is None or not same_patient(before, patient)):
                waiting += await endpoint.profile.run(lambda c: _known(c, record))  # held against nobody until now
        tick = max((event.tick for event in events), default=0)
        kept.append(Kept(thread, record, class_, tick, b"" if item is None else summary.write(item)))

    def write(connection: object) -> None:
        store.open_tables(connection)  # type: ignore[arg-type]
        store.put(endpoint.profile, connection, kept)  # type: ignore[arg-type]

    await endpoint.profile.run(write)


def _known(connection: object, record: bytes) -> set[bytes]:
    store.open_tables(connection)  # type: ignore[arg-type]
    return store.known(connection, record)  # type: ignore[arg-type]


async def items(endpoint: Endpoint, record: bytes, most: int = -1) -> list[Item]:
    """What this device has of a record, the newest first."""

    def load(connection: object) -> list[bytes]:
        store.open_tables(connection)  # type: ignore[arg-type]
        return store.newest(endpoint.profile, connection, record, most)  # type: ignore[arg-type]

    return [summary.read(raw) for raw in await endpoint.profile.run(load)]


async def item(endpoint: Endpoint, record: bytes, typed: str) -> Item:
    """By the beginning of its id. Raises RecordError: item-unknown, item-ambiguous."""
    wanted = typed.strip().lower()
    if len(wanted) < 4:
        raise RecordError("item-unknown")

    def load(connection: object) -> list[bytes]:
        store.open_tables(connection)  # type: ignore[arg-type]
        return store.find(endpoint.profile, connection, record, wanted)  # type: ignore[arg-type]

    found = await endpoint.profile.run(load)
    if not found:
        raise RecordError("item-unknown")
    if len(found) > 1:
        raise RecordError("item-ambiguous")
    return summary.read(found[0])


async def _item(
    endpoint: Endpoint, record: bytes, events: Sequence[ReadEvent], commit: EpochCommit, patient: Patient | None
) -> Item | None:
    """The line of a thread: its first event; what came later in it is not another line."""
    if not events:
        return None
    event, class_ = events[0], RecordClass(commit.class_)
    try:
        match event.type:
            case "record-document":
                if await _fits(endpoint, record, event, class_) and not is_withdrawal(event):
                    filed = await by_bridge(endpoint, event)
                    return await _standing(endpoint, event, item_of_document(event, class_, patient, filed=filed))
            case "record-note" if event.acting_for == record:
                return _note(event, class_, await patient_account(endpoint, record))
            case "record-notice":
                await moving.forget_moved(endpoint, record, event)
            case "record-identity":
                await _identify(endpoint, record, event)
            case "record-handover":
                if await handing_over.take_over(endpoint, record, event.body.content):
                    await endpoint.keyring.refresh()
            case _:
                pass
    except RecordError:
        return None
    return None


def _taken_back(events: Sequence[ReadEvent]) -> list[bytes]:
    """The item that a card takes back, to be read again; nothing for anything else."""
    if not events or events[0].type != "record-document":
        return []
    try:
        named = withdrawn_by(events[0]) if is_withdrawal(events[0]) else None
    except RecordError:
        return []
    return [named[0]] if named is not None and named[1] == events[0].thread else []


async def _standing(endpoint: Endpoint, event: ReadEvent, line: Item) -> Item:
    """The line, marked where who filed it has taken it back."""
    named = withdrawn_by(event)
    found = await endpoint.reading.item(named[1]) if named is not None else None
    if named is None or found is None or not found[0]:
        return line
    said = found[0][0]
    if said.account != event.account or said.type != "record-document" or not is_withdrawal(said):
        return line
    return replace(line, replaced_by=named[1], notes=(*line.notes, "record-note-withdrawn"))


async def _fits(endpoint: Endpoint, record: bytes, event: ReadEvent, class_: RecordClass) -> bool:
    """Only for the record itself, or deposited by a machine that may: whoever knows a record's id may write to it, and
    that is no line of it. Who pays deposits reimbursements, and nobody else does."""
    if event.acting_for == record:
        return True
    if event.account != event.acting_for:
        return False
    try:
        kind = (await endpoint.accounts.professional(event.account)).kind
    except DirectoryError:
        return False
    if kind is InviteeKind.PAYER:
        return class_ is RecordClass.REIMBURSEMENT
    return kind in (InviteeKind.DEPOSITOR, InviteeKind.BRIDGE, InviteeKind.STRUCTURE)


async def _identify(endpoint: Endpoint, record: bytes, event: ReadEvent) -> None:
    """The identity that the record's manager says last: nobody else names its patient."""
    manager = endpoint.accounts.lookup(record).manager
    if (event.account, event.acting_for) != (manager, record):
        return
    try:
        await take_identity(endpoint, record, identity.read(event.body.content), manager, event.tick)
    except Refusal as refused:
        if refused.kind.temporary:
            raise


def _note(event: ReadEvent, class_: RecordClass, patient: bytes) -> Item:
    said = note.read(event.body.content)
    first = said.text.strip().splitlines()[0] if said.text.strip() else ""
    return Item(
        thread=event.thread,
        class_=class_,
        kind=said.kind,
        title=first[:_FIRST_LINE] if said.kind is Kind.NOTE else "",
        author=author_of(event, patient),
        date_ms=said.sent_ms,
        received_ms=event.time,
        summary=said.text,
        on_behalf=event.author.on_behalf_of,
        sources=(event.id,),
    )


def author_of(event: ReadEvent, patient: bytes) -> Author:
    """Who signed an event, in a record's words; empty for the patient, whose certificate names nobody. `patient` is
    that account: nobody else without a proven name is taken for it."""
    unproven = not event.author.name and event.account != patient
    return Author(event.author.name, event.author.profession, unproven=unproven)


async def patient_account(endpoint: Endpoint, record: bytes) -> bytes:
    """The account of the patient who keeps the record; empty while a professional does."""
    manager = endpoint.accounts.lookup(record).manager
    return manager if await enrolled_as_patient(endpoint, manager) else b""


async def by_bridge(endpoint: Endpoint, event: ReadEvent) -> bool:
    """Whether a bridge deposited it, whose word counts on why something stands in a record."""
    try:
        return (await endpoint.accounts.professional(event.account)).kind is InviteeKind.BRIDGE
    except DirectoryError:
        return False


