"""What a running gateway says of itself on its page's port (`/health`, `/ca.pem`). Whoever answers there is asked, and
believed only where the process is the one that holds the profile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from messaging.gateway.setup import server
from messaging.gateway.setup.figures import MailboxFigures
from messaging.gateway.setup.posted import Posted

_SECONDS: Final = 5.0
_LARGEST: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Said:
    """`authority` is in PEM, None with a real certificate; `server` the service's URL; times are ms UTC."""

    process: int
    server: str
    certificate_until: int
    mailboxes: tuple[MailboxFigures, ...]
    authority: str | None


async def ask(posted: Posted) -> Said | None:
    """None where nobody answers, or not like a gateway."""
    if not posted.setup:
        return None
    url = f"http://{server.HOST}:{posted.setup}"
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_SECONDS), trust_env=False) as http:
            plain = json.loads(await _read(http, f"{url}/health") or b"null")
            authority = await _read(http, f"{url}/ca.pem")
        return _said(plain, authority)
    except (aiohttp.ClientError, TimeoutError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _said(plain: Any, authority: bytes | None) -> Said:
    return Said(
        process=int(plain["process"]),
        server=str(plain["server"]),
        certificate_until=int(plain["certificate_until"]),
        mailboxes=tuple(MailboxFigures(**one) for one in plain["mailboxes"]),
        authority=None if authority is None else authority.decode("ascii"),
    )


async def _read(http: aiohttp.ClientSession, url: str) -> bytes | None:
    async with http.get(url, allow_redirects=False) as answer:
        octets = await answer.content.read(_LARGEST)
        return octets if answer.status == 200 else None
