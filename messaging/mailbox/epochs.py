"""Compare and swap on a thread's epochs (CP1-4.10): of two children of one parent, the first one stays."""

from __future__ import annotations

from messaging.errors import MessagingError
from messaging.mailbox.membership import Thread
from messaging.wire.epoch import NO_PARENT, EpochCommit


def parent_of(commit: EpochCommit, thread: Thread | None) -> EpochCommit | None:
    """The epoch that `commit` follows, None for a first one.

    Raises MessagingError: epoch-conflict where its place is taken, epoch-parent-unknown where it has none.
    """
    if thread is None:
        if commit.epoch or commit.parent != NO_PARENT:
            raise MessagingError("epoch-parent-unknown")
        return None
    if commit.epoch <= thread.commit.epoch:
        raise MessagingError("epoch-conflict")
    if commit.parent != thread.commit_id:
        raise MessagingError("epoch-parent-unknown")
    return thread.commit
