"""Exchanges by their threads, whole: a case is opened with all its threads, whichever of them is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.gateway.serving.memory import Memory


async def among(endpoint: Endpoint, memory: Memory, threads: Iterable[bytes]) -> list[Exchange]:
    """The exchanges that these threads are part of; remembers which threads are one case."""
    found: dict[bytes, Exchange] = {}
    for exchange in await endpoint.reading.among(threads):
        if exchange.case is not None:
            known = await memory.threads_of(exchange.case.case)
            own = {kept.thread for kept in exchange.threads}
            if not own <= known:
                await memory.keep_case(exchange.case.case, own | known)
            if known - own:
                for whole in await endpoint.reading.among(known | own):
                    found.setdefault(whole.id, whole)
                continue
        found.setdefault(exchange.id, exchange)
    return list(found.values())
