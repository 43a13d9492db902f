"""Put something of one's own into a record, as its holder: each thing is a thread of its own (docs/spec/record.md).

What is written goes through the outbox like a message: durable first, then sent, whatever happens in between.
"""

from __future__ import annotations

from collections.abc import Sequence

from directory.accounts.grants import Right
from messaging.client.endpoint import Endpoint
from messaging.client.messages import leave
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, EventType, Manifest
from messaging.referral.clinical import Party
from record_bridge.record import notice
from record_bridge.record.classes import RecordClass
from record_bridge.record.notice import Notice, NoticeAct, Reference

_PATIENT = "Patient"  # the same word in both languages


async def put(
    endpoint: Endpoint,
    record: bytes,
    class_: RecordClass,
    type_: EventType,
    body: Body,
    manifests: Sequence[Manifest] = (),
) -> Outgoing:
    """An item of the record, in the outbox. Raises MessagingError("mailbox-not-held")."""
    if not endpoint.keyring.may(record, Right.SEND_AS, class_):
        raise MessagingError("mailbox-not-held")
    outgoing = Outgoing(
        intent=endpoint.intent(),
        thread=endpoint.new_id(),
        class_=int(class_),
        acting_for=record,
        type=type_,
        body=body.encode(),
        uploads=tuple(manifest.id.hex() for manifest in manifests),
    )
    await endpoint.put([outgoing])
    return outgoing


async def post(
    endpoint: Endpoint,
    record: bytes,
    class_: RecordClass,
    type_: EventType,
    body: Body,
    manifests: Sequence[Manifest] = (),
) -> bytes:
    """The same, and on its way; gives the item's thread."""
    outgoing = await put(endpoint, record, class_, type_, body, manifests)
    await leave(endpoint, [outgoing])
    return outgoing.thread


async def me(endpoint: Endpoint) -> Party:
    """This endpoint's owner, as a notice names people: a patient's certificate names nobody, and neither does this."""
    own = await endpoint.accounts.professional(endpoint.identity.account)
    return Party(own.name or _PATIENT, own.identifier if own.identifier.isdigit() else "")


async def tell(
    endpoint: Endpoint,
    record: bytes,
    act: NoticeAct,
    whom: Party | None = None,
    references: Sequence[Reference] = (),
    who: Party | None = None,
) -> None:
    """A line for the patient's log, without content, where this endpoint may write one."""
    if not endpoint.keyring.may(record, Right.SEND_AS, RecordClass.NOTICES):
        return
    said = Notice(act, who or await me(endpoint), whom, endpoint.environment.now(), tuple(references))
    await post(
        endpoint,
        record,
        RecordClass.NOTICES,
        EventType.RECORD_NOTICE,
        Body(notice.MEDIA_TYPE, notice.write(said)),
    )
