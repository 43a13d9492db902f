"""WebSocket frames and their HTTP bodies (docs/spec/service.md, "Frames"): one binary message each.

The first octet names the frame. `Item` is what a mailbox's feed is made of and is the same octets when pushed, paged
over HTTP, or read back for one thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from directory.primitives.codec import Reader, text, u8, u16, u32, u64, var
from messaging.wire import limits


class FrameType(IntEnum):
    HELLO = 1
    WELCOME = 2
    SEND = 3
    ACK = 4
    REFUSED = 5
    ITEM = 6
    CHANGED = 7
    CAUGHT_UP = 8


class ItemKind(IntEnum):
    EVENT = 1
    EPOCH = 2


@dataclass(frozen=True, slots=True)
class Hello:
    """Token of a login, and for each mailbox the cursor after which items are wanted."""

    token: str
    cursors: tuple[tuple[bytes, int], ...]


@dataclass(frozen=True, slots=True)
class Send:
    """A thread submission (`messaging.wire.submission`) under a request id of the client's."""

    rid: int
    submission: bytes


@dataclass(frozen=True, slots=True)
class Ack:
    """Durable: one receipt proof for the commit (if any), then one for each event, in order."""

    rid: int
    proofs: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing of the submission was kept. `detail` is safe to print."""

    rid: int
    error_id: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a mailbox's feed. `cursor` is its tick. An epoch carries this mailbox's own wrap and its path."""

    mailbox: bytes
    cursor: int
    kind: ItemKind
    raw: bytes
    proof: bytes
    wrap: bytes = b""
    wrap_path: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """An account log has grown to `seq`: fetch it before trusting older keys."""

    account: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Mark:
    """WELCOME (the feed starts) or CAUGHT_UP (everything stored at hello time has been sent)."""

    type: FrameType


Frame = Hello | Send | Ack | Refused | Item | Changed | Mark


def encode(frame: Frame) -> bytes:
    match frame:
        case Item():
            return encode_item(
                frame.mailbox,
                frame.cursor,
                frame.kind,
                frame.raw,
                frame.proof,
                frame.wrap,
                frame.wrap_path,
            )
        case Ack():
            proofs = b"".join(var(proof) for proof in frame.proofs)
            return u8(FrameType.ACK) + u32(frame.rid) + u16(len(frame.proofs)) + proofs
        case Send():
            return u8(FrameType.SEND) + u32(frame.rid) + var(frame.submission)
        case Hello():
            cursors = b"".join(mailbox + u64(cursor) for mailbox, cursor in frame.cursors)
            return u8(FrameType.HELLO) + text(frame.token) + u16(len(frame.cursors)) + cursors
        case Refused():
            return (
                u8(FrameType.REFUSED) + u32(frame.rid) + text(frame.error_id) + text(frame.detail)
            )
        case Changed():
            return u8(FrameType.CHANGED) + frame.account + u64(frame.seq)
        case Mark():
            return u8(frame.type)


def encode_item(
    mailbox: bytes,
    cursor: int,
    kind: ItemKind,
    raw: bytes,
    proof: bytes,
    wrap: bytes = b"",
    wrap_path: Iterable[bytes] = (),
) -> bytes:
    """The hot path of a push, without building an `Item`."""
    path = tuple(wrap_path)
    return b"".join(
        (
            u8(FrameType.ITEM),
            mailbox,
            u64(cursor),
            u8(kind),
            var(raw),
            var(proof),
            var(wrap),
            u16(len(path)),
            *path,
        )
    )


def parse(raw: bytes) -> Frame:
    """Strict parse of either side's frames. Raises DirectoryError("octets-malformed")."""
    reader = Reader(raw, "frame")
    if len(raw) > limits.MAX_FRAME:
        raise reader.fail("size")
    try:
        frame_type = FrameType(reader.u8("type"))
    except ValueError:
        raise reader.fail("type") from None
    frame: Frame
    match frame_type:
        case FrameType.HELLO:
            token = reader.text("token", 256)
            number = reader.count("cursors", limits.MAX_CURSORS)
            frame = Hello(
                token,
                tuple((reader.take(16, "mailbox"), reader.u64("cursor")) for _ in range(number)),
            )
        case FrameType.SEND:
            frame = Send(reader.u32("rid"), reader.var("submission", limits.MAX_SUBMISSION))
        case FrameType.ACK:
            rid = reader.u32("rid")
            number = reader.count("proofs", limits.MAX_EVENTS_IN_SUBMISSION + 1)
            frame = Ack(rid, tuple(reader.var("proof", 4096) for _ in range(number)))
        case FrameType.REFUSED:
            frame = Refused(reader.u32("rid"), reader.text("id", 128), reader.text("detail", 4096))
        case FrameType.ITEM:
            frame = _parse_item(reader)
        case FrameType.CHANGED:
            frame = Changed(reader.take(16, "account"), reader.u64("seq"))
        case FrameType.WELCOME | FrameType.CAUGHT_UP:
            frame = Mark(frame_type)
    reader.end()
    return frame


def _parse_item(reader: Reader) -> Item:
    mailbox = reader.take(16, "mailbox")
    cursor = reader.u64("cursor")
    try:
        kind = ItemKind(reader.u8("kind"))
    except ValueError:
        raise reader.fail("kind") from None
    raw = reader.var("raw", limits.MAX_EVENT)
    proof = reader.var("proof", 4096)
    wrap = reader.var("wrap", limits.MAX_EPOCH_WRAP + 32)
    path = tuple(reader.take(32, "path") for _ in range(reader.count("path", 16)))
    return Item(mailbox, cursor, kind, raw, proof, wrap, path)


def encode_page(items: Iterable[bytes]) -> bytes:
    """A page of encoded items (HTTP twin of the feed)."""
    held = list(items)
    return u16(len(held)) + b"".join(var(item) for item in held)


def parse_page(raw: bytes) -> tuple[Item, ...]:
    reader = Reader(raw, "page")
    found = []
    for _ in range(reader.count("items", limits.PAGE_ITEMS)):
        frame = parse(reader.var("item", limits.MAX_FRAME))
        if not isinstance(frame, Item):
            raise reader.fail("item")
        found.append(frame)
    reader.end()
    return tuple(found)
