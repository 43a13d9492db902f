"""Keys, devices and mandates change elsewhere while the gateway runs: what is written goes to the keys of the moment,
what comes goes on being readable, and who may no longer write does not (CP1-3.10, CP1-4.8)."""

from __future__ import annotations

import asyncio

import pytest

from directory.primitives.passphrase import Cost
from messaging.client.devices import recover, revoke
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE, Clinician
from tests.scenarios.mail_practice import Program, mail, programs
from tests.scenarios.test_mail_attacks_promise import secretary_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def another_machine(practice, owner: Clinician, name: str) -> Clinician:
    """A device more of the same account, from its recovery sheet."""
    folder = owner.folder.with_name(f"{owner.folder.name}-{name}")
    await recover(practice.url, folder, PASSPHRASE, owner.recovery, Cost(), ENVIRONMENT)
    return Clinician(folder, owner.address, owner.recovery)


async def rotated(practice, owner: Clinician) -> None:
    """A device is added and another one is lost: each of the owner's keys is a new one, and the gateway's stays."""
    lost, stays = await another_machine(practice, owner, "lost"), await another_machine(practice, owner, "stays")
    async with lost.at_work() as endpoint:
        gone = endpoint.identity.device.hex()
    async with stays.at_work() as endpoint:
        before = endpoint.accounts.lookup(endpoint.identity.mailbox).current(1).g
        await revoke(gone, endpoint.identity, ENVIRONMENT, endpoint.accounts, endpoint.keyring, endpoint.delegation)
        assert endpoint.accounts.lookup(endpoint.identity.mailbox).current(1).g == before + 1


def generations(program: Program, thread: bytes) -> dict[bytes, int]:
    """To which keys of its members a thread is sealed, as a gateway knows it."""
    known = program.mailbox.endpoint.intake._threads[thread]
    return {member.account: member.gen for member in known.latest.commit.members}


async def test_cp1_3_10_keys_that_rotated_elsewhere_keep_nothing_from_being_read(practice) -> None:
    author, reader = await practice.enrol(), await practice.enrol()
    async with programs(author, reader) as (gp, colleague):
        await gp.sends(mail(gp.address, colleague.address, "avant"), colleague.address)
        (first,) = await colleague.mails()
        (own,) = await gp.mails("Sent")
        thread = bytes.fromhex(first["X-Confrere-Thread"])
        mailbox, before = colleague.mailbox.endpoint.identity.mailbox, generations(gp, thread)
        await rotated(practice, reader)
        await gp.sends(mail(gp.address, colleague.address, "après", In_Reply_To=own["Message-ID"]), colleague.address)
        await gp.sends(mail(gp.address, colleague.address, "nouveau"), colleague.address)
        answer = mail(colleague.address, gp.address, "réponse", In_Reply_To=first["Message-ID"])
        await colleague.sends(answer, gp.address)
        found = await colleague.mails(at_least=3)
        assert sorted(one["Subject"] for one in found) == ["après", "avant", "nouveau"]
        assert [one["Subject"] for one in await gp.mails()] == ["réponse"]
        assert generations(gp, thread)[mailbox] == before[mailbox] + 1
        assert generations(gp, thread) == generations(colleague, thread)


async def test_what_is_submitted_while_keys_rotate_arrives_once(practice) -> None:
    author, reader = await practice.enrol(), await practice.enrol()
    async with programs(author, reader) as (gp, colleague):
        await gp.sends(mail(gp.address, colleague.address, "avant"), colleague.address)
        await colleague.mails()
        (own,) = await gp.mails("Sent")
        rotating = asyncio.create_task(rotated(practice, author))
        sent = ["avant"]
        while not rotating.done():
            sent.append(f"pendant {len(sent)}")
            during = mail(gp.address, colleague.address, sent[-1], In_Reply_To=own["Message-ID"])
            await gp.sends(during, colleague.address)
            await colleague.mails(at_least=len(sent))
        await rotating
        await gp.sends(mail(gp.address, colleague.address, "après", In_Reply_To=own["Message-ID"]), colleague.address)
        found = [one["Subject"] for one in await colleague.mails(at_least=len(sent) + 1)]
        assert found == [*sent, "après"]


async def test_a_secretary_goes_on_reading_when_the_doctors_keys_rotate(practice) -> None:
    doctor, colleague = await practice.enrol(), await practice.enrol()
    staff = await secretary_of(practice, doctor)
    async with programs(colleague, staff) as (other, hers):
        await hers.entrusted(doctor.address)
        await rotated(practice, doctor)
        await other.sends(mail(other.address, doctor.address, "après"), doctor.address)
        assert [one["Subject"] for one in await hers.mails()] == ["après"]
        await hers.sends(mail(doctor.address, other.address, "au nom de"), other.address)
        assert doctor.address in (await other.mails())[0]["From"]
