"""CP1-5.7: what could not be written was not taken. A full disk, or a service that withholds once, costs no message and
puts no false notice beside one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from messaging.client import messages
from messaging.client.endpoint import Endpoint
from messaging.client.intake import RENEWAL_DUE
from messaging.client.service import Service
from messaging.errors import MessagingError
from messaging.profile import outbox, threads
from messaging.protocol import message
from tests.scenarios.test_mail_keys_change import rotated

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def write(endpoint: Endpoint, to: str, text: str) -> bytes:
    outgoing = await messages.compose(endpoint, [to], "Avis", text, [])
    await messages.leave(endpoint, [outgoing])
    return outgoing.thread


async def answer(endpoint: Endpoint, thread: bytes, text: str) -> None:
    exchange = await endpoint.reading.exchange(thread.hex())
    await messages.leave(endpoint, [await messages.reply(endpoint, exchange, text, [])])


async def seen(endpoint: Endpoint, thread: bytes) -> list[tuple[str, tuple[str, ...]]]:
    exchange = await endpoint.reading.exchange(thread.hex())
    contents = [(event.content, event.notices) for event in exchange.events]
    return [(content.text, notices) for content, notices in contents if isinstance(content, message.Message)]


def full(*_given: object) -> None:
    raise MessagingError("profile-unwritable")


async def failing(monkeypatch: pytest.MonkeyPatch, room: object, name: str, work: Callable) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(room, name, full)
        with pytest.raises(MessagingError):
            await work()


async def test_a_page_that_could_not_be_written_is_taken_again_whole(practice, monkeypatch) -> None:
    gp, colleague = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as author, colleague.at_work() as reader:
        known = await write(author, colleague.address, "un")
        await author.sync()
        await reader.sync()
        await answer(author, known, "deux")
        await failing(monkeypatch, threads, "save_cursor", reader.bring_in)
        await reader.bring_in()
        assert await seen(reader, known) == [("un", ()), ("deux", ())]
        new = await write(author, colleague.address, "neuf")
        await failing(monkeypatch, threads, "save_cursor", reader.bring_in)
        await reader.bring_in()
        assert await seen(reader, new) == [("neuf", ())]
    async with colleague.at_work() as reader:
        assert await seen(reader, known) == [("un", ()), ("deux", ())]
        assert await seen(reader, new) == [("neuf", ())]


async def test_what_left_and_could_not_be_written_is_no_copied_profile(practice, monkeypatch) -> None:
    gp, colleague = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as author:
        thread = await write(author, colleague.address, "un")
        await author.sync()
        exchange = await author.reading.exchange(thread.hex())
        await messages.reply(author, exchange, "deux", [])
        await failing(monkeypatch, outbox, "remove", author.dispatch.flush)
        await author.sync()
        await answer(author, thread, "trois")
        assert await seen(author, thread) == [("un", ()), ("deux", ()), ("trois", ())]
        assert await author.profile.run(lambda c: author.profile.kept(c, RENEWAL_DUE)) is None
        assert await author.reading.waiting() == []


async def test_a_service_that_withholds_a_secret_once_hides_nothing_for_ever(practice, monkeypatch) -> None:
    gp, colleague = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as author, colleague.at_work() as reader:
        thread = await write(author, colleague.address, "un")
        await author.sync()
        await reader.sync()
        await rotated(practice, gp)
        wraps = Service.wraps

        async def withheld(self: Service, owner: bytes) -> list:
            return [] if self is author.service else await wraps(self, owner)

        with monkeypatch.context() as lying:
            lying.setattr(Service, "wraps", withheld)
            await answer(author, thread, "deux")
        await author.sync()
        await reader.sync()
        await answer(reader, thread, "trois")
        await author.sync()
        assert [text for text, _ in await seen(author, thread)] == ["un", "deux", "trois"]
