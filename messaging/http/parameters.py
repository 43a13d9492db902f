"""Reading a request: ids, cursors and bodies, each with its bound; and the caller that the door has authenticated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from aiohttp import web

from directory.ports import Session
from messaging.errors import MessagingError

MAX_JSON = 16 * 1024
MAX_TICK = 2**63 - 1

SESSION = web.RequestKey("session", Session)


def caller(request: web.Request) -> Session:
    """Set by the door's middleware (confrere/compose) for every route that needs a token."""
    return request[SESSION]


def octets_id(text: str, size: int, field: str) -> bytes:
    """Exactly `size` octets in lower-case hexadecimal."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != size or found.hex() != text:
        raise MessagingError("request-malformed", field=field)
    return found


def path_id(request: web.Request, name: str, size: int = 16) -> bytes:
    return octets_id(request.match_info[name], size, name)


def number(text: str, field: str, most: int = MAX_TICK) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) > most:
        raise MessagingError("request-malformed", field=field)
    return int(text)


async def octets(request: web.Request, most: int) -> bytes:
    """The whole body. Raises MessagingError("request-too-large") before it is read past `most`."""
    if request.content_length is not None and request.content_length > most:
        raise MessagingError("request-too-large", what="request", limit=most)
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > most:
            raise MessagingError("request-too-large", what="request", limit=most)
        parts.append(part)
    return b"".join(parts)


async def document(
    request: web.Request, fields: dict[str, type], optional: Mapping[str, type] = MappingProxyType({})
) -> dict[str, Any]:
    """A JSON object with exactly these fields, each of exactly this type, and any of those that are optional."""
    try:
        found = json.loads(await octets(request, MAX_JSON))
    except (ValueError, RecursionError):
        raise MessagingError("request-malformed", field="body") from None
    if not isinstance(found, dict) or not set(fields) <= set(found) <= {*fields, *optional}:
        raise MessagingError("request-malformed", field="body")
    for name, kind in {**fields, **optional}.items():
        if name in found and type(found[name]) is not kind:
            raise MessagingError("request-malformed", field=name)
    return found
