"""Ten thousand mails that wait in the service, and a gateway that has seen none of them: `benchmarks.mail` runs it.

`pour` sends real, sealed mails through real endpoints, several to a thread; `synced` waits for the last of them;
`killed` ends the gateway in the middle and compares what mail programs remember.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import mail_gateway
from benchmarks.deposits import at_work
from benchmarks.mail_letters import letter
from benchmarks.mail_programs import Door, Imap
from messaging.client.endpoint import Endpoint
from messaging.client.messages import CLINICAL
from messaging.gateway.mail import entity
from messaging.profile.outbox import Outgoing
from messaging.protocol import message
from messaging.protocol.body import Body, EventType

IN_THREAD = 2  # mails
_AT_ONCE = 200  # mails in the outbox
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Synced:
    """From the start of the process to the last mail. MiB at the end, and at most."""

    seconds: float
    resident: float
    most_resident: float


async def pour(profile: Path, url: str, to: Sequence[str], count: int) -> float:
    """Mails a second, sealed and sent by one colleague, one after the other. The last one but a third has the rare
    word."""
    async with at_work(profile, url) as endpoint:
        begun = time.perf_counter()
        for at in range(0, count, _AT_ONCE):
            await endpoint.put(_outgoing(endpoint, to, range(at, min(at + _AT_ONCE, count)), count * 2 // 3))
            await endpoint.dispatch.flush()
        return count / (time.perf_counter() - begun)


def _outgoing(endpoint: Endpoint, to: Sequence[str], numbers: range, rare: int) -> list[Outgoing]:
    """As a gateway puts them into the outbox."""
    made = []
    for at in range(0, len(numbers), IN_THREAD):
        thread = endpoint.new_id()
        for number in numbers[at : at + IN_THREAD]:
            octets = letter(endpoint.identity.address, to[0], number, rare=number == rare)
            travelling = entity.travelling(octets, f"<{number}.{thread.hex()}@cabinet.example>")
            made.append(
                Outgoing(
                    intent=endpoint.intent(),
                    thread=thread,
                    class_=CLINICAL,
                    acting_for=endpoint.identity.mailbox,
                    type=EventType.MESSAGE,
                    body=Body(message.MEDIA_TYPE, entity.carve(travelling).entity, ()).encode(),
                    to=tuple(to),
                )
            )
    return made


async def synced(profile: Path, issued: tuple[str, str], count: int) -> Synced:
    begun = time.perf_counter()
    async with mail_gateway.running(profile, issued) as gateway:
        await arrived(gateway.imap, count)
        return Synced(time.perf_counter() - begun, gateway.resident(), gateway.most_resident())


async def killed(profile: Path, issued: tuple[str, str], count: int) -> tuple[float, int]:
    """(seconds of both runs, mails that were there at the kill). Raises RuntimeError where a mail is there twice, is
    missing, or has another UID than before."""
    begun = time.perf_counter()
    async with mail_gateway.running(profile, issued) as gateway:
        await arrived(gateway.imap, count * 2 // 5)
        before = await asyncio.to_thread(_message_ids, gateway.imap)
        await gateway.kill()
    async with mail_gateway.running(profile, issued) as gateway:
        await arrived(gateway.imap, count)
        took = time.perf_counter() - begun
        after = await asyncio.to_thread(_message_ids, gateway.imap)
    if len(after) != count or len(set(after.values())) != count:
        raise RuntimeError(f"{len(after)} mails, {len(set(after.values()))} Message-IDs of {count}")
    if not before.items() <= after.items():
        raise RuntimeError("a UID has changed")
    return took, len(before)


async def arrived(door: Door, count: int) -> None:
    """Returns once INBOX has so many mails."""
    with await asyncio.to_thread(Imap, door) as imap:
        while await asyncio.to_thread(imap.messages) < count:
            await asyncio.sleep(_LOOK)


def _message_ids(door: Door) -> dict[int, bytes]:
    with Imap(door) as imap:
        imap.ask("EXAMINE INBOX")
        return imap.message_ids()
