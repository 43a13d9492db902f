"""Reading requests and writing answers: ids, keys, JSON and lists of octets (docs/spec/service.md), each bounded."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence

from aiohttp import web

from directory.errors import DirectoryError
from directory.ports import Session
from directory.primitives.codec import u16, var

_MAX_JSON = 16 * 1024
_ID_SIZE = 16

SESSION = web.RequestKey("session", Session)


def caller(request: web.Request) -> Session:
    """Set by the door's middleware (confrere/compose) for every route that needs a token."""
    return request[SESSION]


def bearer(request: web.Request) -> str:
    """The token of the Authorization header, "" without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def malformed(field: str) -> DirectoryError:
    return DirectoryError("octets-malformed", what="request", field=field)


async def body(request: web.Request, most: int) -> bytes:
    """The whole body, at most `most` octets."""
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > most:
            raise malformed("size")
        parts.append(part)
    return b"".join(parts)


async def document(request: web.Request, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, str]:
    """A JSON object of texts with exactly these fields."""
    try:
        found = json.loads(await body(request, _MAX_JSON))
    except (ValueError, RecursionError):
        raise malformed("body") from None
    if not isinstance(found, dict) or not set(required) <= set(found) <= {*required, *optional}:
        raise malformed("body")
    for name, value in found.items():
        if not isinstance(value, str):
            raise malformed(name)
    return found


def identifier(text: str, field: str) -> bytes:
    """16 octets in lower-case hex."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != _ID_SIZE or found.hex() != text:
        raise malformed(field)
    return found


def account_of(request: web.Request) -> bytes:
    return identifier(request.match_info["account"], "account")


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def unb64(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise malformed(field) from None


def whole_number(text: str, field: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18 or int(text) > most:
        raise malformed(field)
    return int(text)


def octet_list(items: Sequence[bytes]) -> web.Response:
    """`u16 n`, then n times `var`."""
    raw = u16(len(items)) + b"".join(map(var, items))
    return web.Response(body=raw, content_type="application/octet-stream")


def answer(found: object) -> web.Response:
    return web.json_response(found, dumps=lambda value: json.dumps(value, ensure_ascii=False))
