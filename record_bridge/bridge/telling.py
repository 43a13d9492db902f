"""Tell what became of each document: in its filing thread, and in the record for the patient's log (FI-2, FI-7).

Every thing that is said has an identifier that follows from the filing, the document and the state, so that saying it
again after a crash says nothing twice. What was filed and then withdrawn is marked in the record by a card of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from directory.errors import Category, DirectoryError, Refusal
from directory.primitives import digest
from directory.primitives.codec import u16
from directory.primitives.labels import Label
from messaging.client.endpoint import Endpoint
from messaging.profile.outbox import Outgoing
from messaging.protocol.body import Body, EventType
from messaging.referral.clinical import Party
from record_bridge.bridge import composing, prepared
from record_bridge.bridge.prepared import KeptDocument
from record_bridge.client import deposit
from record_bridge.errors import RecordError
from record_bridge.fhir import document_reference
from record_bridge.filing import bodies
from record_bridge.filing.bodies import FilingReceipt, FilingRequest
from record_bridge.filing.identifiers import WITHDRAWN, record_thread
from record_bridge.filing.states import State
from record_bridge.record import notice
from record_bridge.record.classes import RecordClass
from record_bridge.record.notice import About, Notice, NoticeAct, Reference
from record_bridge.store import documents, filings
from record_bridge.store.documents import Document

log = logging.getLogger("confrere.bridge")
TOLD = (State.WAITING_IDENTITY, State.ACCEPTED, State.REJECTED, State.WITHDRAWN)
_NOTICE = 0x4000
_ID = 16
_ALREADY_THERE = frozenset({"epoch-conflict", "epoch-parent-unknown", "event-intent-used", "deposit-closed"})


class Teller:
    def __init__(self, endpoint: Endpoint, before: Callable[[str], None]) -> None:
        self._endpoint = endpoint
        self._before = before

    async def tell(self) -> int:
        """How many documents somebody was told of. What cannot be told now is told in the next turn."""
        endpoint = self._endpoint
        waiting = await endpoint.profile.run(lambda c: documents.untold(endpoint.profile, c, TOLD))
        said: list[Document] = []
        for one in waiting:
            try:
                await self._note(one)
                await self._say(one)
            except Refusal as refused:
                if refused.kind.temporary or refused.category in (Category.UNREACHABLE, Category.INTERNAL):
                    continue
                # The record or the thread is closed to us: there is nobody left to tell.
            except Exception as fault:  # what nobody foresaw of one keeps nobody else waiting
                log.error("a receipt could not be told: %s", type(fault).__name__)
                continue
            said.append(one)
        self._before("tell")
        await endpoint.dispatch.flush()
        outbox = {one.intent for one in await endpoint.reading.waiting() if not one.failure}
        told = [one for one in said if _intent(one) not in outbox]

        def mark(connection: object) -> None:
            for one in told:
                documents.tell(connection, one.filing, one.n, one.state)  # type: ignore[arg-type]

        self._before("mark-told")
        await endpoint.profile.run(mark)
        return len(told)

    async def _say(self, one: Document) -> None:
        """The receipt, into the outbox."""
        endpoint = self._endpoint
        thread = await endpoint.intake.thread(one.filing)
        if thread is None:
            raise RecordError("filing-unknown")
        kept = prepared.decode(one.prepared)
        receipt = self._receipt(one, kept)
        outgoing = Outgoing(
            intent=_intent(one),
            thread=one.filing,
            class_=thread.kept.class_,
            acting_for=thread.kept.mailbox,
            type=EventType.FILING_RECEIPT,
            body=Body(bodies.MEDIA_TYPE, bodies.write_receipt(receipt)).encode(),
        )
        await endpoint.put([outgoing])

    def _receipt(self, one: Document, kept: KeptDocument | None) -> FilingReceipt:
        filed = one.state is State.ACCEPTED or (one.state is State.WITHDRAWN and kept is not None)
        return FilingReceipt(
            filing=one.filing,
            n=one.n,
            state=one.state,
            reason=one.reason,
            basis=kept.basis if kept is not None else None,
            series=kept.series if kept is not None else bytes(16),
            entry=kept.entry if kept is not None else bytes(32),
            record_thread=one.record_thread if filed else None,
            event=kept.event if filed and kept is not None else None,
            document=kept.document if kept is not None else "",
            sha256=kept.sha256 if kept is not None else None,
            time=one.updated,
        )

    # --- in the record ---

    async def _note(self, one: Document) -> None:
        kept = prepared.decode(one.prepared)
        if kept is None or one.state not in (State.ACCEPTED, State.WITHDRAWN):
            return
        endpoint = self._endpoint
        filing = await endpoint.profile.run(lambda c: filings.get(endpoint.profile, c, one.filing))
        request = bodies.read_request(filing.request)
        if one.state is State.ACCEPTED:
            await self._notice(request, one, kept)
        elif one.event is not None or one.proof is not None:
            await self._mark_withdrawn(request, one, kept)

    async def _notice(self, request: FilingRequest, one: Document, kept: KeptDocument) -> None:
        """For the patient's log, without content: what was filed, by whom, on which consent."""
        said = Notice(
            NoticeAct.FILED,
            await self._requester(request),
            None,
            one.updated,
            (Reference(About.ITEM, one.record_thread), Reference(About.SERIES, kept.series)),
        )
        body = Body(notice.MEDIA_TYPE, notice.write(said))
        thread = record_thread(one.filing, one.n | _NOTICE)
        await self._deposit(request.record, RecordClass.NOTICES, EventType.RECORD_NOTICE, body, thread)

    async def _requester(self, request: FilingRequest) -> Party:
        found = await self._endpoint.reading.item(request.filing)
        for event in found[0] if found is not None else ():
            if event.type == "filing-request":
                try:
                    own = await self._endpoint.accounts.professional(event.account)
                except DirectoryError:
                    break
                return Party(own.name, own.identifier if own.identifier.isdigit() else "")
        raise RecordError("filing-unknown")

    async def _mark_withdrawn(self, request: FilingRequest, one: Document, kept: KeptDocument) -> None:
        body = Body(document_reference.MEDIA_TYPE, composing.withdrawn(kept.card))
        thread = record_thread(one.filing, one.n | WITHDRAWN)
        await self._deposit(
            request.record, RecordClass(request.class_), EventType.RECORD_DOCUMENT, body, thread
        )

    async def _deposit(
        self, record: bytes, class_: RecordClass, type_: EventType, body: Body, thread: bytes
    ) -> None:
        """Once: a thread of this name that exists already says it already."""
        intent = digest.labelled(Label.FILING, thread)[:_ID]
        made = await deposit.prepare(self._endpoint, record, class_, type_, body, thread=thread, intent=intent)
        self._before("note")
        try:
            await deposit.submit(self._endpoint, made.octets)
        except Refusal as refused:
            if refused.id not in _ALREADY_THERE:
                raise


def _intent(one: Document) -> bytes:
    """The same for the same state, whatever happens in between."""
    told = one.state.value.encode() + b"\0" + one.reason.encode()
    return digest.labelled(Label.FILING, one.filing, u16(one.n), told)[:_ID]

