"""Two mailboxes on one gateway, two gateways on one mailbox, yesterday's mail file: each keeps to its own."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from messaging.errors import MessagingError
from messaging.gateway.database import migrations
from messaging.gateway.database.mail_database import FILE_NAME
from messaging.gateway.setup import posted
from tests.scenarios.mail_practice import PATIENCE, WORDS, Program, mail, programs

pytestmark = pytest.mark.asyncio(loop_scope="session")


def imap(program: Program, address: str = "") -> imaplib.IMAP4_SSL:
    found = imaplib.IMAP4_SSL("127.0.0.1", program.serving.imap, ssl_context=program.context, timeout=PATIENCE)
    found.login(address or program.address, program.password)
    return found


async def test_a_password_opens_its_own_mailbox_alone(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (one, other):
        with pytest.raises(imaplib.IMAP4.error):
            await asyncio.to_thread(imap, one, other.address)
        other.password, one.password = one.password, other.password
        with pytest.raises(smtplib.SMTPAuthenticationError):
            await one.sends(mail(one.address, other.address), other.address)


async def test_nobody_writes_as_the_other_or_sees_the_others_mail(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol(), await practice.enrol()) as (one, other, third):
        with pytest.raises(smtplib.SMTPDataError, match="550"):
            await one.sends(mail(other.address, third.address), third.address)
        await third.sends(mail(third.address, other.address, "Pour l'autre seul"), other.address)
        await other.mails()
        assert await one.octets() == []
        session = await asyncio.to_thread(imap, one)
        assert (await asyncio.to_thread(session.select))[1] == [b"0"]
        await asyncio.to_thread(session.logout)


async def test_the_page_and_the_figures_know_both(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (one, other):
        await one.sends(mail(one.address, other.address), other.address)
        await other.mails()
        session = await asyncio.to_thread(imap, other)
        with pytest.raises(imaplib.IMAP4.error):
            await asyncio.to_thread(imap, one, "eve@confrere.example")
        url = f"http://127.0.0.1:{one.serving.setup}"
        async with aiohttp.ClientSession() as http:
            async with http.get(url) as page:
                text = await page.text()
            async with http.get(f"{url}/health") as health:
                figures = await health.json()
            async with http.get(f"{url}/metrics") as metrics:
                exposed = await metrics.text()
            async with http.get(f"{url}/ca.pem") as authority:
                assert await authority.read() == one.serving.ca.read_bytes()
        assert one.address in text
        assert other.address in text
        by_address = {box["address"]: box for box in figures["mailboxes"]}
        assert by_address[one.address]["accepted"] == 1
        assert by_address[other.address]["delivered"] == 1
        assert by_address[other.address]["failure"] == ""
        assert figures["doors"]["imap"] == {"connections": 2, "logins": 1, "refused": 1, "inside": 1}
        assert figures["doors"]["smtp"]["logins"] == 1
        for line in (one.address, other.address, "Bonjour", "INBOX"):
            assert line not in exposed
        assert "confrere_gateway_mails_accepted_total 1" in exposed
        await asyncio.to_thread(session.logout)


async def test_a_mail_that_left_is_counted_and_waits_no_more(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (one, other):
        await one.sends(mail(one.address, other.address), other.address)
        await other.mails()
        async with asyncio.timeout(PATIENCE):
            while (figures := await one.mailbox.figures()).waiting:
                await one.mailbox.turns.turned()
        assert (figures.left, figures.failed, figures.waiting_since) == (1, 0, 0)
        assert figures.reached > 0


async def test_a_second_gateway_on_a_profile_says_that_it_is_in_use(practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("messaging.profile.store._WAIT_MS", 10)
    clinician = await practice.enrol()
    async with programs(clinician) as (program,):
        with pytest.raises(MessagingError, match="profile-locked") as refused:
            async with programs(clinician):
                pass
        assert "utilise ce profil" in WORDS.of(refused.value)
        assert posted.read(clinician.folder).imap == program.serving.imap  # the first one's still
    assert posted.read(clinician.folder) is None


async def test_an_older_mail_file_is_served_without_a_new_download(practice) -> None:
    """UIDs and UIDVALIDITY are what programs remember: an upgrade changes neither, nor an octet."""

    def all_of(program: Program) -> dict[str, object]:
        with imap(program) as session:
            session.select()
            validity = session.response("UIDVALIDITY")[1]
            return {
                "validity": validity,
                "next": session.response("UIDNEXT")[1],
                "mails": session.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")[1],
            }

    clinician, colleague = await practice.enrol(), await practice.enrol()
    async with programs(clinician, colleague) as (program, other):
        for number in range(3):
            await other.sends(mail(other.address, program.address, f"n° {number}"), program.address)
        await program.mails(at_least=3)
        first = program.mailbox.store.folder("INBOX").mails[0].uid
        await program.mailbox.store.move("INBOX", [first], "Trash")
        before = await asyncio.to_thread(all_of, program)
    as_in_version_1(clinician.folder / FILE_NAME)
    async with programs(clinician) as (program,):
        assert await asyncio.to_thread(all_of, program) == before


def as_in_version_1(file: Path) -> None:
    """The same mail in the file that version 1 had."""
    old = file.with_name("old.db")
    connection = sqlite3.connect(old)
    connection.executescript(migrations.LADDER[0])
    connection.execute("ATTACH ? AS new", (str(file),))
    for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
        columns = ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    connection.execute("PRAGMA main.user_version = 1")
    connection.commit()
    connection.close()
    for beside in ("-wal", "-shm"):
        file.with_name(file.name + beside).unlink(missing_ok=True)
    old.replace(file)
