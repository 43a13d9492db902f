"""Empty the outbox: open or renew an epoch where it is due, seal, submit, and keep the receipts (CP1-4.8, CP1-5.5).

Sealing happens here and not when a message is written, so that it is always to the keys of the moment; the intent
stays the same, so that whatever was interrupted arrives once. The outbox is emptied only by receipts under the pinned
service key.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from directory.accounts.entry import Signer
from directory.accounts.grants import Right
from directory.accounts.state import NOW
from directory.errors import Category, Refusal
from directory.primitives import tree
from directory.transparency.receipt import CHAIN_START, parse_proof
from messaging.client.accounts import AccountCache
from messaging.client.addresses import AddressBook, Recipient
from messaging.client.attachments import Attachments
from messaging.client.environment import Environment
from messaging.client.intake import Intake
from messaging.client.keyring import Keyring
from messaging.client.open_thread import OpenThread
from messaging.client.service import Service
from messaging.errors import MessagingError
from messaging.profile import outbox, threads
from messaging.profile.identity import Identity
from messaging.profile.outbox import Outgoing
from messaging.profile.store import Profile
from messaging.protocol import continuity, epoch_secret
from messaging.protocol import event as events
from messaging.protocol.body import EventType
from messaging.protocol.event import Meta
from messaging.wire import epoch, epoch_rules, header, limits, submission
from messaging.wire.epoch import EpochCommit, EpochWrap, Member, Role
from messaging.wire.frames import Item, ItemKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ATTEMPTS = 6
_TOGETHER = 32  # threads
_RETRY = frozenset(
    {"epoch-stale", "epoch-conflict", "epoch-member-stale", "epoch-parent-unknown", "head-unknown", "event-intent-used"}
)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit in the making, with what seals its events."""

    commit: EpochCommit
    wraps: tuple[EpochWrap, ...]
    tes: bytes


@dataclass(frozen=True, slots=True)
class _Taken:
    """Events of one thread that the service has taken, and the intake from there; the next flush writes them."""

    part: Sequence[Outgoing]
    sealed: Sequence[bytes]
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Sent:
    thread: bytes
    event: bytes
    intent: bytes


class Dispatch:
    def __init__(
        self,
        profile: Profile,
        service: Service,
        identity: Identity,
        environment: Environment,
        accounts: AccountCache,
        keyring: Keyring,
        intake: Intake,
        addresses: AddressBook,
        attachments: Attachments,
    ) -> None:
        self._profile = profile
        self._service = service
        self._identity = identity
        self._environment = environment
        self._accounts = accounts
        self._keyring = keyring
        self._intake = intake
        self._addresses = addresses
        self._attachments = attachments

    async def flush(
        self, wanted: Iterable[bytes] = (), go_on: Callable[[], Awaitable[bool]] | None = None
    ) -> list[Sent]:
        """Send whatever can leave. A refusal of an intent in `wanted` is raised; others are kept with their reason, or
        wait when the reason is temporary. `go_on` is asked after each round of some dozens, all of it durable."""
        asked = set(wanted)
        sent: list[Sent] = []
        found: dict[str, Recipient] = {}
        waiting = [o for o in await self._profile.run(lambda c: outbox.waiting(self._profile, c)) if not o.failure]
        for parts in _rounds(waiting):
            left, refusals = await self._leave(parts, found)
            sent += left
            for part, refused in refusals:
                ours = bool(asked.intersection(o.intent for o in part))
                if refused.category is Category.UNREACHABLE:
                    raise refused
                if not refused.kind.temporary:
                    await self._mark(part, refused.id)
                if ours:
                    raise refused
            if go_on is not None and not await go_on():
                break
        return sent

    async def _mark(self, part: Sequence[Outgoing], failure: str) -> None:
        def mark(connection: Connection) -> None:
            for outgoing in part:
                if outgoing.type == EventType.ACK:  # nobody waits to hear what became of it
                    outbox.remove(connection, outgoing.intent)
                else:
                    outbox.put(self._profile, connection, replace(outgoing, failure=failure))

        await self._profile.run(mark)

    async def _leave(
        self, parts: Sequence[list[Outgoing]], found: dict[str, Recipient]
    ) -> tuple[list[Sent], list[tuple[list[Outgoing], Refusal]]]:
        """Parts of different threads, handed in in their order and kept in one transaction; with those that were
        refused. `found` are the colleagues that were looked up since the outbox was opened."""
        refusals: list[tuple[list[Outgoing], Refusal]] = []
        taken: list[_Taken] = []
        behind: list[list[Outgoing]] = []
        await self._intake.look_ahead(part[0].thread for part in parts)
        try:
            for part in parts:
                try:
                    others = await self._recipients(part[0], found)
                    if others is not None:
                        for outgoing in part:
                            await self._attachments.upload(outgoing.uploads)
                        taken.append(await self._attempt(part, others))
                except Refusal as refused:
                    if refused.id in _RETRY:
                        behind.append(part)
                    else:
                        refusals.append((part, refused))
                    if refused.category is Category.UNREACHABLE:
                        break
        finally:
            sent = await self._keep(taken)
        for part in behind:
            try:
                sent += await self._again(part, found)
            except Refusal as refused:
                refusals.append((part, refused))
        return sent, refusals

    async def _recipients(self, first: Outgoing, found: dict[str, Recipient]) -> list[bytes] | None:
        """With whom a thread opens; nobody for one that exists, whose commits say it. None as long as one of them has
        not enrolled."""
        known = await self._intake.thread(first.thread)
        if known is not None and known.epochs:
            return []
        to = list(first.to)
        if first.waiting_for:
            colleague = await self._addresses.by_rpps(first.waiting_for)
            if not colleague.enrolled:
                return None
            to.append(colleague.address)
        for typed in to:
            if typed not in found:
                found[typed] = await self._addresses.resolve(typed)
        if not all(found[typed].enrolled for typed in to):
            return None
        return [*(found[typed].mailbox for typed in to), *first.accounts]

    async def _again(self, part: list[Outgoing], found: dict[str, Recipient]) -> list[Sent]:
        """After a refusal that says that this profile was behind."""
        for attempt in range(1, _ATTEMPTS):
            self._accounts.outdate()
            await self._sync(part[0].acting_for)
            gone = await self._drop_arrived(part)
            part = [outgoing for outgoing in part if outgoing.intent not in gone]
            if not part:
                return [Sent(thread, event, intent) for intent, (thread, event) in gone.items()]
            try:
                others = await self._recipients(part[0], found) or []
                return await self._keep([await self._attempt(part, others)])
            except Refusal as refused:
                if refused.id not in _RETRY or attempt == _ATTEMPTS - 1:
                    raise
        raise MessagingError("epoch-conflict-persists")

    async def _drop_arrived(self, part: Sequence[Outgoing]) -> dict[bytes, tuple[bytes, bytes]]:
        """Intents that turn out to have arrived (their receipt was lost on the way), with thread and event."""
        arrived: dict[bytes, tuple[bytes, bytes]] = {}
        for outgoing in part:
            found = await self._profile.run(
                lambda c, o=outgoing: threads.event_of_intent(c, o.thread, o.intent, self._identity.account)  # type: ignore[misc]
            )
            if found is not None:
                arrived[outgoing.intent] = outgoing.thread, found
                await self._profile.run(lambda c, o=outgoing: outbox.remove(c, o.intent))  # type: ignore[misc]
        return arrived

    async def _sync(self, mailbox: bytes) -> None:
        after = await self._profile.run(lambda c: threads.cursor_of(c, mailbox))
        async for page in self._service.pages(partial(self._service.items, mailbox), after):
            await self._intake.take_page(page, mailbox)

    async def _attempt(self, part: list[Outgoing], others: list[bytes]) -> _Taken:
        first = part[0]
        known = await self._intake.thread(first.thread)
        made = await self._due_commit(first, known, others)
        if made is not None:
            epoch_id, tes = made.commit.id, made.tes
        else:
            latest = known.latest if known is not None else None
            if latest is None or latest.tes is None:
                raise MessagingError("epoch-unknown")
            epoch_id, tes = latest.commit.id, latest.tes
        sealed = await self._seal(part, known, epoch_id, tes)
        octets = submission.encode(
            first.thread,
            tuple(sealed),
            made.commit.raw if made is not None else b"",
            made.wraps if made is not None else (),
        )
        proofs = await self._service.submit(octets)
        items = list(_items(first.acting_for, made, sealed, proofs))
        for item in items:
            await self._intake.take(item)  # by the same door as everybody's
        return _Taken(part, sealed, items)

    async def _seal(
        self, part: Sequence[Outgoing], known: OpenThread | None, epoch_id: bytes, tes: bytes
    ) -> list[bytes]:
        me = self._identity
        own = self._accounts.lookup(me.account)
        order = known.kept.order if known is not None else continuity.ThreadOrder()
        ctr, prev_own = continuity.next_counter(order, me.account, me.device)
        sealed: list[bytes] = []
        for outgoing in part:
            meta = Meta(
                type=outgoing.type,
                acting_for=outgoing.acting_for,
                signer=Signer(me.account, me.device, own.head),
                acting_head=self._accounts.lookup(outgoing.acting_for).head,
                authority=self._keyring.authority(outgoing.acting_for),
                ctr=ctr,
                prev_own=prev_own,
                seen_seq=order.seq,
                seen_chain=order.chain if order.seq else CHAIN_START,
                time=self._environment.now(),
            )
            raw = events.seal(
                thread=outgoing.thread,
                epoch_id=epoch_id,
                tes=tes,
                salt=self._environment.entropy(32),
                intent=outgoing.intent,
                meta=meta,
                body=outgoing.body,
                key=me.signing,
            )
            sealed.append(raw)
            ctr, prev_own = ctr + 1, header.parse(raw).id
        return sealed

    async def _keep(self, taken: Sequence[_Taken]) -> list[Sent]:
        """Write what was taken, and empty the outbox with it."""
        left = [outgoing for one in taken for outgoing in one.part]

        def empty(connection: Connection) -> None:
            for outgoing in left:
                outbox.remove(connection, outgoing.intent)

        if left:
            await self._intake.flush(empty)
            for one in taken:
                await self._intake.expect_echoes(one.part[0].thread, one.items)
        pairs = [pair for one in taken for pair in zip(one.part, one.sealed, strict=True)]
        return [Sent(outgoing.thread, header.parse(raw).id, outgoing.intent) for outgoing, raw in pairs]

    # Epochs

    async def _due_commit(self, first: Outgoing, known: OpenThread | None, others: list[bytes]) -> Commit | None:
        """Epoch 0 of a new thread, or the next one when a member's key has rotated since."""
        if known is None or not known.epochs:
            mailboxes = list(dict.fromkeys([first.acting_for, *others]))
            await self._accounts.ensure([self._identity.account, *mailboxes])
            roles = {m: Role.ADMIN if m == first.acting_for else Role.SEND for m in mailboxes}
            members = [self._member(m, first.class_, roles[m], 0) for m in mailboxes]
            return self._commit(first.thread, first.class_, first.acting_for, None, members)
        latest = known.latest.commit
        await self._accounts.ensure([self._identity.account, *(m.account for m in latest.members)])
        if all(self._current(member) for member in latest.members):
            return None
        members = [
            self._member(m.account, latest.class_, m.role, m.from_epoch)
            for m in latest.members
            if m.role is not Role.DEPOSIT
        ]
        return self._commit(first.thread, latest.class_, first.acting_for, known, members)

    def _current(self, member: Member) -> bool:
        return self._accounts.lookup(member.account).current(member.class_).g == member.gen

    def _member(self, account: bytes, class_: int, role: Role, from_epoch: int) -> Member:
        state = self._accounts.lookup(account)
        own_class = epoch_rules.member_class(state.kind, class_)
        current = state.generation_at(own_class, NOW)
        return Member(account, own_class, state.head, current.g, epoch.pk_hash(current.pk), role, from_epoch)

    def _commit(
        self, thread: bytes, class_: int, acting_for: bytes, known: OpenThread | None, members: Iterable[Member]
    ) -> Commit:
        if not self._keyring.may(acting_for, Right.SEND_AS, class_):
            raise MessagingError("mailbox-not-held")
        me = self._identity
        parent = known.latest.commit if known is not None else None
        ordered = sorted(members, key=lambda member: (member.account, member.class_))
        tes = self._environment.entropy(epoch_secret.TES_SIZE)
        number = parent.epoch + 1 if parent is not None else 0
        keys = {m.account: self._accounts.lookup(m.account).current(m.class_).pk for m in ordered}
        wraps = epoch_secret.wraps_for(
            thread=thread,
            parent=parent,
            tes=tes,
            members=ordered,
            keys=keys,
            held=known.secrets() if known is not None else {},
            epoch=number,
        )
        commit = epoch.build(
            thread=thread,
            epoch=number,
            parent=parent.id if parent is not None else epoch.NO_PARENT,
            time=max(self._environment.now(), parent.time if parent is not None else 0),
            committer=Signer(me.account, me.device, self._accounts.lookup(me.account).head),
            acting_for=acting_for,
            class_=class_,
            authority=self._keyring.authority(acting_for),
            members=ordered,
            tes_hash=epoch_secret.tes_hash(tes),
            wraps_root=epoch.wraps_root(wraps),
            key=me.signing,
        )
        return Commit(commit, wraps, tes)

    async def change_members(
        self,
        thread: bytes,
        *,
        add: dict[bytes, tuple[Role, bool]] | None = None,
        remove: Iterable[bytes] = (),
        class_: int | None = None,
    ) -> EpochCommit:
        """Add colleagues (role, with history?) or remove them, as one new epoch, at once durable. `class_` moves a
        record's item to another class, where nobody else stays (CP1-4.13).

        Raises MessagingError: thread-unknown, epoch-role-refused (by the rules), service-unreachable.
        """
        gone = set(remove)
        for attempt in range(_ATTEMPTS):
            known = await self._intake.thread(thread)
            if known is None or not known.epochs:
                raise MessagingError("thread-unknown")
            latest = known.latest.commit
            added = add or {}
            await self._accounts.ensure([self._identity.account, *added, *(m.account for m in latest.members)])
            mine = latest.member(known.kept.mailbox)
            first = mine.from_epoch if mine is not None else 0
            into = latest.class_ if class_ is None else class_
            if into != latest.class_:
                gone = {m.account for m in latest.members if m.account != known.kept.mailbox}
            members = [
                self._member(m.account, into, m.role, m.from_epoch)
                for m in latest.members
                if m.account not in gone and m.account not in added and m.role is not Role.DEPOSIT
            ]
            members += [
                self._member(account, into, role, first if history else latest.epoch + 1)
                for account, (role, history) in added.items()
            ]
            made = self._commit(thread, into, known.kept.mailbox, known, members)
            octets = submission.encode(thread, (), made.commit.raw, made.wraps)
            try:
                (proof,) = await self._service.submit(octets)
            except Refusal as refused:
                if refused.id not in _RETRY or attempt == _ATTEMPTS - 1:
                    raise
                self._accounts.outdate()
                await self._sync(known.kept.mailbox)
                continue
            wrap, path = _own_wrap(made, known.kept.mailbox)
            tick = parse_proof(proof).receipt.tick
            item = Item(known.kept.mailbox, tick, ItemKind.EPOCH, made.commit.raw, proof, wrap, path)
            await self._intake.take(item)
            await self._intake.flush()
            return made.commit
        raise MessagingError("epoch-conflict-persists")


def _rounds(waiting: Iterable[Outgoing]) -> Iterator[list[list[Outgoing]]]:
    """What may leave together: parts of different threads, each as large as a submission may be."""
    together: list[list[Outgoing]] = []
    for thread, group in groupby(waiting, key=lambda outgoing: outgoing.thread):
        batch = list(group)
        for at in range(0, len(batch), limits.MAX_EVENTS_IN_SUBMISSION):
            part = batch[at : at + limits.MAX_EVENTS_IN_SUBMISSION]
            if len(together) == _TOGETHER or any(other[0].thread == thread for other in together):
                yield together
                together = []
            together.append(part)
    if together:
        yield together


def _items(mailbox: bytes, made: Commit | None, sealed: Sequence[bytes], proofs: Sequence[bytes]) -> Iterator[Item]:
    """What the feed of our mailbox would bring. Raises MessagingError("service-answer-wrong")."""
    raws = [(ItemKind.EPOCH, made.commit.raw)] if made is not None else []
    raws += [(ItemKind.EVENT, raw) for raw in sealed]
    if len(raws) != len(proofs):
        raise MessagingError("service-answer-wrong")
    for (kind, raw), proof in zip(raws, proofs, strict=True):
        wrap: bytes = b""
        path: tuple[bytes, ...] = ()
        if kind is ItemKind.EPOCH and made is not None:
            wrap, path = _own_wrap(made, mailbox)
        yield Item(mailbox, parse_proof(proof).receipt.tick, kind, raw, proof, wrap, path)


def _own_wrap(made: Commit, mailbox: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    leaves = [wrap.encode() for wrap in made.wraps]
    _, paths = tree.paths([tree.leaf_hash(leaf) for leaf in leaves])
    for index, wrap in enumerate(made.wraps):
        if wrap.account == mailbox:
            return leaves[index], paths[index]
    return b"", ()
