"""The exchange of a SASL login (RFC 4422) with PLAIN, LOGIN or XOAUTH2, to the point where somebody can be asked for.

How a challenge looks on the wire and how long a line may be is each protocol's own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from messaging.gateway.entry import sasl

Ask = Callable[[bytes], Awaitable[bytes]]
"""Send a challenge, give the client's line without its end."""


class MechanismUnknown(ValueError):
    """No such mechanism here."""


class Cancelled(ValueError):
    """The client sent `*`."""


async def credentials(mechanism: str, initial: str, ask: Ask) -> sasl.Credentials:
    """`mechanism` in any case; `initial` is the initial response as written, or empty. ValueError for what is no answer
    of the mechanism; MechanismUnknown, Cancelled."""
    mechanism = mechanism.upper()
    if mechanism not in sasl.MECHANISMS:
        raise MechanismUnknown
    initial = initial.strip()
    first = sasl.decoded(initial.encode("utf-8", "surrogateescape")) if initial else None
    if mechanism == "LOGIN":
        user = await _answer(ask, b"Username:") if first is None else first
        return sasl.login(user, await _answer(ask, b"Password:"))
    response = await _answer(ask, b"") if first is None else first
    return sasl.plain(response) if mechanism == "PLAIN" else sasl.xoauth2(response)


async def _answer(ask: Ask, challenge: bytes) -> bytes:
    line = await ask(challenge)
    if line == b"*":
        raise Cancelled
    return sasl.decoded(line)
