"""Wait on the WebSocket until something new is committed for a mailbox (docs/spec/service.md, "Frames").

A push is never the only copy and nothing pushed is taken from here: it says that there is something to bring in, and
`Endpoint.sync` brings it in by the same door as always. So a push that is lost, forged or repeated costs a look.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import aiohttp

from directory.errors import Refusal
from messaging.client.environment import Environment
from messaging.errors import MessagingError
from messaging.wire import frames, limits
from messaging.wire.frames import Changed, Hello, Item, Refused

_HEARTBEAT = 30.0


@dataclass(frozen=True, slots=True)
class Line:
    """Where to wait: the service, a fresh login's token, and how far each mailbox has been brought in."""

    url: str
    token: str = field(repr=False)
    cursors: tuple[tuple[bytes, int], ...]


async def wait_for_push(line: Line, environment: Environment) -> None:
    """Returns when there is something to bring in. Raises as `pushes`."""
    async with contextlib.aclosing(pushes(line, environment)) as pushed:
        await anext(pushed)


async def pushes(line: Line, environment: Environment) -> AsyncGenerator[Item | Changed, None]:
    """What the service says on one connection each time there is something to bring in; never ends by itself. `Changed`
    asks for the mailboxes that are held to be looked at again.

    Raises MessagingError("service-unreachable") when the connection ends: connect again.
    """
    hello = frames.encode(Hello(line.token, line.cursors[: limits.MAX_CURSORS]))
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=environment.connect_seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
            session.ws_connect(
                f"{line.url}/api/ws", heartbeat=_HEARTBEAT, compress=0, max_msg_size=limits.MAX_FRAME
            ) as socket,
        ):
            await socket.send_bytes(hello)
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.BINARY:
                    break
                frame = frames.parse(message.data)
                if isinstance(frame, Item | Changed):
                    yield frame
                if isinstance(frame, Refused):
                    break
    except (aiohttp.ClientError, TimeoutError, Refusal):
        pass
    raise MessagingError("service-unreachable")
