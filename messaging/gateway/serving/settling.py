"""What becomes of a mail after its 250, told to its author: that it will never leave, still waits, arrived, was read
(RFC 3464, RFC 8098).

Each is told once, as far as it was asked for (RFC 3461); what waited in the outbox goes with the report of its failure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from directory.errors import Category, DirectoryError
from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.errors import MessagingError
from messaging.gateway.mail import delivery_status, disposition
from messaging.gateway.mail.delivery_status import Action, Recipient, Report
from messaging.gateway.mail.heading import Person
from messaging.gateway.mailstore.arrivals import Arrivals, Delivery
from messaging.gateway.mailstore.fixed import Role
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.serving.delivering import Style, own_key, person
from messaging.gateway.serving.record import Record, Records, travelled
from messaging.gateway.serving.tally import MailTally
from messaging.profile.outbox import Outgoing

_LATE_MS: Final = 4 * 3_600_000  # RFC 5321 section 4.5.4.1 would have a sender told within hours
_STATUS: Final = {Action.DELIVERED: "2.0.0", Action.DELAYED: "4.4.1"}
_UNDELIVERABLE: Final = {
    "recipient-unknown": "5.1.1",
    "recipient-closed": "5.2.1",
    "recipient-unproven": "5.7.1",
}
_FORBIDDEN: Final = frozenset({Category.RIGHTS, Category.AUTHENTICITY})
_DISPLAYED: Final = "displayed"


class Settling:
    def __init__(
        self,
        endpoint: Endpoint,
        store: MailStore,
        arrivals: Arrivals,
        records: Records,
        style: Style,
        tally: MailTally,
    ) -> None:
        self._endpoint = endpoint
        self._store = store
        self._arrivals = arrivals
        self._records = records
        self._style = style
        self._tally = tally

    async def settle(self) -> None:
        """Look at what was accepted and is not settled."""
        still_open = await self._records.still_open()
        if not still_open:
            return
        waiting = {one.intent: one for one in await self._endpoint.reading.waiting()}
        gone: list[Record] = []
        for record in still_open:
            left = [waiting[intent] for intent in record.intents if intent in waiting]
            failed = [one for one in left if one.failure]
            if failed:
                left = await self._give_up_some(record, failed, left)
                self._tally.failed += 1
            elif not left:
                await self._tell(record, Action.DELIVERED)
                self._tally.left += 1
            if not left:
                gone.append(record)
            elif not failed and record.arrived + _LATE_MS < self._endpoint.environment.now():
                await self._tell(record, Action.DELAYED)
        await self._records.close(gone)

    async def _give_up_some(
        self, record: Record, failed: Sequence[Outgoing], left: Sequence[Outgoing]
    ) -> list[Outgoing]:
        """Those who will not get it are told of and nobody else; gives what still waits for others."""
        for one in failed:
            others = {address.lower() for other in left if other.to != one.to for address in other.to}
            meant = {address.lower() for address in one.to}
            meant = meant or {wanted.address.lower() for wanted in record.recipients} - others
            record = await self._tell(record, Action.FAILED, one.failure, meant, travelled([one]))
        circles = {one.to for one in failed}
        await self._endpoint.withdraw(one for one in left if one.to in circles)
        return [one for one in left if one.to not in circles]

    async def give_up(self, failure: str) -> None:
        """Nothing of what waits will ever leave from here: its authors are told, and it is taken back."""
        waiting = {one.intent: one for one in await self._endpoint.reading.waiting()}
        for record in await self._records.still_open():
            left = [replace(waiting[intent], failure=failure) for intent in record.intents if intent in waiting]
            await self._give_up_some(record, left, left)
            await self._records.close([record])

    async def looked_at(self, event: ReadEvent, mailbox: bytes) -> None:
        """A colleague with this mailbox has looked at what was sent from here: told where the mail asked for it, of the
        first who did."""
        record = await self._records.of_intent(event.intent)
        if record is None or not record.receipt or _DISPLAYED in record.told:
            return
        me, style, now = self._endpoint.identity, self._style, self._endpoint.environment.now()
        reader = await person(self._endpoint, mailbox)
        seed = own_key(record.key, _DISPLAYED.encode())
        octets = disposition.write(
            seed=seed,
            reader=reader,
            asker=Person(me.name, me.address),
            original=record.message_id,
            subject=record.subject,
            time=now,
            say=style.say,
            zone=style.zone,
        )
        await self._bring(seed, octets, now)
        await self._records.keep(record.after(_DISPLAYED))

    async def _tell(
        self,
        record: Record,
        action: Action,
        failure: str = "",
        meant: Collection[str] | None = None,
        octets: bytes = b"",
    ) -> Record:
        """Of those who are `meant` (lower case), or of all; each is told of once, and of nobody that he got what he did
        not. `octets` are the mail's, where its copy is not here."""
        asking = [
            one
            for one in record.recipients
            if (meant is None or one.address.lower() in meant)
            and delivery_status.wanted(one.notify, action)
            and not {action.value, _told(action, one.address), _told(Action.FAILED, one.address)} & set(record.told)
        ]
        if not asking:
            return record
        me, now = self._endpoint.identity, self._endpoint.environment.now()
        told = [_told(action, one.address) for one in asking]
        seed = own_key(record.key, " ".join(told).encode())
        sent = await self._arrivals.octets_of(record.key)
        report = Report(
            seed=seed,
            owner=Person(me.name, me.address),
            time=now,
            arrived=record.arrived,
            message_id=record.message_id,
            subject=record.subject,
            octets=sent or octets,
            recipients=tuple(
                Recipient(
                    one.address,
                    action,
                    _STATUS.get(action) or _undeliverable(failure),
                    one.original,
                    self._style.sentence(failure) if failure else "",
                )
                for one in asking
            ),
            ret=record.ret,
            envid=record.envid,
        )
        await self._bring(seed, delivery_status.write(report, self._style.say, self._style.zone), now)
        record = record.after(*told)
        await self._records.keep(record)
        return record

    async def _bring(self, key: bytes, octets: bytes, now: int) -> None:
        await self._arrivals.deliver([Delivery(key, self._store.of_role(Role.INBOX).name, octets, (), now)])


def _undeliverable(failure: str) -> str:
    """The enhanced status (RFC 3463) of what was refused for good, by the refusal's id."""
    if failure in _UNDELIVERABLE:
        return _UNDELIVERABLE[failure]
    kind = MessagingError.CATALOGUE.get(failure) or DirectoryError.CATALOGUE.get(failure)
    return "5.7.1" if kind is not None and kind.category in _FORBIDDEN else "5.0.0"


def _told(action: Action, address: str) -> str:
    return f"{action.value}/{address.lower()}"
