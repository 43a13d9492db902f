"""CP1-5.8: what was sent from here and verified comes again in the feed, and is not verified again; what differs in a
letter is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from messaging.client import messages
from messaging.client.echoes import Echoes
from messaging.client.endpoint import Endpoint
from messaging.client.intake import Intake
from messaging.profile import threads
from messaging.wire.frames import Item, ItemKind

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def write(endpoint: Endpoint, to: str) -> None:
    outgoing = await messages.compose(endpoint, [to], "Bonjour", "Un mot.", [])
    await messages.leave(endpoint, [outgoing])


async def test_an_echo_moves_the_cursor_and_is_not_verified_again(practice, monkeypatch) -> None:
    gp, colleague = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint:
        await endpoint.sync()
        verified: list[int] = []
        verify = Intake._verify_receipt

        def counted(self: Intake, item: Item) -> object:
            verified.append(item.cursor)
            return verify(self, item)

        await write(endpoint, colleague.address)
        monkeypatch.setattr(Intake, "_verify_receipt", counted)
        before = await endpoint.profile.run(lambda c: threads.cursor_of(c, endpoint.identity.mailbox))
        await endpoint.bring_in()
        after = await endpoint.profile.run(lambda c: threads.cursor_of(c, endpoint.identity.mailbox))
        assert verified == []
        assert after > before


async def test_after_a_restart_it_is_verified_again(practice, monkeypatch) -> None:
    gp, colleague = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint:
        await write(endpoint, colleague.address)
    verified: list[int] = []
    verify = Intake._verify_receipt

    def counted(self: Intake, item: Item) -> object:
        verified.append(item.cursor)
        return verify(self, item)

    monkeypatch.setattr(Intake, "_verify_receipt", counted)
    async with gp.at_work() as endpoint:
        await endpoint.sync()
        assert len(verified) == 2  # the epoch and the event
        assert len(await endpoint.reading.exchanges()) == 1


@pytest.mark.parametrize(
    "other",
    [{"mailbox": b"n" * 32}, {"cursor": 8}, {"kind": ItemKind.EPOCH}, {"raw": b"raw!"}, {"proof": b"proof!"}],
    ids=lambda other: next(iter(other)),
)
async def test_what_differs_in_anything_is_no_echo(other: dict[str, object]) -> None:
    echoes, item = Echoes(), Item(b"m" * 32, 7, ItemKind.EVENT, b"raw", b"proof")
    echoes.expect([item])
    assert not echoes.take(replace(item, **other))
    assert echoes.take(item)
    assert not echoes.take(item)
