"""What a 250 promises (decision 18) when the gateway is killed just after it, or the same mail comes again later."""

from __future__ import annotations

import pytest

from messaging.client.addresses import AddressBook
from messaging.client.dispatch import Dispatch
from messaging.errors import MessagingError
from messaging.gateway.mailstore.arrivals import Arrivals
from messaging.gateway.mailstore.ledger import Ledger
from tests.scenarios.mail_practice import mail, programs
from tests.scenarios.test_mail_referrals import PATIENT

pytestmark = pytest.mark.asyncio(loop_scope="session")


def killed_after_250(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves, and nothing that is kept soon is kept."""

    async def nothing(*_given: object, **_named: object) -> list:
        return []

    monkeypatch.setattr(Dispatch, "flush", nothing)
    monkeypatch.setattr(Ledger, "soon", lambda *_given: None)


async def test_the_copy_is_made_again_and_the_programs_own_is_that_one(practice, monkeypatch) -> None:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    with monkeypatch.context() as killed:
        killed_after_250(killed)
        async with programs(doctor, colleague) as (gp, other):
            written = mail(gp.address, other.address, "une fois", Message_ID="<une@cabinet.example>")
            await gp.sends(written, other.address)
            assert await gp.mails("Sent", at_least=0) == []
    async with programs(doctor, colleague) as (gp, other):
        store = gp.mailbox.store
        await store.append("Sent", written.as_bytes().replace(b"\n", b"\r\n"), ["\\Seen"], 1)
        assert len(await other.mails()) == 1
        assert [one["Subject"] for one in await gp.mails("Sent")] == ["une fois"]


async def test_what_is_refused_later_is_still_its_authors(practice, monkeypatch) -> None:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    with monkeypatch.context() as killed:
        killed_after_250(killed)
        async with programs(doctor, colleague) as (gp, other):
            await gp.sends(mail(gp.address, other.address, "refusé", "Le seul texte."), other.address)

    async def closed(*_given: object) -> None:
        raise MessagingError("recipient-closed")

    monkeypatch.setattr(AddressBook, "resolve", closed)
    async with programs(doctor) as (gp,):
        (report,) = await gp.mails()
        assert "refusé" in report.as_bytes().decode()  # its header goes with the report
        (copy,) = await gp.mails("Sent")
        assert "Le seul texte." in copy.get_content()


@pytest.mark.parametrize("failure", ["recipient-closed", "service-unreachable"])
async def test_a_referral_that_was_accepted_is_so_at_every_attempt(practice, monkeypatch, failure: str) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        named = {**PATIENT, "Message_ID": "<r@logiciel.example>"}
        asked = mail(gp.address, cardiologist.address, "Avis", "Souffle ?", **named)
        first = await gp.sends(asked, cardiologist.address)
        await cardiologist.mails()

        async def gone(*_given: object) -> None:
            raise MessagingError(failure)

        monkeypatch.setattr(AddressBook, "resolve", gone)
        assert await gp.sends(asked, cardiologist.address) == first


async def test_a_copy_that_cannot_be_made_again_keeps_no_gateway_from_starting(practice, monkeypatch) -> None:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    with monkeypatch.context() as killed:
        killed_after_250(killed)
        async with programs(doctor, colleague) as (gp, other):
            await gp.sends(mail(gp.address, other.address, "quand même"), other.address)

    prepare, failed = Arrivals.prepare, []

    async def once(self: Arrivals, *given: object) -> object:
        if not failed:
            failed.append(given)
            raise IndexError("POISON")
        return await prepare(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Arrivals, "prepare", once)
    async with programs(doctor, colleague) as (gp, other):
        assert [one["Subject"] for one in await other.mails()] == ["quand même"]
        assert [one["Subject"] for one in await gp.mails("Sent")] == ["quand même"]
    assert failed
