"""Exchanges by their threads, whole: a case is opened with all its threads, whichever of them is asked for."""

from __future__ import annotations

from collections.abc import Container, Iterable

from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.gateway.serving.memory import Memory


class _Every:
    def __contains__(self, _event: object) -> bool:
        return True


async def without_words(endpoint: Endpoint, memory: Memory, threads: Iterable[bytes]) -> list[Exchange]:
    """`among` for who asks how a case stands, who wrote and when, and not what a plain message says."""
    return await among(endpoint, memory, threads, _Every())


async def among(
    endpoint: Endpoint, memory: Memory, threads: Iterable[bytes], known: Container[bytes] = ()
) -> list[Exchange]:
    """The exchanges that these threads are part of; remembers which threads are one case. `known` as in `Reading`."""
    found: dict[bytes, Exchange] = {}
    for exchange in await endpoint.reading.among(threads, known):
        if exchange.case is not None:
            threads_of_case = await memory.threads_of(exchange.case.case)
            own = {kept.thread for kept in exchange.threads}
            if not own <= threads_of_case:
                await memory.keep_case(exchange.case.case, own | threads_of_case)
            if threads_of_case - own:
                for whole in await endpoint.reading.among(threads_of_case | own, known):
                    found.setdefault(whole.id, whole)
                continue
        found.setdefault(exchange.id, exchange)
    return list(found.values())
