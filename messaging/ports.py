"""What messaging's use cases need of the outside: shapes only. `directory.ports` has the write path's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from directory.ports import GroupCommit
from directory.transparency.receipt import Receipt
from messaging.mailbox.membership import Feed, Thread
from messaging.mailbox.quiet import Times
from messaging.wire import limits
from messaging.wire.access import AccessStatement
from messaging.wire.epoch import EpochCommit
from messaging.wire.frames import ItemKind
from messaging.wire.header import SealedEvent

if TYPE_CHECKING:
    from sqlalchemy import Connection

EventKey = tuple[int, bytes]
"""The service's thread number and an intent."""


class SignedGroup(GroupCommit, Protocol):
    """A group commit that also shows its proofs, once it is on disk."""

    @property
    def account_entries(self) -> int:
        """How many account entries this group has placed so far."""

    def proof(self, receipt: Receipt) -> bytes:
        """The encoded proof of a receipt this group placed; only inside an `after_commit` callback."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What idempotence needs of an event on disk: its id and encoded receipt proof."""

    id: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class MemberWrap:
    """One member's wrap in an epoch, encoded, with its path to the commit's root."""

    feed: Feed
    wrap: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """A durable item on its way to the feeds of its thread's members. An epoch has one wrap a feed, in order."""

    tick: int
    kind: ItemKind
    raw: bytes
    proof: bytes
    feeds: tuple[Feed, ...]
    wraps: tuple[MemberWrap, ...] = ()


class ThreadStore(Protocol):
    """Threads, epochs, events and feed rows in `service.db`."""

    def highest_numbers(self, connection: Connection) -> tuple[int, int]:
        """The highest (thread number, mailbox number) in use, 0 for none."""

    def threads(self, connection: Connection, ids: Sequence[bytes]) -> Mapping[bytes, Thread]:
        """Those of `ids` that exist, at their newest epoch."""

    def mailbox_numbers(self, connection: Connection, mailboxes: Sequence[bytes]) -> Mapping[bytes, int]: ...

    def events(self, connection: Connection, keys: Sequence[EventKey]) -> Mapping[EventKey, StoredEvent]:
        """Those of `keys` that are stored, in one statement."""

    def epoch(self, connection: Connection, thread_no: int, epoch: int) -> StoredEvent | None:
        """The id and receipt proof of a stored epoch."""

    def add_mailbox(self, group: GroupCommit, number: int, mailbox: bytes) -> None: ...

    def add_thread(self, group: GroupCommit, number: int, thread: bytes, class_: int) -> None: ...

    def add_epoch(
        self, group: GroupCommit, tick: int, thread: Thread, commit: EpochCommit, wraps: Iterable[MemberWrap]
    ) -> None:
        """With its wraps and feed rows."""

    def add_event(self, group: GroupCommit, tick: int, thread: Thread, event: SealedEvent) -> None:
        """With its feed rows."""

    def move_feed(self, group: GroupCommit, thread_no: int, feed: Feed, class_: int | None, before: int) -> None:
        """Put what a feed holds of a thread before a tick into another class, or take it out (None)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Encoded items, oldest first, and the cursor of the last one; `more` where others may follow."""

    items: tuple[bytes, ...]
    cursor: int
    more: bool


class FeedStore(Protocol):
    """Stored items, for the edges. Nothing here decides who may read."""

    def mailbox_page(self, connection: Connection, mailbox: bytes, classes: tuple[int, ...], after: int) -> Page: ...

    def recent_page(self, connection: Connection, mailbox: bytes, classes: tuple[int, ...], before: int) -> Page:
        """The newest items before a tick, oldest first."""

    def commits_of(self, connection: Connection, thread: bytes, mailbox: bytes) -> tuple[EpochCommit, EpochCommit]:
        """The thread's first and its newest commit, for a current member. Raises as `thread_page`."""

    def thread_page(self, connection: Connection, thread: bytes, mailbox: bytes, after: int) -> Page: ...

    def epochs_page(self, connection: Connection, thread: bytes, mailbox: bytes, after: int) -> Page: ...

    def thread_class(self, connection: Connection, thread: bytes, mailbox: bytes) -> int: ...

    def sharing(self, connection: Connection, accounts: tuple[bytes, ...]) -> frozenset[bytes]:
        """Every mailbox that was ever in one epoch with one of `accounts`."""


class AccessStore(Protocol):
    """Access statements in `service.db`."""

    def proof_of(self, connection: Connection, statement: bytes) -> bytes:
        """The encoded receipt proof of a stored statement, or nothing."""

    def add(self, group: GroupCommit, tick: int, statement: AccessStatement) -> None: ...

    def stated(
        self,
        connection: Connection,
        account: bytes,
        device: bytes,
        record: bytes,
        mailbox: bytes,
        thread: bytes,
        since: int,
    ) -> tuple[int, ...]:
        """The classes that this device stated since then (ms), for this thread or the whole record."""

    def page(self, connection: Connection, record: bytes, after: int) -> tuple[bytes, ...]:
        """Statement, proof, ... after a tick."""


@dataclass(frozen=True, slots=True)
class BlobShape:
    """What is declared of a blob before its first chunk: `size` is of all sealed chunks together, octets."""

    account: bytes
    chunks: int
    size: int
    root: bytes
    token_hash: bytes

    def chunk_size(self, index: int) -> int:
        """Sealed octets of one chunk: every one but the last is full."""
        return min(limits.SEALED_CHUNK, self.size - index * limits.SEALED_CHUNK)


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob's row: its shape, and whether it was completed."""

    number: int
    shape: BlobShape
    complete: bool


class BlobIndex(Protocol):
    """The rows of blobs in `service.db`."""

    def find(self, connection: Connection, blob: bytes) -> StoredBlob | None: ...

    def received(self, connection: Connection, number: int) -> Mapping[int, bytes]:
        """index -> leaf hash of the chunks that are on disk."""

    def add(self, group: GroupCommit, blob: bytes, shape: BlobShape) -> int:
        """The new blob's number."""

    def add_chunk(self, group: GroupCommit, number: int, index: int, leaf: bytes) -> None: ...

    def complete(self, group: GroupCommit, number: int) -> None: ...


class BlobFiles(Protocol):
    """The sealed chunks as files."""

    async def keep(self, blob: bytes, index: int, sealed: bytes) -> None:
        """Durable, under its name, when it returns."""

    async def load(self, blob: bytes, index: int) -> bytes:
        """Raises MessagingError("blob-chunk-unknown")."""


@dataclass(frozen=True, slots=True)
class Preference:
    """Where a mailbox's notices go, an ordinary e-mail address; in which language; and when."""

    email: str
    language: str
    times: Times


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mailbox's notice: the newest tick that it is about, its thread or b"" for more than one, and whether it was
    sent or given up: it stays until its reader has passed the tick."""

    tick: int
    thread: bytes
    settled: bool = False


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice to send: the mailbox, why, its only thread or b"", how often it was tried, and the token of its mail
    once it was, else b""."""

    mailbox: bytes
    kind: str
    thread: bytes
    attempts: int
    token: bytes


MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Bounce:
    """What did not arrive of a mailbox's notices: how many in a row, the last status (RFC 3463) and its time (ms)."""

    failures: int
    status: str
    time: int

    @property
    def suspended(self) -> bool:
        """Nothing is sent until the owner confirms the address or gives another."""
        return self.failures >= MOST_FAILURES


class NoticeStore(Protocol):
    """The durable queue, who wants notices, and which did not arrive."""

    def preferences(self, connection: Connection) -> Mapping[bytes, Preference]: ...

    def pending(self, connection: Connection) -> Mapping[bytes, Waiting]: ...

    def due(self, connection: Connection, now: int, most: int) -> Sequence[DueNotice]:
        """The oldest that are neither settled nor of a mailbox that is suspended."""

    def bounces(self, connection: Connection) -> Mapping[bytes, Bounce]: ...

    def bounce(self, connection: Connection, mailbox: bytes) -> Bounce | None: ...

    def add(self, group: GroupCommit, mailbox: bytes, waiting: Waiting, kind: str, due: int) -> None: ...

    def widen(self, group: GroupCommit, mailbox: bytes) -> None:
        """The notice is about more than one thread."""

    def remove(self, group: GroupCommit, mailbox: bytes) -> None: ...

    def settle(self, group: GroupCommit, mailbox: bytes) -> None: ...

    def postpone(self, group: GroupCommit, mailbox: bytes, due: int) -> None: ...

    def attempt(self, group: GroupCommit, mailbox: bytes, token: bytes, due: int) -> bool:
        """Count an attempt before it is made, under its token, due again then; False where the notice is gone."""

    def prefer(self, group: GroupCommit, mailbox: bytes, preference: Preference | None) -> None: ...

    def fail(self, connection: Connection, mailbox: bytes, status: str, now: int) -> None:
        """A notice did not arrive."""

    def forgive(self, group: GroupCommit, mailbox: bytes) -> None:
        """What failed is forgotten, and what is still on its way cannot fail any more."""


class NoticeBoard(Protocol):
    """Hears of everything placed, inside the group that places it, and decides whether a notice is due."""

    def placed(
        self, group: GroupCommit, tick: int, thread: bytes, feeds: Iterable[Feed], author: bytes, *, first: bool
    ) -> None:
        """`author` is the mailbox that sent it; `first` where the exchange is new to its readers."""


class Audience(Protocol):
    """Whoever listens for what was committed."""

    def publish(self, item: Committed) -> None:
        """Called in tick order, after the commit; must not raise."""
