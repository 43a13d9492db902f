"""Take what a feed brings (CP1-5.7): verify, place, keep. The service is not believed; its receipts are only pinned.

1. the receipt's group and path under the pinned key, and that it speaks of these very octets 2. an epoch: its commit
against the parent, its wrap against the signed root, its secret against the signed hash 3. an event: decrypt, author,
order (`protocol.event`, `protocol.continuity`) What fails authenticity is kept as evidence and never shown; what is
out of order is shown with a notice. Everything of one page, its cursor included, is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from directory.accounts.entry import AccountKind, Authority
from directory.errors import Category, DirectoryError, Refusal
from directory.primitives import tree
from directory.transparency import receipt
from directory.transparency.receipt import Receipt, ReceiptKind, ReceiptProof
from messaging.client.accounts import AccountCache
from messaging.client.echoes import Echoes
from messaging.client.keyring import Keyring
from messaging.client.open_thread import OpenThread
from messaging.client.service import MAX_CURSOR, Service, passes
from messaging.errors import MessagingError
from messaging.profile import threads
from messaging.profile.identity import Identity
from messaging.profile.store import Profile
from messaging.profile.threads import KeptEpoch, KeptEvent, KeptThread
from messaging.protocol import continuity, epoch_secret
from messaging.protocol import event as events
from messaging.protocol.body import EventType
from messaging.protocol.continuity import Notice, ThreadOrder
from messaging.wire import epoch, epoch_rules, header
from messaging.wire.epoch import EpochCommit
from messaging.wire.frames import Item, ItemKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

Write = Callable[["Connection"], object]
RENEWAL_DUE = "renewal-due"
"""Kept when this very device turns out to have sent twice from one place: its profile was copied (CP1-5.7)."""
_IN_HAND = 200  # threads kept open between two pages, by an endpoint that runs for months
_SHOWN_AGAIN = frozenset({Category.STALE, Category.UNKNOWN})


class Intake:
    def __init__(
        self, profile: Profile, service: Service, identity: Identity, accounts: AccountCache, keyring: Keyring
    ) -> None:
        self._profile = profile
        self._service = service
        self._identity = identity
        self._accounts = accounts
        self._keyring = keyring
        self._threads: dict[bytes, OpenThread] = {}
        self._emptied = 0
        self._writes: list[Write] = []
        self._moved: dict[bytes, Write] = {}
        self._placed: dict[tuple[bytes, int], Receipt] = {}
        self._intents: set[tuple[bytes, bytes, bytes]] = set()
        self._catching_up: set[bytes] = set()
        self._unseen: set[bytes] = set()
        self._arrived: set[bytes] = set()
        self._echoes = Echoes()

    def arrivals(self) -> set[bytes]:
        """Threads that something arrived in since this was last asked: where there may be more to see than before."""
        arrived, self._arrived = self._arrived, set()
        return arrived

    def take_over(self, arrived: Iterable[bytes]) -> None:
        """What another intake of this profile was told of and nobody asked for yet."""
        self._arrived.update(arrived)

    async def thread(self, thread: bytes) -> OpenThread | None:
        """A thread as it stands, from hand or from the profile; one object for all who ask at once."""
        while thread not in self._threads:
            if thread in self._unseen:
                return None
            emptied = self._emptied
            found = await self._profile.run(lambda c: self._load(c, thread))
            if found is None:
                return None
            if emptied == self._emptied:  # else what was read may be older than what was written meanwhile
                self._threads.setdefault(thread, found)
        return self._threads[thread]

    def _load(self, connection: Connection, thread: bytes) -> OpenThread | None:
        kept = threads.load(self._profile, connection, thread)
        if kept is None:
            return None
        epochs = threads.epochs_of(self._profile, connection, thread)
        return OpenThread(kept, {row.commit.epoch: row for row in epochs})

    def _empty(self) -> None:
        self._threads.clear()
        self._emptied += 1

    async def forget(self, thread: bytes) -> None:
        """Drop what a thread held that is no longer ours to read: its events and secrets, here and in the profile."""
        self._threads.pop(thread, None)
        await self._profile.run(lambda c: threads.forget_content(c, thread))

    async def take_page(self, items: Iterable[Item], mailbox: bytes | None = None) -> None:
        """Verify and keep items in order, then move the mailbox's cursor, in one transaction.

        What fails is evidence and the rest goes on: one forged item must not freeze a mailbox. So only a receipt moves
        the cursor, never a number that came without one.
        """
        last, page = 0, tuple(items)
        await self.look_ahead(thread for item in page if (thread := _named_thread(item)) is not None)
        try:
            for item in page:
                if item.mailbox == mailbox and self._echoes.take(item):
                    last = max(last, item.cursor)
                    continue
                try:
                    if mailbox is not None and item.mailbox != mailbox:
                        raise MessagingError("receipt-foreign")
                    proof, placed = self._verify_receipt(item)
                    last = max(last, placed.tick)
                    _verify_addressed(item)
                    await self._take(item, proof, placed)
                except Refusal as refused:
                    if passes(refused):
                        raise
                    self._writes.append(_evidence(item, refused.id))
        except BaseException:
            self._taken()
            self._empty()
            raise
        if mailbox is not None and last:
            self._writes.append(lambda c: threads.save_cursor(c, mailbox, last))
        await self.flush()

    async def expect_echoes(self, thread: bytes, items: Iterable[Item]) -> None:
        """What was sent from here and is written will come again; not where its secret is still to be learned: then
        the feed brings more than was written."""
        known = await self.thread(thread)
        if known is not None and known.epochs and known.latest.tes is not None:
            self._echoes.expect(items)

    async def look_ahead(self, threads_: Iterable[bytes]) -> None:
        """Learn in one go which of these this profile has never seen: of them it is asked nothing more until the next
        flush."""
        named = set(threads_) - self._threads.keys()
        self._unseen = await self._profile.run(lambda c: named - threads.among(c, named)) if named else set()

    async def flush(self, *also: Write) -> None:
        """Write what was taken, and `also` with it, in one transaction. What could not be written was not taken: no
        thread in hand knows of it, and it is taken again."""
        writes = [*self._taken(), *also]
        try:
            await self._profile.run(lambda connection: [write(connection) for write in writes])
        except BaseException:
            self._empty()
            raise
        if len(self._threads) > _IN_HAND:
            self._empty()

    def _taken(self) -> list[Write]:
        """What was taken and is not written; from here on nothing is."""
        writes = [*self._moved.values(), *self._writes]
        for held in (self._moved, self._writes, self._placed, self._intents, self._unseen):
            held.clear()
        return writes

    async def take(self, item: Item) -> None:
        """Verify and keep one item, to be written by the next `flush`."""
        await self._take(item, *self._verify_receipt(item))

    def _verify_receipt(self, item: Item) -> tuple[ReceiptProof, Receipt]:
        proof = receipt.parse_proof(item.proof)
        placed = receipt.verify_proof(proof, self._identity.service_pk)
        if placed.tick != item.cursor or not 0 < placed.seq <= MAX_CURSOR:
            raise MessagingError("receipt-foreign")
        return proof, placed

    async def _take(self, item: Item, proof: ReceiptProof, placed: Receipt) -> None:
        if item.kind is ItemKind.EPOCH:
            await self._take_epoch(item, proof, placed)
        else:
            await self._take_event(item, proof, placed)

    # Epochs

    async def _take_epoch(self, item: Item, proof: ReceiptProof, placed: Receipt) -> None:
        commit = epoch.parse(item.raw)
        if placed.kind is not ReceiptKind.EPOCH or (placed.scope, placed.id) != (commit.thread, commit.id):
            raise MessagingError("receipt-foreign")
        await self._at_place(placed)
        known = await self.thread(commit.thread)
        if commit.epoch > 0 and (known is None or not {commit.epoch, commit.epoch - 1} & set(known.epochs)):
            # Before our time, or while the thread was in a class that is not ours.
            await self._catch_up(commit.thread, item.mailbox)
            known = await self.thread(commit.thread)
        if known is not None and commit.epoch in known.epochs:
            held = known.epochs[commit.epoch]
            if held.commit.id != commit.id:
                raise MessagingError("epoch-forked")
            if held.tes is None and item.wrap:
                await self._open_secret(known, item, commit)
            return
        parent = known.epochs.get(commit.epoch - 1) if known is not None else None
        if commit.epoch > 0 and parent is None:
            raise MessagingError("epoch-parent-unknown")
        await self._accounts.ensure(_named_in(commit))
        parent_commit = parent.commit if parent else None
        try:
            epoch_rules.verify_commit(commit, parent_commit, self._accounts.lookup, placed.tick, proof.group.time)
        except Refusal as refused:
            if refused.category not in _SHOWN_AGAIN and refused.id != "head-unknown":
                raise
            self._accounts.outdate(_named_in(commit))
            await self._accounts.ensure(_named_in(commit))
            epoch_rules.verify_commit(commit, parent_commit, self._accounts.lookup, placed.tick, proof.group.time)
        kept = KeptEpoch(commit, item.proof, placed.tick, None)
        if known is None:
            mine = KeptThread(commit.thread, item.mailbox, commit.class_, ThreadOrder())
            known = self._threads[commit.thread] = OpenThread(mine, {})
        if known.kept.class_ != commit.class_:
            known.kept = replace(known.kept, class_=commit.class_)
            self.save(known)
        known.epochs[commit.epoch] = kept
        self._placed[commit.thread, placed.seq] = placed
        self._writes.append(lambda c: threads.save_epoch(self._profile, c, kept))
        # An epoch is no line on a page: what is missing before it is said at the next event.
        self._owe(known, self._receive(known, placed))
        if item.wrap:
            await self._open_secret(known, item, commit)

    async def _open_secret(self, known: OpenThread, item: Item, commit: EpochCommit) -> None:
        """Open this mailbox's wrap, and with it whatever history it brings."""
        wrapped = epoch.parse_wrap(item.wrap)
        member = commit.member(wrapped.account)
        if member is None or member.class_ != wrapped.class_:
            raise MessagingError("epoch-wraps-wrong")
        index = commit.members.index(member)
        tree.verify_path(wrapped.encode(), index, len(commit.members), item.wrap_path, commit.wraps_root)
        seed = self._keyring.seed(member.account, member.class_, member.gen)
        if seed is None:
            await self._keyring.refresh()
            seed = self._keyring.seed(member.account, member.class_, member.gen)
        if seed is None:
            return  # this class of the mailbox is not ours to read
        secret = epoch_secret.open_wrap(wrapped, commit, seed, known.commits())
        for number, tes in {**secret.earlier, commit.epoch: secret.tes}.items():
            held = known.epochs[number]
            if held.tes is None:
                known.epochs[number] = replace(held, tes=tes)
                self._writes.append(
                    lambda c, n=number, t=tes: threads.save_secret(self._profile, c, commit.thread, n, t)  # type: ignore[misc]
                )
        if secret.earlier and not self._shown_by_record(commit):
            await self._take_history(known, item.mailbox, min(secret.earlier))

    def _shown_by_record(self, commit: EpochCommit) -> bool:
        """What a record shows is fetched when a person opens it, who says so first."""
        return any(self._accounts.lookup(member.account).kind is AccountKind.RECORD for member in commit.members)

    async def _catch_up(self, thread: bytes, mailbox: bytes) -> None:
        """Every commit from epoch 0, so that each is held against its parent (CP1-4.4)."""
        if thread in self._catching_up:
            raise MessagingError("epoch-parent-unknown")
        self._catching_up.add(thread)
        try:
            await self._take_commits(thread, mailbox)
        finally:
            self._catching_up.discard(thread)

    async def _take_commits(self, thread: bytes, mailbox: bytes) -> None:
        pages = self._service.pages(partial(self._service.thread_epochs, thread, mailbox), 0)
        items = [item async for page in pages for item in page]
        if any(item.kind is not ItemKind.EPOCH or item.mailbox != mailbox for item in items):
            raise MessagingError("service-answer-wrong")
        if not any(epoch.parse(item.raw).member(mailbox) for item in items):
            raise MessagingError("author-not-member")  # other people's thread
        for item in items:
            await self.take(item)

    async def _take_history(self, known: OpenThread, mailbox: bytes, first: int) -> None:
        """The events of epochs whose secrets have just been handed over."""
        thread, before = known.kept.thread, known.epochs[first].tick
        async for page in self._service.pages(partial(self._service.thread_items, thread, mailbox), before):
            for item in page:
                if item.kind is ItemKind.EVENT:
                    await self.take(item)

    # Events

    async def _take_event(self, item: Item, proof: ReceiptProof, placed: Receipt) -> None:
        sealed = header.parse(item.raw)
        thread = sealed.header.thread
        if placed.kind is not ReceiptKind.EVENT or (placed.scope, placed.id) != (thread, sealed.id):
            raise MessagingError("receipt-foreign")
        known = await self.thread(thread)
        if known is None or known.by_id(sealed.header.epoch_id) is None:
            await self._catch_up(thread, item.mailbox)
            known = await self.thread(thread)
        within = None if known is None else known.by_id(sealed.header.epoch_id)
        if known is None or within is None:
            raise MessagingError("epoch-unknown")
        if await self._at_place(placed) is not None:
            return
        notices = self._receive(known, placed)
        if within.tes is None:
            self._owe(known, notices)
            return  # before our time, or not our class: nothing to keep but the order
        notices += known.kept.order.owed
        self._keep_order(known, replace(known.kept.order, owed=()))
        kept = KeptEvent(
            thread, placed.seq, sealed.id, placed.tick, None, None, sealed.header.intent, item.raw, item.proof,
            "refused", "", (),
        )  # fmt: skip
        try:
            decrypted = events.decrypt(sealed, within.tes)
            verified = await self._verified(decrypted, within.commit, placed.tick, proof.group.time)
        except Refusal as refused:
            if passes(refused):
                raise
            kept = replace(kept, failure=refused.id)
        else:
            meta = verified.meta
            notices += await self._order(known, within, verified, placed)
            if meta.type != EventType.ACK and meta.signer.account != self._identity.account:
                known.kept = replace(known.kept, shown_seq=max(known.kept.shown_seq, placed.seq))
                self.save(known)
            kept = replace(
                kept,
                author=meta.signer.account,
                device=meta.signer.device,
                state="repeated" if Notice.DUPLICATE_INTENT in notices else "verified",
                notices=tuple(sorted({notice.value for notice in notices})),
            )
        self._placed[thread, placed.seq] = placed
        self._arrived.add(thread)
        self._writes.append(lambda c: threads.save_event(c, kept))

    async def _verified(
        self, decrypted: events.DecryptedEvent, commit: EpochCommit, tick: int, time: int
    ) -> events.VerifiedEvent:
        named = _named(decrypted.meta.signer.account, decrypted.meta.acting_for, decrypted.meta.authority)
        await self._accounts.ensure(named)
        try:
            return events.verify_author(decrypted, commit, self._accounts.lookup, tick, time)
        except DirectoryError as refused:
            if refused.id not in ("head-unknown", "device-unknown", "grant-not-live"):
                raise
            # The author may know a newer log than we do.
            self._accounts.outdate(named)
            await self._accounts.ensure(named)
            return events.verify_author(decrypted, commit, self._accounts.lookup, tick, time)

    async def _order(
        self, known: OpenThread, within: KeptEpoch, verified: events.VerifiedEvent, placed: Receipt
    ) -> tuple[Notice, ...]:
        meta = verified.meta
        first_epoch = known.epochs.get(0)
        from_start = first_epoch is not None and first_epoch.tes is not None
        order, notices = continuity.take_event(known.kept.order, meta, verified.id, from_start)
        self._keep_order(known, order)
        repeated = Notice.COUNTER_REPEATED in notices and meta.signer.device == self._identity.device
        child = known.epochs.get(within.commit.epoch + 1)
        if child is not None and child.tick < placed.tick:
            notices += (Notice.STALE_EPOCH,)
        thread = known.kept.thread
        if 0 < meta.seen_seq <= MAX_CURSOR:
            seen = self._placed.get((thread, meta.seen_seq))
            if seen is None:
                seen = await self._profile.run(lambda c: threads.receipt_at(c, thread, meta.seen_seq))
            if seen is not None and seen.chain != meta.seen_chain:
                notices += (Notice.SPLIT_VIEW,)
        intent, device = verified.event.header.intent, meta.signer.device
        sending = (thread, intent, device)
        if sending in self._intents or await self._seen(sending):
            notices += (Notice.DUPLICATE_INTENT,)
        elif repeated:  # one sending that is receipted twice is the service's doing, and no copy of this profile
            self._writes.append(lambda c: self._profile.keep(c, RENEWAL_DUE, b"1"))
        self._intents.add(sending)
        return notices

    async def _seen(self, sending: tuple[bytes, bytes, bytes]) -> bool:
        if sending[0] in self._unseen:
            return False
        return await self._profile.run(lambda c: threads.intent_seen(c, *sending))

    async def _at_place(self, placed: Receipt) -> Receipt | None:
        """What is known at a receipt's place. Raises MessagingError("thread-forked"): two receipts for one place."""
        key = (placed.scope, placed.seq)
        known = self._placed.get(key)
        if known is None and placed.scope not in self._unseen:
            known = await self._profile.run(lambda c: threads.receipt_at(c, *key))
        if known is not None and (known.id, known.chain) != (placed.id, placed.chain):
            raise MessagingError("thread-forked")
        return known

    def _receive(self, known: OpenThread, placed: Receipt) -> tuple[Notice, ...]:
        order = known.kept.order
        if placed.seq <= order.seq:
            return ()  # history handed over later: its place was passed already
        first_known = order.seq == 0
        order, notices = continuity.take_receipt(order, placed, first_known)
        self._keep_order(known, order)
        return notices

    def _owe(self, known: OpenThread, notices: tuple[Notice, ...]) -> None:
        order = known.kept.order
        self._keep_order(known, replace(order, owed=tuple(dict.fromkeys((*order.owed, *notices)))))

    def _keep_order(self, known: OpenThread, order: ThreadOrder) -> None:
        if order == known.kept.order:
            return
        known.kept = replace(known.kept, order=order)
        self.save(known)

    def save(self, known: OpenThread) -> None:
        """With the next flush, as it was saved last."""
        kept = known.kept
        self._moved[kept.thread] = lambda c: threads.save(self._profile, c, kept)


def _named_thread(item: Item) -> bytes | None:
    """The thread that an item says it is of; None for what does not parse, which is refused in its place."""
    try:
        return epoch.parse(item.raw).thread if item.kind is ItemKind.EPOCH else header.parse(item.raw).header.thread
    except Refusal:
        return None


def _verify_addressed(item: Item) -> None:
    """A feed brings what its mailbox takes part in, whatever else is authentic. Raises MessagingError."""
    if item.kind is ItemKind.EPOCH and epoch.parse(item.raw).member(item.mailbox) is None:
        raise MessagingError("author-not-member")


def _evidence(item: Item, failure: str) -> Write:
    return lambda c: threads.save_evidence(c, item.mailbox, item.cursor, item.raw, item.proof, failure)


def _named(account: bytes, mailbox: bytes, authority: Authority) -> list[bytes]:
    return [account, mailbox, *(step.mailbox for step in authority)]


def _named_in(commit: EpochCommit) -> list[bytes]:
    named = _named(commit.committer.account, commit.acting_for, commit.authority)
    return [*named, *(member.account for member in commit.members)]
