"""Epoch commits as octets (docs/spec/cp1-epochs.md, CP1-4.1 to CP1-4.3): parse, build, identify. Verifies no rule.

The rules are in `wire.epoch_rules`; sealing and opening the epoch secret is `messaging.protocol.epoch_secret`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from directory.accounts.entry import (
    MAX_AUTHORITY,
    MAX_CLASS,
    Authority,
    Signer,
    encode_authority,
    parse_authority,
)
from directory.primitives import digest, tree
from directory.primitives.codec import Reader, u8, u16, u32, u64, var
from directory.primitives.labels import Label
from directory.primitives.signature import SIZE as SIGNATURE_SIZE
from directory.primitives.signature import SigningKey
from messaging.errors import MessagingError
from messaging.wire import limits

MAGIC = b"CP1c"
SUITE = 0x0001
NO_PARENT = bytes(32)
NO_KEY = bytes(32)


class Role(IntEnum):
    """What a member may do in a thread. Admin includes send, send includes read; deposit stands alone."""

    READ = 1
    SEND = 2
    ADMIN = 4
    DEPOSIT = 8


@dataclass(frozen=True, slots=True)
class Member:
    """A mailbox class (or class 0 of a service account) in an epoch. A wrapless member has gen 0 and a zero hash."""

    account: bytes
    class_: int
    head: bytes
    gen: int
    pk_hash: bytes
    role: Role
    from_epoch: int

    def encode(self) -> bytes:
        return b"".join(
            (
                self.account,
                u8(self.class_),
                self.head,
                u32(self.gen),
                self.pk_hash,
                u8(self.role),
                u32(self.from_epoch),
            )
        )


@dataclass(frozen=True, slots=True)
class EpochCommit:
    """A parsed, unverified commit. `raw` is what is hashed and verified."""

    raw: bytes
    thread: bytes
    epoch: int
    parent: bytes
    time: int
    committer: Signer
    acting_for: bytes
    class_: int
    authority: Authority
    members: tuple[Member, ...]
    tes_hash: bytes
    wraps_root: bytes
    kt_size: int
    kt_root: bytes
    signature: bytes

    @property
    def id(self) -> bytes:
        return digest.labelled(Label.EPOCH_ID, self.raw)

    @property
    def signed(self) -> bytes:
        return self.raw[:-SIGNATURE_SIZE]

    def member(self, account: bytes) -> Member | None:
        for member in self.members:
            if member.account == account:
                return member
        return None


@dataclass(frozen=True, slots=True)
class EpochWrap:
    """The epoch secret sealed to one member; `sealed` is empty for a wrapless one."""

    account: bytes
    class_: int
    sealed: bytes

    def encode(self) -> bytes:
        return self.account + u8(self.class_) + var(self.sealed)


def pk_hash(public: bytes) -> bytes:
    return digest.labelled(Label.AEK_PK, public)


def parse_wrap(raw: bytes) -> EpochWrap:
    reader = Reader(raw, "epoch wrap")
    wrap = EpochWrap(
        reader.take(16, "account"), reader.u8("class"), reader.var("wrap", limits.MAX_EPOCH_WRAP)
    )
    reader.end()
    return wrap


def wraps_root(wraps: Sequence[EpochWrap]) -> bytes:
    """The RFC 6962 root over the wraps in member order."""
    return tree.root([wrap.encode() for wrap in wraps])


def verify_wraps(commit: EpochCommit, wraps: Sequence[EpochWrap]) -> None:
    """One wrap per member, in order, under the signed root. Raises MessagingError("epoch-wraps-wrong")."""
    if [(w.account, w.class_) for w in wraps] != [(m.account, m.class_) for m in commit.members]:
        raise MessagingError("epoch-wraps-wrong")
    if any(bool(w.sealed) != bool(m.gen) for w, m in zip(wraps, commit.members, strict=True)):
        raise MessagingError("epoch-wraps-wrong")
    if wraps_root(wraps) != commit.wraps_root:
        raise MessagingError("epoch-wraps-wrong")


def build(
    *,
    thread: bytes,
    epoch: int,
    parent: bytes,
    time: int,
    committer: Signer,
    acting_for: bytes,
    class_: int,
    authority: Authority,
    members: Sequence[Member],
    tes_hash: bytes,
    wraps_root: bytes,
    key: SigningKey,
) -> EpochCommit:
    """Sign a commit; the checkpoint fields are zero until the public log exists."""
    unsigned = b"".join(
        (
            MAGIC,
            u16(SUITE),
            thread,
            u32(epoch),
            parent,
            u64(time),
            committer.account,
            committer.device,
            committer.head,
            acting_for,
            u8(class_),
            var(encode_authority(authority)),
            u8(0),
            u16(0),
            u16(len(members)),
            *(member.encode() for member in members),
            tes_hash,
            wraps_root,
            u64(0),
            digest.ZERO,
        )
    )
    return parse(unsigned + key.sign(Label.EPOCH_COMMIT, unsigned))


def parse(raw: bytes) -> EpochCommit:
    """Strict parse. Raises DirectoryError: octets-malformed, protocol-newer."""
    reader = Reader(raw, "epoch commit")
    if len(raw) > limits.MAX_COMMIT:
        raise reader.fail("size")
    reader.magic(MAGIC)
    if reader.u16("suite") != SUITE:
        raise MessagingError("suite-newer", what="epoch commit")
    thread = reader.take(16, "thread")
    epoch = reader.u32("epoch")
    parent = reader.take(32, "parent")
    time = reader.u64("time")
    committer = Signer(reader.take(16, "committer"), reader.take(16, "device"), reader.take(32, "head"))
    acting_for = reader.take(16, "acting_for")
    class_ = reader.u8("class")
    if class_ > MAX_CLASS:
        raise reader.fail("class")
    authority = parse_authority(reader.var("authority", MAX_AUTHORITY))
    if reader.u8("source"):
        raise MessagingError("suite-newer", what="epoch source")
    if reader.u16("flags"):
        raise reader.fail("flags")
    number = reader.count("n", limits.MAX_MEMBERS)
    members = tuple(_parse_member(reader) for _ in range(number))
    keys = [(member.account, member.class_) for member in members]
    if not members or keys != sorted(keys) or len({account for account, _ in keys}) != number:
        raise reader.fail("members")
    tes_hash = reader.take(32, "H(TES)")
    root = reader.take(32, "wraps_root")
    kt_size = reader.u64("kt_size")
    kt_root = reader.take(32, "kt_root")
    signature = reader.take(SIGNATURE_SIZE, "signature")
    reader.end()
    return EpochCommit(
        raw,
        thread,
        epoch,
        parent,
        time,
        committer,
        acting_for,
        class_,
        authority,
        members,
        tes_hash,
        root,
        kt_size,
        kt_root,
        signature,
    )


def _parse_member(reader: Reader) -> Member:
    account = reader.take(16, "member account")
    class_ = reader.u8("member class")
    head = reader.take(32, "member head")
    gen = reader.u32("member gen")
    key_hash = reader.take(32, "member pk hash")
    try:
        role = Role(reader.u8("member role"))
    except ValueError:
        raise reader.fail("member role") from None
    return Member(account, class_, head, gen, key_hash, role, reader.u32("from_epoch"))
