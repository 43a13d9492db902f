"""A mandate ends while the secretary's mail program is at work: nothing more is sent as the doctor, and she is told
(CP1-3.10)."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from messaging.client.dispatch import Dispatch
from messaging.client.reading import Reading
from messaging.gateway.ports import FlagChange
from messaging.gateway.serving import turns
from tests.scenarios.conftest import Clinician
from tests.scenarios.mail_practice import PATIENCE, Program, mail, programs
from tests.scenarios.test_mail_attacks_promise import entrust, secretary_of
from tests.scenarios.test_mail_withdrawn import imap, smtp
from tests.scenarios.test_record_attacks import _staff as staff_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Desk:
    """A doctor who works without a gateway, her secretary and a colleague with mail programs."""

    doctor: Clinician
    secretary: Program
    colleague: Program

    async def withdraw(self, *, noticed: bool = True) -> None:
        async with self.doctor.at_work() as endpoint:
            theirs = await endpoint.addresses.resolve(self.secretary.address)
            await endpoint.delegation.revoke(endpoint.identity.mailbox, theirs.mailbox)
        async with asyncio.timeout(PATIENCE):
            while noticed and self.doctor.address in self.secretary.mailbox.entry().client("essai").addresses:
                await self.secretary.mailbox.turns.turned()

    def mail(self, subject: str, **headers: str):
        """As the doctor."""
        return mail(self.doctor.address, self.colleague.address, subject, **headers)

    async def send(self, subject: str, **headers: str) -> None:
        await self.secretary.sends(self.mail(subject, **headers), self.colleague.address)

    async def failed(self) -> str:
        """The status of the one report in the secretary's inbox."""
        (report,) = [one for one in await self.secretary.mails() if one.get_content_type() == "multipart/report"]
        status = list(report.iter_parts())[1].as_string()
        assert "Action: failed" in status
        return status

    async def got(self) -> list[str]:
        """What the colleague has once a mail of the secretary's own, sent now, is there."""
        there = len(await self.colleague.octets())
        own = mail(self.secretary.address, self.colleague.address, "de moi")
        await self.secretary.sends(own, self.colleague.address)
        return [one["Subject"] for one in await self.colleague.mails(at_least=there + 1)]


@pytest_asyncio.fixture(loop_scope="session")
async def desk(practice) -> AsyncIterator[Desk]:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    staff = await secretary_of(practice, doctor)
    async with programs(staff, colleague) as (hers, other):
        await hers.entrusted(doctor.address)
        yield Desk(doctor, hers, other)


async def test_between_rcpt_and_data_the_mail_is_refused_for_good(desk: Desk) -> None:
    def begin() -> smtplib.SMTP_SSL:
        session = smtp(desk.secretary)
        assert session.mail(desk.doctor.address)[0] == 250
        assert session.rcpt(desk.colleague.address)[0] == 250
        return session

    session = await asyncio.to_thread(begin)
    await desk.withdraw()
    code, said = await asyncio.to_thread(session.data, desk.mail("trop tard").as_bytes())
    assert (code, said[:6]) == (550, b"5.7.1 ")
    await asyncio.to_thread(session.quit)
    assert await desk.got() == ["de moi"]
    assert [one["Subject"] for one in await desk.secretary.mails("Sent")] == ["de moi"]


@pytest.mark.parametrize(("noticed", "reply"), [(True, False), (False, True)], ids=["new", "reply, unnoticed"])
async def test_what_waits_in_the_outbox_does_not_leave_and_is_reported(
    desk: Desk, monkeypatch, noticed: bool, reply: bool
) -> None:
    named = {}
    if reply:
        await desk.send("avant")
        await desk.colleague.mails()
        named = {"In_Reply_To": (await desk.secretary.mails("Sent"))[0]["Message-ID"]}
    with monkeypatch.context() as stale:
        with monkeypatch.context() as held:
            held.setattr(Dispatch, "flush", _nothing)
            await desk.send("trop tard", **named)
            if not noticed:
                stale.setattr(desk.secretary.mailbox.endpoint.keyring, "refresh", _nothing)
            await desk.withdraw(noticed=noticed)
        desk.secretary.mailbox.turns.send()
        assert "Status: 5.7.1" in await desk.failed()
    assert await desk.got() == [*(["avant"] if reply else []), "de moi"]
    assert await desk.secretary.mailbox.endpoint.reading.waiting() == []


async def test_what_had_come_stays_readable_and_what_comes_does_not_reach_her(desk: Desk) -> None:
    session = await asyncio.to_thread(imap, desk.secretary)
    about = mail(desk.colleague.address, desk.doctor.address, "pour le docteur")
    await desk.colleague.sends(about, desk.doctor.address)
    (read,) = await desk.secretary.mails()
    await desk.withdraw()
    later = mail(desk.colleague.address, desk.doctor.address, "la suite")
    await desk.colleague.sends(later, desk.doctor.address)
    own = mail(desk.colleague.address, desk.secretary.address, "pour elle")
    await desk.colleague.sends(own, desk.secretary.address)
    found = await desk.secretary.mails(at_least=2)
    assert [one["Subject"] for one in found] == ["pour le docteur", "pour elle"]
    assert (await asyncio.to_thread(session.noop))[0] == "OK"
    fetched = await asyncio.to_thread(session.fetch, "1", "(BODY[HEADER.FIELDS (SUBJECT)])")
    assert b"pour le docteur" in fetched[1][0][1]
    await asyncio.to_thread(session.logout)
    answer = desk.mail("Re", In_Reply_To=read["Message-ID"])
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await desk.secretary.sends(answer, desk.colleague.address)
    assert (refused.value.smtp_code, refused.value.smtp_error[:6]) == (550, b"5.7.1 ")


async def test_what_she_looked_at_and_may_tell_nobody_any_more_is_no_mail_that_failed(desk: Desk, monkeypatch) -> None:
    await desk.colleague.sends(mail(desk.colleague.address, desk.doctor.address), desk.doctor.address)
    await desk.secretary.mails()
    box = desk.secretary.mailbox
    waiting = box.endpoint.reading.waiting
    with monkeypatch.context() as held:
        held.setattr(box.endpoint.dispatch, "flush", _nothing)
        await box.store.store("INBOX", [1], FlagChange.ADD, ["\\Seen"])
        async with asyncio.timeout(PATIENCE):
            while not await waiting():
                await box.turns.turned()
        await desk.withdraw()
    assert await desk.got() == ["de moi"]
    assert await waiting() == []


async def test_a_mandate_that_is_given_is_known_at_the_next_login(practice, monkeypatch) -> None:
    monkeypatch.setattr(turns, "_LOOK_AGAIN", 0.1)
    doctor = await practice.enrol()
    staff = await staff_of(practice, doctor.address)
    async with programs(staff) as (hers,):
        await entrust(doctor, staff)
        await hers.entrusted(doctor.address)
        await hers.sends(mail(doctor.address, staff.address, "au nom de"), staff.address)
        assert doctor.address in (await hers.mails())[0]["From"]


async def _nothing(*_any: object, **_named: object) -> list[object]:
    return []


async def test_for_whom_it_was_written_is_not_left_out_for_ever_because_the_service_stumbled(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, stumbled = Reading._mailbox_owner, []

    async def once(self: Reading, mailbox: bytes) -> str:
        if self is desk.colleague.mailbox.endpoint.reading and not stumbled:
            stumbled.append(mailbox)
            return ""
        return await owner(self, mailbox)

    monkeypatch.setattr(Reading, "_mailbox_owner", once)
    await desk.send("pour elle")
    (read,) = await desk.colleague.mails()
    assert stumbled
    assert read["X-Confrere-On-Behalf-Of"]
