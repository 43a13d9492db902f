"""The clock jumps and certificates end while the gateway runs: nothing is lost or sent twice, nobody is shut out."""

from __future__ import annotations

import asyncio
import datetime as dt
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from messaging.gateway.certificates.authority import Pair
from messaging.gateway.serving import gateway
from tests.scenarios.conftest import ENVIRONMENT
from tests.scenarios.mail_practice import PATIENCE, Program, mail, programs
from tests.scenarios.test_mail_doctor import examined
from tests.scenarios.test_mail_withdrawn import imap

pytestmark = pytest.mark.asyncio(loop_scope="session")
DAY = dt.timedelta(days=1)


@dataclass
class Clock:
    """As it stands on this machine: wrong by `wrong`."""

    wrong: dt.timedelta = dt.timedelta()

    def __call__(self) -> int:
        return ENVIRONMENT.now() + round(self.wrong.total_seconds() * 1000)

    def moment(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self() / 1000, dt.UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(gateway, "_IDENTITY_SECONDS", 0.05)
    return Clock()


def presented(program: Program) -> list[x509.Certificate]:
    """What each door shows to who comes now, by TLS at once and by STARTTLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    found = [
        ssl.get_server_certificate(("127.0.0.1", port), timeout=PATIENCE)
        for port in (program.serving.smtp, program.serving.imap, program.serving.pop3)
    ]
    with smtplib.SMTP("127.0.0.1", program.serving.smtp, timeout=PATIENCE) as session:
        session.starttls(context=context)
        der = session.sock.getpeercert(binary_form=True)
    return [x509.load_pem_x509_certificate(one.encode()) for one in found] + [x509.load_der_x509_certificate(der)]


async def until_presented(program: Program, holds: Callable[[x509.Certificate], bool]) -> x509.Certificate:
    async with asyncio.timeout(PATIENCE):
        while not all(map(holds, found := await asyncio.to_thread(presented, program))):
            pass
    return found[0]


async def test_a_clock_that_jumps_loses_nothing_doubles_nothing_and_shuts_nobody_out(practice, clock: Clock) -> None:
    people = [await practice.enrol(), await practice.enrol()]
    async with programs(*people, environment=replace(ENVIRONMENT, now=clock)) as (gp, colleague):
        for program in (gp, colleague):  # their clocks are right, and what was made in a year is not valid for them
            program.context.check_hostname, program.context.verify_mode = False, ssl.CERT_NONE
        sent: list[str] = []
        for wrong in (dt.timedelta(), 366 * DAY, -31 * DAY):
            clock.wrong = wrong
            await until_presented(gp, lambda one: one.not_valid_before_utc <= clock.moment() < one.not_valid_after_utc)
            sent.append(f"{len(sent)}, {wrong.days} jours")
            made = mail(gp.address, colleague.address, sent[-1], Message_ID=f"<{len(sent)}@cabinet.example>")
            for _ in range(2):
                await gp.sends(made, colleague.address)
            if wrong > DAY:  # the service begins no exchange in the future: what would begin one waits
                assert len(await gp.mailbox.endpoint.reading.waiting()) == 1
            (first, *_) = await colleague.mails(at_least=len(sent) - (wrong > DAY))
            answer = mail(colleague.address, gp.address, f"Re {sent[-1]}", In_Reply_To=first["Message-ID"])
            await colleague.sends(answer, gp.address)
            answered = [one["Subject"] for one in await gp.mails(at_least=len(sent))]
            assert answered == [f"Re {one}" for one in sent]
            session = await asyncio.to_thread(imap, gp)
            assert (await asyncio.to_thread(session.logout))[0] == "BYE"
        assert sorted(one["Subject"] for one in await colleague.mails(at_least=len(sent))) == sent
        assert len(await gp.mails("Sent")) == len(sent)


async def test_the_own_certificate_is_renewed_before_its_end_without_a_restart(practice, clock: Clock) -> None:
    clinician = await practice.enrol()
    async with programs(clinician, environment=replace(ENVIRONMENT, now=clock)) as (gp,):
        (first, *_) = await asyncio.to_thread(presented, gp)
        inside = await asyncio.to_thread(imap, gp)
        trusted = gp.serving.ca.read_bytes()
        clock.wrong = first.not_valid_after_utc - dt.datetime.now(dt.UTC) - 29 * DAY
        second = await until_presented(gp, lambda one: one != first)
        assert second.not_valid_after_utc > first.not_valid_after_utc + 300 * DAY
        assert gp.serving.ca.read_bytes() == trusted
        assert (await asyncio.to_thread(inside.noop))[0] == "OK"  # who is inside stays
        await asyncio.to_thread(inside.logout)


def given(file: Path, since: dt.datetime, until: dt.datetime) -> x509.Certificate:
    """A real certificate as an authority would give it, with its key, put in the place of the one before."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.cabinet.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(since).not_valid_after(until).sign(key, hashes.SHA256())
    draft = file.with_suffix(".new")
    draft.write_bytes(Pair(made, key).pem())
    draft.replace(file)
    return made


async def test_a_given_certificate_that_ends_is_told_of_and_its_successor_taken_up(
    practice, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clinician, now, file = await practice.enrol(), dt.datetime.now(dt.UTC), tmp_path / "real.pem"
    first = given(file, now - 80 * DAY, now + 10 * DAY)
    async with programs(clinician, environment=replace(ENVIRONMENT, now=clock), certificate=file) as (gp,):
        assert "identity-ends" in await examined(clinician)
        clock.wrong = 11 * DAY
        async with asyncio.timeout(PATIENCE):
            while "certificate-expired" not in caplog.text:
                assert await until_presented(gp, lambda one: one == first)  # a program may still be told to go on
        assert "identity-ended" in await examined(clinician, now=clock)
        file.write_bytes(b"-----BEGIN CERTIFICATE-----\nhalf")
        async with asyncio.timeout(PATIENCE):
            while "certificate-unreadable" not in caplog.text:
                assert await until_presented(gp, lambda one: one == first)
        second = given(file, now + 9 * DAY, now + 100 * DAY)
        await until_presented(gp, lambda one: one == second)
        assert "identity-well" in await examined(clinician, now=clock)
    assert caplog.text.count("certificate-expired") == 1
