"""One person's mailbox in the gateway: the endpoint, its mail on this machine, the turns that keep both together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, Self

from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.errors import MessagingError
from messaging.gateway.access import front_door, lock
from messaging.gateway.access.app_passwords import AppPasswords
from messaging.gateway.database.mail_database import MailDatabase
from messaging.gateway.mailstore.arrivals import Arrivals
from messaging.gateway.mailstore.fixed import FixedNames
from messaging.gateway.mailstore.notes import Notes
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.ports import Client, Submission
from messaging.gateway.serving.delivering import Delivering, Style
from messaging.gateway.serving.looking import Looking
from messaging.gateway.serving.memory import Memory
from messaging.gateway.serving.record import Records
from messaging.gateway.serving.settling import Settling
from messaging.gateway.serving.submitting import Submitting
from messaging.gateway.serving.tally import MailTally
from messaging.gateway.serving.turns import Turns
from messaging.gateway.setup.figures import MailboxFigures
from messaging.referral.clinical import ReferralRequest

WITHDRAWN: Final = "login-refused"
"""What the service says to a device that is no longer one of the account's (CP1-3.10)."""
_ROLL: Final = "mail/roll"
_LOG: Final = logging.getLogger("confrere.gateway")
Upkeep = Callable[[Endpoint, Sequence[ReferralRequest]], Awaitable[None]]
"""What a device owes when it is in touch, with the requests that have left from here since the last time."""


class Mailbox:
    """`running` gives one; the parts are put together here and know nothing of one another but what they are given."""

    def __init__(self, endpoint: Endpoint, store: MailStore, passwords: AppPasswords, style: Style) -> None:
        self.address = endpoint.identity.address
        self.endpoint = endpoint
        self.store = store
        self.passwords = passwords
        arrivals, memory, records = Arrivals(store), Memory(Notes(store)), Records(endpoint.profile)
        self.tally = MailTally()
        settling = Settling(endpoint, store, arrivals, records, style, self.tally)
        self.delivering = Delivering(
            endpoint, store, arrivals, memory, style, self.tally, settling.looked_at, self._has_left
        )
        self.submitting = Submitting(endpoint, store, arrivals, memory, records, style)
        self._looking = Looking(endpoint, store, arrivals, memory)
        self._settling = settling
        self._records = records
        self._generation = 0
        self._requests: list[ReferralRequest] = []
        self.turns: Turns

    @classmethod
    @asynccontextmanager
    async def running(cls, endpoint: Endpoint, style: Style, names: FixedNames, upkeep: Upkeep) -> AsyncIterator[Self]:
        """Until the context ends. What the profile has is served at once; what the service has follows.

        Raises what opening the mail store does."""
        environment, profile = endpoint.environment, endpoint.profile
        async with AsyncExitStack() as stack:
            database = await MailDatabase.open(profile.folder)
            stack.push_async_callback(database.close)
            await lock.keep_lock(database, await profile.lock())
            address = endpoint.identity.address
            await lock.keep_owner(database, profile.vault, address, environment.entropy)
            store = await MailStore.open(database, profile.vault, environment.entropy, environment.now, names)
            stack.push_async_callback(store.close)
            since = await profile.run(lambda c: profile.kept(c, _ROLL)) or b"0"
            passwords = AppPasswords(database, profile.vault, environment.entropy, environment.now, int(since))
            mailbox = cls(endpoint, store, passwords, style)
            await mailbox._believe_passwords()
            await endpoint.go_offline()  # until the first turn has reached the service
            await mailbox.delivering.open()
            await mailbox.submitting.open()
            mailbox.turns = Turns(
                endpoint,
                mailbox.delivering.arrived,
                mailbox._settling.settle,
                mailbox._looking.acknowledge,
                lambda one: mailbox._kept_up(one, upkeep),
                mailbox._turn_failed,
            )
            stack.callback(mailbox._looking.watch(mailbox.turns.send))
            await stack.enter_async_context(_task(mailbox.turns.run()))
            yield mailbox

    def entry(self) -> front_door.Mailbox:
        """How mail programs come in."""

        def client(password_name: str) -> Client:
            return Client(self.address, password_name, tuple(self.submitting.mailboxes()), self.store)

        return front_door.Mailbox(self.address, self.passwords, client)

    async def refresh_passwords(self) -> None:
        """See who may still log in. How far the roll came is kept where the running gateway alone writes: a mail.db of
        yesterday, put back while nobody looked, brings no withdrawn password back."""
        await self.passwords.refresh()
        generation, profile = self.passwords.generation, self.endpoint.profile
        if generation > self._generation:
            await profile.run(lambda connection: profile.keep(connection, _ROLL, str(generation).encode()))
            self._generation = generation

    async def _believe_passwords(self) -> None:
        try:
            await self.refresh_passwords()
        except MessagingError as refused:
            if refused.id != "mail-store-damaged":
                raise
            _LOG.warning("the app passwords are not those of before: all of them are withdrawn")
            await self.passwords.start_anew()
            await self.refresh_passwords()

    async def submit(self, submission: Submission) -> str:
        """As `ports.Submitter.submit`; what was accepted leaves with the next turn."""
        self._refuse_if_withdrawn()
        accepted = await self.submitting.submit(submission)
        self.tally.accepted += 1
        self.turns.handed_in()
        return accepted

    async def recipient(self, address: str) -> str:
        """As `ports.Submitter.recipient`."""
        self._refuse_if_withdrawn()
        return await self.submitting.recipient(address)

    def _refuse_if_withdrawn(self) -> None:
        if self.turns.failure == WITHDRAWN:
            raise MessagingError("mail-device-withdrawn")

    async def _turn_failed(self, failure: str) -> None:
        """What waits is looked at without the service too; a machine that was withdrawn says so in its own inbox."""
        if failure != WITHDRAWN:
            await self._settling.settle()
            return
        await self.delivering.tell_withdrawn()
        await self._settling.give_up("mail-device-withdrawn")

    async def figures(self) -> MailboxFigures:
        """What is counted, and what waits now."""
        waiting = [record.arrived for record in await self._records.still_open()]
        tally = self.tally
        return MailboxFigures(
            address=self.address,
            accepted=tally.accepted,
            left=tally.left,
            failed=tally.failed,
            delivered=tally.delivered,
            waiting=len(waiting),
            waiting_since=min(waiting, default=0),
            failure=self.turns.failure,
            reached=self.turns.reached,
        )

    def _has_left(self, event: ReadEvent) -> None:
        if isinstance(event.content, ReferralRequest):
            self._requests.append(event.content)
            self.turns.owe()

    async def _kept_up(self, endpoint: Endpoint, upkeep: Upkeep) -> None:
        requests, self._requests = self._requests, []
        await upkeep(endpoint, requests)


@asynccontextmanager
async def _task(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
