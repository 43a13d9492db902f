"""Deposit into a record without reading it (CP1-4.11, CP1-4.14): epoch 0 with the depositor wrapless, one event, done.

`prepare` gives the whole submission as octets, so that it can be kept and sent again unchanged; the thread's secret is
forgotten with it. `submit` gives the event's receipt; the same octets again give the same one.
"""

from __future__ import annotations

from dataclasses import dataclass

from directory.accounts.entry import AccountKind, Signer
from directory.errors import DirectoryError
from directory.transparency import receipt
from directory.transparency.receipt import CHAIN_START, Receipt, ReceiptKind
from messaging.client.endpoint import Endpoint
from messaging.errors import MessagingError
from messaging.protocol import epoch_secret
from messaging.protocol import event as events
from messaging.protocol.body import Body, EventType
from messaging.protocol.event import Meta
from messaging.wire import epoch, header, submission
from messaging.wire.epoch import NO_KEY, Member, Role
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass


@dataclass(frozen=True, slots=True)
class Prepared:
    """A deposit that may be sent any number of times. `event` is its event's id."""

    octets: bytes
    thread: bytes
    event: bytes


async def prepare(
    endpoint: Endpoint,
    record: bytes,
    class_: RecordClass,
    type_: EventType,
    body: Body,
    *,
    thread: bytes,
    intent: bytes,
) -> Prepared:
    """Seal a deposit to the record's keys of this moment. Raises RecordError("record-unknown")."""
    me, accounts, now = endpoint.identity, endpoint.accounts, endpoint.environment.now()
    try:
        await accounts.ensure([me.account, record])
    except DirectoryError:
        raise RecordError("record-unknown") from None
    own, owner = accounts.lookup(me.account), accounts.lookup(record)
    if owner.kind is not AccountKind.RECORD:
        raise RecordError("record-unknown")
    current = owner.current(class_)
    members = sorted(
        (
            Member(me.account, 0, own.head, 0, NO_KEY, Role.DEPOSIT, 0),
            Member(record, int(class_), owner.head, current.g, epoch.pk_hash(current.pk), Role.ADMIN, 0),
        ),
        key=lambda member: member.account,
    )
    tes = endpoint.environment.entropy(epoch_secret.TES_SIZE)
    signer = Signer(me.account, me.device, own.head)
    wraps = epoch_secret.wraps_for(
        thread=thread, parent=None, tes=tes, members=members, keys={record: current.pk}, held={}, epoch=0
    )
    commit = epoch.build(
        thread=thread,
        epoch=0,
        parent=epoch.NO_PARENT,
        time=now,
        committer=signer,
        acting_for=me.account,
        class_=int(class_),
        authority=(),
        members=members,
        tes_hash=epoch_secret.tes_hash(tes),
        wraps_root=epoch.wraps_root(wraps),
        key=me.signing,
    )
    meta = Meta(
        type=type_,
        acting_for=me.account,
        signer=signer,
        acting_head=own.head,
        authority=(),
        ctr=1,
        prev_own=bytes(32),
        seen_seq=0,
        seen_chain=CHAIN_START,
        time=now,
    )
    raw = events.seal(
        thread=thread,
        epoch_id=commit.id,
        tes=tes,
        salt=endpoint.environment.entropy(32),
        intent=intent,
        meta=meta,
        body=body.encode(),
        key=me.signing,
    )
    octets = submission.encode(thread, (raw,), commit.raw, wraps)
    return Prepared(octets, thread, header.parse(raw).id)


async def submit(endpoint: Endpoint, octets: bytes) -> Receipt:
    """Durable in the record when it returns. Raises MessagingError, ServiceRefusal."""
    found = submission.parse(octets)
    proofs = await endpoint.service.submit(octets)
    if len(proofs) != 2:
        raise MessagingError("service-answer-wrong")
    placed = receipt.verify_proof(receipt.parse_proof(proofs[1]), endpoint.identity.service_pk)
    if (placed.kind, placed.scope, placed.id) != (ReceiptKind.EVENT, found.thread, found.events[0].id):
        raise MessagingError("receipt-foreign")
    return placed
