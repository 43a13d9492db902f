"""The bridge's work, one turn after another (docs/spec/filing.md FI-1, FI-4, FI-7): take, file, tell.

Each state is on disk before the act that it names. Killed anywhere, the next start goes on from what is on disk: the
same octets go again, what may have left is looked for first, and everything that is told or noted has an identifier
that follows from the filing, so that it is never said twice. Consent is asked of the record's own log before each
submission, and once more after it: what was withdrawn before the record took the document is marked there as withdrawn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

from directory.errors import Category, Refusal
from directory.transparency.receipt import Receipt
from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.errors import MessagingError
from messaging.protocol.body import Body, EventType
from messaging.referral.patient import Patient
from messaging.wire import submission
from messaging.wire.frames import ItemKind
from record_bridge.bridge import judging, prepared, taking
from record_bridge.bridge.composing import MEDIA_TYPE, Basis
from record_bridge.bridge.judging import Judged
from record_bridge.bridge.prepared import KeptDocument
from record_bridge.bridge.telling import Teller
from record_bridge.bridge.writing import Say, Scribe
from record_bridge.client import consents, deposit
from record_bridge.client.documents import DOCUMENT
from record_bridge.consent.series import Series
from record_bridge.consent.states import By
from record_bridge.errors import RecordError
from record_bridge.fhir import document_reference
from record_bridge.filing import bodies, identity
from record_bridge.filing.bodies import FilingRequest
from record_bridge.filing.identifiers import document_ids
from record_bridge.filing.states import LEFT, OPEN, Act, State, overall
from record_bridge.record.classes import RecordClass
from record_bridge.store import documents, filings
from record_bridge.store.documents import Document
from record_bridge.store.filings import Filing

log = logging.getLogger("confrere.bridge")
AT_ONCE = 8
ATTEMPTS = 3
_WORK = (State.QUEUED, State.SUBMITTED, State.UNKNOWN)
# The record's keys moved between preparing and sending: nothing was kept, it is prepared again.
_MOVED = frozenset({"epoch-member-stale", "epoch-stale", "head-unknown", "grant-not-live"})
_THERE = frozenset({"epoch-conflict", "epoch-parent-unknown", "event-intent-used", "deposit-closed"})


@dataclass(slots=True)
class Turn:
    """What one turn did, for whoever watches: counts only."""

    taken: int = 0
    filed: int = 0
    told: int = 0
    later: int = 0
    states: dict[State, int] = field(default_factory=dict)


class Bridge:
    """Over one profile that is held open. `say` gives French words by their id; `before` is called with the name of
    each act before it is done, so that a test can stop anywhere; `helper` composes documents beside this process."""

    def __init__(
        self,
        endpoint: Endpoint,
        say: Say,
        before: Callable[[str], None] = lambda _act: None,
        helper: Executor | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._scribe = Scribe(endpoint, say, helper)
        self._teller = Teller(endpoint, before)
        self._before = before
        self._faults: dict[bytes, int] = {}
        self._under_way: set[tuple[bytes, bytes]] = set()

    async def open(self) -> None:
        """Once per start: tables, and what was under way when the last process ended."""
        await self._endpoint.profile.run(filings.open_tables)

    async def turn(self) -> Turn:
        """Everything that can be done now. Raises MessagingError("service-unreachable") when nothing can."""
        endpoint, done = self._endpoint, Turn()
        endpoint.accounts.outdate()  # each log once a turn; the record's own is asked again before each submission
        await endpoint.bring_in()
        done.taken = await taking.take(endpoint)
        waiting = await endpoint.profile.run(lambda c: filings.due(endpoint.profile, c, _WORK))
        gate = asyncio.Semaphore(AT_ONCE)

        async def work(filing: Filing) -> None:
            async with gate:
                if await self._work(filing):
                    done.filed += 1
                else:
                    done.later += 1

        await asyncio.gather(*(work(filing) for filing in waiting))
        done.told = await self._teller.tell()
        done.states = dict(await endpoint.profile.run(filings.counts))
        return done

    async def _work(self, filing: Filing) -> bool:
        """One filing as far as it goes; False where something is away and it is tried again."""
        try:
            await self._file(filing)
        except Refusal as refused:
            if refused.kind.temporary or refused.category in (Category.UNREACHABLE, Category.INTERNAL):
                return await self._later(filing.filing)
            await self._stop(filing, refused.id)
        except Exception as fault:
            # One request that nobody foresaw must not stop the others, nor be tried for ever.
            self._faults[filing.filing] = self._faults.get(filing.filing, 0) + 1
            log.error("a filing failed: %s", type(fault).__name__)
            if self._faults[filing.filing] < ATTEMPTS:
                return await self._later(filing.filing)
            await self._stop(filing, "filing-not-possible")
        await self._follow(filing.filing)
        return True

    async def _later(self, filing: bytes) -> bool:
        """Behind all others: what cannot be done keeps nobody waiting."""
        now = self._endpoint.environment.now()
        await self._endpoint.profile.run(lambda c: filings.postpone(c, filing, now))
        return False

    async def _stop(self, filing: Filing, reason: str) -> None:
        """What has not left is refused; what may have left is looked for first, and what was filed stays filed."""
        endpoint, id_ = self._endpoint, filing.filing
        held = await endpoint.profile.run(lambda c: documents.of_filing(endpoint.profile, c, id_))
        for one in held:
            kept = prepared.decode(one.prepared) if one.state in (State.SUBMITTED, State.UNKNOWN) else None
            if one.state is State.SUBMITTED:
                await self._advance(id_, one.n, one.state, Act.LOSE_ANSWER)
            if kept is not None and await self._found(bodies.read_request(filing.request), one.n, kept):
                continue
            if one.state in OPEN:
                await self._settle(id_, one.n, Act.REJECT, reason)
        if not held:
            await self._settle(id_, 0, Act.REJECT, reason)

    async def _file(self, filing: Filing) -> None:
        endpoint = self._endpoint
        request = bodies.read_request(filing.request)
        asked = await self._asked(filing)
        judged = await judging.judge(endpoint, request, asked)
        patient = request.patient
        if filing.identity:
            later = bodies.read_identity(filing.identity)
            patient, request = later.patient, replace(request, seen_consents=later.seen_consents)
        waits = identity.waits_for(patient)
        for n in range(len(judged.units)):
            held = await endpoint.profile.run(lambda c, n=n: documents.find(endpoint.profile, c, filing.filing, n))  # type: ignore[misc]
            try:
                if waits and (held is None or held.state in (State.QUEUED, State.WAITING_IDENTITY)):
                    await self._settle(filing.filing, n, Act.WAIT_IDENTITY, waits)
                else:
                    await self._document(request, patient, judged, n, held)
            except Refusal as refused:
                if refused.kind.temporary or refused.category in (Category.UNREACHABLE, Category.INTERNAL):
                    raise
                if await self._is_accepted(filing.filing, n):
                    raise MessagingError("epoch-conflict-persists") from None  # whether it was late is asked again
                await self._settle(filing.filing, n, Act.REJECT, refused.id)

    async def _asked(self, filing: Filing) -> ReadEvent:
        found = await self._endpoint.reading.item(filing.filing)
        for event in found[0] if found is not None else ():
            if event.seq == filing.seq and event.type == "filing-request":
                return event
        raise RecordError("filing-unknown")

    # --- one document ---

    async def _document(
        self, request: FilingRequest, patient: Patient, judged: Judged, n: int, held: Document | None
    ) -> None:
        """From wherever it stands to accepted, or a Refusal."""
        if held is not None and held.state in (State.ACCEPTED, State.REJECTED, State.WITHDRAWN):
            await self._withdraw_if_late(request, judged, patient, n)  # a process ended before it was asked
            return
        state = State.QUEUED if held is None else held.state
        if state is State.WAITING_IDENTITY:
            await self._advance(request.filing, n, state, Act.IDENTITY_ARRIVED)
            state = State.QUEUED
        if state is State.SUBMITTED:  # a process ended between sending and the answer
            await self._advance(request.filing, n, state, Act.LOSE_ANSWER)
            state = State.UNKNOWN
        kept = prepared.decode(held.prepared) if held is not None else None
        if state is State.UNKNOWN and kept is not None and await self._found(request, n, kept):
            await self._withdraw_if_late(request, judged, patient, n)
            return
        consent = await self._permitted(request, patient, judged, n)
        text = request.record, judged.units[n].event
        if text in self._under_way:
            raise MessagingError("epoch-conflict-persists")  # another request for it goes first
        self._under_way.add(text)
        try:
            await self._verify_new(request, judged.units[n].event)
            if state is State.QUEUED or kept is None:
                kept = await self._prepare(request, patient, judged, n, consent)
                state = State.QUEUED
            await self._submit(request, n, state, kept)
        finally:
            self._under_way.discard(text)
        await self._withdraw_if_late(request, judged, patient, n)

    async def _verify_new(self, request: FilingRequest, event: bytes) -> None:
        """One text stands in a record once, whoever asks for it again. Raises RecordError("filing-already")."""
        endpoint = self._endpoint
        for other in await endpoint.profile.run(lambda c: filings.of_thread(endpoint.profile, c, request.thread)):
            if other.filing == request.filing:
                continue
            try:
                theirs = bodies.read_request(other.request)
            except Refusal:
                continue
            places = [m for m, item in enumerate(theirs.items) if item.event == event]
            if theirs.record != request.record or not places:
                continue
            held = await endpoint.profile.run(lambda c, o=other: documents.of_filing(endpoint.profile, c, o.filing))  # type: ignore[misc]
            if any(one.n in places and one.state in LEFT for one in held):
                raise RecordError("filing-already")

    async def _permitted(self, request: FilingRequest, patient: Patient, judged: Judged, n: int) -> Series:
        consent = await judging.standing(self._endpoint, request)
        return judging.verify_permitted(request, patient, judged, consent, self._endpoint.environment.now(), (n,))

    async def _prepare(
        self, request: FilingRequest, patient: Patient, judged: Judged, n: int, consent: Series
    ) -> KeptDocument:
        """Written, uploaded, sealed to the record's keys of now, and kept."""
        endpoint, ids = self._endpoint, document_ids(request.filing, n)
        by = consent.current.by
        basis = Basis(request.consent.series, by)
        written = await self._scribe.write(request, patient, judged.units[n], ids, basis)
        self._before("upload")
        manifest = await endpoint.attachments.send_octets(written.cda, DOCUMENT, MEDIA_TYPE)
        body = Body(document_reference.MEDIA_TYPE, written.card, (manifest, judged.evidence))
        made = await deposit.prepare(
            endpoint,
            request.record,
            RecordClass(request.class_),
            EventType.RECORD_DOCUMENT,
            body,
            thread=ids.thread,
            intent=ids.intent,
        )
        kept = KeptDocument(
            made.octets,
            made.event,
            written.document,
            written.sha256,
            written.card,
            request.consent.entry,
            request.consent.series,
            bodies.Basis.SIGNED if by is By.PATIENT else bodies.Basis.ATTESTED,
        )
        self._before("keep")
        await self._put(request.filing, n, kept.encode())
        return kept

    async def _submit(self, request: FilingRequest, n: int, state: State, kept: KeptDocument) -> None:
        self._before("state-submitted")
        await self._advance(request.filing, n, state, Act.SUBMIT)
        self._before("submit")
        try:
            placed = await deposit.submit(self._endpoint, kept.octets)
        except Refusal as refused:
            if refused.category in (Category.UNREACHABLE, Category.INTERNAL) or refused.kind.temporary:
                await self._advance(request.filing, n, State.SUBMITTED, Act.LOSE_ANSWER)
                raise
            if refused.id in _MOVED:
                await self._advance(request.filing, n, State.SUBMITTED, Act.PREPARE_AGAIN)
                raise MessagingError("epoch-conflict-persists") from None
            if refused.id in _THERE and await self._found_in(request, n, State.SUBMITTED, kept):
                return
            raise
        self._before("state-accepted")
        await self._accepted(request.filing, n, State.SUBMITTED, Act.ACCEPT, placed)

    async def _found(self, request: FilingRequest, n: int, kept: KeptDocument) -> bool:
        return await self._found_in(request, n, State.UNKNOWN, kept)

    async def _found_in(self, request: FilingRequest, n: int, state: State, kept: KeptDocument) -> bool:
        """Whether the record has this document already: then it is accepted."""
        thread, me = submission.parse(kept.octets).thread, self._endpoint.identity.account
        act = Act.FIND_OUT if state is State.UNKNOWN else Act.ACCEPT
        try:
            items = await self._endpoint.service.thread_items(thread, me, 0)
        except Refusal as refused:
            if refused.id == "thread-unknown":
                return False
            if refused.id != "thread-not-member":
                raise
            items = ()  # a holder has gone on with it since: it is there
        if items and not any(item.kind is ItemKind.EVENT for item in items):
            return False
        await self._advance(request.filing, n, state, act, event=kept.event)
        return True

    async def _withdraw_if_late(self, request: FilingRequest, judged: Judged, patient: Patient, n: int) -> None:
        """What was withdrawn before the record took the document is marked there; later withdrawals stop the future."""
        endpoint = self._endpoint
        held = await endpoint.profile.run(lambda c: documents.get(endpoint.profile, c, request.filing, n))
        if held.state is not State.ACCEPTED:
            return
        accepted = _tick(held)
        logged = await consents.logged(endpoint, request.record)
        in_time = [one for one in logged if accepted is None or one.tick < accepted]
        try:
            consent = await judging.shown(endpoint, request, in_time)
            judging.verify_permitted(request, patient, judged, consent, held.updated, (n,))
        except RecordError as refused:
            self._before("withdraw")
            await self._advance(request.filing, n, State.ACCEPTED, Act.WITHDRAW, reason=refused.id)

    # --- what is kept ---

    async def _is_accepted(self, filing: bytes, n: int) -> bool:
        held = await self._endpoint.profile.run(lambda c: documents.find(self._endpoint.profile, c, filing, n))
        return held is not None and held.state is State.ACCEPTED

    async def _put(self, filing: bytes, n: int, octets: bytes) -> None:
        endpoint, now = self._endpoint, self._endpoint.environment.now()
        thread = document_ids(filing, n).thread
        await endpoint.profile.run(
            lambda c: documents.put(
                endpoint.profile, c, filing=filing, n=n, prepared=octets, record_thread=thread, now=now
            )
        )

    async def _advance(
        self, filing: bytes, n: int, before: State, act: Act, *, reason: str = "", event: bytes | None = None
    ) -> None:
        now = self._endpoint.environment.now()
        await self._endpoint.profile.run(
            lambda c: documents.advance(c, filing, n, before, act, now, reason=reason, event=event)
        )

    async def _accepted(self, filing: bytes, n: int, before: State, act: Act, placed: Receipt) -> None:
        now, proof = self._endpoint.environment.now(), placed.encode()
        await self._endpoint.profile.run(
            lambda c: documents.advance(c, filing, n, before, act, now, event=placed.id, proof=proof)
        )

    async def _settle(self, filing: bytes, n: int, act: Act, reason: str) -> None:
        """A document that goes no further for now, with its reason; made first where there is none."""
        endpoint = self._endpoint
        held = await endpoint.profile.run(lambda c: documents.find(endpoint.profile, c, filing, n))
        if held is None:
            await self._put(filing, n, b"")
            held = await endpoint.profile.run(lambda c: documents.get(endpoint.profile, c, filing, n))
        if held.state is State.WAITING_IDENTITY and act is Act.WAIT_IDENTITY:
            return
        await self._advance(filing, n, held.state, act, reason=reason)

    async def _follow(self, filing: bytes) -> None:
        """The filing stands where its documents do."""
        endpoint, now = self._endpoint, self._endpoint.environment.now()

        def follow(connection: object) -> None:
            held = filings.get(endpoint.profile, connection, filing)  # type: ignore[arg-type]
            found = documents.of_filing(endpoint.profile, connection, filing)  # type: ignore[arg-type]
            after = overall(one.state for one in found)
            for act in _way(held.state, after):
                held = filings.get(endpoint.profile, connection, filing)  # type: ignore[arg-type]
                filings.advance(connection, filing, held.state, act, now)  # type: ignore[arg-type]

        await endpoint.profile.run(follow)


def _way(before: State, after: State) -> Sequence[Act]:
    """The acts from where a filing stands to where its documents are."""
    if before is after or before not in OPEN:
        return ()
    if after is State.WAITING_IDENTITY:
        return (Act.WAIT_IDENTITY,)
    if after is State.REJECTED:
        return (Act.REJECT,)
    if after is State.WITHDRAWN:
        return (Act.WITHDRAW,) if before is not State.UNKNOWN else (Act.FIND_OUT, Act.WITHDRAW)
    if after is State.ACCEPTED:
        first = {State.QUEUED: (Act.SUBMIT, Act.ACCEPT), State.SUBMITTED: (Act.ACCEPT,), State.UNKNOWN: (Act.FIND_OUT,)}
        return first.get(before, ())
    return ()


def _tick(held: Document) -> int | None:
    """The place at which the record took it, from its receipt; None where that was not kept."""
    return None if held.proof is None else int.from_bytes(held.proof[-8:], "big")
