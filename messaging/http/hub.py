"""Who listens now: connections by mailbox, and what was just committed on its way to them (`messaging.ports.Audience`).

A connection never makes the writer wait: its queue is bounded, and a reader that does not keep up is dropped and
resumes from its cursor. An item is encoded once and differs between mailboxes in sixteen octets.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from messaging.mailbox.cursor import FeedCursor
from messaging.ports import Committed
from messaging.wire import frames
from messaging.wire.frames import ItemKind


class Listener(Protocol):
    """A connection: a place per mailbox, and a bounded queue that drops the connection when it is full."""

    @property
    def account(self) -> bytes: ...

    @property
    def mailboxes(self) -> frozenset[bytes]: ...

    def push(self, frame: bytes) -> None: ...

    def recheck(self) -> None:
        """Its rights may have changed."""


class Subscription:
    """One mailbox on one connection, in the classes that its account may read."""

    __slots__ = ("classes", "cursor", "listener", "mailbox")

    def __init__(self, listener: Listener, mailbox: bytes, classes: frozenset[int], position: int) -> None:
        self.listener = listener
        self.mailbox = mailbox
        self.classes = classes
        self.cursor = FeedCursor(position)


class Hub:
    """Only on the event loop."""

    def __init__(self) -> None:
        self._by_mailbox: dict[bytes, set[Subscription]] = {}
        self._listeners: set[Listener] = set()

    def present(self, mailbox: bytes) -> bool:
        """Whether a connection has caught up with this mailbox and listens."""
        return any(subscription.cursor.live for subscription in self._by_mailbox.get(mailbox, ()))

    def add(self, listener: Listener, subscriptions: Iterable[Subscription]) -> None:
        self._listeners.add(listener)
        for subscription in subscriptions:
            self._by_mailbox.setdefault(subscription.mailbox, set()).add(subscription)

    def remove(self, listener: Listener, subscriptions: Iterable[Subscription]) -> None:
        self._listeners.discard(listener)
        for subscription in subscriptions:
            others = self._by_mailbox.get(subscription.mailbox, set())
            others.discard(subscription)
            if not others:
                self._by_mailbox.pop(subscription.mailbox, None)

    def publish(self, item: Committed) -> None:
        tail = b""
        for at, feed in enumerate(item.feeds):
            subscriptions = self._by_mailbox.get(feed.mailbox)
            if not subscriptions:
                continue
            if item.kind is ItemKind.EPOCH:
                own = item.wraps[at]
                frame = frames.encode_item(
                    feed.mailbox, item.tick, item.kind, item.raw, item.proof, own.wrap, own.path
                )
            else:
                tail = tail or frames.encode_item(feed.mailbox, item.tick, item.kind, item.raw, item.proof)[17:]
                frame = _HEAD + feed.mailbox + tail
            for subscription in tuple(subscriptions):
                if feed.class_ in subscription.classes and subscription.cursor.offer(item.tick, frame):
                    subscription.listener.push(frame)

    def account_changed(self, account: bytes, seq: int, sharing: frozenset[bytes], holders: frozenset[bytes]) -> None:
        """CHANGED to every connection that shares a thread with the account; `holders` are mailboxes it acts for."""
        frame = frames.encode(frames.Changed(account, seq))
        for listener in tuple(self._listeners):
            mailboxes = listener.mailboxes
            if listener.account == account or not mailboxes.isdisjoint(sharing):
                listener.push(frame)
            if listener.account == account or account in mailboxes or not mailboxes.isdisjoint(holders):
                listener.recheck()


_HEAD = bytes([frames.FrameType.ITEM])
