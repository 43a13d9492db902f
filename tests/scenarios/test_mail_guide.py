"""docs/guide/mail.md does what it says: the script sends, the practice software's fields begin a referral."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from messaging.gateway.mail import referral_fields, submitted
from tests.scenarios.mail_practice import programs

pytestmark = pytest.mark.asyncio(loop_scope="session")

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "mail.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


async def test_the_fields_of_practice_software_lack_nothing() -> None:
    fields = f"From: me@confrere.localhost\n{block('text')}\nQuestion ?\n"
    colleague = "claire.fontaine@confrere.localhost"
    mail = submitted.read(fields.replace("\n", "\r\n").encode())
    asked = referral_fields.read(mail, [colleague], ["me@confrere.localhost"])
    assert asked is not None
    assert (asked.missing, asked.specialty) == ((), "cardiologie")
    assert asked.patient is not None


async def test_the_script_sends(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (one, other):
        script = (
            block("python")
            .replace("me@confrere.localhost", one.address)
            .replace("claire.fontaine@confrere.localhost", other.address)
            .replace("me/gateway/ca.pem", str(one.serving.ca))
            .replace("1465", str(one.serving.smtp))
            .replace("APP-PASSWORD", one.password)
        )
        await asyncio.to_thread(exec, compile(script, "guide", "exec"), {})
        (read,) = await other.mails()
        assert read["Subject"] == "Results"
