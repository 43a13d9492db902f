"""The secret of an epoch (TES): sealed to each member, opened, held against its signed commit (CP1-4.2, CP1-4.10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.primitives import digest, kem
from directory.primitives.codec import Reader, u8, u16, u32
from directory.primitives.labels import Label
from messaging.errors import MessagingError
from messaging.wire import limits
from messaging.wire.epoch import EpochCommit, EpochWrap, Member

TES_SIZE = 32


@dataclass(frozen=True, slots=True)
class EpochSecret:
    """What a wrap held: this epoch's secret and those of earlier epochs that it brings, by epoch number."""

    tes: bytes
    earlier: Mapping[int, bytes]


def tes_hash(tes: bytes) -> bytes:
    return digest.labelled(Label.TES, tes)


def _info(thread: bytes, parent: bytes, hashed: bytes, account: bytes, class_: int, gen: int) -> bytes:
    return thread + parent + hashed + account + u8(class_) + u32(gen)


def wrap(
    *, thread: bytes, parent: bytes, tes: bytes, member: Member, pk: bytes, earlier: Mapping[int, bytes]
) -> EpochWrap:
    """Seal an epoch secret to a member's current AEK. `earlier` is empty for a continuing member (CP1-4.10)."""
    history = b"".join(u32(epoch) + earlier[epoch] for epoch in sorted(earlier))
    plaintext = tes + u16(len(earlier)) + history
    info = _info(thread, parent, tes_hash(tes), member.account, member.class_, member.gen)
    return EpochWrap(member.account, member.class_, kem.seal(pk, plaintext, Label.TES_WRAP, info))


def open_wrap(
    wrapped: EpochWrap, commit: EpochCommit, aek_seed: bytes, earlier_commits: Mapping[int, EpochCommit]
) -> EpochSecret:
    """The epoch's secret for one of its members.

    Each secret is checked against its own signed commit. Raises DirectoryError("wrap-wrong"), MessagingError:
    author-not-member, epoch-secret-wrong, epoch-history-refused.
    """
    member = commit.member(wrapped.account)
    if member is None or member.class_ != wrapped.class_ or not wrapped.sealed:
        raise MessagingError("author-not-member")
    info = _info(commit.thread, commit.parent, commit.tes_hash, member.account, member.class_, member.gen)
    reader = Reader(kem.open_sealed(aek_seed, wrapped.sealed, Label.TES_WRAP, info), "epoch secret")
    tes = reader.take(TES_SIZE, "TES")
    number = reader.count("n", limits.MAX_HISTORY)
    pairs = [(reader.u32("epoch"), reader.take(TES_SIZE, "earlier TES")) for _ in range(number)]
    reader.end()
    if tes_hash(tes) != commit.tes_hash or [epoch for epoch, _ in pairs] != sorted({epoch for epoch, _ in pairs}):
        raise MessagingError("epoch-secret-wrong")
    for epoch, secret in pairs:
        if not member.from_epoch <= epoch < commit.epoch:
            raise MessagingError("epoch-history-refused")
        known = earlier_commits.get(epoch)
        if known is None or known.tes_hash != tes_hash(secret):
            raise MessagingError("epoch-secret-wrong")
    return EpochSecret(tes, dict(pairs))


def wraps_for(
    *,
    thread: bytes,
    parent: EpochCommit | None,
    tes: bytes,
    members: Sequence[Member],
    keys: Mapping[bytes, bytes],
    held: Mapping[int, bytes],
    epoch: int,
) -> tuple[EpochWrap, ...]:
    """Wraps for a whole commit, in member order. `keys` gives each account's public key, `held` the committer's own
    secrets by epoch. A newcomer gets from_epoch .. epoch-1, a lowered from_epoch the difference.

    Raises MessagingError("epoch-history-refused") when the committer lacks an epoch that it would give.
    """
    wraps = []
    for member in members:
        if not member.gen:
            wraps.append(EpochWrap(member.account, member.class_, b""))
            continue
        old = parent.member(member.account) if parent else None
        if old is not None and old.class_ != member.class_:
            old = None  # other readers: they hold none of the earlier secrets
        until = old.from_epoch if old else epoch
        missing = [number for number in range(member.from_epoch, until) if number not in held]
        if missing:
            raise MessagingError("epoch-history-refused")
        wraps.append(
            wrap(
                thread=thread,
                parent=parent.id if parent else bytes(32),
                tes=tes,
                member=member,
                pk=keys[member.account],
                earlier={number: held[number] for number in range(member.from_epoch, until)},
            )
        )
    return tuple(wraps)
