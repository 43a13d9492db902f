"""A full disk and a locked file in the middle: what was refused is not kept, what was accepted arrives once."""

from __future__ import annotations

import asyncio
import smtplib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from messaging.gateway.database import mail_database
from messaging.gateway.database.mail_database import FILE_NAME
from tests.scenarios.mail_practice import PATIENCE, Program, mail, programs
from tests.scenarios.test_mail_withdrawn import imap

pytestmark = pytest.mark.asyncio(loop_scope="session")
LARGE = "Une ligne de plus, parmi beaucoup d'autres.\n" * 8_000


def filled(connection: Any) -> None:
    """As on a disk with no room left: not one page more."""
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def emptied(connection: Any) -> None:
    connection.exec_driver_sql("PRAGMA max_page_count = 4294967294")


async def until_failed(program: Program, failure: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while program.mailbox.turns.failure != failure:
            await program.mailbox.turns.turned()


def large(author: Program, reader: Program, **headers: str):
    return mail(author.address, reader.address, "volumineux", LARGE, Message_ID="<v@cabinet.example>", **headers)


async def test_a_submission_that_the_disk_has_no_room_for_is_refused_for_now_and_kept_nowhere(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        await gp.sends(mail(gp.address, colleague.address, "avant"), colleague.address)
        await colleague.mails()
        profile, made = gp.mailbox.endpoint.profile, large(gp, colleague)
        await profile.run(filled)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await gp.sends(made, colleague.address)
        assert (refused.value.smtp_code, refused.value.smtp_error[:6]) == (452, b"4.3.1 ")
        assert await gp.mailbox.endpoint.reading.waiting() == []
        assert len(await gp.octets("Sent")) == 1
        await profile.run(emptied)
        await gp.sends(made, colleague.address)
        await gp.sends(made, colleague.address)
        await gp.sends(mail(gp.address, colleague.address, "après"), colleague.address)
        found = await colleague.mails(at_least=3)
        assert [one["Subject"] for one in found] == ["avant", "volumineux", "après"]
        assert len(await gp.mails("Sent", at_least=3)) == 3


async def test_a_delivery_that_the_disk_has_no_room_for_comes_when_there_is_some_once(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        await gp.sends(mail(gp.address, colleague.address, "avant"), colleague.address)
        await colleague.mails()
        database = colleague.mailbox.passwords._database
        await database.write(filled)
        await gp.sends(large(gp, colleague), colleague.address)
        await until_failed(colleague, "mail-store-full")
        session = await asyncio.to_thread(imap, colleague)
        read = await asyncio.to_thread(session.fetch, "1", "(BODY.PEEK[])")
        assert b"avant" in read[1][0][1]
        await asyncio.to_thread(session.logout)
        await database.write(emptied)
        await gp.sends(mail(gp.address, colleague.address, "après"), colleague.address)
        found = await colleague.mails(at_least=3)
        assert [one["Subject"] for one in found] == ["avant", "volumineux", "après"]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """By another program, in the middle of a write that does not end."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.rollback()


async def test_a_locked_mail_file_keeps_nothing_from_arriving_once_it_is_free(practice, monkeypatch) -> None:
    monkeypatch.setattr(mail_database, "_WAIT_MS", 20)
    people = author, reader = await practice.enrol(), await practice.enrol()
    async with programs(*people) as (gp, colleague):
        made = large(gp, colleague)
        with locked(author.folder):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                await gp.sends(made, colleague.address)
            assert [code for code, _ in refused.value.recipients.values()] == [451]
        with locked(reader.folder):
            await gp.sends(made, colleague.address)
            await until_failed(colleague, "profile-locked")
        await gp.mails("Sent")
        with locked(author.folder):  # a colleague who is known: nothing of the mail file is needed for the 250
            await gp.sends(mail(gp.address, colleague.address, "pendant"), colleague.address)
            await colleague.mails(at_least=2)
        await gp.sends(mail(gp.address, colleague.address, "après"), colleague.address)
        found = await colleague.mails(at_least=3)
        assert [one["Subject"] for one in found] == ["volumineux", "pendant", "après"]
        kept = sorted(one["Subject"] for one in await gp.mails("Sent", at_least=3))
        assert kept == ["après", "pendant", "volumineux"]
