"""Put an item of a record into another class: mask it, show it again (CP1-4.13, RD-1).

The keys decide who reads what comes later, the service stops serving it in its old class, and a notice tells the
devices of those who no longer hold it, so that an honest one forgets what it had. Whoever read it may remember it.
"""

from __future__ import annotations

from directory.accounts.grants import Right
from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from record_bridge.client.posting import tell
from record_bridge.errors import RecordError
from record_bridge.record import notice
from record_bridge.record.classes import RecordClass
from record_bridge.record.notice import About, NoticeAct, Reference
from record_bridge.store import items as store


async def move(endpoint: Endpoint, record: bytes, item: bytes, into: RecordClass) -> None:
    """Raises MessagingError, DirectoryError("authority-insufficient") without the right to."""
    await endpoint.dispatch.change_members(item, class_=int(into))
    await tell(endpoint, record, NoticeAct.MOVED, references=[Reference(About.ITEM, item)])


async def forget_moved(endpoint: Endpoint, record: bytes, event: ReadEvent) -> None:
    """Drop the items that the record's manager moved out of what this endpoint may read."""
    if event.account != endpoint.accounts.lookup(record).manager or event.acting_for != record:
        return
    try:
        said = notice.read(event.body.content)
    except RecordError:
        return
    if said.act is not NoticeAct.MOVED:
        return
    for one in said.references:
        known = await endpoint.intake.thread(one.id) if one.about is About.ITEM else None
        # The device of somebody who holds the new class has brought its composition in, and keeps it.
        if known is None or known.kept.mailbox != record or await _still_served(endpoint, record, one.id):
            continue
        await endpoint.intake.forget(one.id)
        await endpoint.profile.run(lambda c, t=one.id: store.remove(c, t))  # type: ignore[misc]


async def _still_served(endpoint: Endpoint, record: bytes, thread: bytes) -> bool:
    """Whether the class that the item has now is one of this endpoint's: whoever manages reads them all."""
    if endpoint.keyring.may(record, Right.MANAGE, RecordClass.MASKED):
        return True
    known = await endpoint.intake.thread(thread)
    moved = known is not None and len(known.epochs) > 1
    return moved and known is not None and endpoint.keyring.may(record, Right.READ, known.kept.class_)
