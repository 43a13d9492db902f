"""What arrived at the endpoint becomes mail in the store: once for each event, however often it arrives and this is
killed.

A thread whose files cannot be fetched now is left for the next turn, and keeps nobody else waiting: a mail is made
once, so it is made whole.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from directory.errors import Category, Refusal
from directory.primitives.digest import labelled
from directory.primitives.labels import Label
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange, ReadEvent, Refused
from messaging.client.service import passes
from messaging.errors import MessagingError
from messaging.gateway.mail import message_id, notices, rendering
from messaging.gateway.mail.heading import Person
from messaging.gateway.mail.notices import Notice
from messaging.gateway.mail.rendered import Rendered, Say
from messaging.gateway.mailstore.arrivals import Arrivals, Delivery
from messaging.gateway.mailstore.fixed import Role
from messaging.gateway.mailstore.prepared import MAX_MESSAGE
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.serving import exchanges, shown
from messaging.gateway.serving.aside import aside
from messaging.gateway.serving.memory import Memory, Place
from messaging.gateway.serving.tally import MailTally
from messaging.profile import threads as kept_threads
from messaging.protocol.acks import AckKind
from messaging.referral.urgency import UrgencyPolicy

_AT_ONCE: Final = 40  # threads opened, and mails written, in one go
_IN_HAND: Final = 32 * 1024 * 1024  # octets of mails made and not yet written
STATE_FOLLOWS: Final = 3.0  # seconds between the two parts of one act (docs/spec/referral.md)
_LOG: Final = logging.getLogger("confrere.gateway")


@dataclass(frozen=True, slots=True)
class Style:
    """How mails are made here: words, the sentence of a refusal by its id, the zone of times, what is urgent, whether
    referrals have folders of their own, and how many octets of files one mail may bring."""

    say: Say
    sentence: Callable[[str], str]
    zone: datetime.tzinfo
    policy: UrgencyPolicy
    apart: bool
    largest: int


@dataclass(slots=True)
class _Batch:
    deliveries: list[Delivery] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    octets: int = 0
    flags: dict[bytes, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    acknowledged: dict[bytes, tuple[int, int]] = field(default_factory=dict)
    looked_at: list[tuple[ReadEvent, bytes]] = field(default_factory=list)

    def flag(self, key: bytes, add: Iterable[str], remove: Iterable[str] = ()) -> None:
        """Of a mail that was delivered, once what is in hand is written."""
        before, without = self.flags.get(key, (frozenset(), frozenset()))
        more, less = frozenset(add), frozenset(remove)
        self.flags[key] = (before - less | more, without - more | less)

    def add(self, delivery: Delivery, place: Place) -> None:
        self.deliveries.append(delivery)
        self.places.append(place)
        self.ids.add(place.message_id)
        self.octets += len(delivery.octets)


@dataclass(frozen=True, slots=True)
class _Before:
    """The keys that were delivered, ever, and the places of their mails."""

    delivered: set[bytes]
    places: Mapping[bytes, Place]


class Delivering:
    def __init__(
        self,
        endpoint: Endpoint,
        store: MailStore,
        arrivals: Arrivals,
        memory: Memory,
        style: Style,
        tally: MailTally,
        looked_at: Callable[[ReadEvent, bytes], Awaitable[None]],
        has_left: Callable[[ReadEvent], None],
    ) -> None:
        """`looked_at` is told of one's own events that a colleague has looked at, and of his mailbox; `has_left` of
        those that were submitted here and have their place now."""
        self._endpoint = endpoint
        self._store = store
        self._arrivals = arrivals
        self._looked_at = looked_at
        self._has_left = has_left
        self._memory = memory
        self._style = style
        self._tally = tally
        self._left: set[bytes] = set()
        self._held = False
        self.progress: Callable[[int, int], None] = lambda done, total: None
        """Told how many threads of how many are done, where there are many."""

    async def open(self) -> None:
        """Find what arrived and was not delivered when this ended the last time."""
        newest = await self._endpoint.profile.run(kept_threads.newest)
        reached = await self._memory.reached(newest)
        self._left = {thread for thread, seq in newest.items() if reached.get(thread, 0) < seq}

    async def arrived(self) -> bool:
        """Deliver what the intake took since; gives whether words wait a moment for their state, so that another turn
        is due soon."""
        self._held = False
        self._left |= self._endpoint.intake.arrivals()
        if not self._left:
            return False
        waiting = list(await self._endpoint.profile.run(lambda c: kept_threads.newest(c, self._left)))
        for at in range(0, len(waiting), _AT_ONCE):
            part = waiting[at : at + _AT_ONCE]
            await self._some(part)
            if len(waiting) > _AT_ONCE:
                self.progress(min(at + _AT_ONCE, len(waiting)), len(waiting))
        return self._held

    async def _some(self, threads: Sequence[bytes]) -> None:
        """Where they cannot be made together, each by itself: nobody's mail waits for another's poison."""
        try:
            await self._together(threads)
        except (Refusal, OSError, MemoryError):
            raise
        except Exception as unforeseen:
            if len(threads) == 1:
                await self._set_aside(threads[0], unforeseen)
                return
            for thread in threads:
                await self._some([thread])

    async def _set_aside(self, thread: bytes, unforeseen: Exception) -> None:
        """A thread that could not be read: its owner is told where, and it is tried again when more arrives in it."""
        _LOG.error("a thread could not be read: %s", type(unforeseen).__name__)
        newest = await self._endpoint.profile.run(lambda c: kept_threads.newest(c, [thread]))
        for one, seq in newest.items():
            key = labelled(Label.MAIL, b"unread", one, seq.to_bytes(8, "big"))
            await self._arrivals.deliver([self._unmade(key, one, seq)])
        await self._memory.keep((), newest)
        self._left.discard(thread)

    async def _together(self, threads: Sequence[bytes]) -> None:
        batch = _Batch()
        newest = await self._endpoint.profile.run(lambda c: kept_threads.newest(c, threads))
        found = await exchanges.among(self._endpoint, self._memory, threads, await self._in_the_store(threads))
        before = await self._before(found)
        for exchange in found:
            if self._waits(exchange):
                self._held = True
                newest = _without(newest, exchange)
                continue
            try:
                await self._mails(exchange, before, batch)
            except Refusal as refused:
                if refused.category is not Category.UNREACHABLE and not refused.kind.temporary:
                    raise
                newest = _without(newest, exchange)
        await self._write(batch)
        await self._arrivals.flag_by_keys(batch.flags)
        for event, reader in batch.looked_at:
            await self._looked_at(event, reader)
        await self._memory.keep_acknowledged(batch.acknowledged)
        await self._memory.keep((), newest)
        self._left -= newest.keys()

    async def _write(self, batch: _Batch) -> None:
        """What was made so far, in the order of the service."""
        ordered = sorted(batch.deliveries, key=lambda one: one.internal)
        try:
            await self._arrivals.deliver(ordered)
        except OSError:
            raise
        except Exception as failed:
            if isinstance(failed, Refusal) and failed.id != "mail-too-large":
                raise
            places = {place.key: place for place in batch.places}
            await self._arrivals.deliver([await self._storable(one, places) for one in ordered])
        self._tally.delivered += len(ordered)
        await self._memory.keep(batch.places, {})
        batch.deliveries, batch.places, batch.octets = [], [], 0

    async def _storable(self, delivery: Delivery, places: Mapping[bytes, Place]) -> Delivery:
        """A mail that the store can take: itself, or what says that it cannot be shown."""
        try:
            await self._arrivals.prepare(delivery.octets)
        except (OSError, MemoryError):
            raise
        except Exception as failed:
            _LOG.error("a mail could not be stored: %s", _kind(failed))
            place = places[delivery.key]
            return self._unmade(delivery.key, place.thread, place.seq)
        return delivery

    def _waits(self, exchange: Exchange) -> bool:
        """Whether the last words of a case are so young that the state which leaves after them is still on its way."""
        last = next((event for event in reversed(exchange.events) if shown.is_mail(event, exchange)), None)
        # Of the two clocks one may be wrong: what seems to come from the future is not waited for.
        young = last is not None and 0 <= self._endpoint.environment.now() - last.time < STATE_FOLLOWS * 1000
        return last is not None and young and not last.own and shown.is_alone(last, exchange)

    async def _in_the_store(self, threads: Sequence[bytes]) -> set[bytes]:
        """The ids of the events whose mail was made, and whose place is known: nobody reads their words again."""
        me = self._endpoint.identity.account
        named = await self._endpoint.profile.run(lambda c: kept_threads.names_of(c, threads))
        keys = {own_key(author, intent) if author == me else id: id for id, author, intent in named}
        places = await self._memory.places(await self._arrivals.delivered(keys))
        return {keys[key] for key in places}

    async def _before(self, found: Sequence[Exchange]) -> _Before:
        """What was delivered of these exchanges, asked once for all of them."""
        keys = {key_of(event) for exchange in found for event in exchange.events}
        delivered = await self._arrivals.delivered(keys)
        return _Before(delivered, await self._memory.places(delivered))

    async def _mails(self, exchange: Exchange, before: _Before, batch: _Batch) -> None:
        mails = [event for event in exchange.events if shown.is_mail(event, exchange)]
        keys = {event.id: key_of(event) for event in mails}
        there = before.delivered.intersection(keys.values())
        people = None
        parents: list[str] = []
        for event in mails:
            place = before.places.get(keys[event.id])
            if place is not None:
                if not place.seq:  # submitted here: the event has its place only now
                    self._has_left(event)
                    people = people or await self._people(exchange)
                    at = _place(place.key, place.message_id, event, exchange, people)
                    batch.places += [replace(at, message_id=message_id.of_event(event.id)), at]
                parents.append(place.message_id)
                continue
            if people is None:
                people = await self._people(exchange)
            delivery, own_id = await self._mail(event, exchange, people, parents, batch)
            batch.add(delivery, _place(keys[event.id], own_id, event, exchange, people))
            parents.append(own_id)
            if batch.octets > _IN_HAND:
                await self._write(batch)
        for refused in exchange.refused:
            batch.deliveries.append(self._refusal(refused))
        _keywords(exchange, there, batch)
        await self._acknowledged(exchange, mails, batch)

    async def _mail(
        self,
        event: ReadEvent,
        exchange: Exchange,
        people: dict[bytes, Person],
        parents: Sequence[str],
        batch: _Batch,
    ) -> tuple[Delivery, str]:
        """The event's mail with its Message-ID; of one that cannot be made, what says so."""
        key = key_of(event)
        author, behind = await person(self._endpoint, event.account), await person(self._endpoint, event.acting_for)
        for_another = author.name and behind.name not in ("", author.name)
        if (author.name and not event.author.name) or (for_another and not event.author.on_behalf_of):
            # The service was away when it was opened: whom a proof names is never shown as unproven for ever.
            raise MessagingError("service-unreachable")
        files = await self._files(event)
        try:
            made = await self._rendered(event, exchange, files, people, parents, batch)
            octets = await self._octets(made, event)
            while len(octets) > MAX_MESSAGE and any(files):
                # In base64 they take a third more: the largest is named in the mail instead.
                files[max(range(len(files)), key=lambda at: len(files[at] or b""))] = None
                made = await self._rendered(event, exchange, files, people, parents, batch)
                octets = await self._octets(made, event)
            own_id = rendering.id_of(made)
            flags = shown.flags_of(event, exchange)
            folder = self._store.of_role(shown.role_of(event, exchange, apart=self._style.apart)).name
        except (OSError, MemoryError):
            raise
        except Exception as failed:
            if isinstance(failed, Refusal):
                raise
            _LOG.error("a mail could not be made: %s", type(failed).__name__)
            return self._unmade(key, event.thread, event.seq), message_id.of_event(key)
        return Delivery(key, folder, octets, flags, event.time), own_id

    async def _octets(self, made: Rendered, event: ReadEvent) -> bytes:
        size = len(event.body.content) + sum(len(file.octets or b"") for file in made.files)
        return await aside(size, rendering.render, made, self._style.say, self._style.zone)

    async def _acknowledged(self, exchange: Exchange, mails: Iterable[ReadEvent], batch: _Batch) -> None:
        """Which of one's own mails reached a colleague's machine, and which were looked at."""
        thread = exchange.main.thread
        delivered, read = (exchange.acked.get(kind, 0) for kind in (AckKind.DELIVERED, AckKind.READ))
        before = await self._memory.acknowledged(thread)
        if (delivered, read) == before:
            return
        for event in mails:
            if not event.own or event.thread != thread:
                continue
            if before[1] < event.seq <= read:
                batch.flag(key_of(event), (shown.DELIVERED, shown.READ))
                reader = next((mailbox for mailbox, seq in exchange.read_by.items() if seq >= event.seq), b"")
                batch.looked_at.append((event, reader))
            elif before[0] < event.seq <= delivered:
                batch.flag(key_of(event), (shown.DELIVERED,))
        batch.acknowledged[thread] = delivered, read

    async def _people(self, exchange: Exchange) -> dict[bytes, Person]:
        found = {}
        wrote = {event.acting_for for event in exchange.events}
        for mailbox in wrote | {member.account for member in exchange.members}:
            found[mailbox] = await person(self._endpoint, mailbox)
        return found

    async def _rendered(
        self,
        event: ReadEvent,
        exchange: Exchange,
        files: Sequence[bytes | None],
        people: dict[bytes, Person],
        parents: Sequence[str],
        batch: _Batch,
    ) -> Rendered:
        def made(used: bool) -> Rendered:
            style = self._style
            return shown.rendered(event, exchange, files, people, parents, style.say, style.policy, id_used=used)

        first = made(False)
        own_id = rendering.id_of(first)
        other = (await self._memory.places_of_ids([own_id])).get(own_id)
        used = own_id in batch.ids or (other is not None and other.key != key_of(event))
        return made(True) if used else first

    async def _files(self, event: ReadEvent) -> list[bytes | None]:
        """The attachments' octets; None for what is too large for a mail, and for what the service has no more or
        altered: the mail says so by name."""
        found: list[bytes | None] = []
        room = self._style.largest
        for manifest in event.manifests:
            if manifest.size > room:
                found.append(None)
                continue
            try:
                octets = await self._endpoint.attachments.fetch(manifest, room)
            except Refusal as refused:
                if refused.category is Category.UNREACHABLE or refused.kind.temporary:
                    raise
                _LOG.warning("an attachment was left out: %s", refused.id)
                found.append(None)
                continue
            room -= len(octets)
            found.append(octets)
        return found

    async def tell_withdrawn(self) -> None:
        """A mail of the gateway's own says that this machine is no longer one of the account's; once."""
        me, style, now = self._endpoint.identity, self._style, self._endpoint.environment.now()
        key = labelled(Label.MAIL, b"withdrawn", me.device)
        octets = notices.withdrawn(Notice(key, Person(me.name, me.address), now), say=style.say, zone=style.zone)
        await self._arrivals.deliver([Delivery(key, self._store.of_role(Role.INBOX).name, octets, frozenset(), now)])

    def _unmade(self, key: bytes, thread: bytes, seq: int) -> Delivery:
        """In the place of a mail that could not be made: where the message is, and nothing of it."""
        style, now = self._style, self._endpoint.environment.now()
        me = self._endpoint.identity
        notice = Notice(key, Person(me.name, me.address), now)
        octets = notices.unmade(notice, thread=thread, seq=seq, say=style.say, zone=style.zone)
        return Delivery(key, self._store.of_role(Role.INBOX).name, octets, frozenset(), now)

    def _refusal(self, refused: Refused) -> Delivery:
        """The owner is told that something failed verification; nothing of it is shown."""
        key = labelled(Label.MAIL, b"refused", refused.thread, refused.seq.to_bytes(8, "big"))
        style, now = self._style, self._endpoint.environment.now()
        me = self._endpoint.identity
        octets = notices.refusal(
            Notice(key, Person(me.name, me.address), now),
            thread=refused.thread,
            seq=refused.seq,
            failure=refused.failure,
            say=style.say,
            zone=style.zone,
        )
        return Delivery(key, self._store.of_role(Role.INBOX).name, octets, frozenset(), now)


def _kind(failed: Exception) -> str:
    return failed.id if isinstance(failed, Refusal) else type(failed).__name__


def _place(key: bytes, own_id: str, event: ReadEvent, exchange: Exchange, people: Mapping[bytes, Person]) -> Place:
    main = exchange.main.thread
    named = [people[member.account].address for member in exchange.members] if event.thread == main else []
    return Place(key, own_id, main, event.thread, event.seq, tuple(filter(None, named)))


def _keywords(exchange: Exchange, keys: Iterable[bytes], batch: _Batch) -> None:
    """Where a case stands, on all mails of it that were delivered before."""
    wanted = shown.keywords_of(exchange)
    if wanted:
        for key in keys:
            batch.flag(key, wanted, shown.others(wanted))


def _without(reached: dict[bytes, int], exchange: Exchange) -> dict[bytes, int]:
    own = {kept.thread for kept in exchange.threads}
    return {thread: seq for thread, seq in reached.items() if thread not in own}


def key_of(event: ReadEvent) -> bytes:
    """What names the mail of an event for ever: one's own by the intent, which is known before the event is."""
    return own_key(event.account, event.intent) if event.own else event.id


def own_key(account: bytes, intent: bytes) -> bytes:
    """What names a mail that was submitted here, from before its event exists."""
    return labelled(Label.MAIL, b"own", account, intent)


async def person(endpoint: Endpoint, mailbox: bytes) -> Person:
    """The proven professional behind a mailbox; empty where no proof names one."""
    try:
        found = await endpoint.accounts.professional(mailbox)
    except Refusal as refused:
        if passes(refused):
            raise
        return Person("", "")
    return Person(found.name, found.address, found.profession)
