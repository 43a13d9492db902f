"""Submit to a thread: an epoch commit, events, or both, as one command (docs/spec/service.md; CP1-4.4 to CP1-4.11).

1. Parse; sizes; the caller's rate.
2. Whatever is stored already under the same id is acknowledged again with its first receipt.
3. A commit follows the thread's newest epoch and keeps every rule of `wire.epoch_rules`; the caller is its committer.
4. An event lies under the newest epoch, whose members' keys are all current, and the caller may send as a member.
5. Only then is anything placed. The service cannot see an event's signature, author or content.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from directory.accounts.bind import InviteeKind
from directory.accounts.entry import AccountKind
from directory.accounts.state import NOW, AccountState
from directory.ports import AccountBook, GroupCommit, Session, Writer
from directory.primitives import tree
from directory.transparency.receipt import Receipt, ReceiptKind
from messaging.errors import MessagingError
from messaging.mailbox import epochs, membership
from messaging.mailbox.membership import Feed, Thread
from messaging.mailbox.rates import Rate
from messaging.ports import (
    Audience,
    Committed,
    EventKey,
    MemberWrap,
    NoticeBoard,
    SignedGroup,
    StoredEvent,
)
from messaging.use_cases.thread_book import ThreadBook
from messaging.wire import epoch_rules, limits, submission
from messaging.wire.epoch import EpochCommit, Role
from messaging.wire.frames import ItemKind
from messaging.wire.header import SealedEvent
from messaging.wire.submission import Submission

if TYPE_CHECKING:
    from sqlalchemy import Connection

# A grant's end (not_after) is noticed within this time; a revocation at once, by the book's version.
HOLDINGS_MS = 1_000
RIGHTS_REMEMBERED = 100_000
# The writer's queue counts submissions; these are the octets that may stand in it.
WAITING_OCTETS = 256 * 1024 * 1024
# CP1-4.14: the classes that an invitation to deposit is for; nobody else deposits what payers do.
_DEPOSITED = {InviteeKind.DEPOSITOR: (1, 3, 4), InviteeKind.PAYER: (5,)}
_OTHERWISE = (0, 1, 2, 3, 4, 6)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What this service takes, within the protocol's own limits."""

    event_bytes: int = limits.MAX_EVENT
    members: int = limits.MAX_MEMBERS


class Submissions:
    """The verb, with what it remembers between commands."""

    def __init__(
        self,
        writer: Writer,
        book: ThreadBook,
        accounts: AccountBook,
        audience: Audience,
        notices: NoticeBoard,
        rate: Rate,
        clock: Callable[[], int],
        bounds: Bounds = Bounds(),
    ) -> None:
        self.book = book
        self.accounts = accounts
        self.audience = audience
        self.notices = notices
        self._writer = writer
        self._rate = rate
        self._clock = clock
        self._bounds = bounds
        self._waiting = 0
        self._senders: dict[tuple[bytes, bytes], tuple[int, bytes, int, bytes]] = {}
        self._fresh: dict[bytes, tuple[bytes, int]] = {}

    async def submit(self, session: Session, raw: bytes) -> tuple[bytes, ...]:
        """The encoded receipt proofs, the commit's first, durable. Raises what the rules refuse."""
        found = submission.parse(raw)
        if any(len(event.raw) > self._bounds.event_bytes for event in found.events):
            raise MessagingError("request-too-large", what="event", limit=self._bounds.event_bytes)
        if found.commit is not None and len(found.commit.members) > self._bounds.members:
            raise MessagingError("request-too-large", what="members", limit=self._bounds.members)
        self._rate.take(session.account, max(1, len(found.events)), self._clock())
        if self._waiting + len(raw) > WAITING_OCTETS:
            raise MessagingError("rate-exceeded", seconds=1)
        command = _Submit(self, session, found)
        self._waiting += len(raw)
        try:
            await self._writer.write(command)
        finally:
            self._waiting -= len(raw)
        return tuple(command.proofs)

    def sender(self, commit: EpochCommit, commit_id: bytes, account: bytes, group: GroupCommit) -> bytes:
        """The mailbox for which the account sends. Raises MessagingError("thread-not-member")."""
        version = _version(self.accounts, group)
        key = (account, commit.thread)
        known = self._senders.get(key)
        if known is not None and known[:2] == (version, commit_id) and group.now < known[2]:
            return known[3]
        holdings = self.accounts.holdings(account, group.connection, group.now)
        mailbox = membership.sender(commit, account, holdings).account
        if len(self._senders) > RIGHTS_REMEMBERED:
            self._senders.clear()
        self._senders[key] = (version, commit_id, group.now + HOLDINGS_MS, mailbox)
        return mailbox

    def demand_current(self, thread: Thread, group: GroupCommit) -> None:
        """Raises MessagingError("epoch-stale") where a member's key has rotated."""
        version = _version(self.accounts, group)
        if self._fresh.get(thread.id) == (thread.commit_id, version):
            return
        membership.verify_current(thread.commit, self.lookup(group))
        if len(self._fresh) > RIGHTS_REMEMBERED:
            self._fresh.clear()
        self._fresh[thread.id] = (thread.commit_id, version)

    def lookup(self, group: GroupCommit) -> Callable[[bytes], AccountState]:
        return lambda account: self.accounts.state(account, group.connection)


def _version(accounts: AccountBook, group: GroupCommit) -> int:
    """The accounts' version, or one that nothing was remembered under while this very group changes an account."""
    return -group.now if cast(SignedGroup, group).account_entries else accounts.version


class _Submit:
    """The command. `proofs` are filled once it is on disk."""

    __slots__ = ("_event_ids", "_session", "_stored", "_submission", "_verb", "proofs")

    def __init__(self, verb: Submissions, session: Session, submitted: Submission) -> None:
        self._verb = verb
        self._session = session
        self._submission = submitted
        self._event_ids = [event.id for event in submitted.events]
        self._stored: dict[EventKey, StoredEvent] = {}
        self.proofs: list[bytes] = []

    def prepare(self, connection: Connection, kin: Sequence[_Submit]) -> None:
        """One read each of missing threads, mailbox numbers and stored intents, for the whole batch."""
        book = self._verb.book
        commits = [each._submission.commit for each in kin if each._submission.commit is not None]
        members = [member.account for commit in commits for member in commit.members]
        book.prepare(connection, (each._submission.thread for each in kin), members)
        keys: list[EventKey] = []
        for each in kin:
            known = book.known(each._submission.thread)
            if known is not None:
                keys += ((known.number, event.header.intent) for event in each._submission.events)
        stored = book.store.events(connection, keys) if keys else {}
        for each in kin:
            each._stored = cast("dict[EventKey, StoredEvent]", stored)

    def __call__(self, group: GroupCommit) -> None:
        book = self._verb.book
        book.begin(group)
        thread = book.thread(self._submission.thread)
        commit = self._submission.commit
        again = self._stored_commit(commit, thread, group) if commit is not None else None
        fresh = commit if again is None else None
        known = [self._known(event, at, thread) for at, event in enumerate(self._submission.events)]
        author = self._decide(fresh, thread, known, group)
        answers: list[bytes | Receipt] = [] if again is None else [again]
        committed: list[tuple[Receipt, Committed]] = []
        if fresh is not None:
            thread = self._place_commit(fresh, thread, group, answers, committed)
        self._place_events(known, thread, group, answers, committed)
        if committed:
            receipt, first = committed[0]
            self._verb.notices.placed(
                group,
                receipt.tick,
                self._submission.thread,
                first.feeds,
                author,
                first=fresh is not None and fresh.epoch == 0,
            )
        group.after_commit(lambda: self._settle(cast(SignedGroup, group), answers, committed))

    # --- decide ---

    def _stored_commit(
        self, commit: EpochCommit, thread: Thread | None, group: GroupCommit
    ) -> bytes | Receipt | None:
        """The first receipt of a commit that is stored already."""
        if thread is None or commit.epoch > thread.commit.epoch:
            return None
        commit_id = commit.id
        placed = self._verb.book.placed_epoch(commit_id)
        if placed is not None:
            return placed
        stored = self._verb.book.store.epoch(group.connection, thread.number, commit.epoch)
        return stored.proof if stored is not None and stored.id == commit_id else None

    def _known(self, event: SealedEvent, at: int, thread: Thread | None) -> bytes | Receipt | None:
        """The first receipt of an event that is stored already. Raises MessagingError("event-intent-used")."""
        for earlier in self._submission.events[:at]:
            if earlier.header.intent == event.header.intent:
                raise MessagingError("event-intent-used")
        if thread is None:
            return None
        key = (thread.number, event.header.intent)
        placed = self._verb.book.placed(key)
        if placed is not None:
            found, receipt = placed
            first: bytes | Receipt = receipt
        else:
            stored = self._stored.get(key)
            if stored is None:
                return None
            found, first = stored.id, stored.proof
        if found != self._event_ids[at]:
            raise MessagingError("event-intent-used")
        return first

    def _decide(
        self,
        commit: EpochCommit | None,
        thread: Thread | None,
        known: list[bytes | Receipt | None],
        group: GroupCommit,
    ) -> bytes:
        """The mailbox that sends, after every rule; empty where there is nothing new."""
        verb, account = self._verb, self._session.account
        new = known.count(None)
        if commit is not None:
            self._decide_commit(commit, thread, new, group)
            if new:
                return verb.sender(commit, commit.id, account, group)
            return commit.acting_for
        if not new:
            return b""
        if thread is None:
            raise MessagingError("thread-unknown")
        author = verb.sender(thread.commit, thread.commit_id, account, group)
        if self._submission.events[0].header.epoch_id != thread.commit_id:
            raise MessagingError("epoch-stale")
        if thread.deposited:
            raise MessagingError("deposit-closed")
        verb.demand_current(thread, group)
        return author

    def _decide_commit(self, commit: EpochCommit, thread: Thread | None, events: int, group: GroupCommit) -> None:
        account = self._session.account
        if commit.committer.account != account or commit.committer.device != self._session.device:
            raise MessagingError("committer-not-caller")
        if commit.time > group.now + limits.CLOCK_SKEW:
            raise MessagingError("time-ahead")
        parent = epochs.parent_of(commit, thread)
        epoch_rules.verify_commit(commit, parent, self._verb.lookup(group), NOW, group.now)
        # The commit's own time decides its grants' ends there; here the service's clock does.
        acting = (parent or commit).member(commit.acting_for)
        holdings = self._verb.accounts.holdings(account, group.connection, group.now)
        if acting is None or not membership.may_act(acting, account, holdings):
            raise MessagingError("thread-not-member")
        deposit = commit.epoch == 0 and acting.role is Role.DEPOSIT
        if deposit and events != 1:
            raise MessagingError("deposit-closed")
        self._decide_depositors(commit, deposit, group)

    def _decide_depositors(self, commit: EpochCommit, deposit: bool, group: GroupCommit) -> None:
        """CP1-4.14: who only deposits is nowhere a reader, and each deposits into classes of their own."""
        accounts, connection = self._verb.accounts, group.connection
        allowed: tuple[int, ...] = _OTHERWISE
        for member in commit.members:
            if accounts.state(member.account, connection).kind is not AccountKind.SERVICE:
                continue
            kind = accounts.invited_as(member.account, connection)
            if kind not in _DEPOSITED:
                continue
            if not deposit or member.role is not Role.DEPOSIT:
                raise MessagingError("depositor-reads-nothing")
            allowed = _DEPOSITED[kind]
        if deposit and commit.class_ not in allowed:
            raise MessagingError("deposit-class-refused")

    # --- place ---

    def _place_commit(
        self,
        commit: EpochCommit,
        thread: Thread | None,
        group: GroupCommit,
        answers: list[bytes | Receipt],
        committed: list[tuple[Receipt, Committed]],
    ) -> Thread:
        book = self._verb.book
        number = thread.number if thread is not None else book.new_thread_number()
        numbers = book.mailbox_numbers(group, [member.account for member in commit.members])
        feeds = tuple(
            Feed(member.account, mailbox_no, member.class_)
            for member, mailbox_no in zip(commit.members, numbers, strict=True)
        )
        encoded = [wrap.encode() for wrap in self._submission.wraps]
        _, paths = tree.paths([tree.leaf_hash(wrap) for wrap in encoded])
        wraps = tuple(
            MemberWrap(feed, wrap, path) for feed, wrap, path in zip(feeds, encoded, paths, strict=True)
        )
        commit_id = commit.id
        receipt = group.place(ReceiptKind.EPOCH, commit.thread, commit_id)
        self._move_feeds(commit, thread, receipt.tick, group)
        grown = Thread(number, commit, commit_id, receipt.tick, feeds)
        if thread is None:
            book.store.add_thread(group, number, commit.thread, commit.class_)
        book.store.add_epoch(group, receipt.tick, grown, commit, wraps)
        book.place_thread(grown, receipt)
        answers.append(receipt)
        committed.append((receipt, Committed(receipt.tick, ItemKind.EPOCH, commit.raw, b"", feeds, wraps)))
        return grown

    def _move_feeds(self, commit: EpochCommit, thread: Thread | None, tick: int, group: GroupCommit) -> None:
        """CP1-4.15: what a record shows is served while it is shown, and an item in the class that it has now."""
        store, lookup = self._verb.book.store, self._verb.lookup(group)
        if thread is None or not any(lookup(feed.mailbox).kind is AccountKind.RECORD for feed in thread.feeds):
            return
        for feed in thread.feeds:
            member = commit.member(feed.mailbox)
            if member is None:
                store.move_feed(group, thread.number, feed, None, tick)
            elif member.class_ != feed.class_:
                store.move_feed(group, thread.number, feed, member.class_, tick)

    def _place_events(
        self,
        known: list[bytes | Receipt | None],
        thread: Thread | None,
        group: GroupCommit,
        answers: list[bytes | Receipt],
        committed: list[tuple[Receipt, Committed]],
    ) -> None:
        book = self._verb.book
        for event, event_id, first in zip(self._submission.events, self._event_ids, known, strict=True):
            if first is not None:
                answers.append(first)
                continue
            if thread is None:
                raise MessagingError("thread-unknown")
            receipt = group.place(ReceiptKind.EVENT, self._submission.thread, event_id)
            book.store.add_event(group, receipt.tick, thread, event)
            book.place_event((thread.number, event.header.intent), event_id, receipt)
            answers.append(receipt)
            committed.append((receipt, Committed(receipt.tick, ItemKind.EVENT, event.raw, b"", thread.feeds)))

    def _settle(
        self,
        group: SignedGroup,
        answers: list[bytes | Receipt],
        committed: list[tuple[Receipt, Committed]],
    ) -> None:
        self._verb.book.settle()
        self.proofs = [each if isinstance(each, bytes) else group.proof(each) for each in answers]
        for receipt, item in committed:
            proof = group.proof(receipt)
            self._verb.audience.publish(
                Committed(item.tick, item.kind, item.raw, proof, item.feeds, item.wraps)
            )
