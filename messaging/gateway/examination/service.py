"""The service as it is seen from here without logging in: whether it answers, what time it has (RFC 9110, 6.6.1).

A clock that is off by minutes makes mails lie about when they were written and has logins refused.
"""

from __future__ import annotations

import email.utils
import time
from typing import Final

import aiohttp

from messaging.client.environment import Environment
from messaging.gateway.examination.finding import Finding, found

_TOLERATED: Final = 120  # seconds


async def look(url: str, environment: Environment) -> list[Finding]:
    timeout = aiohttp.ClientTimeout(total=environment.connect_seconds)
    began = time.monotonic()
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False) as http,
            http.get(f"{url.rstrip('/')}/health", allow_redirects=False) as answer,
        ):
            here, status, said = environment.now() // 1000, answer.status, answer.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return [found("service-unreachable", server=url)]
    if status != 200:
        return [found("service-unreachable", server=url)]
    findings = [found("service-well", server=url, milliseconds=round((time.monotonic() - began) * 1000))]
    there = _seconds(said)
    if there is not None:
        drift = here - there
        findings.append(found("clock-wrong" if abs(drift) > _TOLERATED else "clock-well", seconds=drift))
    return findings


def _seconds(date: str) -> int | None:
    try:
        return int(email.utils.parsedate_to_datetime(date).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
