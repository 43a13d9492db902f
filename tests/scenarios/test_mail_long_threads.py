"""A thread that a colleague makes long costs the gateway what is new in it: the words of delivered mails are not read
again, and those of mails that were not delivered are not lost by that."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete

from messaging.gateway.database import tables
from messaging.gateway.mailstore.notes import Notes
from messaging.gateway.serving.memory import Memory
from messaging.profile import threads as kept_threads
from messaging.protocol import message
from messaging.protocol.body import Body
from tests.scenarios.mail_practice import Program, mail, programs

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def exchanged(gp: Program, colleague: Program, rounds: int) -> str:
    """The Message-ID at the colleague of the last mail of a thread of so many."""
    answered = ""
    for number in range(rounds):
        named = {"In_Reply_To": answered} if answered else {}
        octets = mail(gp.address, colleague.address, "Suite", f"Tour {number}.", **named)
        answered = "<" + (await gp.sends(octets, colleague.address)).split("<")[1].split(">")[0] + ">"
        await colleague.mails(at_least=number + 1)
    return answered


async def test_the_words_of_what_was_delivered_are_not_read_again(practice, monkeypatch) -> None:
    read = message.read
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        answered = await exchanged(gp, colleague, 5)
        assert len({kept.thread for kept in await threads(colleague)}) == 1
        words: list[bytes] = []

        def counted(body: Body) -> message.Message:
            words.append(body.content)
            return read(body)

        monkeypatch.setattr(message, "read", counted)
        octets = mail(gp.address, colleague.address, "Suite", "Le dernier tour.", In_Reply_To=answered)
        await gp.sends(octets, colleague.address)
        mails = await colleague.mails(at_least=6)
        assert "Le dernier tour." in mails[-1].get_content()
        assert not any(b"Tour 1." in one for one in words)
        assert any(b"Le dernier tour." in one for one in words)


async def test_a_mail_whose_place_is_not_known_yet_is_read_again_in_full(practice, monkeypatch) -> None:
    """Killed after the mail was stored and before its place was: its id still follows from its own words."""
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        await exchanged(gp, colleague, 1)
        (before,) = await colleague.mails()
        memory = Memory(Notes(colleague.mailbox.store))
        async with asyncio.timeout(20):
            while not (found := await memory.places_of_ids([before["Message-ID"]])):
                await colleague.mailbox.turns.turned()
        (place,) = found.values()
        notes = Notes(colleague.mailbox.store)
        await forget(notes, [f"place/{place.key.hex()}", f"id/{place.message_id}"])
        assert not await memory.places([place.key])
        octets = mail(gp.address, colleague.address, "Suite", "Encore.", In_Reply_To=before["Message-ID"])
        await gp.sends(octets, colleague.address)
        await colleague.mails(at_least=2)
        async with asyncio.timeout(20):
            while not await memory.places([place.key]):
                await colleague.mailbox.turns.turned()
        assert await memory.places([place.key]) == {place.key: place}
        assert (await colleague.mails(at_least=2))[0]["Message-ID"] == before["Message-ID"]


async def threads(program: Program) -> list:
    profile = program.mailbox.endpoint.profile
    return await profile.run(lambda c: kept_threads.load_all(profile, c))


async def forget(notes: Notes, names: list[str]) -> None:
    ledger, name = notes._ledger, tables.notes.c.name
    hashed = [ledger.seals.hashed("note", one) for one in names]
    await ledger.change(lambda turn: turn.connection.execute(delete(tables.notes).where(name.in_(hashed))))
