"""What the gateway says of itself in numbers, for its doctor and for monitoring. No address but in `MailboxFigures`, no
subject, no folder's name, nothing of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DoorFigures:
    """One door since the gateway started: connections, logins let in and refused; and who is inside now, logged in."""

    connections: int
    logins: int
    refused: int
    inside: int


@dataclass(frozen=True, slots=True)
class MailboxFigures:
    """One mailbox since the gateway started; `waiting` and `waiting_since` (ms UTC, 0 for none) as they are now.

    `failure` is the id of what keeps it from the service, empty while all is well; `reached` when it last was in touch
    (ms UTC, 0 for not yet)."""

    address: str = field(repr=False)
    accepted: int
    left: int
    failed: int
    delivered: int
    waiting: int
    waiting_since: int
    failure: str
    reached: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole gateway. `now` and `certificate_until` are ms UTC; `doors` is by their names."""

    now: int
    process: int
    server: str
    certificate_until: int
    doors: Mapping[str, DoorFigures]
    mailboxes: tuple[MailboxFigures, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "status": "ok"}
