"""The routes of the setup page: the page itself, what mail programs read to set themselves up, the authority to trust,
figures. Everything may be known to whoever uses this machine; nothing is changed, and no password passes here.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from messaging.errors import MessagingError
from messaging.gateway.configuration import autoconfig, autodiscover, mobileconfig
from messaging.gateway.configuration.servers import Servers, domain, served
from messaging.gateway.setup import exposition
from messaging.gateway.setup.figures import Figures
from messaging.rendering.pages import Language, Say
from messaging.rendering.setup_page import SetupPage, setup_page

_DER = "application/pkix-cert"
_PEM = "application/x-pem-file"
_LANGUAGES: tuple[Language, ...] = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page tells. `authority` gives the files in PEM and DER that programs are to trust, None with a real
    certificate; `figures` is asked anew each time; `elsewhere` is whether other machines reach the gateway."""

    servers: Servers
    addresses: tuple[str, ...]
    authority: tuple[Path, Path] | None
    figures: Callable[[], Awaitable[Figures]] = field(repr=False)
    words: Mapping[Language, Say] = field(repr=False)
    language: Language = "fr"
    elsewhere: bool = False


class Routes:
    def __init__(self, shown: Shown) -> None:
        self._shown = shown

    def table(self) -> list[web.RouteDef]:
        """GET, and the one POST that Outlook makes to ask."""
        return [
            web.get("/", self._page),
            web.get("/mail/config-v1.1.xml", self._autoconfig),
            web.get("/.well-known/autoconfig/mail/config-v1.1.xml", self._autoconfig),
            web.post("/autodiscover/autodiscover.xml", self._autodiscover),
            web.post("/Autodiscover/Autodiscover.xml", self._autodiscover),
            web.get("/confrere.mobileconfig", self._mobileconfig),
            web.get("/ca.pem", self._pem),
            web.get("/ca.cer", self._der),
            web.get("/health", self._health),
            web.get("/metrics", self._metrics),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        shown, language = self._shown, self._language(request)
        servers = shown.servers
        page = SetupPage(
            host=servers.host,
            smtp=servers.smtp,
            imap=servers.imap,
            pop3=servers.pop3,
            addresses=shown.addresses,
            own_authority=shown.authority is not None,
            elsewhere=shown.elsewhere,
        )
        return web.Response(text=setup_page(page, shown.words[language], language), content_type="text/html")

    def _language(self, request: web.Request) -> Language:
        """What was asked for, else what the browser prefers, else the gateway's."""
        preferred = request.headers.get("Accept-Language", "").lower().split(",")[:10]
        for wanted in (request.query.get("lang", ""), *(one.strip()[:2] for one in preferred)):
            for language in _LANGUAGES:
                if wanted == language:
                    return language
        return self._shown.language

    async def _autoconfig(self, request: web.Request) -> web.Response:
        domains = {domain(address) for address in self._shown.addresses}
        asked = request.query.get("emailaddress", "")
        if asked and domain(asked) not in domains:
            raise web.HTTPNotFound
        document = autoconfig.document(self._shown.servers, domains)
        return web.Response(body=document, content_type=autoconfig.MEDIA_TYPE, charset="utf-8")

    async def _autodiscover(self, request: web.Request) -> web.Response:
        try:
            asked = autodiscover.address_of(await request.read())
        except MessagingError:
            return _refused(autodiscover.INVALID_REQUEST, status=400)
        address = served(asked, self._shown.addresses)
        if address is None:
            return _refused(autodiscover.UNKNOWN_ADDRESS, status=200)  # its error is the answer, as Exchange has it
        document = autodiscover.settings(self._shown.servers, address)
        return web.Response(body=document, content_type=autodiscover.MEDIA_TYPE, charset="utf-8")

    async def _mobileconfig(self, request: web.Request) -> web.Response:
        only = self._shown.addresses[0] if len(self._shown.addresses) == 1 else ""
        address = served(request.query.get("emailaddress", only), self._shown.addresses)
        if address is None:
            raise web.HTTPNotFound
        authority = await asyncio.to_thread(self._shown.authority[1].read_bytes) if self._shown.authority else None
        return _file(
            mobileconfig.profile(self._shown.servers, address, authority),
            mobileconfig.MEDIA_TYPE,
            "confrere.mobileconfig",
        )

    async def _pem(self, request: web.Request) -> web.Response:
        return await self._authority(0, _PEM, "confrere.pem")

    async def _der(self, request: web.Request) -> web.Response:
        return await self._authority(1, _DER, "confrere.cer")

    async def _authority(self, encoding: int, media_type: str, name: str) -> web.Response:
        if self._shown.authority is None:
            raise web.HTTPNotFound
        return _file(await asyncio.to_thread(self._shown.authority[encoding].read_bytes), media_type, name)

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response((await self._shown.figures()).plain())

    async def _metrics(self, request: web.Request) -> web.Response:
        text = exposition.text(await self._shown.figures())
        return web.Response(body=text.encode(), headers={"Content-Type": exposition.MEDIA_TYPE})


def _file(octets: bytes, media_type: str, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=octets, content_type=media_type, headers=headers)


def _refused(code: int, *, status: int) -> web.Response:
    document = autodiscover.refusal(code, datetime.datetime.now(datetime.UTC))
    return web.Response(body=document, status=status, content_type=autodiscover.MEDIA_TYPE, charset="utf-8")
