"""Ways to lose, double or misreport a mail after its 250: two connections at once, a crash in between."""

from __future__ import annotations

import asyncio
import smtplib

import pytest

from directory.accounts.grants import FOREVER, Right
from messaging.client.addresses import AddressBook, Recipient
from messaging.errors import MessagingError
from messaging.gateway.mailstore import prepared
from messaging.gateway.mailstore.arrivals import Arrivals
from messaging.gateway.ports import FlagChange, Submission
from messaging.gateway.serving import submitting
from tests.scenarios.conftest import Clinician
from tests.scenarios.mail_practice import mail, programs
from tests.scenarios.test_mail_referrals import PATIENT
from tests.scenarios.test_record_attacks import _staff as enrol_staff

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_same_mail_on_two_connections_at_once_is_one(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        sent = mail(gp.address, colleague.address, Message_ID="<deux@cabinet.example>")
        said = await asyncio.gather(*(gp.sends(sent, colleague.address) for _ in range(3)))
        assert len(set(said)) == 1
        await gp.sends(mail(gp.address, colleague.address, "fin"), colleague.address)
        found = await colleague.mails(at_least=2)
        assert [one["Subject"] for one in found] == ["Bonjour", "fin"]
        assert len(await gp.mails("Sent", at_least=2)) == 2


async def test_a_referral_that_is_not_sent_is_told_of_whenever_the_disk_failed(practice, monkeypatch) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        alias = f"adressage@{gp.address.partition('@')[2]}"
        asked = mail(gp.address, cardiologist.address, "Avis", "Une écho ?", Message_ID="<avis@cabinet.example>")
        with monkeypatch.context() as full:
            full.setattr(Arrivals, "deliver", _full)
            with pytest.raises(smtplib.SMTPDataError) as refused:
                await gp.sends(asked, cardiologist.address, alias)
            assert refused.value.smtp_code // 100 == 4
        await gp.sends(asked, cardiologist.address, alias)
        (told,) = await gp.mails()
        assert "mailer-daemon" in told["From"]


async def _full(*_any: object) -> None:
    raise MessagingError("mail-store-full")


async def secretary_of(practice, doctor: Clinician) -> Clinician:
    """A secretary to whom the doctor's mailbox is entrusted."""
    staff: Clinician = await enrol_staff(practice, doctor.address)
    await entrust(doctor, staff)
    return staff


async def entrust(doctor: Clinician, staff: Clinician) -> None:
    async with doctor.at_work() as endpoint:
        secretary = await endpoint.addresses.resolve(staff.address)
        rights = Right.READ | Right.SEND_AS
        await endpoint.delegation.grant(
            endpoint.identity.mailbox, secretary.mailbox, (0, 1), rights, history=True, not_after=FOREVER
        )


async def test_a_referral_that_a_secretary_sends_for_the_doctor_is_the_doctors(practice) -> None:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    staff = await secretary_of(practice, doctor)
    async with programs(doctor, colleague, staff) as (gp, cardiologist, hers):
        await hers.entrusted(gp.address)
        asked = mail(gp.address, cardiologist.address, "Avis", "Souffle systolique ?", **PATIENT)
        await hers.sends(asked, cardiologist.address)
        (request,) = await cardiologist.mails()
        assert gp.address in request["From"]
        answer = mail(cardiologist.address, gp.address, "Re", "Rien.", In_Reply_To=request["Message-ID"])
        await cardiologist.sends(answer, gp.address)
        (answered,) = await gp.mails()
        assert answered["X-Confrere-Kind"] == "answer"
        (exchange,) = await gp.mailbox.endpoint.reading.exchanges()
        assert exchange.case is not None
        assert exchange.case.request is not None
        assert exchange.case.request.requester.name == gp.mailbox.endpoint.identity.name


async def test_a_mailbox_that_is_entrusted_to_the_author_is_a_recipient_like_any_other(practice) -> None:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    staff = await secretary_of(practice, doctor)
    async with programs(doctor, colleague, staff) as (gp, other, hers):
        await hers.entrusted(gp.address)
        both = mail(staff.address, f"{gp.address}, {other.address}", "À tous les deux")
        await hers.sends(both, gp.address, other.address)
        assert [one["Subject"] for one in await other.mails()] == ["À tous les deux"]
        assert [one["Subject"] for one in await gp.mails()] == ["À tous les deux"]


async def test_ml_5_9_a_mail_to_oneself_arrives(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        await gp.sends(mail(gp.address, gp.address, "Pense-bête"), gp.address)
        assert [one["Subject"] for one in await gp.mails()] == ["Pense-bête"]
        copied = mail(gp.address, colleague.address, "Avec copie", Cc=gp.address)
        await gp.sends(copied, colleague.address, gp.address)
        assert [one["Subject"] for one in await gp.mails(at_least=2)] == ["Pense-bête", "Avec copie"]
        (arrived,) = await colleague.mails()
        reply = mail(colleague.address, gp.address, "Re", In_Reply_To=arrived["Message-ID"])
        await colleague.sends(reply, gp.address)
        answered = (await gp.mails(at_least=3))[2]
        assert answered["X-Confrere-Thread"] == arrived["X-Confrere-Thread"]


async def test_what_is_refused_as_too_large_does_not_leave(practice, monkeypatch) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        made = mail(gp.address, colleague.address, "limite", "x" * 5_000, Message_ID="<l@x>")
        for room in (prepared, submitting):
            monkeypatch.setattr(room, "MAX_MESSAGE", len(made.as_bytes()) + 10)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            await gp.sends(made, colleague.address)
        assert refused.value.smtp_code == 552
        assert await gp.mailbox.endpoint.reading.waiting() == []
        await gp.sends(mail(gp.address, colleague.address, "fin"), colleague.address)
        assert [one["Subject"] for one in await colleague.mails()] == ["fin"]


async def test_only_who_does_not_get_it_is_reported(practice, monkeypatch) -> None:
    async with programs(*[await practice.enrol() for _ in range(4)]) as (gp, one, two, three):
        resolve = AddressBook.resolve

        async def closed(self: AddressBook, typed: str) -> Recipient:
            if self is gp.mailbox.endpoint.addresses and typed in (two.address, three.address) and accepted:
                raise MessagingError("recipient-closed")
            return await resolve(self, typed)

        accepted: list[str] = []
        monkeypatch.setattr(AddressBook, "resolve", closed)
        submit = gp.mailbox.submitting.submit

        async def then_closed(submission: Submission) -> str:
            accepted.append("250")
            return await submit(submission)

        monkeypatch.setattr(gp.mailbox.submitting, "submit", then_closed)
        await gp.sends(mail(gp.address, one.address), one.address, two.address, three.address)
        assert len(await one.mails()) == 1
        reports = await gp.mails(at_least=2)
        said = "".join(list(report.iter_parts())[1].as_string() for report in reports)
        assert two.address in said
        assert three.address in said
        assert one.address not in said


async def test_rfc_8098_who_displayed_it_is_who_is_named(practice) -> None:
    async with programs(*[await practice.enrol() for _ in range(3)]) as (gp, one, two):
        asked = mail(gp.address, f"{one.address}, {two.address}", Disposition_Notification_To=gp.address)
        await gp.sends(asked, one.address, two.address)
        await one.mails()
        await two.mails()
        (uid,) = [held.uid for held in two.mailbox.store.folder("INBOX").mails]
        await two.mailbox.store.store("INBOX", [uid], FlagChange.ADD, ["\\Seen"])
        (told,) = await gp.mails()
        assert two.address in told.as_string()
        assert one.address not in told.as_string()
