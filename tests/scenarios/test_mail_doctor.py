"""The doctor at the bedside: a gateway that runs, one that was stopped, a revoked device, a mail file that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from directory.primitives.passphrase import Cost
from messaging.client import devices
from messaging.client.endpoint import Endpoint
from messaging.gateway.database.mail_database import FILE_NAME
from messaging.gateway.examination import doctor
from messaging.gateway.examination.doctor import Examined
from messaging.gateway.examination.finding import Finding
from tests.scenarios.conftest import ENVIRONMENT, PASSPHRASE, Clinician
from tests.scenarios.mail_practice import mail, programs

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def examined(
    clinician: Clinician, secret: str = PASSPHRASE, *names: str, now: Callable[[], int] = ENVIRONMENT.now
) -> dict[str, Finding]:
    environment = replace(ENVIRONMENT, now=now)
    return {one.id: one for one in await doctor.examine(Examined(clinician.folder, secret, None, names), environment)}


async def test_a_gateway_that_runs_and_is_used(practice) -> None:
    one, other = await practice.enrol(), await practice.enrol()
    async with programs(one, other) as (program, colleague):
        await program.sends(mail(program.address, colleague.address), colleague.address)
        await program.mailbox.passwords.add("jamais")
        for box in (program.mailbox, colleague.mailbox):
            async with asyncio.timeout(20):
                while (await box.figures()).waiting or box.turns.failure:
                    await box.turns.turned()
        findings = await examined(one)
        assert doctor.wrong(list(findings.values())) == []
        assert {
            "gateway-running",
            "door-well",
            "service-well",
            "clock-well",
            "device-well",
            "mails-none-waiting",
        } <= set(findings)
        assert {"program-seen", "identity-well", "mail-well", "folder-well"} <= set(findings)
        assert findings["password-unused"].facts == {"name": "jamais"}
        assert "gateway-running" in await examined(one, "")  # without the passphrase
        assert "passphrase-wrong" in await examined(one, "une autre phrase de passe")


async def test_a_gateway_that_was_stopped(practice) -> None:
    clinician = await practice.enrol()
    async with programs(clinician):
        pass
    findings = await examined(clinician, PASSPHRASE, "cabinet.example")
    assert {"gateway-stopped", "profile-free", "identity-well", "service-well", "device-well"} <= set(findings)
    assert findings["identity-names"].facts == {"name": "cabinet.example"}
    assert [one.id for one in doctor.wrong(list(findings.values()))] == ["gateway-stopped"]


async def test_a_mailbox_without_passwords(practice) -> None:
    clinician = await practice.enrol()
    async with programs(clinician) as (program,):
        await program.mailbox.passwords.remove("essai")
    assert {"passwords-none", "program-never"} <= set(await examined(clinician))


async def test_mail_that_waits_is_counted_also_while_the_gateway_is_down(practice, monkeypatch) -> None:
    clinician, colleague = await practice.enrol(), await practice.enrol()
    async with programs(clinician, colleague) as (program, _):
        async with asyncio.timeout(20):
            while program.mailbox.turns.failure:
                await program.mailbox.turns.turned()
        monkeypatch.setattr(program.mailbox.turns, "send", lambda: None)
        monkeypatch.setattr(program.mailbox.endpoint.dispatch, "flush", _never)
        await program.sends(mail(program.address, colleague.address), colleague.address)
        running = await examined(clinician)
        assert running["mails-waiting"].facts["count"] == 1
    stopped = await examined(clinician)
    assert stopped["mails-waiting"].facts == running["mails-waiting"].facts


async def _never(**_named: object) -> list[object]:
    return []


async def test_a_device_that_was_revoked_is_told_so_running_or_not(practice, tmp_path) -> None:
    clinician = await practice.enrol()
    async with programs(clinician) as (program,):
        box = program.mailbox
        async with asyncio.timeout(20):
            while box.turns.failure:
                await box.turns.turned()
            await revoked_elsewhere(practice.url, clinician, tmp_path / "another machine", box.endpoint.identity.device)
            while not box.turns.failure:
                box.turns.send()
                await box.turns.turned()
        assert "device-refused" in await examined(clinician)
    assert "device-refused" in await examined(clinician)


async def revoked_elsewhere(url: str, clinician: Clinician, folder: Path, device: bytes) -> None:
    """By a device that the recovery sheet made."""
    await devices.recover(url, folder, PASSPHRASE, clinician.recovery, Cost(), ENVIRONMENT)
    async with Endpoint(folder, PASSPHRASE, ENVIRONMENT) as endpoint:
        await endpoint.sync()
        await devices.revoke(
            device.hex(),
            endpoint.identity,
            endpoint.environment,
            endpoint.accounts,
            endpoint.keyring,
            endpoint.delegation,
        )


async def test_a_mail_file_that_is_put_aside_is_made_again_from_the_exchanges(practice) -> None:
    clinician, colleague = await practice.enrol(), await practice.enrol()
    async with programs(clinician, colleague) as (program, other):
        await other.sends(mail(other.address, program.address, "Reçu"), program.address)
        await program.sends(mail(program.address, other.address, "Envoyé"), other.address)
        await program.mails()
        await other.mails()
    (clinician.folder / FILE_NAME).rename(clinician.folder / "aside.db")
    async with programs(clinician) as (program,):
        assert [one["Subject"] for one in await program.mails()] == ["Reçu"]
        assert [one["Subject"] for one in await program.mails("Sent")] == ["Envoyé"]
