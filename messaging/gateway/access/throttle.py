"""Slows down who tries passwords: by where it comes from and by whose mailbox it tries. Holds no password and no state
on disk.

The first wrong ones are free, then each doubles the wait. The same wrong password again counts for nothing, so that a
mail program with an old one does not shut out the others of its machine. Whoever has not been wrong lately may try in
any case, and so may who logged in from there before: an attacker elsewhere shuts nobody out. Everything is bounded:
what was longest ago is forgotten first.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from directory.primitives import kdf
from directory.primitives.labels import Label
from messaging.errors import MessagingError

FREE = 5
LONGEST_S = 300.0
FORGOTTEN_S = 3_600.0
MOST = 4_096
_TRIED = 16
_LONGEST_USER = 320
Clock = Callable[[], float]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class _Record:
    """Wrong passwords that count, when the last came, and which they were."""

    failures: int = 0
    since: float = 0.0
    tried: list[bytes] = field(default_factory=list)


class Throttle:
    """`clock` gives seconds, monotonic; `key` is 32 random octets of this process."""

    def __init__(self, clock: Clock, key: bytes) -> None:
        self._clock = clock
        self._key = key
        self._peers: OrderedDict[str, _Record] = OrderedDict()
        self._users: OrderedDict[str, _Record] = OrderedDict()
        self._welcome: OrderedDict[tuple[str, str], None] = OrderedDict()

    def admit(self, peer: str, user: str) -> None:
        """Raises MessagingError("mail-login-throttled") with the `seconds` to wait. A try that was not admitted does
        not make the wait longer."""
        peer, user = _network(peer), user[:_LONGEST_USER]
        now = self._clock()
        own = _current(self._peers, peer, now)
        if own is None:
            return
        wait = _wait(own, now)
        if (peer, user) not in self._welcome:
            wait = max(wait, _wait(_current(self._users, user, now), now))
        if wait > 0:
            raise MessagingError("mail-login-throttled", seconds=math.ceil(wait))

    def knows(self, peer: str, user: str) -> bool:
        """Whether somebody has logged in to this mailbox from there."""
        return (_network(peer), user[:_LONGEST_USER]) in self._welcome

    def failed(self, peer: str, user: str, password: str) -> None:
        """A wrong password."""
        peer, user = _network(peer), user[:_LONGEST_USER]
        now = self._clock()
        tried = kdf.derive(self._key, bytes(32), Label.STORE, f"tried\0{user}\0{password}".encode(errors="replace"), 16)
        own = _current(self._peers, peer, now)
        if own is not None and tried in own.tried:
            return
        for table, name in ((self._peers, peer), (self._users, user)):
            record = _current(table, name, now) or _Record()
            record.failures += 1
            record.since = now
            record.tried = [*record.tried[1 - _TRIED :], tried]
            table[name] = record
            _bound(table, name)

    def succeeded(self, peer: str, user: str) -> None:
        """The right one: this place begins anew, and is known for this mailbox."""
        peer, user = _network(peer), user[:_LONGEST_USER]
        self._peers.pop(peer, None)
        self._welcome[peer, user] = None
        _bound(self._welcome, (peer, user))

    def __len__(self) -> int:
        """How many records it holds."""
        return len(self._peers) + len(self._users) + len(self._welcome)


def _current(table: OrderedDict[str, _Record], name: str, now: float) -> _Record | None:
    """The record, unless it is so old that it is forgotten. A clock that went back makes no wait longer."""
    record = table.get(name)
    if record is None:
        return None
    record.since = min(record.since, now)
    if now - record.since > FORGOTTEN_S:
        del table[name]
        return None
    return record


def _wait(record: _Record | None, now: float) -> float:
    if record is None or record.failures < FREE:
        return 0.0
    return record.since + min(LONGEST_S, 2.0 ** min(record.failures - FREE, 30)) - now


def _bound(table: OrderedDict[Key, Value], latest: Key) -> None:
    table.move_to_end(latest)
    if len(table) > MOST:
        table.popitem(last=False)


def _network(peer: str) -> str:
    """An IPv6 host has a whole /64 to come from: that is one place."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
