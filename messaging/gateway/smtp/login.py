"""The exchange of SMTP AUTH (RFC 4954): PLAIN, LOGIN and XOAUTH2, to the point where somebody can be asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from messaging.gateway.entry import sasl
from messaging.gateway.smtp.replies import Refused

Ask = Callable[[bytes], Awaitable[bytes]]
"""Send a challenge, give the client's line without its end."""

_MALFORMED: Final = "501 5.5.2 This is not an answer of this mechanism"


async def credentials(mechanism: str, initial: str, ask: Ask) -> sasl.Credentials:
    """`initial` is the initial response as written, or empty. Raises Refused: 501, 504."""
    if mechanism not in sasl.MECHANISMS:
        raise Refused("504 5.5.4 Mechanism not recognised")
    try:
        first = _decoded(initial.encode("utf-8", "surrogateescape")) if initial else None
        if mechanism == "LOGIN":
            user = await _answer(ask, b"Username:") if first is None else first
            return sasl.login(user, await _answer(ask, b"Password:"))
        response = await _answer(ask, b"") if first is None else first
        return sasl.plain(response) if mechanism == "PLAIN" else sasl.xoauth2(response)
    except ValueError:
        raise Refused(_MALFORMED) from None


async def _answer(ask: Ask, challenge: bytes) -> bytes:
    return _decoded(await ask(challenge))


def _decoded(line: bytes) -> bytes:
    if line == b"*":
        raise Refused("501 5.7.0 Cancelled")
    return sasl.decoded(line)
