"""What messaging's use cases need of the outside: shapes only. `directory.ports` has the write path's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from directory.ports import GroupCommit
from directory.transparency.receipt import Receipt
from messaging.mailbox.membership import Feed, Thread
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


class NoticeBoard(Protocol):
    """Hears of everything placed, inside the group that places it, and decides whether a notice is due."""

    def placed(self, group: GroupCommit, tick: int, feeds: Iterable[Feed], author: bytes, *, first: bool) -> None:
        """`author` is the mailbox that sent it; `first` where the exchange is new to its readers."""


class Audience(Protocol):
    """Whoever listens for what was committed."""

    def publish(self, item: Committed) -> None:
        """Called in tick order, after the commit; must not raise."""
