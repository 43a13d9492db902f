"""The door's own routes: where a notice leads, health, OpenAPI, policy (what a client pins); registering every route
with who may call it."""

from __future__ import annotations

import base64
import importlib.metadata
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from confrere.compose.landing import landing
from confrere.compose.openapi import RouteRow, document
from confrere.settings import ServiceSettings
from directory.http import messages as directory_messages
from directory.ports import Route
from directory.use_cases.log_in import Logins
from messaging.http import parameters as messaging_parameters
from messaging.wire import limits

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Policy:
    """The keys that a client pins (base64url), and where the service stands."""

    service_pk: str
    registrar_pk: str
    domain: str


def text_of(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode("ascii")


def version() -> str:
    try:
        return importlib.metadata.version("confrere")
    except importlib.metadata.PackageNotFoundError:
        return "0"


def front_rows(policy: Policy, settings: ServiceSettings, rows: Callable[[], Sequence[RouteRow]]) -> tuple[Route, ...]:
    async def health(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"status": "ok", "version": version()})

    async def openapi(_request: web.Request) -> web.StreamResponse:
        return web.json_response(document(rows(), version()))

    async def policy_document(request: web.Request) -> web.StreamResponse:
        return web.json_response(
            {
                "protocol": "CP1",
                "suite": 1,
                "service_pk": policy.service_pk,
                "registrar_pk": policy.registrar_pk,
                "domain": policy.domain,
                "bridge": settings.service.bridge,
                "public_url": settings.service.public_url or str(request.url.origin()),
                "limits": {
                    "event_bytes": settings.limits.event_bytes,
                    "members": settings.limits.members,
                    "blob_bytes": settings.limits.blob_bytes,
                    "chunk_bytes": limits.SEALED_CHUNK,
                    "events_in_submission": limits.MAX_EVENTS_IN_SUBMISSION,
                },
            }
        )

    return (
        Route("GET", "/", "Where a notice's link leads.", landing, auth=False, responses={200: "text/html"}),
        Route("GET", "/health", "Whether the service answers.", health, auth=False),
        Route("GET", "/api/openapi.json", "This document.", openapi, auth=False),
        Route("GET", "/api/policy", "What a client pins: keys, domain, limits.", policy_document, auth=False),
    )


def register(app: web.Application, rows: Sequence[RouteRow], logins: Logins) -> None:
    """Every row of the table, and nothing else, becomes a route."""
    for row in rows:
        handler = authenticated(row, logins) if row.auth else row.handler
        app.router.add_route(row.method, row.path, handler)


def authenticated(row: RouteRow, logins: Logins) -> Handler:
    """Only with a live token; each house finds the caller under its own key. A paper device's opens the rows that say
    so.

    Raises DirectoryError: token-missing, token-expired, session-recovery-only.
    """
    recovery = getattr(row, "recovery", False)

    async def guarded(request: web.Request) -> web.StreamResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        session = logins.authenticate(token, recovery=recovery)
        request[directory_messages.SESSION] = request[messaging_parameters.SESSION] = session
        return await row.handler(request)

    return guarded
