"""What the gateway counts while it runs: who comes to its doors, and what becomes of mails. Numbers, from zero.

Each part that counts is given its own tally; nothing here knows who reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from messaging.errors import MessagingError
from messaging.gateway import ports
from messaging.gateway.ports import Client, Door


@dataclass(slots=True)
class DoorTally:
    """Connections that came in; logins that were let in and refused."""

    connections: int = 0
    logins: int = 0
    refused: int = 0


@dataclass(slots=True)
class MailTally:
    """Mails of one mailbox: accepted from programs, taken by the service, never to leave, put into folders."""

    accepted: int = 0
    left: int = 0
    failed: int = 0
    delivered: int = 0


class CountedPorter(ports.Porter):
    """The porter behind it, counted door by door."""

    def __init__(self, porter: ports.Porter, doors: Mapping[Door, DoorTally]) -> None:
        self._porter = porter
        self._doors = doors

    async def log_in(self, user: str, password: str, door: Door, peer: str) -> Client:
        try:
            client = await self._porter.log_in(user, password, door, peer)
        except MessagingError:
            self._doors[door].refused += 1
            raise
        self._doors[door].logins += 1
        return client

    async def bearer(self, user: str, token: str, door: Door, peer: str) -> Client:
        try:
            client = await self._porter.bearer(user, token, door, peer)
        except MessagingError:
            self._doors[door].refused += 1
            raise
        self._doors[door].logins += 1
        return client
