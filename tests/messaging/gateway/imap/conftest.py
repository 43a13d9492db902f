"""A server for each test: an empty store is quickly made."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.messaging.gateway.imap.imap_world import World, world


@pytest_asyncio.fixture
async def imap() -> AsyncIterator[World]:
    async with world() as made:
        yield made
