"""Log in by a device's key (docs/spec/service.md): a challenge to sign once, then a short-lived token.

Tokens live in memory only, and of each only its hash: a stolen database or memory image opens no session elsewhere, and
a restart logs everybody out, which clients repair by themselves. A challenge carries its own end and tag, so that
nothing is kept for whoever only asks and nobody's challenge is pushed out by a stranger's.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from directory.accounts.entry import ID_SIZE, DeviceKind
from directory.accounts.state import NOW, AccountState
from directory.errors import DirectoryError
from directory.ports import AccountBook, Reader, Session
from directory.primitives import signature
from directory.primitives.digest import sha256
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from directory.use_cases.attempts import Attempts

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SIZE = 32
_TAG_SIZE = 16
_NOBODY = SigningKey(bytes(_SIZE)).public  # what a login to an unknown account is verified against


class DeviceBook(AccountBook, Protocol):
    def owner_of_device(self, device: bytes, connection: Connection) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Pass:
    """What a token stands for. A paper device's opens only its own account's mending."""

    session: Session
    expires: int
    recovery: bool


@dataclass(frozen=True, slots=True)
class Durations:
    """How long a challenge and a token live, ms."""

    challenge: int = 60_000
    token: int = 900_000


class Logins:
    """Fills `ports.Sessions`. One per process; thread-safe."""

    def __init__(
        self,
        service_pk: bytes,
        book: DeviceBook,
        reader: Reader,
        clock: Callable[[], int],
        *,
        durations: Durations = Durations(),
        attempts_a_minute: int = 30,
    ) -> None:
        self._service_pk = service_pk
        self._book = book
        self._decoy = secrets.token_bytes(_SIZE)
        self._reader = reader
        self._clock = clock
        self._durations = durations
        self._attempts = Attempts(attempts_a_minute)
        self._secret = secrets.token_bytes(_SIZE)
        self._used: OrderedDict[bytes, int] = OrderedDict()
        self._passes: dict[bytes, Pass] = {}
        self._tokens: dict[bytes, set[bytes]] = {}
        self._swept = 0
        self._lock = threading.Lock()

    @property
    def durations(self) -> Durations:
        return self._durations

    async def challenge(self, device: bytes, account: bytes | None = None, asker: str = "") -> tuple[bytes, bytes]:
        """(32 octets to sign, the account to sign for), for anybody who asks; `asker` is a network address, whose own
        attempts are counted, so that nobody else uses a device's up.

        Whoever does not name the account, as a recovery sheet cannot, is told the device's; for an unknown device
        one that does not exist. Raises DirectoryError("too-many-requests").
        """
        now = self._clock()
        self._attempts.take((asker, device), now)
        if account is None:
            found = await self._reader.read(lambda connection: self._book.owner_of_device(device, connection))
            account = found or sha256(self._decoy + device)[:ID_SIZE]
        head = (now + self._durations.challenge).to_bytes(8, "big") + secrets.token_bytes(8)
        return head + self._tag(head, Session(account, device)), account

    def _tag(self, head: bytes, who: Session) -> bytes:
        return hmac.digest(self._secret, head + who.account + who.device, "sha256")[:_TAG_SIZE]

    def _use(self, challenge: bytes, who: Session, now: int) -> None:
        """Once, by whom it was made for, in time. Raises DirectoryError("login-expired")."""
        head, tag = challenge[:-_TAG_SIZE], challenge[-_TAG_SIZE:]
        if len(challenge) != _SIZE or not hmac.compare_digest(tag, self._tag(head, who)):
            raise DirectoryError("login-expired")
        expires = int.from_bytes(head[:8], "big")
        with self._lock:
            while self._used and next(iter(self._used.values())) < now:
                self._used.popitem(last=False)
            if expires < now or challenge in self._used:
                raise DirectoryError("login-expired")
            self._used[challenge] = expires

    async def log_in(self, who: Session, challenge: bytes, signed: bytes) -> str:
        """A token for a device that is live now. Raises DirectoryError: login-expired, login-refused.

        An unknown account, an unknown device, one that was removed and a wrong signature are one refusal, after the
        same work.
        """
        now = self._clock()
        self._use(challenge, who, now)
        state = await self._reader.read(lambda connection: self._state(who.account, connection))
        public, kind = _device_key(state, who.device)
        try:
            signature.verify(public, signed, Label.LOGIN, self._service_pk, who.account, who.device, challenge)
        except DirectoryError:
            raise DirectoryError("login-refused") from None
        if kind is None:
            raise DirectoryError("login-refused")
        return self._admit(Pass(who, now + self._durations.token, kind is DeviceKind.PAPER), now)

    def _state(self, account: bytes, connection: Connection) -> AccountState | None:
        try:
            return self._book.state(account, connection)
        except DirectoryError:
            return None

    def _admit(self, admitted: Pass, now: int) -> str:
        token = secrets.token_bytes(_SIZE)
        key = sha256(token)
        with self._lock:
            if now - self._swept > self._durations.token:
                self._sweep(now)
            self._passes[key] = admitted
            self._tokens.setdefault(admitted.session.account, set()).add(key)
        return base64.urlsafe_b64encode(token).rstrip(b"=").decode("ascii")

    def _sweep(self, now: int) -> None:
        self._swept = now
        for key in [key for key, admitted in self._passes.items() if admitted.expires < now]:
            self._drop(key)

    def authenticate(self, token: str, *, recovery: bool = False) -> Session:
        """Who holds the token. A paper device's is taken only where `recovery` says so.

        Raises DirectoryError: token-missing, token-expired, session-recovery-only.
        """
        admitted = self._pass_of(token)
        if admitted.recovery and not recovery:
            raise DirectoryError("session-recovery-only")
        return admitted.session

    def is_recovery(self, token: str) -> bool:
        """Whether the token is a paper device's. Raises as `authenticate`."""
        return self._pass_of(token).recovery

    def _pass_of(self, token: str) -> Pass:
        if not token:
            raise DirectoryError("token-missing")
        with self._lock:
            admitted = self._passes.get(_key_of(token))
        if admitted is None or admitted.expires < self._clock():
            raise DirectoryError("token-expired")
        return admitted

    def log_out(self, token: str) -> None:
        """The token is worth nothing from now on."""
        with self._lock:
            self._drop(_key_of(token))

    def account_changed(self, account: bytes, state: AccountState) -> None:
        """A removed device's tokens, or a closed account's, end with the entry that removed it."""
        with self._lock:
            for key in list(self._tokens.get(account, ())):
                _, kind = _device_key(state, self._passes[key].session.device)
                if kind is None:
                    self._drop(key)

    def _drop(self, key: bytes) -> None:
        gone = self._passes.pop(key, None)
        if gone is not None:
            theirs = self._tokens[gone.session.account]
            theirs.discard(key)
            if not theirs:
                del self._tokens[gone.session.account]


def _device_key(state: AccountState | None, device: bytes) -> tuple[bytes, DeviceKind | None]:
    """The key to verify with, and the device's kind if it may log in."""
    if state is None:
        return _NOBODY, None
    try:
        found = state.device_at(device, NOW)
    except DirectoryError:
        return _NOBODY, None
    return found.sign_pk, found.kind


def _key_of(token: str) -> bytes:
    try:
        return sha256(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return b""
