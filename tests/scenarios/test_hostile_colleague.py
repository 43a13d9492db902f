"""What an enrolled colleague can try against another one, through an honest service, by what is sealed or signed."""

from __future__ import annotations

import datetime
import os
import tomllib
from pathlib import Path

import pytest

from directory.accounts import authoring
from directory.accounts.grants import Right
from directory.identity.ins import Sex, StrictTraits
from messaging.client import dispatch as dispatching
from messaging.client import messages, referrals
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing
from messaging.protocol import message
from messaging.protocol.body import Body, EventType
from messaging.referral import bodies as clinical
from messaging.referral.clinical import MEDIA_TYPE, Party, Reason, StateChange
from messaging.referral.patient import Patient
from messaging.referral.states import Side, Status
from messaging.referral.urgency import Urgency, read_policy

CONFIG = Path(__file__).parents[2] / "config"
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _send(sender, to: str, type_: int, body: Body, class_: int = 1) -> bytes:
    """One event of any type and body, in a thread of its own."""
    async with sender.at_work() as endpoint:
        me = endpoint.identity.mailbox
        made = Outgoing(os.urandom(16), os.urandom(16), class_, me, type_, body.encode(), to=(to,))
        await endpoint.put([made])
        await messages.leave(endpoint, [made])
        return made.thread


async def _plain(sender, to: str, text: str) -> bytes:
    entity = message.write(message.Message("", text))
    return await _send(sender, to, EventType.MESSAGE, Body(message.MEDIA_TYPE, entity))


async def _texts(reader) -> list[str]:
    async with reader.at_work() as endpoint:
        exchanges = await endpoint.reading.exchanges()
        return [e.content.text for x in exchanges for e in x.events if isinstance(e.content, message.Message)]


async def test_a_seen_place_beyond_any_database_does_not_freeze_the_readers_mailbox(practice, monkeypatch) -> None:
    mallory, reader = await practice.enrol(), await practice.enrol()
    honest = dispatching.Meta
    monkeypatch.setattr(dispatching, "Meta", lambda **parts: honest(**(parts | {"seen_seq": 2**64 - 1})))
    await _plain(mallory, reader.address, "vu trop loin")
    monkeypatch.undo()
    await _plain(mallory, reader.address, "la suite")
    assert sorted(await _texts(reader)) == ["la suite", "vu trop loin"]


async def test_a_malformed_acknowledgement_does_not_close_the_inbox(practice) -> None:
    mallory, reader = await practice.enrol(), await practice.enrol()
    await _plain(mallory, reader.address, "bonjour")
    await _send(mallory, reader.address, EventType.ACK, Body("x", b"\xff"))
    await _send(mallory, reader.address, EventType.ACK, Body("x", b""))
    assert await _texts(reader) == ["bonjour"]


@pytest.mark.parametrize(
    "entity",
    [
        b"Subject: =?utf-8?q?a=1B=5B2J=0Ab?=\r\n\r\nnon lu\x1b[1A\xc2\x9b2K\r\n",
        b"Subject: \xff\xfe\r\nContent-Type: text/plain; charset=\"nul\\0\"\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=\r\n\r\n",
        b"Content-Type: text/plain; charset*=x''%\r\nSubject: =?x?b?=?= =??= <>@[\r\n\r\n\xed\xa0\x80",
        b"",
    ],
    ids=["steering", "unknown charset", "empty boundary", "broken words", "empty"],
)
async def test_a_message_steers_no_terminal_and_breaks_no_reader(entity: bytes) -> None:
    try:
        found = message.read(Body(message.MEDIA_TYPE, entity))
    except MessagingError:
        return
    shown = found.subject + found.text
    shown.encode()
    assert not set(shown) & {chr(c) for c in (*range(9), *range(11, 32), *range(127, 160))}
    assert "\n" not in found.subject


async def test_a_mandate_with_spoiled_keys_does_not_lock_its_holder_out(practice, monkeypatch) -> None:
    mallory, victim = await practice.enrol(), await practice.enrol()
    honest = authoring.generation.wrap_to
    async with mallory.at_work() as endpoint:
        found = await endpoint.addresses.resolve(victim.address)
        spoiled = lambda **parts: honest(**(parts | {"seed": os.urandom(32)}))  # noqa: E731
        monkeypatch.setattr(authoring.generation, "wrap_to", spoiled)
        await endpoint.delegation.grant(
            endpoint.identity.mailbox, found.mailbox, (0, 1, 2), Right.READ | Right.SEND_AS, history=True
        )
        monkeypatch.undo()
    await _plain(mallory, victim.address, "toujours lisible")
    assert await _texts(victim) == ["toujours lisible"]
    async with victim.at_work() as endpoint:
        assert list(endpoint.keyring.held) == [endpoint.identity.mailbox]
        assert await endpoint.reading.failures() == 1


async def _referral(asking, performing) -> tuple[bytes, bytes]:
    """(case, clinical thread)."""
    policy = read_policy(tomllib.loads((CONFIG / "urgency.toml").read_text(encoding="utf-8")))
    patient = Patient(StrictTraits("PAT-TROIS", "DOMINIQUE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215"))
    async with asking.at_work() as endpoint:
        made = await referrals.refer(
            endpoint, to=[performing.address], waiting_for="", performer=Party("Dr X"), patient=patient,
            question="?", level=Urgency.ROUTINE, policy=policy, files=[],
        )  # fmt: skip
        await messages.leave(endpoint, made.outgoing)
    return made.case, made.thread


async def test_a_thread_that_names_a_foreign_case_neither_turns_its_sides_nor_catches_its_answer(practice) -> None:
    asking, mallory = await practice.enrol(), await practice.enrol()
    case, thread = await _referral(asking, mallory)
    cancelled = StateChange(case=case, status=Status.CANCELLED, reason=Reason.NO_LONGER_NEEDED)
    written = clinical.write(cancelled)
    await _send(mallory, asking.address, EventType.STATE_CHANGE, Body(MEDIA_TYPE, written), class_=0)
    caught = await _send(mallory, asking.address, EventType.STATE_CHANGE, Body(MEDIA_TYPE, written), class_=1)
    async with asking.at_work() as endpoint:
        found = await endpoint.reading.exchange(thread.hex())
        other = await endpoint.reading.exchange(caught.hex())
    assert found.own_side is Side.REQUESTER
    assert found.case is not None
    assert found.case.status is Status.REQUESTED
    assert (len(found.threads), found.main.thread) == (2, thread)
    assert [kept.thread for kept in other.threads].count(thread) == 0
