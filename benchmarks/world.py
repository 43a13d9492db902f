"""Synthetic people for benchmarks and tests: logs that fold, epochs that verify, events of the right shape.

The service cannot see inside an event, so random octets behind a right header stand for a sealed one. Deterministic
from its label; no real person's data. `admit` puts the accounts into a data folder as the service's writer would.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from confrere.database import engine, schema, service_key
from confrere.database.writer import GroupWriter
from directory.accounts import entry as entries
from directory.accounts import fold
from directory.accounts.change import Change
from directory.accounts.entry import (
    NO_ACCOUNT,
    AccountKind,
    Device,
    DeviceKind,
    Entry,
    Genesis,
    Payload,
    RotateAek,
    Signer,
    account_id,
    encode_payload,
)
from directory.accounts.grants import ORDINARY_CLASSES
from directory.accounts.state import AccountState
from directory.errors import DirectoryError
from directory.ports import GroupCommit
from directory.primitives import digest, kem
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from directory.store.accounts import StoredAccounts
from directory.transparency.receipt import ReceiptKind
from directory.use_cases.append_entries import Accepted
from messaging.protocol import epoch_secret
from messaging.wire import epoch, header, submission
from messaging.wire.epoch import EpochCommit, EpochWrap, Member, Role

START = 1_700_000_000_000
WRAP_SIZE = 1120 + 16 + 34


def octets(label: str, size: int = 32) -> bytes:
    """Deterministic and different for each label."""
    return hashlib.shake_256(label.encode()).digest(size)


@dataclass(slots=True)
class Person:
    """A person with one device and one personal mailbox; `log` and `mailbox_log` in order."""

    label: str
    key: SigningKey
    device: Device
    account: bytes = b""
    mailbox: bytes = b""
    log: list[Entry] = field(default_factory=list)
    mailbox_log: list[Entry] = field(default_factory=list)

    @classmethod
    def make(cls, label: str) -> Person:
        key = SigningKey(octets(f"{label} sign"))
        device = Device(
            octets(f"{label} device", 16), DeviceKind.SDK, key.public, kem.public_key(octets(f"{label} kem"))
        )
        person = cls(label, key, device)
        possession = key.sign(Label.DEVICE, NO_ACCOUNT, digest.ZERO, device.encode())
        genesis = Genesis(AccountKind.PERSON, device, possession, b"", b"")
        person.account = account_id(encode_payload(genesis))
        person.log.append(person._entry(person.account, person.log, genesis, digest.ZERO))
        person._rotate(person.account, person.log, 0)
        mailbox = Genesis(AccountKind.PERSONAL_MAILBOX, None, b"", person.account, octets(f"{label} box", 16))
        person.mailbox = account_id(encode_payload(mailbox))
        person.mailbox_log.append(person._entry(person.mailbox, person.mailbox_log, mailbox, person.head))
        for class_ in ORDINARY_CLASSES:
            person._rotate(person.mailbox, person.mailbox_log, class_)
        return person

    @property
    def head(self) -> bytes:
        return self.log[-1].hash

    @property
    def signer(self) -> Signer:
        return Signer(self.account, self.device.id, self.head)

    def rotation(self, class_: int) -> Entry:
        """The mailbox class's next generation, signed and not yet accepted."""
        return self._next_rotation(self.mailbox, self.mailbox_log, class_)

    def generation(self, class_: int) -> RotateAek:
        found = [e.payload for e in self.mailbox_log if isinstance(e.payload, RotateAek) and e.payload.class_ == class_]
        return found[-1]

    def member(self, class_: int = 1, role: Role = Role.SEND, from_epoch: int = 0) -> Member:
        newest = self.generation(class_)
        head = self.mailbox_log[-1].hash
        return Member(self.mailbox, class_, head, newest.g, epoch.pk_hash(newest.pk), role, from_epoch)

    def _rotate(self, account: bytes, log: list[Entry], class_: int) -> None:
        log.append(self._next_rotation(account, log, class_))

    def _next_rotation(self, account: bytes, log: list[Entry], class_: int) -> Entry:
        g = 1 + sum(isinstance(e.payload, RotateAek) and e.payload.class_ == class_ for e in log)
        public = kem.public_key(octets(f"{self.label} {account.hex()} {class_} {g}"))
        head = log[-1].hash if account == self.account else self.head
        return self._entry(account, log, RotateAek(class_, g, public, digest.ZERO, b"", ()), head)

    def _entry(self, account: bytes, log: Sequence[Entry], payload: Payload, head: bytes) -> Entry:
        return entries.build(
            account=account,
            seq=len(log),
            prev=log[-1].hash if log else digest.ZERO,
            time=START + len(log),
            payload=payload,
            signer=Signer(self.account, self.device.id, head),
            authority=(),
            key=self.key,
        )


@dataclass(slots=True)
class Conversation:
    """A thread between mailboxes: the first one's owner created it."""

    thread: bytes
    commit: EpochCommit
    wraps: tuple[EpochWrap, ...]
    tes: bytes

    @classmethod
    def start(
        cls, creator: Person, *others: Person, class_: int = 1, thread: bytes = b"", time: int = START
    ) -> Conversation:
        roles = [creator.member(class_, Role.ADMIN), *(other.member(class_) for other in others)]
        return cls._make(creator, thread or secrets.token_bytes(16), 0, epoch.NO_PARENT, class_, roles, time)

    def next(self, committer: Person, members: Iterable[Member], *, time: int = START) -> Conversation:
        return self._make(
            committer, self.thread, self.commit.epoch + 1, self.commit.id, self.commit.class_, members, time
        )

    @classmethod
    def _make(
        cls,
        committer: Person,
        thread: bytes,
        number: int,
        parent: bytes,
        class_: int,
        members: Iterable[Member],
        time: int,
    ) -> Conversation:
        ordered = sorted(members, key=lambda member: (member.account, member.class_))
        wraps = tuple(EpochWrap(m.account, m.class_, secrets.token_bytes(WRAP_SIZE) if m.gen else b"") for m in ordered)
        tes = secrets.token_bytes(epoch_secret.TES_SIZE)
        commit = epoch.build(
            thread=thread,
            epoch=number,
            parent=parent,
            time=time,
            committer=committer.signer,
            acting_for=committer.mailbox,
            class_=class_,
            authority=(),
            members=ordered,
            tes_hash=epoch_secret.tes_hash(tes),
            wraps_root=epoch.wraps_root(wraps),
            key=committer.key,
        )
        return cls(thread, commit, wraps, tes)

    def event(self, size: int = 2048, intent: bytes = b"") -> bytes:
        """A right-shaped sealed event of about `size` octets of ciphertext."""
        unsealed = header.unsealed_header(
            self.thread, self.commit.id, secrets.token_bytes(32), intent or secrets.token_bytes(16)
        )
        return header.assemble(unsealed, secrets.token_bytes(32), secrets.token_bytes(size))

    def opening(self, *events: bytes) -> bytes:
        """The submission that brings the commit, and events under it."""
        return submission.encode(self.thread, events, self.commit.raw, self.wraps)

    def sending(self, *events: bytes) -> bytes:
        return submission.encode(self.thread, events)


def admission(accounts: StoredAccounts, logs: Iterable[Sequence[Entry]]) -> object:
    """A command that folds and keeps these logs, each from where the account stands."""

    def command(group: GroupCommit) -> None:
        states: dict[bytes, AccountState] = {}
        accepted: list[Accepted] = []

        def lookup(account: bytes) -> AccountState:
            return states[account] if account in states else accounts.state(account, group.connection)

        for log in logs:
            for one in log:
                try:
                    before = lookup(one.account)
                except DirectoryError:
                    before = None
                tick = group.place(ReceiptKind.ACCOUNT_ENTRY, one.account, one.hash).tick
                states[one.account] = fold.append(before, one, tick, lookup)
                accepted.append(Accepted(Change(one), tick))
        accounts.keep(group, accepted, states)

    return command


async def admit(data: Path, people: Iterable[Person]) -> None:
    """Make the data folder and put these people into it, before a service runs on it."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    schema.migrate(data / engine.FILE_NAME)
    writer = GroupWriter(engine.write_engine(data / engine.FILE_NAME), service_key.load_or_make(data))
    await writer.start()
    try:
        await writer.write(admission(StoredAccounts(), [log for p in people for log in (p.log, p.mailbox_log)]))  # type: ignore[arg-type]
    finally:
        await writer.close()


def login_signature(person: Person, service_pk: bytes, challenge: bytes) -> bytes:
    return person.key.sign(Label.LOGIN, service_pk, person.account, person.device.id, challenge)


__all__ = ["Conversation", "Person", "admission", "admit", "login_signature", "octets"]
