"""The HTTP server of the setup page (RFC 9110): this machine only, whatever interface the doors listen on.

A page elsewhere cannot read it: no CORS, and a Host that is not this machine's is refused, or a name that somebody
points here would make it theirs (DNS rebinding). No TLS: a browser that does not trust the gateway yet has to read it.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from messaging.gateway.configuration import autodiscover
from messaging.gateway.setup.routes import Routes, Shown

HOST: Final = "127.0.0.1"
_OWN_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "Confrere",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_LOG: Final = logging.getLogger("confrere.gateway")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(shown: Shown, port: int) -> AsyncIterator[int]:
    """Serve until the context ends; gives the port. Where `port` is taken it is a free one: mail matters more than its
    page."""
    app = web.Application(client_max_size=autodiscover.LARGEST, middlewares=[_guard])
    app.add_routes(Routes(shown).table())
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        yield await _open(runner, port)
    finally:
        await runner.cleanup()


async def _open(runner: web.AppRunner, port: int) -> int:
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError:
        if not port:
            raise
        _LOG.warning("port %d of the setup page is taken: it is on a free one", port)
        await web.TCPSite(runner, HOST, 0).start()
    return int(runner.addresses[0][1])


@web.middleware
async def _guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        response = await _answer(request, handler)
    except web.HTTPException as refused:
        response = web.Response(status=refused.status, text=refused.reason)
    except Exception as unforeseen:  # its text may name what no log should
        _LOG.error("the setup page failed: %s", type(unforeseen).__name__)
        response = web.Response(status=500, text="Internal Server Error")
    response.headers.update(_HEADERS)
    return response


async def _answer(request: web.Request, handler: _Handler) -> web.StreamResponse:
    if _name(request.headers.getall("Host", [])) not in _OWN_NAMES:
        raise web.HTTPMisdirectedRequest  # RFC 9110 section 15.5.20
    return await handler(request)


def _name(hosts: list[str]) -> str:
    """The one name in Host, without its port; empty for none or for several."""
    try:
        return (urlsplit(f"//{hosts[0]}").hostname or "") if len(hosts) == 1 else ""
    except ValueError:
        return ""
