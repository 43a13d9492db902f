"""What the 250 promises: once it is given the mail leaves, once, or its author is told; before it, nothing is kept."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Iterable

import pytest

from directory.accounts.grants import FOREVER, Right
from directory.primitives.passphrase import Cost
from messaging.client import messages
from messaging.client.addresses import AddressBook
from messaging.client.devices import list_devices, recover, revoke
from messaging.client.dispatch import Dispatch
from messaging.client.endpoint import Endpoint
from messaging.client.service import Service
from messaging.errors import MessagingError
from messaging.gateway.mailstore.arrivals import Arrivals
from messaging.gateway.serving import delivering
from messaging.profile import threads
from messaging.profile.outbox import Outgoing
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE, Clinician
from tests.scenarios.mail_practice import PATIENCE, mail, programs
from tests.scenarios.test_record_attacks import _staff as enrol_staff

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_same_mail_submitted_again_is_the_mail_that_was_accepted(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        sent = mail(gp.address, colleague.address, Message_ID="<encore@cabinet.example>")
        first = await gp.sends(sent, colleague.address)
        assert await gp.sends(sent, colleague.address) == first
        await gp.sends(mail(gp.address, colleague.address, "Autre"), colleague.address)
        assert [one["Subject"] for one in await colleague.mails(at_least=2)] == ["Bonjour", "Autre"]
        assert len(await gp.mails("Sent", at_least=2)) == 2


async def test_two_mails_that_say_the_same_without_a_message_id_are_two(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        for _ in range(2):
            await gp.sends(mail(gp.address, colleague.address), colleague.address)
        assert len(await colleague.mails(at_least=2)) == 2


async def test_accepted_while_the_service_is_away_it_leaves_after_a_restart_once(practice, monkeypatch) -> None:
    people = [await practice.enrol(), await practice.enrol()]
    async with programs(*people) as (gp, colleague):
        await gp.sends(mail(gp.address, colleague.address, "avant"), colleague.address)
        await colleague.mails()
    with monkeypatch.context() as away:
        away.setattr(Service, "request", _unreachable)
        async with programs(people[0]) as (gp,):
            await gp.sends(mail(gp.address, colleague.address, "dans la panne"), colleague.address)
            assert len(await gp.mails("Sent", at_least=2)) == 2
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                await gp.sends(mail(gp.address, "jamais.vu@confrere.localhost"), "jamais.vu@confrere.localhost")
            assert [code for code, _ in refused.value.recipients.values()] == [451]
    async with programs(*people) as (gp, colleague):
        assert [one["Subject"] for one in await colleague.mails(at_least=2)] == ["avant", "dans la panne"]
        assert len(await gp.mails("Sent", at_least=2)) == 2


async def _unreachable(*_args: object, **_named: object) -> bytes:
    raise MessagingError("service-unreachable")


async def test_accepted_and_refused_for_good_later_its_author_gets_a_report(practice, monkeypatch) -> None:
    withdrawn, withdraw = asyncio.Event(), Endpoint.withdraw

    async def noticed(endpoint: Endpoint, outgoing: Iterable[Outgoing]) -> None:
        await withdraw(endpoint, outgoing)
        withdrawn.set()

    monkeypatch.setattr(Endpoint, "withdraw", noticed)
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        with monkeypatch.context() as closed:
            closed.setattr(Dispatch, "_recipients", _closed)
            await gp.sends(mail(gp.address, colleague.address, "Trop tard"), colleague.address)
            (report,) = await gp.mails()
            await asyncio.wait_for(withdrawn.wait(), PATIENCE)
        assert report.get_content_type() == "multipart/report"
        (_, status, returned) = report.iter_parts()
        assert "Action: failed" in status.as_string()
        assert "Status: 5.2.1" in status.as_string()
        assert returned.get_content_type() == "text/rfc822-headers"
        assert await gp.mailbox.endpoint.reading.waiting() == []


async def _closed(_self: Dispatch, _first: object, _found: object) -> list[bytes]:
    raise MessagingError("recipient-closed")


@pytest.mark.parametrize(
    ("author", "to", "code"),
    [("autre.personne@confrere.localhost", "", 550), ("", "personne.du.tout@confrere.localhost", 550)],
)
async def test_refused_before_anything_is_kept(practice, author: str, to: str, code: int) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        whom = to or colleague.address
        with pytest.raises((smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)) as refused:
            await gp.sends(mail(author or gp.address, whom), whom)
        said = refused.value
        codes = (
            [said.smtp_code]
            if isinstance(said, smtplib.SMTPDataError)
            else [one for one, _ in said.recipients.values()]
        )
        assert codes == [code]
        assert list(gp.mailbox.store.folder("Sent").mails) == []
        assert await gp.mailbox.endpoint.reading.waiting() == []


async def test_a_colleague_proven_no_more_is_not_written_to(practice, monkeypatch) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, colleague):
        monkeypatch.setattr(AddressBook, "resolve", _unproven)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await gp.sends(mail(gp.address, colleague.address), colleague.address)
        ((code, said),) = refused.value.recipients.values()
        assert code == 550
        assert said.startswith(b"5.7.1 ")


async def _unproven(_self: AddressBook, _typed: str) -> None:
    raise MessagingError("recipient-unproven")


async def test_a_secretary_writes_from_the_mailbox_that_is_entrusted_to_her_and_is_named(practice) -> None:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    staff = await enrol_staff(practice, doctor.address)
    async with doctor.at_work() as endpoint:
        secretary = await endpoint.addresses.resolve(staff.address)
        rights = Right.READ | Right.SEND_AS
        await endpoint.delegation.grant(
            endpoint.identity.mailbox, secretary.mailbox, (0, 1), rights, history=True, not_after=FOREVER
        )
    async with programs(doctor, colleague, staff) as (gp, other, hers):
        await hers.entrusted(gp.address)
        await hers.sends(mail(gp.address, other.address, "Au nom de"), other.address)
        (read,) = await other.mails()
        assert gp.address in read["From"]
        assert "Camille" in read["From"]
        reply = mail(other.address, gp.address, "Re: Au nom de", In_Reply_To=read["Message-ID"])
        await other.sends(reply, gp.address)
        for program in (gp, hers):
            (answered,) = await program.mails()
            assert answered["X-Confrere-Thread"] == read["X-Confrere-Thread"]
        assert [one["Subject"] for one in await gp.mails("Sent")] == ["Au nom de"]


async def test_a_machine_that_was_withdrawn_takes_nothing_more_and_says_so(practice, monkeypatch) -> None:
    owner, colleague = await practice.enrol(), await practice.enrol()
    async with programs(owner, colleague) as (gp, other):
        await gp.sends(mail(gp.address, other.address, "avant"), other.address)
        await other.mails()
        with monkeypatch.context() as away:
            away.setattr(Service, "request", _unreachable)
            await gp.sends(mail(gp.address, other.address, "en attente"), other.address)
    new = owner.folder.with_name(owner.folder.name + "-new")
    await recover(practice.url, new, PASSPHRASE, owner.recovery, Cost(), ENVIRONMENT)
    async with Clinician(new, owner.address, owner.recovery).at_work() as endpoint:
        lost = next(d for d in list_devices(endpoint.accounts, endpoint.identity) if d.kind == "sdk" and not d.this)
        await revoke(
            lost.id, endpoint.identity, ENVIRONMENT, endpoint.accounts, endpoint.keyring, endpoint.delegation
        )
    async with programs(owner) as (gp,):
        told, report = await gp.mails(at_least=2)
        assert "ne reçoit et n'envoie plus" in told["Subject"]
        assert report.get_content_type() == "multipart/report"
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await gp.sends(mail(gp.address, other.address, "après"), other.address)
        assert [code for code, _ in refused.value.recipients.values()] == [550]
        assert len(await gp.mails("Sent", at_least=2)) == 2
    async with programs(colleague) as (other,):
        assert [one["Subject"] for one in await other.mails()] == ["avant"]


async def test_everything_read_again_changes_no_uid_and_brings_back_nothing_deleted(practice) -> None:
    owner, colleague = await practice.enrol(), await practice.enrol()
    async with programs(owner, colleague) as (gp, other):
        for subject in ("un", "deux", "trois"):
            await other.sends(mail(other.address, gp.address, subject), gp.address)
        await gp.mails(at_least=3)
        store = gp.mailbox.store
        await store.store("INBOX", [2], "add", ["\\Deleted"])
        await store.expunge("INBOX", [2])
        await store.move("INBOX", [3], "Archive")
        validity = store.folder("INBOX").uid_validity
        profile = gp.mailbox.endpoint.profile
        me = gp.mailbox.endpoint.identity.mailbox
        await profile.run(lambda connection: threads.save_cursor(connection, me, 0))
        for thread in await profile.run(threads.newest):
            await gp.mailbox.delivering._memory.keep([], {thread: 0})
    async with programs(owner) as (gp,):
        await gp.mailbox.turns.turned()
        assert [one["Subject"] for one in await gp.mails()] == ["un"]
        assert [one["Subject"] for one in await gp.mails("Archive")] == ["trois"]
        assert gp.mailbox.store.folder("INBOX").uid_validity == validity


async def test_a_mail_db_of_yesterday_brings_no_withdrawn_password_back(practice) -> None:
    owner = await practice.enrol()
    async with programs(owner) as (gp,):
        await gp.mailbox.refresh_passwords()
        yesterday_password = gp.password
    yesterday = {file.name: file.read_bytes() for file in owner.folder.glob("mail.db*")}
    async with programs(owner) as (gp,):
        await gp.mailbox.passwords.remove("essai")
        await gp.mailbox.refresh_passwords()
    for file in owner.folder.glob("mail.db*"):
        file.unlink()
    for name, octets in yesterday.items():
        (owner.folder / name).write_bytes(octets)
    async with programs(owner) as (again,):
        for old in (gp.password, yesterday_password):
            again.password, new = old, again.password
            with pytest.raises(smtplib.SMTPAuthenticationError):
                await again.sends(mail(again.address, again.address), again.address)
            again.password = new
        await again.sends(mail(again.address, again.address), again.address)


async def test_what_cannot_be_kept_is_refused_and_does_not_leave(practice, monkeypatch) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, other):
        with monkeypatch.context() as broken:
            broken.setattr(Arrivals, "prepare", _unforeseen)
            with pytest.raises(smtplib.SMTPDataError) as refused:
                await gp.sends(mail(gp.address, other.address, "refusé"), other.address)
            assert refused.value.smtp_code == 451
        assert await gp.mailbox.endpoint.reading.waiting() == []
        await gp.sends(mail(gp.address, other.address, "accepté"), other.address)
        assert [one["Subject"] for one in await other.mails()] == ["accepté"]


async def _unforeseen(_self: Arrivals, _octets: bytes) -> None:
    raise RuntimeError


async def test_many_exchanges_at_once_show_how_far_they_are(practice, monkeypatch) -> None:
    monkeypatch.setattr(delivering, "_AT_ONCE", 1)
    owner, colleague = await practice.enrol(), await practice.enrol()
    async with colleague.at_work() as endpoint:
        for subject in ("un", "deux"):
            made = await messages.compose(endpoint, [owner.address], subject, subject, [])
            await messages.leave(endpoint, [made])
    told: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
    opened = delivering.Delivering.open

    async def watched(self: delivering.Delivering) -> None:
        self.progress = lambda done, total: told.put_nowait((done, total))
        await opened(self)

    monkeypatch.setattr(delivering.Delivering, "open", watched)
    async with programs(owner):
        assert [await asyncio.wait_for(told.get(), PATIENCE) for _ in range(2)] == [(1, 2), (2, 2)]
