"""Show chosen items of a record inside a referral, for as long as the case lasts (docs/spec/record.md RD-2.4).

The specialist's mailbox becomes a reading member of each item's thread, with its history; a holder's device takes it
out again when the case has ended, the date has passed or the patient took it back, and from then on neither the keys
nor the service give anything of it. What was read stays read. The other side of it is `shown`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from directory.accounts.grants import Right
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.client.open_thread import OpenThread
from messaging.client.reading import Exchange
from messaging.errors import MessagingError
from messaging.profile import threads
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, EventType
from messaging.referral.case import CaseState
from messaging.referral.clinical import Party
from messaging.referral.fhir_json import LINE
from messaging.referral.states import Status
from messaging.wire.epoch import Role
from record_bridge.client import consents, holding
from record_bridge.client.posting import tell
from record_bridge.consent.consent import Episode, Purpose
from record_bridge.consent.permits import Target, governing, permits
from record_bridge.consent.states import State
from record_bridge.errors import RecordError
from record_bridge.record import notice
from record_bridge.record import share as shares
from record_bridge.record.classes import SHAREABLE, RecordClass
from record_bridge.record.items import Item
from record_bridge.record.kinds import Kind
from record_bridge.record.notice import About, Notice, NoticeAct, Reference
from record_bridge.record.share import MAX_SHARED, Share, SharedItem

DEFAULT_DAYS = 30
_OPEN = "record-shares"
_SEEN = "record-shares-consents"
_RECALLED = "record-shares-recalled"
_ITEMS_IN_NOTICE = 7  # beside the case: a notice names eight things
_TAKEN_BACK = (State.WITHDRAWN, State.OPPOSED)


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

    All that can be refused is refused first. What is to be ended is kept next, so that nothing stays open that nobody
    remembers. Raises RecordError: share-nothing, share-too-many, share-class-refused, consent-*;
    MessagingError: mailbox-not-held, thread-unknown.
    """
    if await holding.contested(endpoint, record):
        raise RecordError("record-identity-differs")
    chosen = tuple({item.thread: item for item in items}.values())
    kept = await endpoint.intake.thread(exchange)
    if kept is None:
        raise MessagingError("thread-unknown")
    if not chosen or not to:
        raise RecordError("share-nothing")
    if len(chosen) > MAX_SHARED:
        raise RecordError("share-too-many", limit=MAX_SHARED)
    for item in chosen:
        await _verify_shareable(endpoint, record, item)
    await _verify_permitted(endpoint, record, Target(exchange, case), to, chosen)
    made = Share(case, until_ms, tuple(SharedItem(i.thread, _title(i), i.kind, i.class_) for i in chosen))
    content = shares.write(made)
    ids = tuple(item.thread for item in chosen)
    await _keep(
        endpoint, [*await open_shares(endpoint), *(OpenShare(record, case, exchange, m, until_ms, ids) for m in to)]
    )
    for thread in ids:
        await endpoint.dispatch.change_members(thread, add=dict.fromkeys(to, (Role.READ, True)))
    said = Outgoing(
        intent=endpoint.intent(),
        thread=exchange,
        class_=kept.kept.class_,
        acting_for=kept.kept.mailbox,
        type=EventType.RECORD_SHARE,
        body=Body(shares.MEDIA_TYPE, content).encode(),
    )
    await endpoint.put([said])
    await leave(endpoint, [said])
    for mailbox in to:
        await _tell(endpoint, record, NoticeAct.SHARED, mailbox, case, ids)
    return made


def _title(item: Item) -> str:
    """The line that everybody in the exchange sees, and that stays: a note's first words are its content, and do not
    stand in it."""
    shown = "" if item.kind is Kind.NOTE else " ".join(item.title.split())
    return shown[:LINE] or item.author.name[:LINE] or item.kind.value


async def _verify_shareable(endpoint: Endpoint, record: bytes, item: Item) -> None:
    """By the class in which the item stands now: its patient may have masked it elsewhere, a moment ago."""
    if item.class_ not in SHAREABLE:
        raise RecordError("share-class-refused")
    if not endpoint.keyring.may(record, Right.SEND_AS, item.class_):
        raise MessagingError("mailbox-not-held")
    try:
        known = await commits(endpoint, record, item.thread)
    except Refusal as refused:
        if refused.category is Category.RIGHTS:
            raise RecordError("share-class-refused") from None
        raise
    if known.latest.commit.class_ not in SHAREABLE:
        raise RecordError("share-class-refused")


async def _verify_permitted(
    endpoint: Endpoint, record: bytes, target: Target, to: Sequence[bytes], items: Iterable[Item]
) -> None:
    """Nothing is shown that the patient, or whoever noted it for him, opposes or keeps out (CO-4). That nothing was
    said about an exchange is no refusal."""
    now = endpoint.environment.now()
    versions = [one.current for one in await consents.known(endpoint, record)]
    for version in versions:
        scope = version.consent.scope
        opposed = version.consent.state is State.OPPOSED and Purpose.SHARING in version.consent.purposes
        if opposed and isinstance(scope, Episode) and scope.start_ms <= now < scope.end_ms:
            raise RecordError("consent-opposed")
    found = governing(versions, target, now)
    if found is None:
        return
    for mailbox in to:
        reader = endpoint.accounts.lookup(mailbox).manager
        for item in items:
            permits(
                found.consent,
                found.by,
                record=record,
                patient=found.consent.patient,
                target=target,
                author_account=reader,
                kind=item.kind,
                now_ms=now,
                class_=item.class_,
                purpose=Purpose.SHARING,
            )


async def commits(endpoint: Endpoint, mailbox: bytes, thread: bytes) -> OpenThread:
    """A thread of a record with its newest commit, for the record's holders and for whom it is shown: who is in it is
    asked without a statement (CP1-10.6)."""
    async for page in endpoint.service.pages(partial(endpoint.service.thread_epochs, thread, mailbox), 0):
        for item in page:
            await endpoint.intake.take(item)
    await endpoint.intake.flush()
    known = await endpoint.intake.thread(thread)
    if known is None or not known.epochs:
        raise MessagingError("thread-unknown")
    return known


async def _tell(
    endpoint: Endpoint, record: bytes, act: NoticeAct, mailbox: bytes, case: bytes, items: Sequence[bytes]
) -> None:
    whom = await _party(endpoint, mailbox)
    for at in range(0, len(items), _ITEMS_IN_NOTICE):
        about = [Reference(About.ITEM, item) for item in items[at : at + _ITEMS_IN_NOTICE]]
        await tell(endpoint, record, act, whom, [Reference(About.CASE, case), *about])


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
    """End every access that is over; gives how many ended.

    What cannot be ended now is tried again and stands in no other's way; only that the service is away ends the try.
    """
    await _recall(endpoint)
    waiting = await open_shares(endpoint)
    if not waiting:
        return 0
    by_id = {kept.thread: exchange for exchange in await endpoint.reading.exchanges() for kept in exchange.threads}
    ended = 0
    for share in waiting:
        if share.record not in endpoint.keyring.held:
            continue  # no longer this endpoint's to end
        try:
            if not await _is_over(endpoint, share, by_id.get(share.exchange)):
                continue
            left = [one for one in await open_shares(endpoint) if one != share]
            await _end(endpoint, share, left)
        except Refusal as refused:
            if refused.category is Category.UNREACHABLE:
                raise
            continue
        await _keep(endpoint, left)
        ended += 1
    return ended


async def _recall(endpoint: Endpoint) -> None:
    """Once on a device: what its owner shows from another one, or from one that was lost, by what was said in the
    exchanges and who reads the items now."""
    if await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _RECALLED)) is not None:
        return
    if not endpoint.keyring.records():
        return  # nothing can be shown from here; ten thousand exchanges need not be opened to learn that
    known = await open_shares(endpoint)
    for exchange in await endpoint.reading.exchanges():
        for event in exchange.events:
            if event.type != "record-share" or not event.own:
                continue
            try:
                said = shares.read(event.body.content)
            except RecordError:
                continue
            found = await _still_shown(endpoint, exchange.id, said)
            known += [one for one in found if one not in known]
    await _keep(endpoint, known)
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, _RECALLED, b"1"))


async def _still_shown(endpoint: Endpoint, exchange: bytes, said: Share) -> list[OpenShare]:
    shown: dict[tuple[bytes, bytes], list[bytes]] = {}
    for item in said.items:
        for record in endpoint.keyring.records():
            try:
                known = await commits(endpoint, record, item.thread)
            except Refusal as refused:
                if refused.category is Category.UNREACHABLE:
                    raise
                continue  # of another record
            for member in known.latest.commit.members:
                if member.role is Role.READ:
                    shown.setdefault((record, member.account), []).append(item.thread)
            break
    return [
        OpenShare(record, said.case, exchange, mailbox, said.until_ms, tuple(items))
        for (record, mailbox), items in shown.items()
    ]


async def _is_over(endpoint: Endpoint, share: OpenShare, exchange: Exchange | None) -> bool:
    if over(exchange.case if exchange is not None else None, share.until_ms, endpoint.environment.now()):
        return True
    return await _taken_back(endpoint, share)


async def _taken_back(endpoint: Endpoint, share: OpenShare) -> bool:
    """Whether the patient withdrew or opposes since; asked again only when the record's log has another consent."""
    entries = endpoint.accounts.lookup(share.record).consents.values()
    name, there = f"{_SEEN}/{share.case.hex()}", b"".join(sorted(one.entry_hash for one in entries))
    if await endpoint.profile.run(lambda c: endpoint.profile.kept(c, name)) == there:
        return False
    held = (await consents.survey(endpoint, share.record)).known
    target = Target(share.exchange, share.case)
    decides = governing((one.current for one in held), target, endpoint.environment.now())
    if decides is not None and decides.consent.state in _TAKEN_BACK:
        return True
    await endpoint.profile.run(lambda c: endpoint.profile.keep(c, name, there))
    return False


async def _end(endpoint: Endpoint, share: OpenShare, left: Iterable[OpenShare]) -> None:
    """Take the mailbox out of every item that nothing else shows it."""
    still = {item for one in left if one.mailbox == share.mailbox for item in one.items}
    gone = [item for item in share.items if item not in still and await _remove(endpoint, share, item)]
    if gone:
        await _tell(endpoint, share.record, NoticeAct.SHARE_ENDED, share.mailbox, share.case, gone)


async def _remove(endpoint: Endpoint, share: OpenShare, thread: bytes) -> bool:
    try:
        known = await commits(endpoint, share.record, thread)
    except Refusal as refused:
        # The record's holders moved it to where this one does not read: then nobody else stayed in it.
        if refused.id in ("mailbox-not-held", "thread-not-member"):
            return False
        raise
    if known.latest.commit.member(share.mailbox) is None:
        return False
    await endpoint.dispatch.change_members(thread, remove=[share.mailbox])
    return True


async def end_shown(endpoint: Endpoint, record: bytes, case: bytes) -> tuple[str, ...]:
    """End all that the record's notices say is shown inside a case, whoever showed it; gives the names of who is out.

    For the holder to whom the patient says so, and for the patient, whose devices showed nothing themselves.
    """
    out: dict[bytes, list[bytes]] = {}
    for said in await _notices(endpoint, record):
        if said.act is not NoticeAct.SHARED or Reference(About.CASE, case) not in said.references:
            continue
        for reference in said.references:
            if reference.about is not About.ITEM:
                continue
            known = await commits(endpoint, record, reference.id)
            readers = [m.account for m in known.latest.commit.members if m.role is Role.READ]
            named = [mailbox for mailbox in readers if await _party(endpoint, mailbox) == said.whom]
            if named:
                await endpoint.dispatch.change_members(reference.id, remove=named)
            for mailbox in named:
                out.setdefault(mailbox, []).append(reference.id)
    for mailbox, items in out.items():
        await _tell(endpoint, record, NoticeAct.SHARE_ENDED, mailbox, case, items)
    return tuple([(await _party(endpoint, mailbox)).name for mailbox in out])


async def _notices(endpoint: Endpoint, record: bytes) -> list[Notice]:
    """The notices of a record that this device has."""
    found = []
    for kept in await endpoint.profile.run(lambda c: threads.of_mailbox(endpoint.profile, c, record)):
        if kept.class_ != RecordClass.NOTICES:
            continue
        read = await endpoint.reading.item(kept.thread)
        for event in read[0] if read is not None else ():
            try:
                if event.type == "record-notice" and event.acting_for == record:  # anybody may write to a record
                    found.append(notice.read(event.body.content))
            except RecordError:
                continue
    return found


# --- what is open ---


async def open_shares(endpoint: Endpoint) -> list[OpenShare]:
    raw = await endpoint.profile.run(lambda c: endpoint.profile.kept(c, _OPEN))
    return [] if raw is None else [_read(plain) for plain in json.loads(raw)]


async def _keep(endpoint: Endpoint, held: Collection[OpenShare]) -> None:
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
