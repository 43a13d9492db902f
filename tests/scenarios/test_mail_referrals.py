"""A referral begun, answered and followed from mail programs alone, and the same seen by a colleague without one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from messaging.client.endpoint import Endpoint
from messaging.gateway.serving.shown import READ
from messaging.referral.clinical import ReferralRequest
from messaging.referral.turn import Phase
from messaging.wire.epoch import Role
from tests.scenarios import mail_practice
from tests.scenarios.mail_practice import PATIENCE, mail, programs, until

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATIENT = {
    "X_Confrere_Referral": "oui",
    "X_Confrere_Urgency": "rapide",
    "X_Confrere_Patient_Birth_Name": "DUPONT",
    "X_Confrere_Patient_Given_Names": "Marie Jeanne",
    "X_Confrere_Patient_Birth_Date": "1950-03-12",
    "X_Confrere_Patient_Sex": "F",
}


async def test_ml_5_4_practice_software_begins_a_referral_and_the_specialist_answers_from_mail(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        asked = mail(gp.address, cardiologist.address, "Avis", "Souffle systolique, une écho ?", **PATIENT)
        await gp.sends(asked, cardiologist.address)
        (request,) = await cardiologist.mails()
        assert request["X-Confrere-State"] == "requested"
        assert "DUPONT" in request["Subject"]
        assert "Souffle systolique" in request.get_body(("plain",)).get_content()
        assert {"$Referral", "$Urgent"} <= cardiologist.flags()[0]
        answer = mail(
            cardiologist.address,
            gp.address,
            f"Re: {request['Subject']}",
            "Pas de valvulopathie.",
            In_Reply_To=request["Message-ID"],
        )
        await cardiologist.sends(answer, gp.address)
        (answered,) = await gp.mails()
        assert "Pas de valvulopathie." in answered.get_body(("plain",)).get_content()
        assert answered["X-Confrere-Kind"] == "answer"
        await until(gp.mailbox.store.listen, lambda: "$Referral-answered" in gp.flags()[0])
        (exchange,) = await gp.mailbox.endpoint.reading.exchanges()
        assert exchange.case is not None
        assert exchange.case.phase is Phase.ANSWERED
        assert [one.text for one in exchange.case.answers] == ["Pas de valvulopathie."]


async def test_a_request_by_mail_is_told_to_who_keeps_the_patients_log_once_it_has_left(practice, monkeypatch) -> None:
    told: asyncio.Queue[ReferralRequest] = asyncio.Queue()

    async def upkeep(_endpoint: Endpoint, requests: Sequence[ReferralRequest]) -> None:
        for request in requests:
            told.put_nowait(request)

    monkeypatch.setattr(mail_practice, "_nothing_owed", upkeep)
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        await gp.sends(mail(gp.address, cardiologist.address, "Avis", "Une écho ?", **PATIENT), cardiologist.address)
        request = await asyncio.wait_for(told.get(), PATIENCE)
        assert request.patient.display_name.startswith("DUPONT")
        assert request.question == "Une écho ?"
        assert told.empty()


async def test_ml_5_5_a_referral_without_an_identity_is_not_sent_and_its_author_told(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        alias = f"adressage+cardiologie@{gp.address.partition('@')[2]}"
        await gp.sends(mail(gp.address, cardiologist.address, "Avis", "Une écho ?"), cardiologist.address, alias)
        (told,) = await gp.mails()
        assert "mailer-daemon" in told["From"]
        assert await gp.mailbox.endpoint.reading.exchanges() == []


async def test_ml_5_3_other_recipients_begin_a_new_exchange_and_the_author_is_told(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol(), await practice.enrol()) as (gp, one, two):
        await gp.sends(mail(gp.address, one.address), one.address)
        (first,) = await one.mails()
        both = mail(one.address, f"{gp.address}, {two.address}", "Re: Bonjour", In_Reply_To=first["Message-ID"])
        await one.sends(both, gp.address, two.address)
        (third,) = await two.mails()
        assert third["X-Confrere-Thread"] != first["X-Confrere-Thread"]
        assert len(await one.mails(at_least=2)) == 2  # the first mail, and that a new exchange was begun


async def test_ml_5_2_members_learn_of_no_blind_recipient(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol(), await practice.enrol()) as (gp, one, two):
        sent = mail(gp.address, one.address)
        sent["Bcc"] = two.address
        await gp.sends(sent, one.address, two.address)
        (seen,), (blind,) = await one.mails(), await two.mails()
        assert two.address not in seen.as_string()
        assert seen["X-Confrere-Thread"] != blind["X-Confrere-Thread"]
        assert two.address in blind["To"]


async def test_what_is_seen_in_a_mail_program_is_read_for_who_wrote_it(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        asking = mail(gp.address, cardiologist.address, Disposition_Notification_To=gp.address)
        await gp.sends(asking, cardiologist.address)
        await cardiologist.mails()
        store = cardiologist.mailbox.store
        (read,) = store.folder("INBOX").mails
        await store.store("INBOX", [read.uid], "add", ["\\Seen"])
        (displayed,) = await gp.mails()
        assert displayed.get_content_type() == "multipart/report"
        assert cardiologist.address in displayed["From"]
        assert READ in gp.flags("Sent")[0]


async def test_ml_5_3_who_was_added_since_reads_a_reply_whatever_its_to_line_says(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol(), await practice.enrol()) as (gp, one, two):
        await gp.sends(mail(gp.address, one.address), one.address)
        (first,) = await one.mails()
        endpoint = gp.mailbox.endpoint
        added = await endpoint.addresses.resolve(two.address)
        thread = bytes.fromhex(first["X-Confrere-Thread"])
        await endpoint.dispatch.change_members(thread, add={added.mailbox: (Role.SEND, True)})
        assert (await two.mails())[0]["Subject"] == "Bonjour"
        await one.brought(thread, members=3)
        await one.sends(mail(one.address, gp.address, "Re: Bonjour", In_Reply_To=first["Message-ID"]), gp.address)
        assert (await two.mails(at_least=2))[1]["X-Confrere-Thread"] == first["X-Confrere-Thread"]
        (reply,) = await gp.mails()
        assert two.address in reply["To"]
