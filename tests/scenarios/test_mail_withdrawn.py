"""An app password is withdrawn while its mail programs are inside: every door shows them out, and nobody else."""

from __future__ import annotations

import asyncio
import imaplib
import poplib
import smtplib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from messaging.gateway.access.app_passwords import AppPasswords
from messaging.gateway.database.mail_database import MailDatabase
from messaging.gateway.serving import gateway
from tests.scenarios.mail_practice import PATIENCE, Program, mail, programs

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def desks(practice, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Program]]:
    monkeypatch.setattr(gateway, "_ROLL_SECONDS", 0.05)
    async with programs(await practice.enrol(), await practice.enrol()) as found:
        yield found


async def withdrawn(program: Program, name: str) -> None:
    """As `confrere gateway passwords --remove`, beside the gateway: another connection to the same file."""
    profile = program.mailbox.endpoint.profile
    database = await MailDatabase.open(profile.folder)
    try:
        environment = program.mailbox.endpoint.environment
        await AppPasswords(database, profile.vault, environment.entropy, environment.now).remove(name)
    finally:
        await database.close()


def imap(program: Program, password: str = "") -> imaplib.IMAP4_SSL:
    found = imaplib.IMAP4_SSL("127.0.0.1", program.serving.imap, ssl_context=program.context, timeout=PATIENCE)
    found.login(program.address, password or program.password)
    found.select()
    return found


def smtp(program: Program) -> smtplib.SMTP_SSL:
    found = smtplib.SMTP_SSL("127.0.0.1", program.serving.smtp, context=program.context, timeout=PATIENCE)
    found.login(program.address, program.password)
    return found


def pop3(program: Program) -> poplib.POP3_SSL:
    found = poplib.POP3_SSL("127.0.0.1", program.serving.pop3, context=program.context, timeout=PATIENCE)
    found.user(program.address)
    found.pass_(program.password)
    return found


def rest_of(file) -> bytes:
    """What still comes until the gateway hangs up; a time-out where it does not."""
    return b"".join(iter(file.readline, b""))


async def test_imap_at_rest_and_in_idle_is_told_bye_and_cut(desks: list[Program]) -> None:
    one, other = desks
    at_rest, idling = await asyncio.to_thread(imap, one), await asyncio.to_thread(imap, one)
    colleague = await asyncio.to_thread(imap, other)
    idling.send(b"I1 IDLE\r\n")
    assert (await asyncio.to_thread(idling.readline)).startswith(b"+")
    await withdrawn(one, "essai")
    for program in (at_rest, idling):
        assert b"* BYE [UNAVAILABLE]" in await asyncio.to_thread(rest_of, program.file)
        program.shutdown()
    assert (await asyncio.to_thread(colleague.noop))[0] == "OK"
    await asyncio.to_thread(colleague.logout)


async def test_pop3_is_cut_and_removes_nothing(desks: list[Program]) -> None:
    one, other = desks
    await other.sends(mail(other.address, one.address), one.address)
    await one.mails()
    session = await asyncio.to_thread(pop3, one)
    await asyncio.to_thread(session.dele, 1)
    await withdrawn(one, "essai")
    assert await asyncio.to_thread(rest_of, session.file) == b""
    session.close()
    assert len(await one.octets()) == 1


async def test_smtp_is_cut_between_mails(desks: list[Program]) -> None:
    one, _ = desks
    session = await asyncio.to_thread(smtp, one)
    await withdrawn(one, "essai")
    assert (await asyncio.to_thread(rest_of, session.file)).startswith(b"421 ")
    session.close()


async def test_who_has_another_password_of_the_same_mailbox_stays(desks: list[Program]) -> None:
    one, _ = desks
    second = await one.mailbox.passwords.add("le portable")
    stays, goes = await asyncio.to_thread(imap, one, second), await asyncio.to_thread(imap, one)
    await withdrawn(one, "essai")
    assert b"* BYE" in await asyncio.to_thread(rest_of, goes.file)
    assert (await asyncio.to_thread(stays.noop))[0] == "OK"
    await asyncio.to_thread(stays.logout)
    goes.shutdown()


async def test_it_does_not_come_in_again_and_is_told_why(desks: list[Program]) -> None:
    one, _ = desks
    await withdrawn(one, "essai")
    with pytest.raises(imaplib.IMAP4.error, match="password was withdrawn"):
        await asyncio.to_thread(imap, one)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        await asyncio.to_thread(smtp, one)


async def test_who_reads_nothing_is_cut_all_the_same(desks: list[Program], monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in the middle of a long answer that it does not take."""
    monkeypatch.setattr("messaging.gateway.imap.wire._SHOWN_OUT", 0.1)
    one, _ = desks
    store = one.mailbox.store
    await store.append("INBOX", b"From: a@b.example\r\n\r\n" + b"x" * 76 * 400_000, (), 0)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", one.serving.imap, ssl=one.context, server_hostname="localhost", limit=1024
    )
    writer.write(f'a LOGIN "{one.address}" "{one.password}"\r\nb SELECT INBOX\r\nc FETCH 1 BODY[]\r\n'.encode())
    await reader.readuntil(b"BODY[]")
    await withdrawn(one, "essai")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        async with asyncio.timeout(PATIENCE):
            await reader.readexactly(64 * 1024 * 1024)
    writer.close()


async def test_smtp_in_the_middle_of_data_is_cut_and_nothing_is_taken(desks: list[Program]) -> None:
    one, other = desks

    def begin() -> smtplib.SMTP_SSL:
        session = smtp(one)
        session.mail(one.address)
        session.rcpt(other.address)
        assert session.docmd("DATA")[0] == 354
        session.send(mail(one.address, other.address, "À moitié").as_bytes().replace(b"\n", b"\r\n"))
        return session

    session = await asyncio.to_thread(begin)
    await withdrawn(one, "essai")
    assert (await asyncio.to_thread(rest_of, session.file)).startswith(b"421 ")
    session.close()
    assert await one.octets("Sent") == []
    assert await one.mailbox.endpoint.reading.waiting() == []


async def test_imap_in_the_middle_of_a_literal_is_cut_and_nothing_is_kept(
    desks: list[Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.gateway.imap.wire._SHOWN_OUT", 0.1)
    one, _ = desks
    session = await asyncio.to_thread(imap, one)
    session.send(b"A1 APPEND INBOX {100}\r\n")
    assert (await asyncio.to_thread(session.readline)).startswith(b"+")
    session.send(b"Subject: la moitie\r\n")
    await withdrawn(one, "essai")
    assert b"A1" not in await asyncio.to_thread(rest_of, session.file)
    session.shutdown()
    assert await one.octets() == []


async def test_pop3_in_the_middle_of_an_answer_that_is_not_read_is_cut(desks: list[Program]) -> None:
    one, _ = desks
    await one.mailbox.store.append("INBOX", b"From: a@b.example\r\n\r\n" + b"x" * 76 * 400_000, (), 0)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", one.serving.pop3, ssl=one.context, server_hostname="localhost", limit=1024
    )
    writer.write(f"USER {one.address}\r\nPASS {one.password}\r\nRETR 1\r\n".encode())
    await reader.readuntil(b"xxxx")
    await withdrawn(one, "essai")
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        async with asyncio.timeout(PATIENCE):
            await reader.readexactly(64 * 1024 * 1024)
    writer.close()
