"""A mail that a mail program submits becomes what it means in Confrère, durably, once: a `ports.Submission` in, its
Message-ID out.

Everything that one mail means is written in one transaction with the record of its submission; the turns send it.
Nothing is sent from here, so a service that is away keeps no mail program waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary

from directory.accounts.grants import Right
from directory.errors import Category, DirectoryError
from messaging.client import referrals
from messaging.client.endpoint import Endpoint
from messaging.client.messages import CLINICAL, Enclosed, uploads
from messaging.client.reading import Exchange
from messaging.errors import MessagingError
from messaging.gateway.mail import disposition, entity, message_id, notices, parts, referral_fields, reply, submitted
from messaging.gateway.mail.content import Attached
from messaging.gateway.mail.heading import Person
from messaging.gateway.mail.notices import Notice
from messaging.gateway.mail.parts import Part
from messaging.gateway.mail.reply import Known, Meaning, NewMessage, ReadReceipt, Referral, ReferralDraft, Reply, Worded
from messaging.gateway.mail.submitted import Submitted
from messaging.gateway.mailstore.arrivals import Arrivals, Delivery, Sent
from messaging.gateway.mailstore.fixed import Role
from messaging.gateway.mailstore.prepared import MAX_MESSAGE, Prepared
from messaging.gateway.mailstore.store import MailStore
from messaging.gateway.ports import Submission
from messaging.gateway.serving import exchanges
from messaging.gateway.serving.aside import aside
from messaging.gateway.serving.delivering import Style, own_key, person
from messaging.gateway.serving.memory import Memory, Place
from messaging.gateway.serving.record import Record, Records, Wanted, travelled
from messaging.gateway.serving.shown import SEEN
from messaging.profile.outbox import Outgoing
from messaging.protocol import message
from messaging.protocol.body import Body, EventType
from messaging.referral.clinical import Party
from messaging.referral.states import Act

_RESOLVED_MS: Final = 5 * 60_000  # a colleague is looked up again after that, and in any case when the mail leaves
_MOST_RESOLVED: Final = 1_000
_LOG: Final = logging.getLogger("confrere.gateway")
_WITH_FILES: Final = frozenset({Act.ANSWER, Act.PROVIDE})


@dataclass(slots=True)
class _Written:
    """What one mail became: what leaves, notices to its author, and in which exchange it stands."""

    outgoing: list[Outgoing] = field(default_factory=list)
    notices: list[Callable[[Notice], bytes]] = field(default_factory=list)
    read: str = ""

    async def put(self, outgoing: Sequence[Outgoing]) -> None:
        self.outgoing += outgoing


@dataclass(frozen=True, slots=True, repr=False)
class _Begun:
    """The mail in hand: read, as it travels, under which Message-ID it leaves and from which mailbox."""

    mail: Submitted
    octets: bytes
    root: Part
    message_id: str
    mailbox: bytes


class Submitting:
    def __init__(
        self,
        endpoint: Endpoint,
        store: MailStore,
        arrivals: Arrivals,
        memory: Memory,
        records: Records,
        style: Style,
    ) -> None:
        self._endpoint = endpoint
        self._store = store
        self._arrivals = arrivals
        self._memory = memory
        self._records = records
        self._style = style
        self._in_hand: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._resolved: dict[str, tuple[int, str]] = {}  # typed -> (until ms UTC, address)

    async def submit(self, submission: Submission) -> str:
        """Durable on return. Raises as `ports.Submitter.submit`."""
        endpoint, me = self._endpoint, self._endpoint.identity
        mail = await aside(len(submission.octets), submitted.read, submission.octets)
        mailboxes = self.mailboxes()
        mailbox = mailboxes.get(mail.author.lower())
        if mailbox is None:
            raise MessagingError("mail-from-other")
        own = tuple(mailboxes)
        recipients = [address for address, _ in submission.recipients]
        # A mail without a Message-ID is nobody's second attempt: two that say the same are two.
        named = mail.message_id or endpoint.environment.entropy(16).hex()
        name = await self._records.name_of(me.account, named, recipients, submission.octets)
        # Held for as long as one of those who hand in the same mail at once has it in hand.
        in_hand = self._in_hand.setdefault(name, asyncio.Lock())
        async with in_hand:
            # A plain mail that answers nothing means the same at every attempt and asks nobody: it is looked for where
            # it would be kept. Of any other the world may have changed since it was accepted.
            asks = any(referral_fields.alias(address, own) is not None for address in recipients)
            plain = not (mail.parents or mail.own_fields or asks)
            before = None if plain else await self._records.find(name)
            if before is not None:
                return before.message_id
            if not plain:
                await aside(len(submission.octets), lambda: mail.text)  # read where it keeps nobody waiting
            known, within = await self._known(mail)
            meanings = reply.meaning(mail, recipients, known.get, own)
            intent = endpoint.intent()
            own_id = message_id.submitted(mail.author, me.account, intent)
            octets = await aside(len(submission.octets), entity.travelling, submission.octets, own_id)
            root = await aside(len(octets), parts.read, octets)
            begun = _Begun(mail, octets, root, own_id, mailbox)
            written = _Written()
            for meaning in meanings:
                await self._write(meaning, begun, intent, within, written)
                intent = endpoint.intent()
            return await self._keep(submission, begun, name, written)

    async def _keep(self, submission: Submission, begun: _Begun, name: str, written: _Written) -> str:
        """Durable on return, with what leaves; gives the Message-ID under which the mail was accepted first."""
        endpoint, me, mail, octets = self._endpoint, self._endpoint.identity, begun.mail, begun.octets
        now = endpoint.environment.now()
        intents = tuple(one.intent for one in written.outgoing)
        key = own_key(me.account, intents[0] if intents else bytes.fromhex(name)[:16])
        record = Record(
            name=name,
            key=key,
            message_id=begun.message_id,
            alias=mail.message_id,
            subject=mail.subject,
            arrived=now,
            intents=intents,
            recipients=tuple(
                Wanted(address, tuple(sorted(wanted.notify)), wanted.original)
                for address, wanted in submission.recipients
            ),
            ret=submission.ret,
            envid=submission.envid,
            receipt=disposition.asked(mail, submission.client.addresses),
        )
        if len(octets) > MAX_MESSAGE:
            raise MessagingError("mail-too-large", limit=MAX_MESSAGE)
        # Whatever can fail does so before the mail is accepted: nothing leaves of what its program was refused.
        prepared = await self._arrivals.prepare(octets, begun.root)
        await self._keep_here(submission, mail, record, octets, written)
        stands = await self._records.accept(record, written.outgoing)
        if stands is not record:
            await endpoint.attachments.discard(text for one in written.outgoing for text in one.uploads)
            return stands.message_id
        if written.outgoing:
            self._keep_copy(record, written.outgoing[0].thread, octets, prepared)
        return record.message_id

    def _keep_copy(self, record: Record, thread: bytes, octets: bytes, prepared: Prepared) -> None:
        """The author's copy stands in Sent within a moment, whether or not the mail program puts one there."""
        copy = Delivery(record.key, self._store.of_role(Role.SENT).name, octets, (SEEN,), record.arrived)
        self._arrivals.keep_sent(Sent(copy, prepared, record.message_id, record.alias))
        self._memory.keep_soon(Place(record.key, record.message_id, thread, thread))

    async def open(self) -> None:
        """The copies of what waits to leave that this was killed before it could keep. Of a mail with files the event
        brings the copy."""
        waiting = {one.intent: one for one in await self._endpoint.reading.waiting()}
        still_open = {record.key: record for record in await self._records.still_open()}
        for key in still_open.keys() - await self._arrivals.delivered(still_open):
            record = still_open[key]
            try:
                octets = travelled(waiting.get(intent) for intent in record.intents[:1])
                if octets:
                    prepared = await self._arrivals.prepare(octets)
                    self._keep_copy(record, waiting[record.intents[0]].thread, octets, prepared)
            except Exception as failed:  # a copy keeps no gateway from starting: its event brings it
                _LOG.warning("a copy of what was sent is kept later: %s", type(failed).__name__)

    async def _keep_here(
        self, submission: Submission, mail: Submitted, record: Record, octets: bytes, written: _Written
    ) -> None:
        """What is told to the author and leaves nobody: before the record is, for with it the same mail would be taken
        for done. Under names of the submission, so that a second attempt tells nothing twice."""
        me, now, name = self._endpoint.identity, self._endpoint.environment.now(), bytes.fromhex(record.name)
        inbox = self._store.of_role(Role.INBOX).name
        told = []
        for at, notice in enumerate(written.notices):
            seed = own_key(name, at.to_bytes(2, "big"))
            made = notice(Notice(seed, Person(me.name, me.address), now, record.message_id))
            told.append(Delivery(seed, inbox, made, (), now))
        oneself = {mail.author.lower(), me.address.lower()}
        if written.outgoing and any(address.lower() in oneself for address, _ in submission.recipients):
            told.append(Delivery(own_key(name, b"oneself"), inbox, octets, (), now))
        if told:
            await self._arrivals.deliver(told)
        if written.read:
            for place in (await self._memory.places_of_ids([written.read])).values():
                await self._arrivals.flag_by_key(place.key, (SEEN,))

    # --- what it means ---

    async def _write(
        self, meaning: Meaning, begun: _Begun, intent: bytes, within: dict[bytes, Exchange], written: _Written
    ) -> None:
        endpoint, style, subject = self._endpoint, self._style, begun.mail.subject
        match meaning:
            case NewMessage():
                outgoing = await self._message(begun, intent, endpoint.new_id(), to=meaning.to)
                written.outgoing.append(outgoing)
                if meaning.detached:
                    written.notices.append(
                        lambda notice: notices.detached(notice, subject=subject, say=style.say, zone=style.zone)
                    )
            case Reply():
                written.outgoing.append(await self._message(begun, intent, meaning.thread))
            case Worded():
                await self._worded(meaning, within[meaning.thread], written)
                if meaning.attachments and meaning.act not in _WITH_FILES:
                    # A question and a remark hold no files: the mail itself goes beside them.
                    written.outgoing.append(await self._message(begun, intent, meaning.thread))
            case Referral():
                await self._referral(meaning, begun.mailbox, written)
            case ReferralDraft():
                written.notices.append(
                    lambda notice: notices.draft(
                        notice, missing=meaning.missing, subject=subject, say=style.say, zone=style.zone
                    )
                )
            case ReadReceipt():
                written.read = meaning.original if meaning.displayed else ""

    async def _message(self, begun: _Begun, intent: bytes, thread: bytes, to: tuple[str, ...] = ()) -> Outgoing:
        carved = await aside(len(begun.octets), entity.carve, begun.octets, begun.root)
        attachments = self._endpoint.attachments
        manifests = [await attachments.spool_octets(one.octets, one.filename, one.media_type) for one in carved.files]
        kept = None if to else await self._endpoint.intake.thread(thread)
        return Outgoing(
            intent=intent,
            thread=thread,
            class_=kept.kept.class_ if kept else CLINICAL,
            acting_for=kept.kept.mailbox if kept else begun.mailbox,
            type=EventType.MESSAGE,
            body=Body(message.MEDIA_TYPE, carved.entity, tuple(manifests)).encode(),
            to=to,
            uploads=uploads(manifests),
        )

    async def _worded(self, meaning: Worded, exchange: Exchange, written: _Written) -> None:
        step = referrals.Step(self._endpoint, exchange, written.put)
        if meaning.act is None:
            await step.remark(meaning.text, ())
        elif meaning.act in _WITH_FILES:
            await step.answer({"text": meaning.text}, _enclosed(meaning.attachments))
        else:
            await step.ask(meaning.text)

    async def _referral(self, meaning: Referral, mailbox: bytes, written: _Written) -> None:
        endpoint = self._endpoint
        colleague = await endpoint.addresses.resolve(meaning.to[0])
        await referrals.refer(
            endpoint,
            to=meaning.to,
            waiting_for="",
            performer=Party(colleague.name, colleague.rpps),
            patient=meaning.patient,
            question=meaning.question,
            level=meaning.urgency,
            policy=self._style.policy,
            files=_enclosed(meaning.attachments),
            put=written.put,
            mailbox=mailbox,
        )

    # --- what it answers ---

    async def _known(self, mail: Submitted) -> tuple[dict[str, Known], dict[bytes, Exchange]]:
        """What the ids that the mail names are here, and the exchanges by their threads: a stranger's may name the same
        case."""
        if not mail.parents:
            return {}, {}
        places = await self._memory.places_of_ids(mail.parents)
        opened = {place.exchange for place in places.values()}
        found = await exchanges.without_words(self._endpoint, self._memory, opened)
        by_thread = {kept.thread: exchange for exchange in found for kept in exchange.threads}
        known: dict[str, Known] = {}
        for one, place in places.items():
            exchange = by_thread.get(place.exchange)
            told = None if exchange is None else await self._known_as(place, exchange)
            if told is not None:
                known[one] = told
        return known, by_thread

    async def _known_as(self, place: Place, exchange: Exchange) -> Known | None:
        kept = exchange.main
        doctors = exchange.thread_of_class(reply.DOCTOR_ONLY)
        if doctors is not None and place.thread == doctors.thread:
            kept = doctors
        opened = await self._endpoint.intake.thread(kept.thread)
        if opened is None or not opened.epochs:
            return None
        people = [await person(self._endpoint, member.account) for member in opened.latest.commit.members]
        may = self._endpoint.keyring.may(kept.mailbox, Right.SEND_AS, kept.class_)
        case = exchange.case
        return Known(
            into=kept.thread,
            class_=kept.class_,
            members=frozenset(one.address for one in people),
            named=frozenset(place.people),
            writable=may and await self._endpoint.may_write(kept),
            case=case.case if case else None,
            side=exchange.own_side,
            status=case.status if case else None,
            info_awaited=case.info_awaited if case else False,
        )

    # --- as whom, to whom ---

    def mailboxes(self) -> dict[str, bytes]:
        """The mailboxes that this person may write from now, by address in lower case: her own first, then those that
        are entrusted to her."""
        me, keyring = self._endpoint.identity, self._endpoint.keyring
        found = {me.address.lower(): me.mailbox}
        for mailbox in keyring.ordinary():
            address = keyring.held[mailbox].address.lower()
            if address and keyring.may(mailbox, Right.SEND_AS, CLINICAL):
                found.setdefault(address, mailbox)
        return found

    async def recipient(self, address: str) -> str:
        """Raises as `ports.Submitter.recipient`."""
        if referral_fields.alias(address, (self._endpoint.identity.address,)) is not None:
            return address
        now = self._endpoint.environment.now()
        until, known = self._resolved.get(address, (0, ""))
        if 0 < until - now <= _RESOLVED_MS:  # a clock that was set back makes nothing fresh for long
            return known
        try:
            found = await self._endpoint.addresses.resolve(address)
        except DirectoryError as refused:  # no address of ours: a colleague elsewhere, or a slip
            if refused.category is not Category.MALFORMED:
                raise
            raise MessagingError("recipient-unknown") from None
        except MessagingError as refused:
            # Proven before; it is proven again when the mail leaves.
            if refused.category is Category.UNREACHABLE and await self._memory.known_recipient(address.lower()):
                return address
            raise
        await self._memory.keep_recipient(found.address)
        if len(self._resolved) >= _MOST_RESOLVED:
            self._resolved.clear()
        self._resolved[address] = now + _RESOLVED_MS, found.address
        return found.address


def _enclosed(attachments: Sequence[Attached]) -> list[Enclosed]:
    return [Enclosed(one.filename, one.media_type, one.octets) for one in attachments]
