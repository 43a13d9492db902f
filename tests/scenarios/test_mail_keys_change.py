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
    """The doctor's gateway at rest, and her secretary's, who reads by a mandate, learn of it by what comes next."""
    doctor, colleague = await practice.enrol(), await practice.enrol()
    staff = await secretary_of(practice, doctor)
    async with programs(doctor, colleague, staff) as (gp, other, hers):
        await hers.entrusted(doctor.address)
        await other.sends(mail(other.address, gp.address, "avant"), gp.address)
        (first,), _ = await gp.mails(), await hers.mails()
        (own,) = await other.mails("Sent")
        thread = bytes.fromhex(first["X-Confrere-Thread"])
        mailbox, before = gp.mailbox.endpoint.identity.mailbox, generations(other, thread)
        await rotated(practice, doctor)
        await other.sends(mail(other.address, gp.address, "après", In_Reply_To=own["Message-ID"]), gp.address)
        await other.sends(mail(other.address, gp.address, "nouveau"), gp.address)
        for program in (gp, hers):
            found = await program.mails(at_least=3)
            assert sorted(one["Subject"] for one in found) == ["après", "avant", "nouveau"]
            assert generations(program, thread) == generations(other, thread)
        assert generations(other, thread)[mailbox] == before[mailbox] + 1
        for program in (gp, hers):
            answer = mail(gp.address, other.address, "réponse", In_Reply_To=first["Message-ID"])
            await program.sends(answer, other.address)
        assert [one["Subject"] for one in await other.mails(at_least=2)] == ["réponse"] * 2


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
