"""Push reaches an endpoint (docs/spec/service.md, "Frames"), and a lost push costs only a look."""

from __future__ import annotations

import asyncio

import pytest

from messaging.client import messages
from messaging.client.live import Line, wait_for_push
from messaging.errors import MessagingError
from tests.scenarios.conftest import ENVIRONMENT

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_push_wakes_whoever_waits_and_what_came_is_brought_in(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    async with reader.at_work() as endpoint:
        line = await endpoint.line()
    waiting = asyncio.create_task(wait_for_push(line, ENVIRONMENT))
    async with sender.at_work() as endpoint:
        await messages.leave(endpoint, [await messages.compose(endpoint, [reader.address], "s", "poussé", [])])
    await asyncio.wait_for(waiting, 5)
    async with reader.at_work() as endpoint:
        (exchange,) = await endpoint.reading.exchanges()
    assert [event.content.text for event in exchange.events] == ["poussé"]


async def test_what_came_before_the_wait_began_wakes_at_once(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    async with reader.at_work() as endpoint:
        line = await endpoint.line()
    async with sender.at_work() as endpoint:
        await messages.leave(endpoint, [await messages.compose(endpoint, [reader.address], "s", "avant", [])])
    await asyncio.wait_for(wait_for_push(line, ENVIRONMENT), 5)


async def test_an_ended_token_or_an_absent_service_says_connect_again(practice) -> None:
    reader = await practice.enrol()
    async with reader.at_work() as endpoint:
        line = await endpoint.line()
    for broken in (Line(line.url, "ended", line.cursors), Line("http://127.0.0.1:9", line.token, line.cursors)):
        with pytest.raises(MessagingError) as refused:
            await asyncio.wait_for(wait_for_push(broken, ENVIRONMENT), 5)
        assert refused.value.id == "service-unreachable"
