"""What a service that lies without forging can try against an endpoint: lists, places, pages, names, numbers."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from directory.accounts.grants import Right
from directory.errors import Refusal
from directory.primitives.passphrase import Cost
from directory.primitives.signature import SigningKey
from directory.transparency import receipt
from directory.transparency.receipt import Receipt, ReceiptProof
from messaging.client import devices, messages
from messaging.client.endpoint import Endpoint
from messaging.client.service import Service, _refusal
from messaging.wire.epoch import Role
from messaging.wire.frames import Item, ItemKind
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _write(sender, to: str, *texts: str) -> bytes:
    async with sender.at_work() as endpoint:
        first = await messages.compose(endpoint, [to], "Question", texts[0], [])
        await messages.leave(endpoint, [first])
        for text in texts[1:]:
            exchange = await endpoint.reading.exchange(first.thread.hex())
            await messages.leave(endpoint, [await messages.reply(endpoint, exchange, text, [])])
    return first.thread


def _opened(clinician) -> Endpoint:
    return Endpoint(clinician.folder, PASSPHRASE, ENVIRONMENT)


def _change_pages(endpoint: Endpoint, change) -> None:
    honest = endpoint.service.items

    async def items(mailbox: bytes, after: int):
        return change(await honest(mailbox, after), mailbox, after)

    endpoint.service.items = items  # type: ignore[method-assign]


async def _texts(endpoint: Endpoint) -> list[str]:
    return [event.content.text for exchange in await endpoint.reading.exchanges() for event in exchange.events]


async def test_a_number_without_a_receipt_does_not_move_the_cursor(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    async with _opened(reader) as endpoint:
        honest = endpoint.service.items

        async def far_ahead(mailbox: bytes, after: int):
            if after:
                return await honest(mailbox, after)
            return (Item(mailbox, 2**62, ItemKind.EVENT, b"CP1e", os.urandom(40)),)

        endpoint.service.items = far_ahead  # type: ignore[method-assign]
        await endpoint.sync()
    await _write(sender, reader.address, "arrive quand même")
    async with reader.at_work() as endpoint:
        assert await _texts(endpoint) == ["arrive quand même"]


@pytest.mark.parametrize("reached", [0, 2**63, 2**64 - 1], ids=["the same", "beyond a database", "the last"])
async def test_pages_that_never_end_are_refused(practice, reached: int) -> None:
    reader = await practice.enrol()
    async with _opened(reader) as endpoint:
        _change_pages(
            endpoint,
            lambda _items, mailbox, after: (Item(mailbox, reached or after, ItemKind.EVENT, b"x", b"y"),),
        )
        with pytest.raises(Refusal) as refused:
            await endpoint.sync()
    assert refused.value.id == "service-answer-wrong"


async def test_commits_that_lack_their_beginning_end_the_search_for_it(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    thread = await _write(sender, reader.address, "un")
    third = await practice.enrol()
    async with sender.at_work() as endpoint:
        found = await endpoint.addresses.resolve(third.address)
        await endpoint.dispatch.change_members(thread, add={found.mailbox: (Role.SEND, True)})
    async with _opened(reader) as endpoint:
        _change_pages(endpoint, lambda items, _mailbox, _after: items[1:])
        honest = endpoint.service.thread_epochs

        async def headless(thread: bytes, mailbox: bytes, after: int):
            return tuple(item for item in await honest(thread, mailbox, after))[1:]

        endpoint.service.thread_epochs = headless  # type: ignore[method-assign]
        await endpoint.sync()
        assert await endpoint.reading.exchanges() == []
        assert await endpoint.reading.failures() >= 1


async def test_other_peoples_threads_do_not_appear_in_a_mailbox(practice) -> None:
    one, two, reader = await practice.enrol(), await practice.enrol(), await practice.enrol()
    await _write(one, two.address, "entre nous")
    stolen: list[Item] = []
    async with _opened(two) as endpoint:
        _change_pages(endpoint, lambda items, _mailbox, _after: stolen.extend(items) or items)
        await endpoint.sync()
    for mailbox_lies in (True, False):
        async with _opened(reader) as endpoint:

            def foreign(items, mailbox, after, lies=mailbox_lies):
                moved = [replace(item, mailbox=mailbox) if lies else item for item in stolen]
                return tuple(item for item in moved if item.cursor > after)

            _change_pages(endpoint, foreign)
            await endpoint.sync()
            assert await endpoint.reading.exchanges() == []


async def test_what_is_dropped_before_a_new_circle_is_shown_as_a_gap(practice) -> None:
    sender, reader, third = await practice.enrol(), await practice.enrol(), await practice.enrol()
    thread = await _write(sender, reader.address, "un", "deux")
    async with sender.at_work() as endpoint:
        found = await endpoint.addresses.resolve(third.address)
        await endpoint.dispatch.change_members(thread, add={found.mailbox: (Role.SEND, False)})
    async with third.at_work() as endpoint:
        exchange = await endpoint.reading.exchange(thread.hex())
        await messages.leave(endpoint, [await messages.reply(endpoint, exchange, "trois", [])])
    async with _opened(reader) as endpoint:

        def drop_second(items, _mailbox, after):
            events = [item for item in items if item.kind is ItemKind.EVENT]
            return tuple(item for item in items if after or item is not events[1])

        _change_pages(endpoint, drop_second)
        await endpoint.sync()
        events = (await endpoint.reading.exchange(thread.hex())).events
    assert [event.content.text for event in events] == ["un", "trois"]
    assert "gap" in events[1].notices


async def test_one_sending_receipted_twice_in_one_page_is_shown_once(practice, live) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "une fois")
    key = SigningKey((live.data / "service.key").read_bytes())

    def twice(items, _mailbox, _after):
        if not items:
            return items
        placed = receipt.parse_proof(items[-1].proof)
        first = placed.receipt
        again = Receipt(
            first.kind, first.scope, first.seq + 1, first.id,
            receipt.next_chain(first.scope, first.chain, first.id), first.tick + 10_000,
        )  # fmt: skip
        group, paths = receipt.sign_group([again], placed.group.time, key)
        return (*items, replace(items[-1], cursor=again.tick, proof=ReceiptProof(again, 0, paths[0], group).encode()))

    async with _opened(reader) as endpoint:
        _change_pages(endpoint, twice)
        await endpoint.sync()
        assert await _texts(endpoint) == ["une fois"]


async def _mandated(practice):
    """(a victim, somebody whose mailbox the victim may act for)."""
    victim, mallory = await practice.enrol(), await practice.enrol()
    async with mallory.at_work() as endpoint:
        found = await endpoint.addresses.resolve(victim.address)
        rights = Right.READ | Right.SEND_AS
        await endpoint.delegation.grant(endpoint.identity.mailbox, found.mailbox, (0,), rights, history=True)
    return victim, mallory


def _lie_about_holdings(service, change) -> None:
    honest = service.holdings

    async def holdings():
        return change(await honest())

    service.holdings = holdings


async def test_rights_classes_and_addresses_come_from_the_logs_and_not_from_the_list(practice) -> None:
    victim, _ = await _mandated(practice)

    def more(listed):
        return [one | {"classes": [0, 1, 2], "rights": 7, "address": victim.address} for one in listed]

    async with _opened(victim) as endpoint:
        _lie_about_holdings(endpoint.service, more)
        await endpoint.connect()
        other = next(held for held in endpoint.keyring.held.values() if held.payload)
        assert (other.classes, other.rights, other.address) == ((0,), Right.READ | Right.SEND_AS, "")


async def test_a_mailbox_that_was_never_granted_is_not_held(practice) -> None:
    victim, mallory = await practice.enrol(), await practice.enrol()
    async with _opened(victim) as endpoint:
        await endpoint.connect()
        foreign = (await endpoint.addresses.resolve(mallory.address)).mailbox

        def listed(honest):
            return [*honest, honest[0] | {"mailbox": foreign.hex()}]

        _lie_about_holdings(endpoint.service, listed)
        await endpoint.keyring.refresh()
        assert list(endpoint.keyring.held) == [endpoint.identity.mailbox]


async def test_recovery_does_not_take_a_granted_mailbox_for_ones_own(practice, monkeypatch, tmp_path) -> None:
    victim, _ = await _mandated(practice)
    async with victim.at_work() as endpoint:
        own = endpoint.identity.mailbox
    honest = Service.holdings

    async def lie(self):
        found = [one | {"address": victim.address} for one in await honest(self)]
        return sorted(found, key=lambda one: one["mailbox"] == own.hex())

    monkeypatch.setattr(Service, "holdings", lie)
    found = await devices.recover(practice.url, tmp_path / "new", PASSPHRASE, victim.recovery, Cost(), ENVIRONMENT)
    assert found.mailbox == own


async def test_a_log_that_was_refused_once_is_refused_again(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    async with sender.at_work() as endpoint:
        mailbox = (await endpoint.addresses.resolve(reader.address)).mailbox
        endpoint.accounts.outdate()
        honest = endpoint.service.log

        async def shorter(account: bytes, start: int):
            log = await honest(account, 0)
            return log[:-1][start:] if account == mailbox else log[start:]

        endpoint.service.log = shorter  # type: ignore[method-assign]
        for _ in range(2):
            with pytest.raises(Refusal) as refused:
                await endpoint.accounts.ensure([mailbox])
            assert refused.value.id == "account-log-rolled-back"


async def test_a_name_is_not_answered_by_somebody_of_another_name(practice) -> None:
    sender, mallory = await practice.enrol(), await practice.enrol()
    async with sender.at_work() as endpoint:
        professional = (await endpoint.addresses.resolve(mallory.address)).professional
        honest = endpoint.service.json

        async def lie(method: str, path: str, **sent):
            if path == "/api/directory/search":
                return [{"rpps": professional.identifier, "name": "ZYZZYVA Bob"}]
            return await honest(method, path, **sent)

        endpoint.service.json = lie  # type: ignore[method-assign]
        with pytest.raises(Refusal) as refused:
            await endpoint.addresses.resolve("zyzzyva")
        assert refused.value.id == "recipient-unproven"
        assert (await endpoint.addresses.resolve(professional.name.split()[0])).mailbox


async def test_an_answer_of_another_shape_is_a_refusal_and_no_crash(practice) -> None:
    reader = await practice.enrol()
    answers = [b"null", b"[1]", b"{}", b"[" * 100_000]
    answers += [b'{"challenge":1,"account":2}', b'{"challenge":"A","account":"0"}']
    async with reader.at_work() as endpoint:
        service, me = endpoint.service, endpoint.identity
        for answer in answers:

            async def lie(_method: str, _path: str, answer=answer, **_sent):
                return answer

            service.request = lie  # type: ignore[method-assign]
            acts = {
                "login": service.log_in(me.account, me.device, me.signing, me.service_pk),
                "holdings": endpoint.keyring.refresh(),
                "address": endpoint.addresses.resolve(reader.address),
                "name": endpoint.addresses.resolve("martin"),
                "feed": service.items(me.mailbox, 0),
                "openings": service.openings(me.mailbox),
            }
            for name, act in acts.items():
                try:
                    found = await act
                except Refusal:
                    continue
                pytest.fail(f"{name} took {answer[:40]!r} for {found!r}")


async def test_a_problem_names_an_error_and_nothing_else() -> None:
    assert _refusal(400, json.dumps({"id": "\x1b[2J"}).encode()).id == "service-answer-wrong"
    assert _refusal(400, b"[" * 100_000).id == "service-answer-wrong"
    assert _refusal(409, b'{"id": "epoch-stale"}').id == "epoch-stale"
