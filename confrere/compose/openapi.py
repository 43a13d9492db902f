"""OpenAPI 3.1 from the route table that also registers the routes: a route cannot exist undocumented."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

from aiohttp import web

from confrere.compose.problems import MEDIA_TYPE

_PARAMETER = re.compile(r"{(\w+)}")


class RouteRow(Protocol):
    """A house's row (`http/route.py`), whichever house it is."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def handler(self) -> Callable[[web.Request], Awaitable[web.StreamResponse]]: ...
    @property
    def auth(self) -> bool: ...
    @property
    def request(self) -> str: ...
    @property
    def responses(self) -> Mapping[int, str]: ...
    @property
    def query(self) -> tuple[str, ...]: ...


def document(rows: Iterable[RouteRow], version: str) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Confrère", "version": version},
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _PROBLEM},
        },
    }


_PROBLEM = {
    "type": "object",
    "required": ["type", "id", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "id": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "category": {"type": "string"},
    },
}


def _operation(row: RouteRow) -> dict[str, Any]:
    parameters = [_parameter(name, "path") for name in _PARAMETER.findall(row.path)]
    parameters += [_parameter(name, "query") for name in row.query]
    responses: dict[str, Any] = {
        str(status): {"description": "Done.", **({"content": {kind: _body(kind)}} if kind else {})}
        for status, kind in row.responses.items()
    }
    responses["default"] = {
        "description": "Refused (RFC 9457).",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    operation: dict[str, Any] = {"summary": row.summary, "parameters": parameters, "responses": responses}
    if row.request:
        operation["requestBody"] = {"required": True, "content": {row.request: _body(row.request)}}
    if row.auth:
        operation["security"] = [{"token": []}]
    return operation


def _parameter(name: str, place: str) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}


def _body(kind: str) -> dict[str, Any]:
    return {} if kind == "application/octet-stream" else {"schema": {}}
