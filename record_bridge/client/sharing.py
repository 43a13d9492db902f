"""Show chosen items of a record inside a referral, for as long as the case lasts (docs/spec/record.md RD-2.4).

The specialist's mailbox becomes a reading member of each item's thread, with its history; the holder's device takes it
out again when the case has ended or the date has passed, and from then on neither the keys nor the service give
anything of it. What was read stays read. An honest device of the specialist forgets the item at the same moment.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from directory.accounts.entry import AccountKind
from directory.accounts.grants import Right
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.client.reading import Exchange, ReadEvent
from messaging.errors import MessagingError
from messaging.profile import threads
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, EventType
from messaging.referral.case import CaseState
from messaging.referral.clinical import Party
from messaging.referral.states import Status
from messaging.wire.epoch import Role
from record_bridge.client import consents
from record_bridge.client.feed import shown_item
from record_bridge.client.posting import tell
from record_bridge.consent.consent import Purpose
from record_bridge.consent.states import State
from record_bridge.errors import RecordError
from record_bridge.record import share as shares
from record_bridge.record.classes import SHAREABLE, RecordClass
from record_bridge.record.items import Item
from record_bridge.record.notice import About, NoticeAct, Reference
from record_bridge.record.share import Share, SharedItem

DEFAULT_DAYS = 30
_OPEN = "record-shares"


@dataclass(frozen=True, slots=True)
class OpenShare:
    """What this endpoint shows somebody: to be ended with the case."""

    record: bytes
    case: bytes
    exchange: bytes
    mailbox: bytes
    until_ms: int
    items: tuple[bytes, ...]


async def show(
    endpoint: Endpoint,
    record: bytes,
    exchange: bytes,
    case: bytes,
    to: Sequence[bytes],
    items: Sequence[Item],
    until_ms: int,
) -> Share:
    """Show items of a record to these mailboxes of a case, until its end or `until_ms`.

    What is to be ended is kept first, so that nothing stays open that nobody remembers. Raises RecordError:
    share-class-refused, consent-opposed; MessagingError("mailbox-not-held").
    """
    await _verify_not_opposed(endpoint, record)
    for item in items:
        if item.class_ not in SHAREABLE:
            raise RecordError("share-class-refused")
        if not endpoint.keyring.may(record, Right.SEND_AS, item.class_):
            raise MessagingError("mailbox-not-held")
    made = Share(case, until_ms, tuple(SharedItem(i.thread, i.title, i.kind, i.class_) for i in items))
    ids = tuple(item.thread for item in items)
    await _keep(
        endpoint, [*await open_shares(endpoint), *(OpenShare(record, case, exchange, m, until_ms, ids) for m in to)]
    )
    for item in items:
        await endpoint.dispatch.change_members(item.thread, add=dict.fromkeys(to, (Role.READ, True)))
    kept = await endpoint.intake.thread(exchange)
    if kept is None:
        raise MessagingError("thread-unknown")
    said = Outgoing(
        intent=endpoint.intent(),
        thread=exchange,
        class_=kept.kept.class_,
        acting_for=kept.kept.mailbox,
        type=EventType.RECORD_SHARE,
        body=Body(shares.MEDIA_TYPE, shares.write(made)).encode(),
    )
    await endpoint.put([said])
    await leave(endpoint, [said])
    for mailbox in to:
        await tell(endpoint, record, NoticeAct.SHARED, await _party(endpoint, mailbox), _about(case, ids))
    return made


async def _verify_not_opposed(endpoint: Endpoint, record: bytes) -> None:
    """The patient, or whoever noted it for him, opposed that anything is shown."""
    for one in await consents.known(endpoint, record):
        consent = one.current.consent
        if Purpose.SHARING in consent.purposes and consent.state is State.OPPOSED:
            raise RecordError("consent-opposed")


def _about(case: bytes, items: Sequence[bytes]) -> list[Reference]:
    return [Reference(About.CASE, case), *(Reference(About.ITEM, item) for item in items)]


async def _party(endpoint: Endpoint, mailbox: bytes) -> Party:
    owner = await endpoint.accounts.professional(mailbox)
    return Party(owner.name, owner.identifier if owner.identifier.isdigit() else "")


# --- end ---


def over(case: CaseState | None, until_ms: int, now_ms: int) -> bool:
    """Whether an access ends: the date has passed, or the case was closed, cancelled or declined."""
    if now_ms >= until_ms:
        return True
    if case is None:
        return False
    closed = case.status is Status.COMPLETED and case.noted
    return closed or case.status in (Status.CANCELLED, Status.REJECTED)


async def end_due(endpoint: Endpoint) -> int:
    """End every access that is over; gives how many ended. What cannot be reached is tried again."""
    waiting = await open_shares(endpoint)
    if not waiting:
        return 0
    by_id = {kept.thread: exchange for exchange in await endpoint.reading.exchanges() for kept in exchange.threads}
    now, ended = endpoint.environment.now(), 0
    for share in waiting:
        exchange: Exchange | None = by_id.get(share.exchange)
        if not over(exchange.case if exchange is not None else None, share.until_ms, now):
            continue
        await _end(endpoint, share)
        await _keep(endpoint, [one for one in await open_shares(endpoint) if one != share])
        ended += 1
    return ended


async def _end(endpoint: Endpoint, share: OpenShare) -> None:
    for thread in share.items:
        known = await endpoint.intake.thread(thread)
        if known is None or not known.epochs or known.latest.commit.member(share.mailbox) is None:
            continue
        await endpoint.dispatch.change_members(thread, remove=[share.mailbox])
    about = _about(share.case, share.items)
    await tell(endpoint, share.record, NoticeAct.SHARE_ENDED, await _party(endpoint, share.mailbox), about)


async def open_shares(endpoint: Endpoint) -> list[OpenShare]:
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _OPEN))
    return [] if raw is None else [_read(plain) for plain in json.loads(raw)]


async def _keep(endpoint: Endpoint, held: Sequence[OpenShare]) -> None:
    raw = json.dumps([_plain(one) for one in held]).encode()
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _OPEN, raw))


def _plain(share: OpenShare) -> dict[str, object]:
    return {
        "record": share.record.hex(),
        "case": share.case.hex(),
        "exchange": share.exchange.hex(),
        "mailbox": share.mailbox.hex(),
        "until": share.until_ms,
        "items": [item.hex() for item in share.items],
    }


def _read(plain: dict[str, object]) -> OpenShare:
    ids = {name: bytes.fromhex(str(plain[name])) for name in ("record", "case", "exchange", "mailbox")}
    items = plain["items"]
    return OpenShare(
        **ids,
        until_ms=int(str(plain["until"])),
        items=tuple(bytes.fromhex(item) for item in items) if isinstance(items, list) else (),
    )


# --- the other side ---


@dataclass(frozen=True, slots=True)
class Shown:
    """An item that somebody shows this endpoint inside an exchange."""

    item: SharedItem
    record: bytes
    until_ms: int
    over: bool


async def shown(endpoint: Endpoint, exchange: Exchange) -> tuple[Shown, ...]:
    """What is shown in an exchange, by what its members said; what is over is forgotten on this device."""
    found = []
    for event in exchange.events:
        if event.type != "record-share" or event.own:
            continue
        try:
            made = shares.read(event.body.content)
        except RecordError:
            continue
        ended = over(exchange.case, made.until_ms, endpoint.environment.now())
        for item in made.items:
            record = await _record_of(endpoint, item.thread)
            if ended and record:
                await endpoint.profile.run(lambda c, t=item.thread: threads.forget_content(c, t))  # type: ignore[misc]
            found.append(Shown(item, record, made.until_ms, ended))
    return tuple(found)


async def _record_of(endpoint: Endpoint, thread: bytes) -> bytes:
    """The record behind an item's thread, once its composition has arrived here."""
    known = await endpoint.intake.thread(thread)
    if known is None or not known.epochs:
        return b""
    mine = known.kept.mailbox
    others = [m.account for m in known.latest.commit.members if m.account != mine]
    await endpoint.accounts.load(others)
    records = [account for account in others if endpoint.accounts.lookup(account).kind is AccountKind.RECORD]
    return records[0] if records else b""


async def open_item(endpoint: Endpoint, exchange: Exchange, one: Shown) -> list[ReadEvent]:
    """Read an item that is shown, on a statement that the patient sees.

    Raises RecordError: share-over, share-withdrawn.
    """
    if one.over:
        raise RecordError("share-over")
    known = await endpoint.intake.thread(one.item.thread)
    if known is None or not one.record:
        raise RecordError("share-withdrawn")
    class_ = RecordClass(known.kept.class_)
    try:
        await shown_item(endpoint, one.record, class_, one.item.thread, known.kept.mailbox)
    except Refusal as refused:
        if refused.category in (Category.RIGHTS, Category.UNKNOWN):
            raise RecordError("share-withdrawn") from None
        raise
    found = await endpoint.reading.item(one.item.thread)
    return [] if found is None else found[0]
