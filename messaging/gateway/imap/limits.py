"""What one mail program may take of the gateway over IMAP: octets, seconds, counts. No policy of who may log in."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in octets, times in seconds. RFC 3501 section 5.4 asks for at least 30 minutes of idling once logged in."""

    line_before_login: int = 8 * 1024
    line: int = 64 * 1024
    literals: int = 64 * 1024  # all literals of one command but APPEND
    message: int = 50 * MEBIBYTE
    idle: float = 30 * 60
    login: float = 3 * 60  # from the connection to the end of a login
    progress: float = 60  # a literal or our answer may stand still that long
    logins: int = 5  # failed ones on a connection
    faults: int = 20  # commands in a row that were none
    connections: int = 200
    connections_of_a_peer: int = 60  # mail programs open about five each; all of a practice may come by one address
    unauthenticated: int = 30
    unauthenticated_of_a_peer: int = 15
