"""What a malicious service can try against an endpoint (CP1-12), and what the endpoint's owner sees of it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from directory.errors import Refusal
from directory.primitives.signature import SigningKey
from directory.transparency import receipt
from directory.transparency.receipt import Receipt, ReceiptKind, ReceiptProof
from messaging.client import messages
from messaging.client.endpoint import Endpoint
from messaging.wire.frames import Item, ItemKind

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _write(sender, to: str, *texts: str) -> bytes:
    """An exchange with these messages; gives its thread."""
    async with sender.at_work() as endpoint:
        first = await messages.compose(endpoint, [to], "Question", texts[0], [])
        await messages.leave(endpoint, [first])
        for text in texts[1:]:
            exchange = await endpoint.reading.exchange(first.thread.hex())
            await messages.leave(endpoint, [await messages.reply(endpoint, exchange, text, [])])
    return first.thread


def _tamper(endpoint: Endpoint, change) -> None:
    """Let `change` rewrite every page of items that the endpoint fetches."""
    honest = endpoint.service.items

    async def items(mailbox: bytes, after: int):
        return change(await honest(mailbox, after))

    endpoint.service.items = items  # type: ignore[method-assign]


async def _sync_with(clinician, change) -> tuple[list, int]:
    from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE

    async with Endpoint(clinician.folder, PASSPHRASE, ENVIRONMENT) as endpoint:
        _tamper(endpoint, change)
        await endpoint.sync()
        return await endpoint.reading.exchanges(), await endpoint.reading.failures()


def _texts(exchanges: list) -> list[str]:
    return [event.content.text for exchange in exchanges for event in exchange.events]


def _only_events(items, change):
    return tuple(change(item) if item.kind is ItemKind.EVENT else item for item in items)


async def test_a_flipped_bit_in_an_event_is_evidence_and_never_shown(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "texte intact")

    def flip(item: Item) -> Item:
        raw = bytearray(item.raw)
        raw[-1] ^= 1
        return replace(item, raw=bytes(raw))

    exchanges, failures = await _sync_with(reader, lambda items: _only_events(items, flip))
    assert _texts(exchanges) == []
    assert failures == 1


async def test_a_receipt_under_another_key_is_evidence_and_never_shown(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "texte intact")
    forger = SigningKey(os.urandom(32))

    def forge(item: Item) -> Item:
        placed = receipt.parse_proof(item.proof)
        group, paths = receipt.sign_group([placed.receipt], placed.group.time, forger)
        return replace(item, proof=ReceiptProof(placed.receipt, 0, paths[0], group).encode())

    exchanges, failures = await _sync_with(reader, lambda items: tuple(forge(item) for item in items))
    assert exchanges == []
    assert failures == 2


async def test_a_message_dropped_in_the_middle_is_shown_as_a_gap(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "un", "deux", "trois")

    def drop_second(items):
        events = [item for item in items if item.kind is ItemKind.EVENT]
        return tuple(item for item in items if len(events) < 2 or item is not events[1])

    exchanges, failures = await _sync_with(reader, drop_second)
    assert _texts(exchanges) == ["un", "trois"]
    assert {"gap", "counter-gap"} <= set(exchanges[0].events[1].notices)
    assert failures == 0


async def test_a_message_moved_to_another_thread_is_not_shown_there(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "ici")
    await _write(sender, reader.address, "là-bas")

    def swap(items):
        events = [item for item in items if item.kind is ItemKind.EVENT]
        if len(events) < 2:
            return items
        swapped = {id(events[0]): events[1].raw, id(events[1]): events[0].raw}
        return tuple(replace(item, raw=swapped.get(id(item), item.raw)) for item in items)

    exchanges, failures = await _sync_with(reader, swap)
    assert _texts(exchanges) == []
    assert failures == 2


async def test_a_replayed_item_is_shown_once(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "une seule fois")
    exchanges, failures = await _sync_with(reader, lambda items: (*items, *items))
    assert _texts(exchanges) == ["une seule fois"]
    assert failures == 0


async def test_a_forged_item_does_not_freeze_the_mailbox(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "après la pluie")
    junk = Item(os.urandom(16), 1, ItemKind.EVENT, b"CP1e", os.urandom(40))
    exchanges, failures = await _sync_with(reader, lambda items: (replace(junk, cursor=0), *items) if items else items)
    assert _texts(exchanges) == ["après la pluie"]
    assert failures >= 1


async def test_an_address_that_points_at_another_mailbox_is_refused(practice) -> None:
    sender, victim, mallory = await practice.enrol(), await practice.enrol(), await practice.enrol()
    async with sender.at_work() as endpoint:
        honest = endpoint.service.json

        async def lie(method: str, path: str, **sent):
            answer = await honest(method, path, **sent)
            if path == f"/api/addresses/{victim.address}":
                other = await honest("GET", f"/api/addresses/{mallory.address}")
                return answer | {"account": other["account"], "manager": other["manager"]}
            return answer

        endpoint.service.json = lie  # type: ignore[method-assign]
        with pytest.raises(Refusal) as refused:
            await endpoint.addresses.resolve(victim.address)
    assert refused.value.id == "recipient-unproven"


async def test_a_log_cut_short_is_a_rollback(practice) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    async with sender.at_work() as endpoint:
        found = await endpoint.addresses.resolve(reader.address)
        endpoint.accounts.outdate()
        honest = endpoint.service.log

        async def shorter(account: bytes, start: int):
            log = await honest(account, 0)
            return log[:-1][start:] if account == found.mailbox else log[start:]

        endpoint.service.log = shorter  # type: ignore[method-assign]
        with pytest.raises(Refusal) as refused:
            await endpoint.accounts.ensure([found.mailbox])
    assert refused.value.id == "account-log-rolled-back"


async def test_two_receipts_for_one_place_convict_the_service(practice, live) -> None:
    sender, reader = await practice.enrol(), await practice.enrol()
    await _write(sender, reader.address, "première version")
    async with reader.at_work() as endpoint:
        assert _texts(await endpoint.reading.exchanges()) == ["première version"]
    thread = await _write(sender, reader.address, "autre fil")
    key = SigningKey((live.data / "service.key").read_bytes())

    def second(items):
        """The service signs another event at a place that was taken."""
        forged = []
        for item in items:
            placed = receipt.parse_proof(item.proof)
            if item.kind is ItemKind.EVENT and placed.receipt.scope == thread:
                again = Receipt(ReceiptKind.EVENT, thread, 1, placed.receipt.id, os.urandom(32), placed.receipt.tick)
                group, paths = receipt.sign_group([again], placed.group.time, key)
                item = replace(item, proof=ReceiptProof(again, 0, paths[0], group).encode())
            forged.append(item)
        return tuple(forged)

    exchanges, failures = await _sync_with(reader, second)
    assert "autre fil" not in _texts(exchanges)
    assert failures == 1
