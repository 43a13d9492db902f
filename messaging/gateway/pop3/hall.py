"""What all connections of a POP3 server share: its limits, who is inside, which mailboxes are being fetched."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from directory.errors import Refusal
from messaging.gateway.entry.turnstile import Turnstile
from messaging.gateway.ports import Porter


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts and seconds."""

    connections: int = 200
    connections_of_one: int = 50  # all programs of one machine
    strangers: int = 40  # connections that have not logged in
    wrong_logins: int = 3
    refusals: int = 50  # commands refused on one connection
    stranger: float = 60.0  # until a client has logged in
    idle: float = 600.0  # RFC 1939 section 3: ten minutes at least


class Guest(Protocol):
    """A session that has logged in."""

    def dismiss(self, password_name: str) -> None: ...


@dataclass(slots=True, repr=False)
class Hall:
    """What all connections of a server share."""

    porter: Porter
    say: Callable[[Refusal], str]
    tls: ssl.SSLContext
    limits: Limits
    turnstile: Turnstile
    open: dict[str, Guest] = field(default_factory=dict)  # by mailbox: who is fetching it
    sessions: set[asyncio.Task[None]] = field(default_factory=set)
    updates: set[asyncio.Task[None]] = field(default_factory=set)
