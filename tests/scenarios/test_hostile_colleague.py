"""What an enrolled colleague can try against another one, through an honest service, by what is sealed or signed."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import os
import time
import tomllib
from pathlib import Path

import pytest

from confrere.commands import export
from confrere.output import Output
from confrere.words.catalogue import words
from directory.accounts import authoring
from directory.accounts.grants import Right
from directory.errors import Refusal
from directory.identity.ins import Sex, StrictTraits
from messaging.client import dispatch as dispatching
from messaging.client import messages, referrals
from messaging.client.attachments import _free_name
from messaging.errors import MessagingError
from messaging.profile.outbox import Outgoing
from messaging.protocol import message
from messaging.protocol.body import Body, EventType, Manifest
from messaging.referral import bodies as clinical
from messaging.referral.clinical import MEDIA_TYPE, Party, Reason, StateChange
from messaging.referral.patient import Patient
from messaging.referral.states import Side, Status
from messaging.referral.urgency import Urgency, read_policy
from tests.scenarios.conftest import PASSPHRASE

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
        b'Subject: \xff\xfe\r\nContent-Type: text/plain; charset="nul\\0"\r\n\r\nx',
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


_MANY = 900_000  # octets, as many as an event holds


@pytest.mark.parametrize(
    "entity",
    [
        b"Subject: " + b"=?utf-8?q?a?= " * (_MANY // 14) + b"\r\n\r\nx",
        b"Content-Type: text/plain; charset=" + b'"' * _MANY + b"\r\nSubject: x\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
        + b"".join(b"--a\r\nContent-Type: a/b; a%d=%s\r\n\r\n" % (at, b'"' * 400) for at in range(2_000)),
    ],
    ids=["subject", "parameters", "parts"],
)
async def test_a_header_that_the_library_would_take_all_memory_for_is_cut(entity: bytes) -> None:
    begun = time.process_time()
    with contextlib.suppress(MessagingError):
        assert len(message.read(Body(message.MEDIA_TYPE, entity)).subject) <= message.MAX_SUBJECT
    assert time.process_time() - begun < 3


async def test_a_text_in_a_charset_that_nobody_knows_is_read_as_far_as_it_can_be() -> None:
    head = b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=klingon\r\n\r\n"
    entity = head + b"d\xc3\xa9j\xc3\xa0 \xff\r\n"
    assert message.read(Body(message.MEDIA_TYPE, entity)).text == "déjà \N{REPLACEMENT CHARACTER}"


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


async def test_a_manager_who_hides_a_reader_from_the_owner_is_shut_out_with_him(practice, monkeypatch) -> None:
    owner, mallory, friend = await practice.enrol(), await practice.enrol(), await practice.enrol()
    async with owner.at_work() as endpoint:
        mailbox = endpoint.identity.mailbox
        manager = (await endpoint.addresses.resolve(mallory.address)).mailbox
        await endpoint.delegation.grant(
            mailbox, manager, (0, 1, 2), Right.READ | Right.SEND_AS | Right.MANAGE, history=True
        )
    async with mallory.at_work() as endpoint:
        hidden = (await endpoint.addresses.resolve(friend.address)).mailbox
        honest = authoring.kem.seal
        monkeypatch.setattr(authoring.kem, "seal", lambda *parts: os.urandom(len(honest(*parts))))
        await endpoint.delegation.grant(mailbox, hidden, (0,), Right.READ, history=True)
        monkeypatch.undo()
    async with owner.at_work() as endpoint:
        await endpoint.delegation.revoke(mailbox, manager)
        assert await endpoint.keyring.open_grants(mailbox) == []
    for shut_out in (mallory, friend):
        async with shut_out.at_work() as endpoint:
            assert mailbox not in endpoint.keyring.held


async def test_an_attachment_that_was_never_sent_keeps_nothing_else_from_being_proven(practice, tmp_path) -> None:
    mallory, reader = await practice.enrol(), await practice.enrol()
    ghost = Manifest(os.urandom(16), os.urandom(32), 64, 64, bytes(32), "\u202e" + "\N{PILL}" * 240 + ".pdf", "x/y")
    entity = message.write(message.Message("", "la preuve"))
    thread = await _send(mallory, reader.address, EventType.MESSAGE, Body(message.MEDIA_TYPE, entity, (ghost,)))
    async with mallory.at_work() as endpoint:
        me = endpoint.identity.mailbox
        malformed = Outgoing(os.urandom(16), thread, 1, me, EventType.MESSAGE, b"\xff\xff")
        await endpoint.put([malformed])
        await messages.leave(endpoint, [malformed])
    arguments = argparse.Namespace(
        thread=thread.hex(), to=str(tmp_path / "out"), verify="", profile=str(reader.folder), config="",
        passphrase_file=str(tmp_path / "words"),
    )  # fmt: skip
    (tmp_path / "words").write_text(PASSPHRASE)
    said = Output(words("en"), as_json=True, stdout=io.StringIO(), stderr=io.StringIO())
    with pytest.raises(Refusal) as refused:
        await export.run(arguments, said)
    assert refused.value.id == "attachment-refused"
    arguments = argparse.Namespace(thread="", to="", verify=str(tmp_path / "out"))
    await export.run(arguments, Output(words("en"), as_json=True, stdout=io.StringIO(), stderr=io.StringIO()))


async def test_a_file_name_fits_every_disk_and_reorders_nothing(tmp_path) -> None:
    found = _free_name(tmp_path, "../\u202e" + "\N{PILL}" * 240 + ".pdf")
    found.write_bytes(b"")
    assert found.parent == tmp_path
    assert len(found.name.encode()) <= 255
    assert "\u202e" not in found.name
