"""Interruptions of an endpoint (CP1-5.5, CP1-5.8): sent once, shown once, never retyped."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from directory.errors import Refusal
from directory.primitives.passphrase import Cost
from messaging.client import enrolment, messages
from messaging.client.devices import list_devices, recover, revoke
from messaging.client.endpoint import Endpoint
from messaging.client.environment import Environment
from messaging.errors import MessagingError
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE, Clinician

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _read(clinician: Clinician) -> list[str]:
    async with clinician.at_work() as endpoint:
        found = await endpoint.reading.exchanges()
    return sorted(event.content.text for exchange in found for event in exchange.events)


async def test_an_ack_lost_on_the_way_sends_nothing_twice(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    async with sender.at_work() as endpoint:
        outgoing = await messages.compose(endpoint, [reader.address], "s", "une fois", [])
        honest = endpoint.service.submit

        async def unheard(octets: bytes) -> list[bytes]:
            await honest(octets)
            raise MessagingError("service-unreachable")

        endpoint.service.submit = unheard  # type: ignore[method-assign]
        with pytest.raises(Refusal) as refused:
            await messages.leave(endpoint, [outgoing])
        assert refused.value.id == "service-unreachable"
        assert [one.intent for one in await endpoint.reading.waiting()] == [outgoing.intent]
    async with sender.at_work() as endpoint:
        assert await endpoint.reading.waiting() == []
    assert await _read(reader) == ["une fois"]
    assert await _read(sender) == ["une fois"]


async def test_what_was_written_without_the_service_leaves_later_under_the_same_intent(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    async with Endpoint(sender.folder, PASSPHRASE, Environment(total_seconds=1)) as endpoint:
        endpoint.service.url = "http://127.0.0.1:9"
        synced = await endpoint.sync_if_reachable()
        assert not synced.online
        outgoing = await messages.compose(endpoint, [reader.address], "s", "écrit dans le train", [])
        with pytest.raises(Refusal) as refused:
            await messages.leave(endpoint, [outgoing])
        assert refused.value.id == "service-unreachable"
    async with sender.at_work() as endpoint:
        assert await endpoint.reading.waiting() == []
    assert await _read(reader) == ["écrit dans le train"]


async def test_two_copies_of_one_profile_sending_at_once_lose_nothing(practice) -> None:
    """A restored backup beside the original (CP1-5.7): both messages are shown, and the copy is noticed."""
    sender, reader = await practice.enrol(), await practice.enrol()
    async with sender.at_work() as endpoint:
        first = await messages.compose(endpoint, [reader.address], "s", "zéro", [])
        await messages.leave(endpoint, [first])
    copy = Clinician(sender.folder.with_name(sender.folder.name + "-copy"), sender.address, "")
    shutil.copytree(sender.folder, copy.folder)

    async def send(clinician: Clinician, text: str) -> None:
        async with Endpoint(clinician.folder, PASSPHRASE, ENVIRONMENT) as endpoint:
            await endpoint.connect()
            exchange = await endpoint.reading.exchange(first.thread.hex())
            await messages.leave(endpoint, [await messages.reply(endpoint, exchange, text, [])])

    await asyncio.gather(send(sender, "original"), send(copy, "copie"))
    async with reader.at_work() as endpoint:
        (exchange,) = await endpoint.reading.exchanges()
    assert sorted(event.content.text for event in exchange.events) == ["copie", "original", "zéro"]
    assert "counter-repeated" in {notice for event in exchange.events for notice in event.notices}
    assert await _read(sender) == ["copie", "original", "zéro"]
    assert await _read(copy) == ["copie", "original", "zéro"]
    # Each has become a device of its own: nothing that follows is out of place.
    for clinician, text in ((sender, "original 2"), (copy, "copie 2"), (sender, "original 3")):
        await send(clinician, text)
    async with reader.at_work() as endpoint:
        (exchange,) = await endpoint.reading.exchanges()
        renewed = await endpoint.accounts.professional(exchange.events[-1].account)
    assert renewed.address == sender.address
    assert [event.content.text for event in exchange.events][-3:] == ["original 2", "copie 2", "original 3"]
    assert all(not event.notices for event in exchange.events[-3:])


async def test_a_profile_restored_from_yesterday_catches_up_and_goes_on(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    yesterday = sender.folder.with_name(sender.folder.name + "-yesterday")
    async with sender.at_work() as endpoint:
        first = await messages.compose(endpoint, [reader.address], "s", "hier", [])
        await messages.leave(endpoint, [first])
    shutil.copytree(sender.folder, yesterday)
    async with sender.at_work() as endpoint:
        exchange = await endpoint.reading.exchange(first.thread.hex())
        await messages.leave(endpoint, [await messages.reply(endpoint, exchange, "ce matin", [])])
    shutil.rmtree(sender.folder)
    yesterday.rename(sender.folder)
    async with sender.at_work() as endpoint:
        exchange = await endpoint.reading.exchange(first.thread.hex())
        await messages.leave(endpoint, [await messages.reply(endpoint, exchange, "ce soir", [])])
    async with reader.at_work() as endpoint:
        (exchange,) = await endpoint.reading.exchanges()
    assert [event.content.text for event in exchange.events] == ["hier", "ce matin", "ce soir"]
    assert all(not event.notices for event in exchange.events)


async def test_the_recovery_sheet_reads_everything_and_the_lost_device_nothing_new(practice) -> None:
    owner, writer = await practice.enrol(), await practice.enrol()
    async with writer.at_work() as endpoint:
        await messages.leave(endpoint, [await messages.compose(endpoint, [owner.address], "s", "avant", [])])
    found = owner.folder.with_name(owner.folder.name + "-new")
    await recover(practice.url, found, PASSPHRASE, owner.recovery, Cost(), ENVIRONMENT)
    renewed = Clinician(found, owner.address, owner.recovery)
    async with renewed.at_work() as endpoint:
        lost = next(d for d in list_devices(endpoint.accounts, endpoint.identity) if d.kind == "sdk" and not d.this)
        await revoke(
            lost.id, endpoint.identity, ENVIRONMENT, endpoint.accounts, endpoint.keyring, endpoint.delegation
        )
    async with writer.at_work() as endpoint:
        await messages.leave(endpoint, [await messages.compose(endpoint, [owner.address], "s", "après", [])])
    assert await _read(renewed) == ["après", "avant"]
    with pytest.raises(Refusal) as refused:
        await _read(owner)
    assert refused.value.id == "login-refused"


async def test_a_code_is_not_spent_on_keys_that_were_lost(practice, monkeypatch) -> None:
    """The answer to an enrolment is lost: the same command ends it with the same keys."""
    rpps = practice.next_rpps()
    code, folder = practice.invite(rpps), practice._root / f"{rpps}-interrupted"
    honest = enrolment.Service.request

    async def unheard(self, method: str, path: str, **sent):
        answer = await honest(self, method, path, **sent)
        if path == "/api/enrolments":
            raise MessagingError("service-unreachable")
        return answer

    monkeypatch.setattr(enrolment.Service, "request", unheard)
    with pytest.raises(Refusal):
        await enrolment.enrol(practice.url, folder, PASSPHRASE, code, Cost(), ENVIRONMENT)
    monkeypatch.undo()
    done = await enrolment.enrol(practice.url, folder, PASSPHRASE, code, Cost(), ENVIRONMENT)
    assert await _read(Clinician(folder, done.identity.address, done.recovery)) == []


async def test_an_invitation_opens_one_mailbox_only(practice) -> None:
    rpps = practice.next_rpps()
    code = practice.invite(rpps)
    await enrolment.enrol(practice.url, practice._root / f"{rpps}-a", PASSPHRASE, code, Cost(), ENVIRONMENT)
    with pytest.raises(Refusal) as refused:
        await enrolment.enrol(practice.url, practice._root / f"{rpps}-b", PASSPHRASE, code, Cost(), ENVIRONMENT)
    assert refused.value.id == "invitation-used"
    assert not (practice._root / f"{rpps}-b" / "profile.db").exists()


async def test_a_wrong_passphrase_opens_nothing(practice) -> None:
    owner = await practice.enrol()
    with pytest.raises(Refusal) as refused:
        async with Endpoint(owner.folder, "une autre phrase", ENVIRONMENT):
            pass
    assert refused.value.id == "passphrase-wrong"
