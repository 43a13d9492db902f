"""Whether the doors open and who stands behind them: TLS under the gateway's own authority, a greeting."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Final

from messaging.gateway.examination.finding import Finding, found
from messaging.gateway.ports import Door
from messaging.gateway.setup.posted import Posted

_SECONDS: Final = 5.0
_GREETINGS: Final = {Door.SMTP: b"220", Door.IMAP: b"* OK", Door.POP3: b"+OK"}


async def look(posted: Posted, authority: str | None) -> list[Finding]:
    """`authority` is the gateway's own in PEM; None where it has a real certificate, which is judged by its file."""
    ports = {Door.SMTP: posted.smtp, Door.IMAP: posted.imap, Door.POP3: posted.pop3}
    return list(
        await asyncio.gather(*(_one(door, _reachable(posted.host), port, authority) for door, port in ports.items()))
    )


async def _one(door: Door, host: str, port: int, authority: str | None) -> Finding:
    context = ssl.create_default_context(cadata=authority)
    if authority is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname="localhost")
            try:
                greeting = await reader.readline()
            finally:
                writer.close()
                with contextlib.suppress(OSError):
                    await writer.wait_closed()
    except (ssl.SSLError, ValueError, asyncio.LimitOverrunError):
        return found("door-other", door=door.value, port=str(port))
    except (OSError, TimeoutError):
        return found("door-closed", door=door.value, port=str(port))
    well = greeting.startswith(_GREETINGS[door])
    return found("door-well" if well else "door-other", door=door.value, port=str(port))


def _reachable(host: str) -> str:
    """An interface that stands for all of them is reached as this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
