"""What all connections of a submission server share: its limits, who is inside, and the mails in hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from directory.errors import Refusal
from messaging.gateway.entry.turnstile import Turnstile
from messaging.gateway.ports import Client, Porter, Submission, Submitter
from messaging.gateway.smtp.content import Lease, Memory


@dataclass(frozen=True, slots=True)
class Limits:
    """Octets, counts and seconds."""

    octets: int = 50 << 20  # of one mail
    octets_in_hand: int = 256 << 20  # of all mails that are being taken
    recipients: int = 100
    connections: int = 200
    connections_of_one: int = 50  # all programs of one machine
    strangers: int = 40  # connections that have not logged in
    wrong_logins: int = 3
    stranger: float = 60.0  # until a client has logged in
    idle: float = 300.0  # RFC 5321 section 4.5.3.2.7


class Guest(Protocol):
    """A connection, as its server ends it."""

    client: Client | None

    def leave(self) -> None: ...

    def abort(self) -> None: ...


@dataclass(slots=True, repr=False)
class Hall:
    """What all connections of a server share."""

    porter: Porter
    submitter: Submitter
    say: Callable[[Refusal], str]
    still: Callable[[Client], Awaitable[bool]] | None
    limits: Limits
    name: str
    turnstile: Turnstile
    memory: Memory
    connections: set[Guest] = field(default_factory=set)
    submissions: set[asyncio.Task[str]] = field(default_factory=set)

    def submit(self, submission: Submission, lease: Lease) -> asyncio.Task[str]:
        """A task of its own: a client that hangs up does not stop halfway what it sent."""
        task = asyncio.get_running_loop().create_task(self._submitted(submission, lease))
        self.submissions.add(task)
        task.add_done_callback(self._done)
        return task

    async def _submitted(self, submission: Submission, lease: Lease) -> str:
        try:
            return await self.submitter.submit(submission)
        finally:
            lease.end()

    def _done(self, task: asyncio.Task[str]) -> None:
        self.submissions.discard(task)
        if not task.cancelled():
            task.exception()  # told to the client, if there still is one
