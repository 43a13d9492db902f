"""The writer's memory of threads: what is on disk, and over it what the group in the making has placed so far.

Only commands touch it, on the writer. They decide first and place last, so a refusal leaves no trace here; the overlay
of a group that never reached the disk is dropped when the next group begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from directory.ports import GroupCommit
from directory.transparency.receipt import Receipt
from messaging.mailbox.membership import Thread
from messaging.ports import EventKey, ThreadStore

if TYPE_CHECKING:
    from sqlalchemy import Connection

THREADS_REMEMBERED = 20_000
MAILBOXES_REMEMBERED = 200_000


class ThreadBook:
    """Threads at their newest epoch, mailbox numbers, and the intents of the running group."""

    def __init__(self, store: ThreadStore) -> None:
        self.store = store
        self._group: GroupCommit | None = None
        self.forget()

    def forget(self) -> None:
        """Everything is read from disk again."""
        self._threads: dict[bytes, Thread] = {}
        self._mailboxes: dict[bytes, int] = {}
        self._highest: tuple[int, int] | None = None
        self._drop_overlay()

    def _drop_overlay(self) -> None:
        self._new_threads: dict[bytes, Thread] = {}
        self._new_mailboxes: dict[bytes, int] = {}
        self._new_highest = self._highest or (0, 0)
        self._placed: dict[EventKey, tuple[bytes, Receipt]] = {}
        self._epochs: dict[bytes, Receipt] = {}

    def prepare(self, connection: Connection, threads: Iterable[bytes], mailboxes: Iterable[bytes]) -> None:
        """Reads what is missing, before the group's first command."""
        if self._highest is None:
            self._highest = self.store.highest_numbers(connection)
        if len(self._threads) > THREADS_REMEMBERED:
            self._threads.clear()
        if len(self._mailboxes) > MAILBOXES_REMEMBERED:
            self._mailboxes.clear()
        missing = [thread for thread in set(threads) if thread not in self._threads]
        if missing:
            self._threads.update(self.store.threads(connection, missing))
        unnumbered = [mailbox for mailbox in set(mailboxes) if mailbox not in self._mailboxes]
        if unnumbered:
            self._mailboxes.update(self.store.mailbox_numbers(connection, unnumbered))

    def begin(self, group: GroupCommit) -> None:
        """Each command's first word: a new group starts on what is on disk."""
        if group is not self._group:
            self._group = group
            self._drop_overlay()

    def known(self, thread: bytes) -> Thread | None:
        """What is on disk, for `prepare`."""
        return self._threads.get(thread)

    def thread(self, thread: bytes) -> Thread | None:
        return self._new_threads.get(thread) or self._threads.get(thread)

    def placed(self, key: EventKey) -> tuple[bytes, Receipt] | None:
        """An event of this very group: its id and receipt."""
        return self._placed.get(key)

    def placed_epoch(self, commit_id: bytes) -> Receipt | None:
        return self._epochs.get(commit_id)

    def new_thread_number(self) -> int:
        threads, mailboxes = self._new_highest
        self._new_highest = (threads + 1, mailboxes)
        return threads + 1

    def mailbox_numbers(self, group: GroupCommit, mailboxes: Sequence[bytes]) -> list[int]:
        """Their numbers; a new mailbox gets one."""
        numbers = []
        for mailbox in mailboxes:
            number = self._mailboxes.get(mailbox) or self._new_mailboxes.get(mailbox)
            if number is None:
                threads, highest = self._new_highest
                number = highest + 1
                self._new_highest = (threads, number)
                self._new_mailboxes[mailbox] = number
                self.store.add_mailbox(group, number, mailbox)
            numbers.append(number)
        return numbers

    def place_thread(self, thread: Thread, receipt: Receipt) -> None:
        self._new_threads[thread.id] = thread
        self._epochs[thread.commit_id] = receipt

    def place_event(self, key: EventKey, event_id: bytes, receipt: Receipt) -> None:
        self._placed[key] = (event_id, receipt)

    def settle(self) -> None:
        """The group is on disk."""
        if self._new_threads:
            self._threads.update(self._new_threads)
            self._new_threads = {}
        if self._new_mailboxes:
            self._mailboxes.update(self._new_mailboxes)
            self._new_mailboxes = {}
        self._highest = self._new_highest
