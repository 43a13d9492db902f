"""The directory's whole route table, in the order of docs/spec/service.md."""

from __future__ import annotations

from directory.http.account_routes import AccountRoutes
from directory.http.open_routes import OpenRoutes
from directory.http.service import DirectoryService
from directory.ports import Route


def table(service: DirectoryService) -> tuple[Route, ...]:
    return (*OpenRoutes(service).table(), *AccountRoutes(service).table())
