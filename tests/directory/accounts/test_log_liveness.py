"""CP1-3.6, CP1-7.2: what a log said at a tick, whatever times are claimed; and who still speaks for a mailbox then."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import pytest

from directory.accounts import fold
from directory.accounts.authoring import Authoring, Seed
from directory.accounts.authority import verify_authority
from directory.accounts.entry import NO_ACCOUNT, AccountKind, Close, Device, DeviceKind, Entry, OpenedGrant
from directory.accounts.grants import GrantPayload, Right
from directory.accounts.state import NEVER, NOW, AccountState
from directory.errors import DirectoryError
from directory.primitives import kem
from directory.primitives.signature import SigningKey


def octets(purpose: str, size: int = 32) -> bytes:
    return hashlib.shake_256(purpose.encode()).digest(size)


def device(name: str, kind: DeviceKind = DeviceKind.SDK) -> tuple[Device, SigningKey]:
    key = SigningKey(octets(f"{name} sign"))
    return Device(octets(f"{name} id", 16), kind, key.public, kem.public_key(octets(f"{name} kem"))), key


@dataclass
class Logs:
    """Folded logs, each entry ten ticks after the one before."""

    states: dict[bytes, AccountState] = field(default_factory=dict)
    log: list[tuple[Entry, int]] = field(default_factory=list)

    def lookup(self, account: bytes) -> AccountState:
        return self.states[account]

    def take(self, made: Authoring) -> int:
        for change in made.changes:
            tick = 10 * (len(self.log) + 1)
            account = change.entry.account
            self.states[account] = fold.append(self.states.get(account), change.entry, tick, self.lookup)
            self.log.append((change.entry, tick))
        made.changes.clear()
        return self.log[-1][1]


@dataclass
class Person:
    account: bytes
    device: Device
    key: SigningKey

    def author(self, logs: Logs) -> Authoring:
        return Authoring(logs.states, self.account, self.device.id, self.key, 1000 + len(logs.log))


@pytest.fixture
def logs() -> Logs:
    return Logs()


def person(logs: Logs, name: str) -> Person:
    own, key = device(name)
    made = Authoring(logs.states, NO_ACCOUNT, own.id, key, 1000)
    account = made.open_person(AccountKind.PERSON, own)
    made.rotate_person(octets(f"{name} aek"), None)
    logs.take(made)
    return Person(account, own, key)


def test_cp1_3_6_a_device_is_live_strictly_between_its_ticks(logs: Logs) -> None:
    anne = person(logs, "anne")
    second, key = device("second")
    author = anne.author(logs)
    author.add_device(second, key, [Seed(0, 1, octets("anne aek"))])
    added = logs.take(author)
    author = anne.author(logs)
    author.rotate_person(octets("next"), None, removed=[second.id])
    removed = logs.take(author)
    state = logs.states[anne.account]
    for tick, live in ((added, False), (added + 1, True), (removed - 1, True), (removed, False), (NOW, False)):
        assert (second in state.live_devices(tick)) == live
        if live:
            assert state.device_at(second.id, tick) == second
        else:
            with pytest.raises(DirectoryError, match="device-not-live"):
                state.device_at(second.id, tick)
    assert [state.generation_at(0, tick).g for tick in (removed, removed + 1)] == [1, 2]
    with pytest.raises(DirectoryError, match="class-unknown"):
        state.generation_at(0, 15)


def test_cp1_3_2_a_head_is_seen_only_after_its_tick(logs: Logs) -> None:
    anne = person(logs, "anne")
    state = logs.states[anne.account]
    last = state.entries[-1]
    assert state.place_before(last.hash, last.tick + 1) == last
    for tick in (last.tick, last.tick - 1):
        with pytest.raises(DirectoryError, match="head-unknown"):
            state.place_before(last.hash, tick)


def test_cp1_3_6_folding_at_once_and_one_by_one_agree(logs: Logs) -> None:
    anne = person(logs, "anne")
    for _ in range(3):
        author = anne.author(logs)
        author.bind(b"", octets("evidence"))
        logs.take(author)
    assert fold.fold(logs.log, logs.lookup) == logs.states[anne.account]


def test_cp1_3_9_a_closed_organisation_ends_what_was_granted_through_it(logs: Logs) -> None:
    anne, sara = person(logs, "anne"), person(logs, "sara")
    author = anne.author(logs)
    mailboxes = {}
    for name, kind in (("own", AccountKind.PERSONAL_MAILBOX), ("practice", AccountKind.ORGANISATION_MAILBOX)):
        mailboxes[name] = author.open_mailbox(kind, octets(name, 16))
        author.rotate_class(mailboxes[name], 0, octets(f"{name} class 0"), None, [anne.account])
    own, practice = mailboxes["own"], mailboxes["practice"]
    granted = {
        practice: GrantPayload(sara.account, (0,), Right.READ | Right.SEND_AS),
        own: GrantPayload(practice, (0,), Right.READ | Right.SEND_AS),
    }
    seeds = {practice: octets("practice class 0"), own: octets("own class 0")}
    entries = {m: author.grant(m, granted[m], octets("blind"), [Seed(0, 1, seeds[m])]) for m in (practice, own)}
    tick = logs.take(author)
    steps = tuple(
        OpenedGrant(m, logs.states[m].head, entries[m], octets("blind"), granted[m].encode()) for m in (practice, own)
    )
    power = verify_authority(steps, sara.account, logs.states[own], tick + 1, 2000, logs.lookup)
    assert (power.classes, power.rights) == ((0,), Right.READ | Right.SEND_AS)
    author = anne.author(logs)
    author._add(practice, Close())
    closed = logs.take(author)
    assert logs.states[practice].closed != NEVER
    verify_authority(steps, sara.account, logs.states[own], closed, 2000, logs.lookup)
    with pytest.raises(DirectoryError, match="account-closed"):
        verify_authority(steps, sara.account, logs.states[own], closed + 1, 2000, logs.lookup)


def test_cp1_3_6_a_group_time_undoes_a_backdated_expiry(logs: Logs) -> None:
    anne, sara = person(logs, "anne"), person(logs, "sara")
    author = anne.author(logs)
    mailbox = author.open_mailbox(AccountKind.PERSONAL_MAILBOX, octets("own", 16))
    author.rotate_class(mailbox, 0, octets("class 0"), None, [anne.account])
    payload = GrantPayload(sara.account, (0,), Right.READ | Right.MANAGE, not_after=5000)
    entry = author.grant(mailbox, payload, octets("blind"), [Seed(0, 1, octets("class 0"))])
    tick = logs.take(author)
    state = logs.states[mailbox]
    author = Authoring(logs.states, sara.account, sara.device.id, sara.key, 4000)
    step = OpenedGrant(mailbox, state.head, entry, octets("blind"), payload.encode())
    author.rotate_class(mailbox, 0, octets("hers alone"), None, [sara.account], authority=(step,))
    late = author.changes[0].entry
    assert fold.append(state, late, tick + 10, logs.lookup, received=5000).current(0).g == 2
    with pytest.raises(DirectoryError, match="grant-not-live"):
        fold.append(state, late, tick + 10, logs.lookup, received=5001)
