"""What fails verification is no mail: its owner is told that something came, and nothing of it is shown."""

from __future__ import annotations

import os

import pytest

from directory.primitives.signature import SigningKey
from messaging.client import dispatch as dispatching
from messaging.client import messages
from tests.scenarios.mail_practice import mail, programs

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECRET = "TEXTE-D-UN-FAUSSAIRE"


async def test_ml_3_8_a_forged_signature_is_told_of_and_not_delivered(practice, monkeypatch) -> None:
    mallory, reader = await practice.enrol(), await practice.enrol()
    honest = dispatching.events.seal
    with monkeypatch.context() as forging:
        other = SigningKey(os.urandom(32))
        forging.setattr(dispatching.events, "seal", lambda **parts: honest(**(parts | {"key": other})))
        async with mallory.at_work() as endpoint:
            made = await messages.compose(endpoint, [reader.address], SECRET, SECRET, [])
            await messages.leave(endpoint, [made])
    async with programs(reader, mallory) as (mine, hers):
        (told,) = await mine.mails()
        assert "mailer-daemon" in told["From"]
        assert made.thread.hex() in told.get_content()
        assert not [octets for octets in await mine.octets() if SECRET.encode() in octets]
        await hers.sends(mail(hers.address, mine.address, "Vrai"), mine.address)
        assert [one["Subject"] for one in await mine.mails(at_least=2)][1] == "Vrai"
    async with programs(reader) as (mine,):
        await mine.mailbox.turns.turned()
        assert len(await mine.mails(at_least=2)) == 2
