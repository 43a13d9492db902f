"""A small world made anew: persons, mailboxes, threads, with fixed entropy except HPKE's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from directory.accounts import fold
from directory.accounts.authoring import Authoring
from directory.accounts.entry import NO_ACCOUNT, AccountKind, Device, DeviceKind, Signer
from directory.accounts.state import AccountState
from directory.primitives import kem
from directory.primitives.signature import SigningKey
from messaging.protocol import epoch_secret
from messaging.protocol.epoch_secret import EpochSecret
from messaging.wire import epoch
from messaging.wire.epoch import NO_PARENT, EpochCommit, EpochWrap, Member, Role, pk_hash


def octets(purpose: str, size: int = 32) -> bytes:
    return hashlib.shake_256(purpose.encode()).digest(size)


@dataclass
class Doctor:
    """A person with one device, and a personal mailbox whose class 1 has one generation."""

    device: Device
    key: SigningKey
    kem_seed: bytes
    aek: bytes
    account: bytes = NO_ACCOUNT
    mailbox: bytes = b""
    class_seed: bytes = b""


@dataclass
class World:
    states: dict[bytes, AccountState] = field(default_factory=dict)
    tick: int = 0

    def take(self, made: Authoring) -> None:
        for change in made.changes:
            self.tick += 1
            account = change.entry.account
            self.states[account] = fold.append(
                self.states.get(account), change.entry, self.tick, lambda a: self.states[a]
            )

    def authoring(self, doctor: Doctor) -> Authoring:
        return Authoring(self.states, doctor.account, doctor.device.id, doctor.key, 1000 + self.tick)

    def doctor(self, name: str) -> Doctor:
        key, kem_seed = SigningKey(octets(f"{name} sign")), octets(f"{name} kem")
        device = Device(octets(f"{name} id", 16), DeviceKind.SDK, key.public, kem.public_key(kem_seed))
        made = Doctor(device, key, kem_seed, octets(f"{name} aek"), class_seed=octets(f"{name} class"))
        author = self.authoring(made)
        made.account = author.open_person(AccountKind.PERSON, device)
        author.rotate_person(made.aek, None)
        made.mailbox = author.open_mailbox(AccountKind.PERSONAL_MAILBOX, octets(f"{name} random", 16))
        author.rotate_class(made.mailbox, 1, made.class_seed, None, [made.account])
        self.take(author)
        return made

    def member(self, doctor: Doctor, role: Role, from_epoch: int = 0) -> Member:
        state = self.states[doctor.mailbox]
        current = state.current(1)
        return Member(doctor.mailbox, 1, state.head, current.g, pk_hash(current.pk), role, from_epoch)


@dataclass
class Thread:
    """Commits and wraps of one thread, and who can open what of it."""

    world: World
    id: bytes
    commits: list[EpochCommit] = field(default_factory=list)
    wraps: list[tuple[EpochWrap, ...]] = field(default_factory=list)

    def tes(self, number: int) -> bytes:
        return octets(f"tes {number}")

    def commit(self, by: Doctor, members: Sequence[Member]) -> EpochCommit:
        number, parent = len(self.commits), self.commits[-1] if self.commits else None
        ordered = sorted(members, key=lambda member: member.account)
        keys = {m.account: self.world.states[m.account].current(1).pk for m in ordered}
        wraps = epoch_secret.wraps_for(
            thread=self.id,
            parent=parent,
            tes=self.tes(number),
            members=ordered,
            keys=keys,
            held={n: self.tes(n) for n in range(number)},
            epoch=number,
        )
        made = epoch.build(
            thread=self.id,
            epoch=number,
            parent=parent.id if parent else NO_PARENT,
            time=5000 + number,
            committer=Signer(by.account, by.device.id, self.world.states[by.account].head),
            acting_for=by.mailbox,
            class_=1,
            authority=(),
            members=ordered,
            tes_hash=epoch_secret.tes_hash(self.tes(number)),
            wraps_root=epoch.wraps_root(wraps),
            key=by.key,
        )
        self.commits.append(made)
        self.wraps.append(wraps)
        return made

    def open(self, number: int, doctor: Doctor) -> EpochSecret:
        wrap = next(wrap for wrap in self.wraps[number] if wrap.account == doctor.mailbox)
        known: Mapping[int, EpochCommit] = dict(enumerate(self.commits[:number]))
        return epoch_secret.open_wrap(wrap, self.commits[number], doctor.class_seed, known)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def thread(world: World) -> Thread:
    return Thread(world, octets("thread", 16))
