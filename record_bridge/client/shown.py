"""What a record shows this endpoint inside a referral: list it, open it, forget it (docs/spec/record.md RD-2.4).

Opening states an access that the patient reads in the log. What is over is forgotten on this device: an honest device
keeps nothing that was lent. A list is only believed from somebody who put this endpoint into the item's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from directory.accounts.entry import AccountKind
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange, ReadEvent
from messaging.profile import threads
from messaging.referral.patient import Patient
from record_bridge.client.documents import item_of_document
from record_bridge.client.feed import shown_item
from record_bridge.client.index import author_of, patient_account
from record_bridge.client.sharing import commits, over
from record_bridge.errors import RecordError
from record_bridge.record import note
from record_bridge.record import share as shares
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Item
from record_bridge.record.share import SharedItem

_LENT = "record-lent"
_ID = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """An item that somebody shows inside an exchange. `record` is empty where it is shown to others of the exchange;
    `own`: this endpoint shows it. `patient` is the account of the patient who keeps the record."""

    item: SharedItem
    record: bytes
    until_ms: int
    over: bool
    by: str
    own: bool
    patient: bytes = b""


async def shown(endpoint: Endpoint, exchange: Exchange) -> tuple[Shown, ...]:
    """What is shown in an exchange, by what its members said; what is over is forgotten on this device."""
    found: dict[bytes, Shown] = {}
    now = endpoint.environment.now()
    for event in exchange.events:
        if event.type != "record-share":
            continue
        try:
            said = shares.read(event.body.content)
        except RecordError:
            continue
        if exchange.case is None or said.case != exchange.case.case:
            continue
        for item in said.items:
            record, believed = await _behind(endpoint, item.thread, event.account)
            if not believed:
                continue
            before = found.get(item.thread)
            until = max(said.until_ms, before.until_ms if before is not None else 0)
            ended = over(exchange.case, until, now)
            keeper = await patient_account(endpoint, record) if record else b""
            found[item.thread] = Shown(item, record, until, ended, event.author.name, event.own, keeper)
    for one in found.values():
        if one.over and one.record and not one.own:
            await _forget(endpoint, one.item.thread)
    return tuple(found.values())


async def _behind(endpoint: Endpoint, thread: bytes, sharer: bytes) -> tuple[bytes, bool]:
    """The record behind an item's thread, once its composition has arrived here, and whether that sharer is one who
    shows: only who holds the record changes the members of its threads."""
    known = await endpoint.intake.thread(thread)
    if known is None or not known.epochs:
        return b"", True
    members = [member.account for member in known.latest.commit.members]
    await endpoint.accounts.load(members)
    records = [account for account in members if endpoint.accounts.lookup(account).kind is AccountKind.RECORD]
    committers = {kept.commit.committer.account for kept in known.epochs.values()}
    return (records[0], sharer in committers) if records else (b"", False)


async def find(endpoint: Endpoint, exchange: Exchange, typed: str) -> Shown:
    """By the beginning of the item's id. Raises RecordError: share-unknown, item-ambiguous."""
    wanted = typed.strip().lower()
    found = [one for one in await shown(endpoint, exchange) if one.item.thread.hex().startswith(wanted)]
    if len(wanted) < 4 or not found:
        raise RecordError("share-unknown")
    if len(found) > 1:
        raise RecordError("item-ambiguous")
    return found[0]


async def open_item(endpoint: Endpoint, exchange: Exchange, one: Shown) -> list[ReadEvent]:
    """Read an item that is shown, on a statement that the patient sees.

    Raises RecordError: share-over, share-withdrawn.
    """
    if one.over:
        raise RecordError("share-over")
    known = await endpoint.intake.thread(one.item.thread)
    if known is None or not one.record:
        raise RecordError("share-withdrawn")
    await _remember(endpoint, exchange.id)
    class_ = RecordClass(known.kept.class_)
    try:
        if known.latest.tes is None:  # forgotten when another case ended
            await commits(endpoint, known.kept.mailbox, one.item.thread)
        await shown_item(endpoint, one.record, class_, one.item.thread, known.kept.mailbox)
    except Refusal as refused:
        if refused.category in (Category.RIGHTS, Category.UNKNOWN):
            if not one.own:
                await _forget(endpoint, one.item.thread)
            raise RecordError("share-withdrawn") from None
        raise
    found = await endpoint.reading.item(one.item.thread)
    if found is None or not found[0]:
        raise RecordError("share-withdrawn")
    return found[0]


def read_item(one: Shown, events: Sequence[ReadEvent], patient: Patient | None) -> Item:
    """What was opened, as a line of the record: its first event.

    Raises RecordError: record-item-malformed, document-reference-malformed, document-of-another.
    """
    event = events[0]
    match event.type:
        case "record-document":
            return item_of_document(event, one.item.class_, patient)
        case "record-note":
            said = note.read(event.body.content)
            return Item(
                thread=event.thread,
                class_=one.item.class_,
                kind=said.kind,
                title=one.item.title,
                author=author_of(event, one.patient),
                date_ms=said.sent_ms,
                received_ms=event.time,
                summary=said.text,
                on_behalf=event.author.on_behalf_of,
                sources=(event.id,),
            )
    raise RecordError("record-item-malformed", clause="item.type")


# --- forget ---


async def forget_due(endpoint: Endpoint) -> None:
    """Forget what was opened here and is over, whether or not anybody looks at it again."""
    waiting = await _remembered(endpoint)
    if not waiting:
        return
    going_on = set()
    for exchange in await endpoint.reading.exchanges():
        if exchange.id in waiting and any(not one.over for one in await shown(endpoint, exchange)):
            going_on.add(exchange.id)
    await _keep(endpoint, going_on)


async def _forget(endpoint: Endpoint, thread: bytes) -> None:
    await endpoint.profile.run(lambda c: threads.forget_content(c, thread))
    known = await endpoint.intake.thread(thread)
    if known is not None:
        for number, held in known.epochs.items():
            known.epochs[number] = replace(held, tes=None)


async def _remember(endpoint: Endpoint, exchange: bytes) -> None:
    await _keep(endpoint, await _remembered(endpoint) | {exchange})


async def _remembered(endpoint: Endpoint) -> set[bytes]:
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _LENT)) or b""
    return {raw[at : at + _ID] for at in range(0, len(raw), _ID)}


async def _keep(endpoint: Endpoint, exchanges: set[bytes]) -> None:
    raw = b"".join(sorted(exchanges))
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _LENT, raw))
