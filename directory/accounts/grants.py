"""What a grant says once it is opened (CP1-3.7): principal, classes, role, not_after. Format and blinding only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from directory.accounts.entry import AccountKind
from directory.errors import DirectoryError
from directory.primitives import digest
from directory.primitives.codec import Reader, u8, u64
from directory.primitives.labels import Label

ORDINARY_CLASSES = (0, 1, 2)
RECORD_CLASSES = (0, 1, 2, 3, 4, 5, 6)
_CLINICAL = 1
FOREVER = 2**64 - 1


def classes_of(kind: AccountKind) -> tuple[int, ...]:
    """The classes that an account of this kind has keys for (CP1-3.4)."""
    if kind is AccountKind.RECORD:
        return RECORD_CLASSES
    return ORDINARY_CLASSES if kind.is_mailbox else (0,)


def reading_class(class_: int) -> int:
    """The class by which an ordinary mailbox reads a class of another mailbox: the same, and its clinical class what
    only a record has (CP1-3.4)."""
    return class_ if class_ in ORDINARY_CLASSES else _CLINICAL


class Right(IntFlag):
    """The rights over a mailbox that a grant gives."""

    READ = 1
    SEND_AS = 2
    MANAGE = 4


ALL_RIGHTS = Right.READ | Right.SEND_AS | Right.MANAGE


@dataclass(frozen=True, slots=True)
class GrantPayload:
    """Who may do what with which classes, until when (ms UTC, FOREVER for no end)."""

    principal: bytes
    classes: tuple[int, ...]
    role: Right
    not_after: int = FOREVER

    def encode(self) -> bytes:
        mask = sum(1 << class_ for class_ in self.classes)
        return self.principal + u8(mask) + u8(self.role) + u64(self.not_after)

    def live_at_time(self, time: int) -> bool:
        return time <= self.not_after


def parse(raw: bytes) -> GrantPayload:
    """Raises DirectoryError("octets-malformed")."""
    reader = Reader(raw, "grant")
    principal = reader.take(16, "principal")
    mask = reader.u8("classes")
    role = reader.u8("role")
    not_after = reader.u64("not_after")
    reader.end()
    classes = tuple(class_ for class_ in RECORD_CLASSES if mask >> class_ & 1)
    if not classes or mask >> len(RECORD_CLASSES):
        raise reader.fail("classes")
    if not role & Right.READ or role & ~int(ALL_RIGHTS):
        raise reader.fail("role")
    return GrantPayload(principal, classes, Right(role), not_after)


def blinded(blind: bytes, payload: bytes) -> bytes:
    """CP1-3.8: what the log shows of a private payload."""
    return digest.labelled(Label.PRIVATE, blind, payload)


def verify_opening(commitment: bytes, blind: bytes, payload: bytes) -> GrantPayload:
    """The grant behind a log entry. Raises DirectoryError("opening-wrong")."""
    if len(blind) != 32 or blinded(blind, payload) != commitment:
        raise DirectoryError("opening-wrong")
    return parse(payload)
