"""A thread submission (docs/spec/service.md): at most one epoch commit with its wraps, then events. All or nothing."""

from __future__ import annotations

from dataclasses import dataclass

from directory.primitives.codec import Reader, u16, var
from messaging.errors import MessagingError
from messaging.wire import epoch, header, limits
from messaging.wire.epoch import EpochCommit, EpochWrap
from messaging.wire.header import SealedEvent

MAGIC = b"CP1t"


@dataclass(frozen=True, slots=True)
class Submission:
    """Everything in it belongs to one thread; its events lie under the commit it brings, or under the current epoch."""

    thread: bytes
    commit: EpochCommit | None
    wraps: tuple[EpochWrap, ...]
    events: tuple[SealedEvent, ...]


def encode(
    thread: bytes,
    events: tuple[bytes, ...],
    commit: bytes = b"",
    wraps: tuple[EpochWrap, ...] = (),
) -> bytes:
    return b"".join(
        (
            MAGIC,
            thread,
            var(commit),
            u16(len(wraps)),
            *(var(wrap.encode()) for wrap in wraps),
            u16(len(events)),
            *(var(event) for event in events),
        )
    )


def parse(raw: bytes) -> Submission:
    """Strict parse, with the wraps held against the commit's root (CP1-4.3).

    Raises DirectoryError (octets-malformed, protocol-newer) and MessagingError (epoch-wraps-wrong,
    submission-foreign, submission-empty, suite-newer).
    """
    reader = Reader(raw, "submission")
    if len(raw) > limits.MAX_SUBMISSION:
        raise reader.fail("size")
    reader.magic(MAGIC)
    thread = reader.take(16, "thread")
    commit_raw = reader.var("commit", limits.MAX_COMMIT)
    number = reader.count("wraps", limits.MAX_MEMBERS)
    wraps = tuple(
        epoch.parse_wrap(reader.var("wrap", limits.MAX_EPOCH_WRAP + 32)) for _ in range(number)
    )
    number = reader.count("events", limits.MAX_EVENTS_IN_SUBMISSION)
    events = tuple(header.parse(reader.var("event", limits.MAX_EVENT)) for _ in range(number))
    reader.end()
    commit = epoch.parse(commit_raw) if commit_raw else None
    if commit is None and not events:
        raise MessagingError("submission-empty")
    if any(event.header.thread != thread for event in events):
        raise MessagingError("submission-foreign")
    if len({event.header.epoch_id for event in events}) > 1:
        raise MessagingError("submission-foreign")
    if commit is None:
        if wraps:
            raise reader.fail("wraps")
    else:
        if commit.thread != thread or any(event.header.epoch_id != commit.id for event in events):
            raise MessagingError("submission-foreign")
        epoch.verify_wraps(commit, wraps)
    return Submission(thread, commit, wraps, events)
