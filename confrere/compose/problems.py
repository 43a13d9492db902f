"""Refusals as RFC 9457 problems: one table from category to status, for the routes of every house.

A problem carries the error's id and facts, never content; what no verb foresaw is `internal` with an incident number.
"""

from __future__ import annotations

import json
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from directory.errors import Category, Refusal

log = logging.getLogger("confrere.http")

STATUS: Mapping[Category, int] = {
    Category.MALFORMED: 400,
    Category.USAGE: 400,
    Category.RIGHTS: 403,
    Category.UNKNOWN: 404,
    Category.STALE: 409,
    Category.CONFLICT: 409,
    Category.LIMIT: 413,
    Category.AUTHENTICITY: 422,
    Category.CONTINUITY: 422,
    Category.UNSUPPORTED: 422,
    Category.INTERNAL: 500,
    Category.UNREACHABLE: 503,
}
TOO_OFTEN = 429
UNAUTHENTICATED = 401
# Who the caller is, is not known: HTTP has a status of its own for that.
_NOT_KNOWN = frozenset({"token-missing", "token-expired", "login-refused", "login-expired"})
MEDIA_TYPE = "application/problem+json"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def status_of(refusal: Refusal) -> int:
    if refusal.id in _NOT_KNOWN:
        return UNAUTHENTICATED
    if refusal.category is Category.LIMIT and refusal.kind.temporary:
        return TOO_OFTEN
    return STATUS[refusal.category]


def problem(refusal: Refusal) -> web.Response:
    status = status_of(refusal)
    body = {
        **refusal.facts,
        "type": f"/problems/{refusal.id}",
        "id": refusal.id,
        "title": refusal.id.replace("-", " "),
        "status": status,
        "category": str(refusal.category),
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == UNAUTHENTICATED else {}
    if status in (TOO_OFTEN, 503):
        headers["Retry-After"] = str(refusal.facts.get("seconds", 1))
    return web.Response(status=status, text=json.dumps(body), content_type=MEDIA_TYPE, headers=headers)


def _plain(status: int, identifier: str, **facts: str) -> web.Response:
    body = {**facts, "type": f"/problems/{identifier}", "id": identifier, "title": identifier, "status": status}
    return web.Response(status=status, text=json.dumps(body), content_type=MEDIA_TYPE)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The outermost middleware."""
    try:
        return await handler(request)
    except Refusal as refusal:
        if refusal.category is Category.INTERNAL:
            _incident(refusal)
        return problem(refusal)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        ids = {404: "route-unknown", 405: "method-unknown", 413: "request-too-large"}
        return _plain(answer.status, ids.get(answer.status, "request-malformed"))
    except Exception as unforeseen:
        return _plain(500, "internal", incident=_incident(unforeseen))


def _incident(error: BaseException) -> str:
    """Types and frames only: an error's text may hold content."""
    number = secrets.token_hex(4)
    link: BaseException | None = error
    while link is not None:
        frames = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(traceback.extract_tb(link.__traceback__)[-6:]))
        log.error("incident %s %s at %s", number, type(link).__name__, frames)
        link = link.__cause__
    return number
