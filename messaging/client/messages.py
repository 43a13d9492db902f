"""Plain messages: to a new circle, or within an exchange."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from directory.accounts.grants import Right
from messaging.client.dispatch import Sent
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing
from messaging.protocol import message
from messaging.protocol.body import Body, EventType, Manifest
from messaging.protocol.message import Message

CLINICAL = 1


@dataclass(frozen=True, slots=True, repr=False)
class Enclosed:
    """A file that is at hand as octets, as one that came in a mail."""

    name: str
    media_type: str
    octets: bytes


File = Path | Enclosed


async def spool(endpoint: Endpoint, files: Sequence[File]) -> list[Manifest]:
    return [await _spooled(endpoint, file) for file in files]


async def _spooled(endpoint: Endpoint, file: File) -> Manifest:
    if isinstance(file, Enclosed):
        return await endpoint.attachments.spool_octets(file.octets, file.name, file.media_type)
    return await endpoint.attachments.spool(file)


def uploads(manifests: Sequence[Manifest]) -> tuple[str, ...]:
    return tuple(manifest.id.hex() for manifest in manifests)


async def compose(
    endpoint: Endpoint,
    to: Sequence[str],
    subject: str,
    text: str,
    files: Sequence[Path],
    mailbox: bytes | None = None,
    waiting_for: str = "",
) -> Outgoing:
    """A new exchange with some colleagues, written to the outbox. `to` are addresses, checked when the message
    leaves; `waiting_for` is the RPPS of one who has not enrolled yet."""
    manifests = await spool(endpoint, files)
    content = message.write(Message(subject, text))
    outgoing = Outgoing(
        intent=endpoint.intent(),
        thread=endpoint.new_id(),
        class_=CLINICAL,
        acting_for=mailbox or endpoint.identity.mailbox,
        type=EventType.MESSAGE,
        body=Body(message.MEDIA_TYPE, content, tuple(manifests)).encode(),
        to=tuple(to),
        waiting_for=waiting_for,
        uploads=uploads(manifests),
    )
    await endpoint.put([outgoing])
    return outgoing


async def reply(endpoint: Endpoint, exchange: Exchange, text: str, files: Sequence[Path]) -> Outgoing:
    """A message in the exchange's main thread, written to the outbox. Raises MessagingError("mailbox-not-held")."""
    kept = exchange.main
    if not endpoint.keyring.may(kept.mailbox, Right.SEND_AS, kept.class_):
        raise MessagingError("mailbox-not-held")
    if not await endpoint.may_write(kept):
        raise MessagingError("thread-read-only")
    manifests = await spool(endpoint, files)
    content = message.write(Message("", text))
    outgoing = Outgoing(
        intent=endpoint.intent(),
        thread=kept.thread,
        class_=kept.class_,
        acting_for=kept.mailbox,
        type=EventType.MESSAGE,
        body=Body(message.MEDIA_TYPE, content, tuple(manifests)).encode(),
        uploads=uploads(manifests),
    )
    await endpoint.put([outgoing])
    return outgoing


async def leave(endpoint: Endpoint, outgoing: Sequence[Outgoing]) -> list[Sent]:
    """Let the outbox leave; what is asked for here must not be refused in silence."""
    intents = [one.intent for one in outgoing]
    sent = await endpoint.dispatch.flush(intents)
    return [one for one in sent if one.intent in set(intents)]
