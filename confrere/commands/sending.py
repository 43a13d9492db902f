"""The end of every verb that sends: what left, what waits and why, as one document, one sentence and one exit code.

Acknowledged means durable at the service. What waits is durable on this device and leaves with the next verb, under
the same intent. What was refused for good is taken back: its author was told, and nothing of it stays.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from confrere.commands.addressing import Addressed
from confrere.output import DONE, UNREACHABLE, Output
from directory.errors import Category, Refusal
from messaging.client import messages
from messaging.client.endpoint import Endpoint
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing

Then = Callable[[], Awaitable[tuple[Mapping[str, object], str]]]
SENT, WAITING, WAITING_ENROLMENT = "sent", "waiting", "waiting-enrolment"


async def leave(
    endpoint: Endpoint,
    outgoing: Sequence[Outgoing],
    output: Output,
    *,
    online: bool,
    done: str,
    document: Mapping[str, object] | None = None,
    to: Addressed | None = None,
    then: Then | None = None,
) -> int:
    """Let `outgoing` leave and answer. `done` is the id of the sentence for what left, with the fact `names`. `then` is
    what follows once it has left, and adds to the answer.

    Raises whatever the service refused for good.
    """
    answer: dict[str, object] = {"thread": outgoing[0].thread.hex(), "event": None, "state": WAITING}
    answer |= document or {}
    thread = str(answer["thread"])
    events: dict[bytes, bytes] = {}
    away: Refusal | None = None
    if online:
        try:
            events = {sent.intent: sent.event for sent in await messages.leave(endpoint, outgoing)}
        except Refusal as refused:
            if refused.category is not Category.UNREACHABLE and not refused.kind.temporary:
                still = {one.intent for one in await endpoint.reading.waiting()}
                await endpoint.withdraw(one for one in outgoing if one.intent in still)
                raise
            away = refused
    else:
        away = MessagingError("service-unreachable")
    say = output.words.say
    if away is not None:
        answer["error"] = {"id": away.id, "message": output.words.of(away)}
        output.result(answer, say("send-waiting", thread=thread))
        output.note(output.words.of(away))
        return UNREACHABLE
    if outgoing[0].intent not in events:
        phone = to.phone if to else ""
        output.result(
            answer | {"state": WAITING_ENROLMENT, "phone": phone},
            say("send-waiting-enrolment", names=to.names if to else "", thread=thread)
            + (" " + say("send-phone", phone=phone) if phone else ""),
        )
        return DONE
    answer |= {"event": events[outgoing[0].intent].hex(), "state": SENT}
    text = say(done, names=to.names if to else "", thread=thread)
    if then is not None:
        more, said = await then()
        answer, text = {**answer, **more}, f"{text}\n{said}"
    output.result(answer, text)
    return DONE


async def invite(endpoint: Endpoint, rpps: str) -> None:
    """Ask the service for a content-free invitation; that it cannot send one does not stop the request."""
    try:
        await endpoint.service.request("POST", "/api/invitations/requests", document={"rpps": rpps})
    except Refusal:
        return
