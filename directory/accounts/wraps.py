"""Wraps: an AEK generation sealed to a device or to an account (CP1-3.4). Their octets, order and root; sealing is
in `accounts.generation`, which the service does not link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from directory.errors import DirectoryError
from directory.primitives import tree
from directory.primitives.codec import Reader, u8, u16, u32, var
from directory.primitives.labels import Label

NO_DEVICE = bytes(16)
SEALED_SIZE = 1120 + 32 + 16
MAX_WRAPS = 2048


@dataclass(frozen=True, slots=True, order=True)
class Wrap:
    """Generation `g` of `class_` for `recipient`; `device` is zeros and `recipient_generation` counts for accounts,
    `recipient_generation` is 0 for devices."""

    recipient: bytes
    device: bytes
    class_: int
    g: int
    recipient_generation: int
    sealed: bytes

    def encode(self) -> bytes:
        return b"".join(
            (
                self.recipient,
                self.device,
                u8(self.class_),
                u32(self.g),
                u32(self.recipient_generation),
                var(self.sealed),
            )
        )


def hpke_info(
    owner: bytes, class_: int, g: int, recipient: bytes, device: bytes, recipient_generation: int
) -> bytes:
    """CP1-3.4: HPKE info of a wrap, after the label."""
    return owner + u8(class_) + u32(g) + recipient + device + u32(recipient_generation)


WRAP_LABEL = Label.AEK_WRAP


def _parse_one(reader: Reader) -> Wrap:
    wrap = Wrap(
        reader.take(16, "recipient"),
        reader.take(16, "device"),
        reader.u8("class"),
        reader.u32("g"),
        reader.u32("recipient generation"),
        reader.var("wrap", SEALED_SIZE),
    )
    if len(wrap.sealed) != SEALED_SIZE:
        raise reader.fail("wrap")
    return wrap


def parse(raw: bytes) -> Wrap:
    reader = Reader(raw, "wrap")
    wrap = _parse_one(reader)
    reader.end()
    return wrap


def encode_list(wraps: Iterable[Wrap]) -> bytes:
    ordered = sorted(wraps)
    return u16(len(ordered)) + b"".join(wrap.encode() for wrap in ordered)


def parse_list(raw: bytes) -> tuple[Wrap, ...]:
    """Strictly ascending wraps. Raises DirectoryError("octets-malformed")."""
    reader = Reader(raw, "wraps")
    wraps = tuple(_parse_one(reader) for _ in range(reader.count("n", MAX_WRAPS)))
    reader.end()
    if list(wraps) != sorted(set(wraps)):
        raise reader.fail("order")
    return wraps


def root(wraps: Iterable[Wrap]) -> bytes:
    """The RFC 6962 root that an entry commits to."""
    return tree.root([wrap.encode() for wrap in sorted(wraps)])


def verify_root(wraps: Iterable[Wrap], expected: bytes) -> None:
    """Raises DirectoryError("wraps-root-wrong")."""
    if root(wraps) != expected:
        raise DirectoryError("wraps-root-wrong")
