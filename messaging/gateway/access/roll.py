"""The roll of a mailbox's app passwords, kept as one sealed value: nothing can be planted in it, swapped or brought
back alone. Pure: entropy and time are parameters.

A password is 100 random bits, which nobody guesses: it is kept as a keyed hash and not stretched with Argon2id, whose
cost would protect nothing here and make each login attempt a burden that a stranger can put on this machine. One that
was removed stays on the roll, so that its mail program is told so.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from directory.primitives import crockford, kdf
from directory.primitives.labels import Label
from messaging.errors import MessagingError

LENGTH = 20
GROUP = 4
KEY_SIZE = 32
MOST = 50
MOST_REMOVED = 100
LONGEST_NAME = 100
_LONGEST_PASSWORD = 200
Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class AppPassword:
    """`number` is never given twice; times are ms UTC, `removed` 0 while it may be used."""

    number: int
    name: str
    hashed: bytes = field(repr=False)
    created: int
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Roll:
    """`generation` grows with each change."""

    generation: int
    key: bytes = field(repr=False)
    passwords: tuple[AppPassword, ...] = ()

    @property
    def live(self) -> tuple[AppPassword, ...]:
        return tuple(password for password in self.passwords if not password.removed)

    def added(self, name: str, password: str, now: int) -> Roll:
        """Raises MessagingError("mail-passwords-too-many")."""
        if len(self.live) >= MOST:
            raise MessagingError("mail-passwords-too-many", limit=MOST)
        number = max((password.number for password in self.passwords), default=0) + 1
        new = AppPassword(number, name, self._hashed(password), now)
        return replace(self, generation=self.generation + 1, passwords=(*self.passwords, new))

    def without(self, name: str, now: int) -> Roll:
        """Every live password of that name is removed. Raises MessagingError("mail-password-unknown")."""
        if all(password.name != name for password in self.live):
            raise MessagingError("mail-password-unknown")
        marked = [
            replace(password, removed=now) if password.name == name and not password.removed else password
            for password in self.passwords
        ]
        forgotten = [password for password in marked if password.removed][:-MOST_REMOVED]
        kept = tuple(password for password in marked if password not in forgotten)
        return replace(self, generation=self.generation + 1, passwords=kept)

    def matching(self, typed: str) -> AppPassword | None:
        """The password that was typed, removed or not. Takes as long for one that is wrong."""
        hashed = self._hashed(typed)
        found = None
        for password in self.passwords:
            if hmac.compare_digest(password.hashed, hashed):
                found = password
        return found

    def follows(self, earlier: Roll) -> bool:
        """Whether this can be what became of `earlier`: not older, and nothing that was removed is back."""
        removed = {password.hashed for password in earlier.passwords if password.removed}
        return self.generation >= earlier.generation and removed.isdisjoint(password.hashed for password in self.live)

    def encode(self) -> bytes:
        return json.dumps(
            {
                "generation": self.generation,
                "key": self.key.hex(),
                "passwords": [[p.number, p.name, p.hashed.hex(), p.created, p.removed] for p in self.passwords],
            }
        ).encode()

    def _hashed(self, typed: str) -> bytes:
        """As typed from paper: case, hyphens, spaces and look-alikes do not matter."""
        known = crockford.canonical(typed, LENGTH) or typed[:_LONGEST_PASSWORD]
        return kdf.derive(self.key, bytes(KEY_SIZE), Label.STORE, f"app password\0{known}".encode(errors="replace"), 32)


def decode(raw: bytes) -> Roll:
    """Of octets that were sealed here."""
    plain = json.loads(raw)
    passwords = (AppPassword(n, name, bytes.fromhex(h), at, removed) for n, name, h, at, removed in plain["passwords"])
    return Roll(plain["generation"], bytes.fromhex(plain["key"]), tuple(passwords))


def empty(entropy: Entropy) -> Roll:
    return Roll(0, entropy(KEY_SIZE))


def new_password(entropy: Entropy) -> str:
    """Twenty characters of Crockford's alphabet in groups of four: 100 bits."""
    number = int.from_bytes(entropy(13), "big") >> 4
    return crockford.grouped(crockford.write(number, LENGTH), GROUP).lower()


def checked_name(name: str) -> str:
    """How a person calls the mail program. Raises MessagingError("mail-password-name")."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise MessagingError("mail-password-name", limit=LONGEST_NAME)
    return name
