"""What an account log says so far, and what it said at any tick (CP1-3.6). Values only; `accounts.fold` makes them.

Order and liveness go by the ticks of receipts (CP1-7.2), never by the time an entry claims: something added at tick a
and removed at tick r was live at tick t exactly when a < t < r.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from directory.accounts.entry import NO_SHEET, AccountKind, Device
from directory.accounts.grants import ORDINARY_CLASSES
from directory.errors import DirectoryError

NOW = 2**64 - 2
NEVER = 2**64 - 1
_NOTHING: Mapping[bytes, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Placed:
    """An accepted entry's place: its hash, receipt tick and claimed time."""

    hash: bytes
    tick: int
    time: int


@dataclass(frozen=True, slots=True)
class DeviceLife:
    device: Device
    added: int
    removed: int = NEVER

    def live_at(self, tick: int) -> bool:
        return self.added < tick < self.removed


@dataclass(frozen=True, slots=True)
class Generation:
    """One AEK generation of a class. `segment` is the first generation whose past this one's chain opens."""

    class_: int
    g: int
    pk: bytes
    chain_ct: bytes
    added: int
    time: int
    segment: int
    removing: bool
    wraps_root: bytes


@dataclass(frozen=True, slots=True)
class GrantLife:
    """A grant as the log shows it. The genesis manager holds one whose `blinded` is empty.

    `ceiling` are the classes its signer had power over: whatever the opened payload says, it gives no other.
    """

    entry_hash: bytes
    blinded: bytes
    wraps_root: bytes
    added: int
    removed: int = NEVER
    ceiling: tuple[int, ...] = ORDINARY_CLASSES

    def live_at(self, tick: int) -> bool:
        return self.added < tick < self.removed


@dataclass(frozen=True, slots=True)
class BindLife:
    blinded: bytes
    entry_hash: bytes
    head_before: bytes


@dataclass(frozen=True, slots=True)
class ConsentLife:
    """The newest entry of a consent's series, and who signed it (CP1-3.16)."""

    series: bytes
    entry_hash: bytes
    blinded: bytes
    signer: bytes
    added: int
    time: int


@dataclass(frozen=True, slots=True)
class AccountState:
    """The fold of a verified log. `managers` are (entry, account): who held a mailbox without a grant by which entry,
    genesis or a claim, the last one being the `manager`. `sheet_pk` is the key of a record's printed sheet while it may
    still claim."""

    account: bytes
    kind: AccountKind
    manager: bytes
    entries: tuple[Placed, ...]
    devices: Mapping[bytes, DeviceLife]
    generations: Mapping[int, tuple[Generation, ...]]
    grants: Mapping[bytes, GrantLife]
    binds: tuple[BindLife, ...] = ()
    highest_suite: int = 1
    closed: int = NEVER
    paper_warnings: Mapping[bytes, int] = field(default_factory=dict)
    keys: frozenset[bytes] = frozenset()
    managers: tuple[tuple[bytes, bytes], ...] = ()
    sheet_pk: bytes = NO_SHEET
    consents: Mapping[bytes, ConsentLife] = field(default_factory=dict)

    @property
    def head(self) -> bytes:
        return self.entries[-1].hash

    @property
    def seq(self) -> int:
        return len(self.entries) - 1

    @property
    def managing(self) -> bytes:
        """The entry by which the manager holds a mailbox."""
        return self.managers[-1][0]

    def place_of(self, head: bytes) -> Placed:
        """The place of an entry of this chain. Raises DirectoryError("head-unknown")."""
        for placed in reversed(self.entries):
            if placed.hash == head:
                return placed
        raise DirectoryError("head-unknown")

    def place_before(self, head: bytes, tick: int) -> Placed:
        """The same, and it stood there before `tick`: nobody has seen what comes later."""
        placed = self.place_of(head)
        if not placed.tick < tick:
            raise DirectoryError("head-unknown")
        return placed

    def device_at(self, device: bytes, tick: int) -> Device:
        """The device if it was live at `tick`. Raises DirectoryError: device-unknown, device-not-live."""
        life = self.devices.get(device)
        if life is None:
            raise DirectoryError("device-unknown")
        if not life.live_at(tick) or not tick < self.closed:
            raise DirectoryError("device-not-live")
        return life.device

    def live_devices(self, tick: int = NOW) -> tuple[Device, ...]:
        return tuple(life.device for life in self.devices.values() if life.live_at(tick))

    def generation_at(self, class_: int, tick: int) -> Generation:
        """The generation of a class in force at `tick`. Raises DirectoryError("class-unknown")."""
        for generation in reversed(self.generations.get(class_, ())):
            if generation.added < tick:
                return generation
        raise DirectoryError("class-unknown")

    def current(self, class_: int) -> Generation:
        return self.generation_at(class_, NOW)

    def generation(self, class_: int, g: int) -> Generation:
        """Generation number `g` (from 1). Raises DirectoryError("class-unknown")."""
        chain = self.generations.get(class_, ())
        if not 1 <= g <= len(chain):
            raise DirectoryError("class-unknown")
        return chain[g - 1]
