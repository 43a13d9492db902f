"""What a proven colleague with a changed client can do to another one's gateway: catch an answer, stop the mails."""

from __future__ import annotations

import datetime
import os
from dataclasses import replace

import pytest

from directory.accounts.bind import Invitation
from directory.identity.ins import Sex, StrictTraits
from messaging.client import messages, referrals
from messaging.client.accounts import AccountCache
from messaging.client.dispatch import Dispatch
from messaging.client.service import Service, ServiceRefusal
from messaging.errors import MessagingError
from messaging.gateway.mail import message_id, rendering
from messaging.gateway.mailstore import prepared
from messaging.gateway.serving import delivering
from messaging.profile.outbox import Outgoing
from messaging.protocol import message
from messaging.protocol.body import Body, EventType, Manifest
from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from messaging.referral.urgency import Urgency
from tests.scenarios.conftest import ENVIRONMENT
from tests.scenarios.mail_practice import mail, programs, style
from tests.scenarios.test_mail_referrals import PATIENT

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def _send(sender, to: str, type_: int, body: Body, thread: bytes = b"") -> bytes:
    """One event of any type and body as a changed client makes it."""
    async with sender.at_work() as endpoint:
        me = endpoint.identity.mailbox
        opens = () if thread else (to,)
        made = Outgoing(os.urandom(16), thread or os.urandom(16), 1, me, type_, body.encode(), to=opens)
        await endpoint.put([made])
        await messages.leave(endpoint, [made])
        return made.thread


async def _entity(sender, to: str, entity: bytes, *manifests: Manifest, thread: bytes = b"") -> bytes:
    return await _send(sender, to, EventType.MESSAGE, Body(message.MEDIA_TYPE, entity, manifests), thread)


async def _ask_as(sender, to: str, case: bytes) -> None:
    """A whole referral under the id of somebody else's case."""
    async with sender.at_work() as endpoint:
        ids = iter((case, os.urandom(16), os.urandom(16)))
        endpoint.new_id = lambda: next(ids)
        traits = StrictTraits("PAT-TROIS", "DOMINIQUE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215")
        made = await referrals.refer(
            endpoint, to=[to], waiting_for="", performer=Party("Dr X"), patient=Patient(traits), question="Et moi ?",
            level=Urgency.ROUTINE, policy=style().policy, files=[],
        )  # fmt: skip
        await messages.leave(endpoint, made.outgoing)


async def test_a_thread_that_names_a_foreign_case_does_not_catch_the_answer_to_it(practice) -> None:
    mallory = await practice.enrol()
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        asked = mail(gp.address, cardiologist.address, "Avis", "Souffle systolique ?", **PATIENT)
        await gp.sends(asked, cardiologist.address)
        (request,) = await cardiologist.mails()
        await _ask_as(mallory, cardiologist.address, bytes.fromhex(request["X-Confrere-Case"]))
        await cardiologist.mails(at_least=2)
        # The case moves again, so that it and not the planted thread is the one that moved last.
        (own,) = await gp.mails("Sent")
        more = mail(gp.address, cardiologist.address, "Re", "Un mot de plus.", In_Reply_To=own["Message-ID"])
        more["X-Confrere-Act"] = "message"
        await gp.sends(more, cardiologist.address)
        await cardiologist.mails(at_least=3)
        answer = mail(
            cardiologist.address, gp.address, "Re", "SECRET de la patiente.", In_Reply_To=request["Message-ID"]
        )
        await cardiologist.sends(answer, gp.address)
        (answered,) = await gp.mails()
        assert "SECRET de la patiente." in answered.get_body(("plain",)).get_content()
    async with mallory.at_work() as endpoint:
        for exchange in await endpoint.reading.exchanges():
            assert not any(b"SECRET" in event.body.content for event in exchange.events)


async def test_one_event_that_cannot_be_made_a_mail_stops_nobody_else(practice, monkeypatch) -> None:
    mallory = await practice.enrol()
    honest = rendering.render

    def render(made, *rest):
        if b"POISON" in honest(made, *rest):
            raise RecursionError("POISON")
        return honest(made, *rest)

    monkeypatch.setattr(delivering.rendering, "render", render)
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        thread = await _entity(mallory, colleague.address, message.write(message.Message("x", "POISON")))
        await gp.sends(mail(gp.address, colleague.address, "La suite"), colleague.address)
        found = await colleague.mails(at_least=2)
        assert "La suite" in [one["Subject"] for one in found]
        (told,) = [one for one in found if "mailer-daemon" in one["From"]]
        assert "POISON" not in told.as_string()
        assert thread.hex() in told.get_content()
        await _entity(mallory, colleague.address, message.write(message.Message("x", "sain")), thread=thread)
        found = await colleague.mails(at_least=3)
        assert "sain" in found[2].get_content()


async def test_files_that_fit_but_whose_mail_does_not_are_named_in_it(practice, monkeypatch) -> None:
    """Base64 takes a third more: what a mail may bring is counted as it will stand there."""
    for room in (prepared, delivering):
        monkeypatch.setattr(room, "MAX_MESSAGE", 1 << 20)
    mallory = await practice.enrol()
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        async with mallory.at_work() as endpoint:
            manifest = await endpoint.attachments.send_octets(os.urandom(1_000_000), "radio.jpg", "image/jpeg")
        await _entity(mallory, colleague.address, message.write(message.Message("x", "voir radio")), manifest)
        await gp.sends(mail(gp.address, colleague.address, "La suite"), colleague.address)
        found = await colleague.mails(at_least=2)
        assert "La suite" in [one["Subject"] for one in found]
        assert any("radio.jpg" in one.get_body(("plain",)).get_content() for one in found)


async def test_ml_3_2_two_mails_of_one_turn_do_not_get_one_id(practice) -> None:
    """The second would be its own mail's twin: mail programs show one of two that have one Message-ID."""
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        await gp.sends(mail(gp.address, colleague.address, "un"), colleague.address)
        (one,) = await colleague.mails()
        thread = bytes.fromhex(one["X-Confrere-Thread"])
        endpoint = gp.mailbox.endpoint
        forged = message_id.submitted(gp.address, endpoint.identity.account, b"0" * 16)
        entity = b"Message-ID: " + forged.encode() + b"\r\nSubject: deux\r\n\r\nx\r\n"
        raw = Body(message.MEDIA_TYPE, entity).encode()
        me = endpoint.identity.mailbox
        await endpoint.put([Outgoing(os.urandom(16), thread, 1, me, EventType.MESSAGE, raw) for _ in range(2)])
        gp.mailbox.turns.send()
        found = await colleague.mails(at_least=3)
        ids = [one["Message-ID"] for one in found]
        assert len(set(ids)) == 3
        assert forged in ids


async def test_what_cannot_leave_stops_nothing_that_arrives_and_does_not_spin(practice, monkeypatch) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        await gp.sends(mail(gp.address, colleague.address, "avant"), colleague.address)
        await colleague.mails()
        logins: list[bytes] = []
        flush, log_in = Dispatch.flush, Service.log_in

        async def broken(self: Dispatch, *wanted: object, **named: object) -> object:
            if self is colleague.mailbox.endpoint.dispatch:
                raise IndexError("POISON")
            return await flush(self, *wanted, **named)

        async def counted(self: Service, account: bytes, *rest: object) -> None:
            logins.append(account)
            await log_in(self, account, *rest)

        monkeypatch.setattr(Dispatch, "flush", broken)
        monkeypatch.setattr(Service, "log_in", counted)
        colleague.mailbox.turns.send()
        for at in range(3):
            await gp.sends(mail(gp.address, colleague.address, f"pendant {at}"), colleague.address)
        assert len(await colleague.mails(at_least=4)) == 4
        assert logins.count(colleague.mailbox.endpoint.identity.account) < 6
        monkeypatch.setattr(Dispatch, "flush", flush)
        await colleague.sends(mail(colleague.address, gp.address, "après"), gp.address)
        assert len(await gp.mails()) == 1


async def test_a_clock_that_is_late_keeps_no_referral_waiting(practice) -> None:
    gp, cardiologist = await practice.enrol(), await practice.enrol()
    async with gp.at_work() as endpoint:
        traits = StrictTraits("PAT-TROIS", "DOMINIQUE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215")
        made = await referrals.refer(
            endpoint, to=[cardiologist.address], waiting_for="", performer=Party("Dr X"), patient=Patient(traits),
            question="Une écho ?", level=Urgency.ROUTINE, policy=style().policy, files=[],
        )  # fmt: skip
        await endpoint.withdraw(made.outgoing[1:])  # the state never comes
        await messages.leave(endpoint, made.outgoing[:1])
    late = replace(ENVIRONMENT, now=lambda: ENVIRONMENT.now() - 3_600_000)
    async with programs(cardiologist, environment=late) as (reader,):
        assert len(await reader.mails()) == 1


async def test_who_wrote_is_not_unproven_for_ever_because_the_service_stumbled(practice, monkeypatch) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        stumbled, professional = [], AccountCache.professional

        async def once(self: AccountCache, account: bytes) -> Invitation:
            if self is colleague.mailbox.endpoint.accounts and not stumbled and account == author:
                stumbled.append(account)
                raise MessagingError("service-unreachable")
            return await professional(self, account)

        author = gp.mailbox.endpoint.identity.account
        monkeypatch.setattr(AccountCache, "professional", once)
        await gp.sends(mail(gp.address, colleague.address), colleague.address)
        (read,) = await colleague.mails()
        assert stumbled
        assert read["X-Confrere-Author"] == "proven"


async def test_a_service_that_has_no_time_now_makes_no_mail_a_forged_one(practice, monkeypatch) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        asked: list[bytes] = []
        log = Service.log

        async def busy(self: Service, account: bytes, after: int) -> list[tuple[bytes, bytes]]:
            if self is colleague.mailbox.endpoint.service and author in (account, *asked):
                asked.append(account)
                if len(asked) == 1:
                    raise ServiceRefusal("too-many-requests", 429, {})
            return await log(self, account, after)

        author = gp.mailbox.endpoint.identity.account
        monkeypatch.setattr(Service, "log", busy)
        await gp.sends(mail(gp.address, colleague.address), colleague.address)
        await gp.sends(mail(gp.address, colleague.address, "La suite"), colleague.address)
        found = await colleague.mails(at_least=2)
        assert [one["Subject"] for one in found] == ["Bonjour", "La suite"]
        assert len(asked) > 1
