"""What the directory's routes are given: the ports filled, by whoever composes the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from directory.ports import Reader, Writer
from directory.use_cases.append_entries import Ledger, Receipts
from directory.use_cases.attempts import Attempts
from directory.use_cases.enrol import Register
from directory.use_cases.log_in import Logins
from directory.use_cases.look_up import Addresses, Library
from directory.use_cases.request_invitation import Requests
from directory.use_cases.search import AnnuaireReader


class Registry(Register, Addresses, Requests, Protocol):
    """Invitations, addresses, RPPS numbers and requests: one store fills them all."""


def _nothing() -> None:
    """Where no e-mail is sent, the operator reads the requests."""


@dataclass(frozen=True, slots=True)
class DirectoryService:
    registrar_pk: bytes
    writer: Writer
    reader: Reader
    ledger: Ledger
    registry: Registry
    library: Library
    receipts: Receipts
    logins: Logins
    annuaire: AnnuaireReader
    clock: Callable[[], int]
    wake_announcements: Callable[[], None] = _nothing
    searches: Attempts = field(default_factory=lambda: Attempts(300))
    enrolments: Attempts = field(default_factory=lambda: Attempts(10))
    # Each may send somebody an e-mail: no account writes to a whole directory.
    invitation_requests: Attempts = field(default_factory=lambda: Attempts(50, 24 * 3600 * 1000))
    # Each stays in a log that everybody concerned reads from its beginning.
    changes: Attempts = field(default_factory=lambda: Attempts(120))
