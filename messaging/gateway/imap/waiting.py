"""IDLE (RFC 2177): what changes is told at once, until the client says DONE. Polls nothing: the store calls."""

from __future__ import annotations

import asyncio

from messaging.gateway.imap.grammar import Malformed
from messaging.gateway.imap.session import Call


async def idle(call: Call) -> bytes:
    session = call.session
    call.scanner.end()
    changed = asyncio.Event()

    def told(folder: str) -> None:
        if session.selected is not None and folder == session.selected.name:
            changed.set()

    stop = session.store.listen(told)
    line = asyncio.ensure_future(session.wire.line())
    news = asyncio.ensure_future(changed.wait())
    try:
        session.wire.add(b"+ idling\r\n")
        while not line.done():
            session.tell(expunge=True)
            await session.wire.flush()
            await asyncio.wait({line, news}, return_when=asyncio.FIRST_COMPLETED)
            if news.done():
                changed.clear()
                news = asyncio.ensure_future(changed.wait())
        said = line.result()
    finally:
        stop()
        for waiting in (line, news):
            waiting.cancel()
        await asyncio.gather(line, news, return_exceptions=True)
    if said.upper() != b"DONE":
        raise Malformed("expected DONE")
    return b"OK done"
