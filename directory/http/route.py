"""One row of the directory's route table: what registers a route is what documents it (`/api/openapi.json`).

The same shape as messaging's; neither house's edge imports the other's. `recovery` opens a route to a paper device.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

OCTETS = "application/octet-stream"
JSON = "application/json"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is aiohttp's and OpenAPI's form alike; `request` and `responses` name media types, "" for no body."""

    method: str
    path: str
    summary: str
    handler: Handler
    auth: bool = True
    request: str = ""
    responses: Mapping[int, str] = field(default_factory=lambda: {200: JSON})
    query: tuple[str, ...] = ()
    recovery: bool = False
