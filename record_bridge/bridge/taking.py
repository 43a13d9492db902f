"""Take what filing threads bring: requests, identities that became known, and what is taken back (FI-2, FI-7).

Only what nobody has looked at yet is opened. Whatever else is written to a bridge is let lie: it answers to filings.
"""

from __future__ import annotations

import logging

from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from record_bridge.bridge import judging
from record_bridge.filing import bodies, identity
from record_bridge.filing.bodies import FilingRequest
from record_bridge.filing.states import LEFT, Act, State
from record_bridge.store import documents, filings, seen
from record_bridge.store.filings import Filing

log = logging.getLogger("confrere.bridge")
_WAITING = (State.QUEUED, State.WAITING_IDENTITY)
_WITHDRAWABLE = (*_WAITING, State.ACCEPTED)


async def take(endpoint: Endpoint) -> int:
    """How many requests were taken."""
    taken = 0
    for thread, after in await endpoint.profile.run(seen.beyond):
        try:
            taken += await _of_thread(endpoint, thread, after)
        except Refusal as refused:
            if refused.category is Category.UNREACHABLE:
                raise  # and otherwise this one waits, and keeps no other waiting
        except Exception as fault:
            log.error("a thread could not be read: %s", type(fault).__name__)
    return taken


async def _of_thread(endpoint: Endpoint, thread: bytes, after: int) -> int:
    taken = 0
    found = await endpoint.reading.item(thread)
    known = await endpoint.intake.thread(thread)
    reached = known.kept.shown_seq if known is not None else after
    for event in found[0] if found is not None else ():
        if event.seq <= after or event.own:
            continue
        if await _too_early(endpoint, thread, event):
            reached = event.seq - 1  # looked at again once it is known what has left
            break
        taken += await _take(endpoint, thread, event)
    await endpoint.profile.run(lambda c, t=thread, s=reached: seen.reached(c, t, s))  # type: ignore[misc]
    return taken


async def _too_early(endpoint: Endpoint, thread: bytes, event: ReadEvent) -> bool:
    """A withdrawal while documents are on their way: it is found out first what has become of them."""
    if event.type != "filing-withdrawal":
        return False
    held = await endpoint.profile.run(lambda c: documents.of_filing(endpoint.profile, c, thread))
    return any(one.state in (State.SUBMITTED, State.UNKNOWN) for one in held)


async def _take(endpoint: Endpoint, thread: bytes, event: ReadEvent) -> bool:
    try:
        match event.type:
            case "filing-request":
                return await _request(endpoint, thread, event)
            case "filing-identity":
                await _identity(endpoint, thread, event)
            case "filing-withdrawal":
                await _withdrawal(endpoint, thread, event)
            case _:
                pass
    except Refusal as refused:
        if refused.kind.temporary or refused.category in (Category.UNREACHABLE, Category.INTERNAL):
            raise
        return False  # not for this filing, or not by who may: it changes nothing
    return False


async def _request(endpoint: Endpoint, thread: bytes, event: ReadEvent) -> bool:
    """The first request of a thread is the filing; what cannot be read is taken all the same, to be refused aloud."""
    now = endpoint.environment.now()
    try:
        about = bodies.read_request(event.body.content).thread
    except Refusal:
        about = thread
    await endpoint.profile.run(
        lambda c: filings.put(
            endpoint.profile, c, filing=thread, thread=about, seq=event.seq, request=event.body.content, now=now
        )
    )
    return True


async def _held(endpoint: Endpoint, thread: bytes) -> tuple[Filing, FilingRequest]:
    filing = await endpoint.profile.run(lambda c: filings.get(endpoint.profile, c, thread))
    return filing, bodies.read_request(filing.request)


async def _identity(endpoint: Endpoint, thread: bytes, event: ReadEvent) -> None:
    """Of the same person, by who asked: then what waited goes on by itself."""
    filing, request = await _held(endpoint, thread)
    said = bodies.read_identity(event.body.content)
    if said.filing != thread or identity.differs(request.patient, said.patient):
        return
    if not await _by_requester(endpoint, filing, event):
        return
    now = endpoint.environment.now()

    def keep(connection: object) -> None:
        filings.keep_identity(endpoint.profile, connection, thread, event.body.content, now)  # type: ignore[arg-type]
        held = filings.get(endpoint.profile, connection, thread)  # type: ignore[arg-type]
        if held.state is State.WAITING_IDENTITY:
            filings.advance(connection, thread, held.state, Act.IDENTITY_ARRIVED, now)  # type: ignore[arg-type]

    await endpoint.profile.run(keep)


async def _withdrawal(endpoint: Endpoint, thread: bytes, event: ReadEvent) -> None:
    """By who asked, or by the author of what is filed."""
    filing, request = await _held(endpoint, thread)
    said = bodies.read_withdrawal(event.body.content)
    if said.filing != thread:
        return
    if not await _by_requester(endpoint, filing, event) and not await _by_author(endpoint, request, event):
        return
    now = endpoint.environment.now()

    def mark(connection: object) -> None:
        found = documents.of_filing(endpoint.profile, connection, thread)  # type: ignore[arg-type]
        for one in found:
            if said.n in (None, one.n) and one.state in _WITHDRAWABLE:
                documents.advance(connection, thread, one.n, one.state, Act.WITHDRAW, now, reason=said.reason.value)  # type: ignore[arg-type]
        held = filings.get(endpoint.profile, connection, thread)  # type: ignore[arg-type]
        if held.state in _WAITING and said.n is None and not any(one.state in LEFT for one in found):
            filings.advance(connection, thread, held.state, Act.WITHDRAW, now, said.reason.value)  # type: ignore[arg-type]

    await endpoint.profile.run(mark)


async def _by_requester(endpoint: Endpoint, filing: Filing, event: ReadEvent) -> bool:
    found = await endpoint.reading.item(filing.filing)
    asked = [one for one in (found[0] if found is not None else ()) if one.seq == filing.seq]
    return bool(asked) and event.acting_for == asked[0].acting_for


async def _by_author(endpoint: Endpoint, request: FilingRequest, event: ReadEvent) -> bool:
    """Whoever signed one of the selected texts, as the request's own evidence proves."""
    found = await endpoint.reading.item(request.filing)
    for asked in found[0] if found is not None else ():
        if asked.type == "filing-request":
            judged = await judging.judge(endpoint, request, asked)
            return event.account in judged.authors
    return False
