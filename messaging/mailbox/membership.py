"""A thread as the service knows it, and who may put something into it (CP1-4.1, CP1-4.4). Verifies no signature."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from directory.accounts.authority import Lookup
from directory.accounts.grants import Right
from directory.accounts.state import NEVER
from directory.errors import DirectoryError
from directory.ports import Holding
from messaging.errors import MessagingError
from messaging.wire.epoch import EpochCommit, Member, Role, pk_hash

_SENDING = (Role.SEND, Role.ADMIN, Role.DEPOSIT)


@dataclass(frozen=True, slots=True)
class Feed:
    """A member's feed: its mailbox, the service's small number for it, and the class it reads the thread as."""

    mailbox: bytes
    number: int
    class_: int


@dataclass(frozen=True, slots=True)
class Thread:
    """The thread at its newest epoch. `number` is the service's own."""

    number: int
    commit: EpochCommit
    commit_id: bytes
    commit_tick: int
    feeds: tuple[Feed, ...]

    @property
    def id(self) -> bytes:
        return self.commit.thread

    @property
    def deposited(self) -> bool:
        """Epoch 0 of a deposit: complete with its one event."""
        return self.commit.epoch == 0 and any(member.role is Role.DEPOSIT for member in self.commit.members)


def sender(commit: EpochCommit, account: bytes, holdings: Iterable[Holding]) -> Member:
    """The member for which `account` may send in this epoch. Raises MessagingError("thread-not-member")."""
    held = tuple(holdings)
    for member in commit.members:
        if member.role in _SENDING and may_act(member, account, held):
            return member
    raise MessagingError("thread-not-member")


def may_act(member: Member, account: bytes, holdings: Iterable[Holding]) -> bool:
    """Whether the account may send as this member: it is a service's own, or it holds send_as over the class."""
    return member.account == account or any(
        holding.mailbox == member.account and holding.rights & Right.SEND_AS and member.class_ in holding.classes
        for holding in holdings
    )


def readable_classes(mailbox: bytes, account: bytes, holdings: Iterable[Holding]) -> tuple[int, ...]:
    """The classes of `mailbox` that the account may read. Raises MessagingError("mailbox-not-held")."""
    if mailbox == account:
        return (0,)
    classes = {
        class_
        for holding in holdings
        if holding.mailbox == mailbox and holding.rights & Right.READ
        for class_ in holding.classes
    }
    if not classes:
        raise MessagingError("mailbox-not-held")
    return tuple(sorted(classes))


def demand_manage(mailbox: bytes, account: bytes, holdings: Iterable[Holding]) -> None:
    """Raises MessagingError("mailbox-not-held")."""
    if mailbox != account and not any(h.mailbox == mailbox and h.rights & Right.MANAGE for h in holdings):
        raise MessagingError("mailbox-not-held")


def verify_current(commit: EpochCommit, lookup: Lookup) -> None:
    """Every member's key is still the newest of its class. Raises MessagingError("epoch-stale")."""
    for member in commit.members:
        state = lookup(member.account)
        if state.closed != NEVER:
            raise MessagingError("epoch-stale")
        if not member.gen:
            continue
        try:
            generation = state.current(member.class_)
        except DirectoryError:
            raise MessagingError("epoch-stale") from None
        if generation.g != member.gen or pk_hash(generation.pk) != member.pk_hash:
            raise MessagingError("epoch-stale")
