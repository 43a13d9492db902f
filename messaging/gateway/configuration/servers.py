"""What a mail program has to know of the gateway: one name, three ports. Values alone.

On each port TLS is spoken from the first octet (RFC 8314) or after STARTTLS; what is written for programs names the
first, which nobody on the way can take away. The user name is the mailbox's address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Servers:
    """`host` is a name that the gateway's certificate has."""

    host: str
    smtp: int
    imap: int
    pop3: int


def domain(address: str) -> str:
    """What stands behind the @, in lower case."""
    return address.rpartition("@")[2].lower()


def served(asked: str, addresses: Sequence[str]) -> str | None:
    """The mailbox's address as it is written here, where it is one of these; case and spaces around do not matter."""
    wanted = asked.strip().casefold()
    return next((one for one in addresses if one.casefold() == wanted), None)
