"""What the directory's use cases, and messaging's, need of the outside: shapes only.

One writer owns the only write connection of `service.db`. A *command* is a plain function of a `GroupCommit`; many
commands share one commit (WAL, synchronous=FULL), one signed receipt group, one fsync. A command decides first
(reading `connection` and what the group already placed), then places and inserts; a Refusal raised by it undoes what it
placed and inserted, in memory, and refuses only that command.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from directory.accounts.bind import InviteeKind
from directory.accounts.grants import Right
from directory.accounts.state import AccountState
from directory.transparency.receipt import Receipt, ReceiptKind

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table, UpdateBase

Result = TypeVar("Result")


class GroupCommit(Protocol):
    """One group commit in the making, handed to each command on the writer's thread."""

    @property
    def connection(self) -> Connection:
        """The write connection. Statements other than `insert`'s run at once and are *not* undone by a Refusal:
        run them last."""

    @property
    def now(self) -> int:
        """The commit's time, ms UTC, never running backwards."""

    def place(self, kind: ReceiptKind, scope: bytes, identifier: bytes) -> Receipt:
        """The next tick and the next sequence number of the scope."""

    def insert(self, table: Table, row: Mapping[str, Any]) -> None:
        """A row for one executemany at the end of the group."""

    def change(self, statement: UpdateBase) -> None:
        """An update or delete, run after the group's rows are in: it meets also what the group itself inserted."""

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Run once the group is on disk, before the command's caller is answered; must not raise."""


@dataclass(frozen=True, slots=True)
class Written(Generic[Result]):
    """A durable command: its result, and the encoded receipt proofs of what it placed, in order."""

    result: Result
    proofs: tuple[bytes, ...]


class Writer(Protocol):
    async def write(self, command: Callable[[GroupCommit], Result]) -> Written[Result]:
        """Returns only once the command's group is on disk. Raises the command's Refusal, or
        ConfrereError("service-busy") when the queue is full."""


class Reader(Protocol):
    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run on a pooled query-only connection, off the event loop."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A mailbox that an account may act for now. `grant_entry` is the genesis hash for a genesis manager, whose
    `blind` and `payload` are empty."""

    mailbox: bytes
    classes: tuple[int, ...]
    rights: Right
    grant_entry: bytes
    blind: bytes
    payload: bytes


class AccountBook(Protocol):
    """The service's live view of every account log; safe to call on the writer's thread and in readers."""

    @property
    def version(self) -> int:
        """Grows with every accepted account change: a cheap 'has anything rotated?'."""

    def state(self, account: bytes, connection: Connection) -> AccountState:
        """Raises DirectoryError("account-unknown")."""

    def holdings(self, account: bytes, connection: Connection, now: int) -> tuple[Holding, ...]:
        """Every mailbox the account may act for at `now` (ms): as genesis manager, by grant, or through an
        organisation mailbox."""

    def invited_as(self, account: bytes, connection: Connection) -> InviteeKind | None:
        """What the invitation was for, by which an account enrolled."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who a bearer token is."""

    account: bytes
    device: bytes


class Sessions(Protocol):
    def authenticate(self, token: str) -> Session:
        """Raises DirectoryError: token-missing, token-expired."""


OCTETS = "application/octet-stream"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a house's route table, which registers a route and documents it (`/api/openapi.json`).

    `path` is aiohttp's and OpenAPI's form alike; `request` and `responses` name media types, "" for no body. `recovery`
    opens a route to a paper device's token.
    """

    method: str
    path: str
    summary: str
    handler: Callable[[Any], Awaitable[Any]]  # of the web framework's request and response
    auth: bool = True
    request: str = ""
    responses: Mapping[int, str] = field(default_factory=lambda: {200: JSON})
    query: tuple[str, ...] = ()
    recovery: bool = False
