"""Mails that are not what they say, through the doors: forged fields, loops, bombs, a file as large as one may be."""

from __future__ import annotations

import asyncio
import os
import smtplib
from email.message import EmailMessage

import pytest

from tests.scenarios.mail_practice import Program, mail, programs, until
from tests.scenarios.test_mail_referrals import PATIENT
from tests.scenarios.test_mail_withdrawn import imap, smtp

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def refused(program: Program, octets: bytes, *to: str) -> tuple[int, str]:
    """Code and enhanced code of the reply to DATA."""
    with pytest.raises(smtplib.SMTPDataError) as said:
        await program.sends(octets, *to)
    return said.value.smtp_code, said.value.smtp_error.decode().partition(" ")[0]


def with_fields(made: EmailMessage, *lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode() + made.as_bytes()


async def fetched(program: Program, at: int) -> bytes:
    """As a mail program takes it."""

    def fetch() -> bytes:
        with imap(program) as session:
            return bytes(session.fetch(str(at), "(BODY.PEEK[])")[1][0][1])

    return await asyncio.to_thread(fetch)


async def test_fields_that_two_readers_read_in_two_ways_are_refused_or_come_out_as_what_is_proven(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        whom = (gp.address, colleague.address)
        other = "patron@hopital.example"
        assert await refused(gp, with_fields(mail(*whom), f"From: {other}"), whom[1]) == (554, "5.6.0")
        two = mail(f"{gp.address}, {other}", whom[1])
        assert await refused(gp, with_fields(two), whom[1]) == (554, "5.6.0")
        assert await refused(gp, with_fields(two, f"Sender: {other}"), whom[1]) == (550, "5.7.1")
        assert await refused(gp, with_fields(mail(other, whom[1]), f"Sender: {gp.address}"), whom[1]) == (550, "5.7.1")
        resent = (f"Resent-From: {gp.address}", f"Resent-To: {other}", f"Resent-Sender: {other}")
        assert await refused(gp, with_fields(mail(other, whom[1]), *resent), whom[1]) == (550, "5.7.1")
        assert await colleague.octets() == []
        forged = (*resent, f"Sender: {gp.address}", f"Reply-To: {other}", f"Return-Path: <{other}>")
        await gp.sends(with_fields(two, *forged, "X-Confrere-Author: proven", "X-Confrere-Case: 00"), whom[1])
        (read,) = await colleague.mails()
        assert [one.addr_spec for one in read["From"].addresses] == [gp.address]
        assert other not in (await fetched(colleague, 1)).decode()
        assert read["X-Confrere-Case"] is None


async def test_ml_5_1_ids_of_somebody_elses_case_are_nobodys_here(practice) -> None:
    async with programs(*[await practice.enrol() for _ in range(3)]) as (gp, cardiologist, mallory):
        asked = mail(gp.address, cardiologist.address, "Avis", "Souffle ?", **PATIENT)
        await gp.sends(asked, cardiologist.address)
        (request,) = await cardiologist.mails()
        fields = {
            "Message_ID": request["Message-ID"],
            "In_Reply_To": request["Message-ID"],
            "References": f"{request['References']} {request['Message-ID']}",
            "X_Confrere_Case": request["X-Confrere-Case"],
            "X_Confrere_Thread": request["X-Confrere-Thread"],
        }
        await mallory.sends(
            mail(mallory.address, cardiologist.address, request["Subject"], "Moi aussi.", **fields),
            cardiologist.address,
        )
        planted = (await cardiologist.mails(at_least=2))[1]
        assert planted["Message-ID"] != request["Message-ID"]
        assert planted["X-Confrere-Thread"] != request["X-Confrere-Thread"]
        assert planted["X-Confrere-Case"] is None
        shown = await fetched(cardiologist, 2)
        for field in ("Message-ID", "X-Confrere-Thread", "X-Confrere-Case", "References"):
            assert request[field].encode() not in shown
        answer = mail(cardiologist.address, gp.address, "Re", "SECRET", In_Reply_To=request["Message-ID"])
        await cardiologist.sends(answer, gp.address)
        await gp.mails()
        assert await mallory.octets() == []


async def test_ml_1_3_a_mail_that_comes_back_goes_no_further(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        passed = "Received: from a by b; Mon, 23 Nov 2026 10:00:00 +0100"
        await gp.sends(with_fields(mail(gp.address, colleague.address, "50"), *[passed] * 50), colleague.address)
        assert await refused(
            gp, with_fields(mail(gp.address, colleague.address, "51"), *[passed] * 51), colleague.address
        ) == (554, "5.4.6")
        await colleague.mails()
        (read,) = await colleague.octets()
        assert await refused(colleague, read, gp.address) == (554, "5.4.6")
        # Taken out of Sent and sent once more, under the id that it has here: another mail, with an id of its own.
        (own,) = await gp.octets("Sent")
        await gp.sends(own, colleague.address)
        found = await colleague.mails(at_least=2)
        assert [one["Subject"] for one in found] == ["50", "50"]
        assert found[0]["Message-ID"] != found[1]["Message-ID"]


def nested(depth: int) -> bytes:
    opened = b"".join(
        b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (at, at + 1) for at in range(depth)
    )
    return b"Content-Type: multipart/mixed; boundary=b0\r\n\r\n" + opened + b"--b%d\r\n\r\nau fond\r\n" % depth


BOMBS = (
    nested(10_000),
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 10_000 + b"--b--\r\n",
    b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + b"x\r\n",
)


async def test_ml_1_4_ten_thousand_parts_arrive_as_they_were_and_stop_nothing(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        head = f"From: {gp.address}\r\nTo: {colleague.address}\r\nSubject: bombe\r\nMIME-Version: 1.0\r\n".encode()
        for bomb in BOMBS:
            await gp.sends(head + bomb, colleague.address)
        await gp.sends(mail(gp.address, colleague.address, "la suite"), colleague.address)
        store = colleague.mailbox.store
        await until(store.listen, lambda: len(store.folder("INBOX").mails) == len(BOMBS) + 1)
        shown = [await fetched(colleague, at + 1) for at in range(len(BOMBS) + 1)]
        bodies = {bomb.partition(b"\r\n\r\n")[2] for bomb in BOMBS}
        assert {one.partition(b"\r\n\r\n")[2] for one in shown} >= bodies

        def structured() -> bytes:
            with imap(colleague) as session:
                assert session.search(None, "TEXT", '"fond"')[0] == "OK"
                return b"".join(map(bytes, session.fetch("1:*", "(BODYSTRUCTURE)")[1]))

        assert (await asyncio.to_thread(structured)).count(b"BODYSTRUCTURE") == len(BOMBS) + 1


async def test_a_large_file_arrives_and_one_that_is_too_large_is_refused_before_it_is_sent(practice) -> None:
    file = os.urandom(4 << 20)
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        made = mail(gp.address, colleague.address, "scanner")
        made.add_attachment(file, "application", "dicom", filename="scanner.dcm")
        await gp.sends(made, colleague.address)
        (read,) = await colleague.mails()
        (attached,) = read.iter_attachments()
        assert attached.get_content() == file

        def announced() -> list[tuple[int, bytes]]:
            with smtp(gp) as session:
                found = [session.mail(gp.address, [f"SIZE={100 << 20}"])]
                return [*found, session.noop()]

        (code, said), (after, _) = await asyncio.to_thread(announced)
        assert (code, said[:6], after) == (552, b"5.3.4 ", 250)
