"""What a person sees of the profile: cases and threads, opened from the received octets each time, verified before.

Reads the profile only. Nothing that failed verification is ever given out; how many things failed is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from directory.accounts.entry import AccountKind
from directory.errors import DirectoryError, Refusal
from directory.transparency.receipt import parse_proof
from messaging.client import opened as opened_threads
from messaging.client.accounts import AccountCache
from messaging.client.keyring import Keyring
from messaging.client.opened import Opened
from messaging.errors import MessagingError
from messaging.profile import outbox, threads
from messaging.profile.identity import Identity
from messaging.profile.outbox import Outgoing
from messaging.profile.store import Profile
from messaging.profile.threads import KeptEpoch, KeptEvent, KeptThread
from messaging.protocol import acks, message
from messaging.protocol import body as bodies
from messaging.protocol import event as events
from messaging.protocol.acks import AckKind
from messaging.protocol.body import Body, EventType, Manifest
from messaging.referral import bodies as clinical_bodies
from messaging.referral import case as cases
from messaging.referral.case import CaseEvent, CaseState
from messaging.referral.clinical import Body as ClinicalBody
from messaging.referral.clinical import Kind
from messaging.referral.states import Side
from messaging.wire import header
from messaging.wire.epoch import EpochCommit, Member, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

KIND_OF = {
    EventType.REFERRAL_REQUEST: Kind.REFERRAL_REQUEST,
    EventType.STATE_CHANGE: Kind.STATE_CHANGE,
    EventType.APPOINTMENT: Kind.APPOINTMENT,
    EventType.QUESTION: Kind.QUESTION,
    EventType.ANSWER: Kind.ANSWER,
    EventType.REMARK: Kind.REMARK,
}
FOREIGN = frozenset(kind for kind in EventType if EventType.FILING_REQUEST <= kind <= EventType.FILING_WITHDRAWAL)
_TURN = 50  # events
_NO_WORDS, _NO_BODY = message.Message("", ""), Body("", b"")
TYPE_OF = {kind: event_type for event_type, kind in KIND_OF.items()}


@dataclass(frozen=True, slots=True)
class Author:
    """Who signed, in words a person knows: proven name, or the id of the words for an unproven one."""

    name: str
    profession: str
    address: str
    on_behalf_of: str


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """One verified event. `type` is a stable word; `content` is a plain message, a clinical body, or None for what the
    record bridge reads from `body`, and for a type that this version does not know ("update your client")."""

    id: bytes
    thread: bytes
    class_: int
    seq: int
    tick: int
    time: int
    author: Author
    account: bytes
    acting_for: bytes
    intent: bytes
    own: bool
    type: str
    content: message.Message | ClinicalBody | None
    body: Body
    manifests: tuple[Manifest, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A place in a thread where something failed verification: said, never shown."""

    thread: bytes
    seq: int
    failure: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A plain thread, or a case with all its readable threads."""

    threads: tuple[KeptThread, ...]
    events: tuple[ReadEvent, ...]
    refused: tuple[Refused, ...]
    members: tuple[Member, ...]
    case: CaseState | None
    own_side: Side | None
    sides: Mapping[bytes, Side]
    acked: dict[AckKind, int]
    read_by: Mapping[bytes, int] = field(default_factory=dict)
    """How far each other mailbox says that somebody has looked."""

    @property
    def id(self) -> bytes:
        """The thread by which a person names it: the clinical one where it is readable."""
        return self.main.thread

    @property
    def main(self) -> KeptThread:
        clinical = [kept for kept in self.threads if kept.class_ == 1]
        return (clinical or list(self.threads))[0]

    @property
    def subject(self) -> str:
        for event in self.events:
            if isinstance(event.content, message.Message) and event.content.subject:
                return event.content.subject
        return ""

    @property
    def unread(self) -> int:
        read = {kept.thread: kept.read_seq for kept in self.threads}
        return sum(not event.own and event.seq > read[event.thread] for event in self.events)

    def thread_of_class(self, class_: int) -> KeptThread | None:
        return next((kept for kept in self.threads if kept.class_ == class_), None)

    def case_at(self, tick: int) -> CaseState | None:
        """The case as it stood after everything up to this place."""
        if self.case is None:
            return None
        until = (event for event in self.events if event.tick <= tick)
        return cases.fold(self.case.case, _of_case(until, self.sides))

    @property
    def is_handover(self) -> bool:
        """Whether one device said here to another what opens the past of a record: nobody's to read."""
        return bool(self.events) and self.events[0].type == "record-handover"

    @property
    def filing(self) -> ReadEvent | None:
        """What a bridge was asked here: then this is a filing, which belongs to another exchange."""
        first = self.events[0] if self.events else None
        return first if first is not None and first.type == "filing-request" else None


class Reading:
    def __init__(self, profile: Profile, identity: Identity, accounts: AccountCache, keyring: Keyring) -> None:
        self._profile = profile
        self._identity = identity
        self._accounts = accounts
        self._keyring = keyring

    async def exchanges(self) -> list[Exchange]:
        """Every exchange, the most recently moved first."""
        return [one for one in await self._all() if one.filing is None and not one.is_handover]

    async def filings(self) -> list[Exchange]:
        """What was asked of a bridge, the most recently moved first."""
        return [exchange for exchange in await self._all() if exchange.filing is not None]

    async def among(self, wanted: Iterable[bytes], known: Container[bytes] = ()) -> list[Exchange]:
        """The same, made of these threads alone: name all threads of a case. Of plain messages whose event is among
        `known` the words are left out: a long exchange takes no more memory than what is new in it."""
        stored = await self._profile.run(lambda c: self._some(c, wanted))
        return [one for one in await self._exchanges(stored, known) if one.filing is None and not one.is_handover]

    async def _all(self) -> list[Exchange]:
        return await self._exchanges(await self._profile.run(self._everything))

    async def _exchanges(
        self,
        stored: Sequence[tuple[KeptThread, list[KeptEpoch], list[KeptEvent]]],
        known: Container[bytes] = (),
    ) -> list[Exchange]:
        await self._accounts.load({epochs[0].commit.acting_for for _, epochs, _ in stored if epochs})
        opened = [await self._open(*one, known) for one in stored if not self._is_item(one[1])]
        by_case: dict[bytes, list[Opened]] = {}
        for one in opened:
            by_case.setdefault(one.case_id or one.kept.thread, []).append(one)
        found = [self._exchange(group) for same in by_case.values() for group in opened_threads.cases(same)]
        return sorted(found, key=lambda e: max((event.tick for event in e.events), default=0), reverse=True)

    def _is_item(self, epochs: Sequence[KeptEpoch]) -> bool:
        """Whether a thread is something of a patient's record, put there by it or deposited, and no exchange."""
        if not epochs:
            return False
        first = epochs[0].commit
        deposited = any(member.role is Role.DEPOSIT for member in first.members)
        return deposited or self._accounts.lookup(first.acting_for).kind is AccountKind.RECORD

    async def item(self, thread: bytes) -> tuple[list[ReadEvent], EpochCommit] | None:
        """The events of one thread of a record, opened, and its newest commit; None where it is not known here."""

        def load(connection: Connection) -> tuple[KeptThread, list[KeptEpoch], list[KeptEvent]] | None:
            kept = threads.load(self._profile, connection, thread)
            return None if kept is None else self._one(connection, kept)

        stored = await self._profile.run(load)
        if stored is None or not stored[1]:
            return None
        opened = await self._open(*stored)
        return opened.events, stored[1][-1].commit

    async def items(self, wanted: Iterable[bytes]) -> dict[bytes, tuple[list[ReadEvent], EpochCommit]]:
        """The same for several threads at once, those that are known here."""
        found = {}
        for one, epochs, stored in await self._profile.run(lambda c: self._some(c, wanted)):
            if epochs:
                found[one.thread] = ((await self._open(one, epochs, stored)).events, epochs[-1].commit)
        return found

    async def exchange(self, typed: str) -> Exchange:
        """By the beginning of a thread's id. Raises MessagingError: thread-unknown, thread-ambiguous."""
        wanted = typed.strip().lower()
        if len(wanted) < 4:
            raise MessagingError("thread-unknown")
        found = [
            exchange
            for exchange in await self.exchanges()
            if any(kept.thread.hex().startswith(wanted) for kept in exchange.threads)
        ]
        if not found:
            raise MessagingError("thread-unknown")
        if len(found) > 1:
            raise MessagingError("thread-ambiguous")
        return found[0]

    async def waiting(self) -> list[Outgoing]:
        return await self._profile.run(lambda c: outbox.waiting(self._profile, c))

    async def unsent(self, typed: str) -> list[Outgoing]:
        """What waits for a thread that has not begun, by the beginning of its id, with the rest of its case."""
        wanted = typed.strip().lower()
        kept = await self._profile.run(lambda c: threads.load_all(self._profile, c))
        begun = {one.thread for one in kept}
        waiting = [one for one in await self.waiting() if one.thread not in begun]
        named = {one.thread for one in waiting if len(wanted) >= 4 and one.thread.hex().startswith(wanted)}
        if len(named) > 1:
            raise MessagingError("thread-ambiguous")
        cases = {_case_of(one) for one in waiting if one.thread in named} - {None}
        return [one for one in waiting if one.thread in named or _case_of(one) in cases]

    async def failures(self) -> int:
        """How many things outside any thread failed verification."""
        return await self._profile.run(threads.evidence_count)

    async def author(self, account: bytes, acting_for: bytes) -> Author:
        """Proven words for a signer; empty where no bind verifies."""
        try:
            person = await self._accounts.professional(account)
        except Refusal:
            return Author("", "", "", "")
        own = await self._mailbox_owner(acting_for)
        on_behalf_of = "" if own in ("", person.name) else own
        return Author(person.name, person.profession, person.address, on_behalf_of)

    async def _mailbox_owner(self, mailbox: bytes) -> str:
        try:
            return (await self._accounts.professional(mailbox)).name
        except Refusal:
            return ""

    async def readers(self, exchange: Exchange) -> list[str]:
        """Whose mailboxes can read the exchange, by proven name."""
        latest = exchange.members
        return [await self._mailbox_owner(member.account) for member in latest]

    def _everything(self, connection: Connection) -> list[tuple[KeptThread, list[KeptEpoch], list[KeptEvent]]]:
        """Every thread with its epochs and events, in one transaction: a round trip each would cost more than
        opening."""
        kept = threads.load_all(self._profile, connection, self._keyring.records())
        return [self._one(connection, one) for one in kept]

    def _some(
        self, connection: Connection, wanted: Iterable[bytes]
    ) -> list[tuple[KeptThread, list[KeptEpoch], list[KeptEvent]]]:
        kept = [threads.load(self._profile, connection, thread) for thread in wanted]
        return [self._one(connection, one) for one in kept if one is not None]

    def _one(self, connection: Connection, kept: KeptThread) -> tuple[KeptThread, list[KeptEpoch], list[KeptEvent]]:
        return (
            kept,
            threads.epochs_of(self._profile, connection, kept.thread),
            threads.events_of(connection, kept.thread, ("verified", "refused")),
        )

    async def _open(
        self, kept: KeptThread, epochs: list[KeptEpoch], stored: list[KeptEvent], known: Container[bytes] = ()
    ) -> Opened:
        opened = Opened(kept, epochs)
        by_id = {one.commit.id: one for one in epochs}
        for count, one in enumerate(stored, 1):
            if not count % _TURN:
                await asyncio.sleep(0)  # others of this process have their turn
            if one.state == "refused":
                opened.refused.append(Refused(one.thread, one.seq, one.failure))
                continue
            await self._open_event(opened, by_id, one, one.id in known)
        return opened

    async def _open_event(
        self, opened: Opened, by_id: dict[bytes, KeptEpoch], kept: KeptEvent, known: bool
    ) -> None:
        sealed = header.parse(kept.raw)
        within = by_id.get(sealed.header.epoch_id)
        if within is None or within.tes is None:
            return
        decrypted = events.decrypt(sealed, within.tes)
        meta = decrypted.meta
        notices = kept.notices
        try:
            body = bodies.parse(decrypted.body)
        except DirectoryError:
            body, notices = Body("", b""), (*notices, "body-malformed")
        if meta.type == EventType.ACK:
            with contextlib.suppress(DirectoryError):  # one that says nothing acknowledges nothing
                ack = acks.parse(body.content)
                # Nobody has seen what was not there yet.
                opened.acks.append((meta.acting_for, replace(ack, seq=min(ack.seq, kept.seq))))
            return
        if known and meta.type == EventType.MESSAGE:
            body = _NO_BODY
        type_, content = ("message", _NO_WORDS) if body is _NO_BODY else _read(meta.type, body)
        if content is not None and not isinstance(content, message.Message):
            opened.case_id = opened.case_id or content.case
        if content is None and type_ != "unknown" and meta.type not in FOREIGN:
            notices = (*notices, "body-malformed")
        opened.events.append(
            ReadEvent(
                id=kept.id,
                thread=kept.thread,
                class_=opened.kept.class_,
                seq=kept.seq,
                tick=kept.tick,
                time=parse_proof(kept.proof).group.time,
                author=await self.author(meta.signer.account, meta.acting_for),
                account=meta.signer.account,
                acting_for=meta.acting_for,
                intent=kept.intent,
                own=meta.signer.account == self._identity.account,
                type=type_,
                content=content,
                body=body,
                manifests=body.manifests,
                notices=notices,
            )
        )

    def _exchange(self, group: Sequence[Opened]) -> Exchange:
        ordered = sorted(group, key=lambda one: one.kept.class_)
        merged = sorted((event for one in ordered for event in one.events), key=lambda event: event.tick)
        sides = opened_threads.sides_of(ordered)
        case = None
        case_id = next((one.case_id for one in ordered if one.case_id is not None), None)
        if case_id is not None:
            case = cases.fold(case_id, _of_case(merged, sides))
        main = next((one for one in ordered if one.kept.class_ == 1), ordered[0])
        reached = acks.reached(main.acks, main.kept.mailbox)
        mine = {mailbox for mailbox in sides if mailbox == main.kept.mailbox}
        return Exchange(
            threads=tuple(one.kept for one in ordered),
            events=tuple(merged),
            refused=tuple(refused for one in ordered for refused in one.refused),
            members=main.epochs[-1].commit.members if main.epochs else (),
            case=case,
            own_side=next((sides[mailbox] for mailbox in mine), None),
            sides=sides,
            acked={kind: max(by_mailbox.values()) for kind, by_mailbox in reached.items()},
            read_by=reached.get(AckKind.READ, {}),
        )


def _of_case(events: Iterable[ReadEvent], sides: Mapping[bytes, Side]) -> list[CaseEvent]:
    return [
        CaseEvent(sides.get(event.acting_for), event.author.name, event.content, event.time, event.tick)
        for event in events
        if event.content is not None and not isinstance(event.content, message.Message)
    ]


def _case_of(outgoing: Outgoing) -> bytes | None:
    _, content = _read(outgoing.type, bodies.parse(outgoing.body))
    return None if content is None or isinstance(content, message.Message) else content.case


def _read(number: int, body: Body) -> tuple[str, message.Message | ClinicalBody | None]:
    try:
        event_type = EventType(number)
    except ValueError:
        return "unknown", None
    name = event_type.name.lower().replace("_", "-")
    try:
        if event_type is EventType.MESSAGE:
            return name, message.read(body)
        if event_type in FOREIGN:
            return name, None
        if event_type in KIND_OF:
            return name, clinical_bodies.read(KIND_OF[event_type].value, body.content)
    except MessagingError:
        return name, None
    return "unknown", None
