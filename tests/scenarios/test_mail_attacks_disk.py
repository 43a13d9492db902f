"""Who copies the disk of a practice, or reads its logs, learns nothing of its mails."""

from __future__ import annotations

import asyncio
import base64
import logging
import smtplib
from pathlib import Path

import pytest

from tests.scenarios.mail_practice import mail, programs

pytestmark = pytest.mark.asyncio(loop_scope="session")
SUBJECT, WORDS, FILE, INSIDE = "MARQUE-OBJET-7351", "MARQUE-TEXTE-7352", "MARQUE-FICHIER-7353.pdf", "MARQUE-DEDANS-7354"


def _written(word: str) -> set[bytes]:
    """As it stands in clear, in hexadecimal, and in base64 wherever in a group of three it begins."""
    raw = word.encode()
    shifted = {base64.b64encode(b"\0" * at + raw)[4 if at else 0 : -4] for at in range(3)}
    return {raw, raw.lower(), raw.hex().encode(), *shifted}


def _found(folder: Path, words: dict[str, str]) -> list[tuple[str, str]]:
    octets = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert any(path.name.startswith("mail.db") for path in octets)
    return [
        (path.name, name)
        for path, held in octets.items()
        for name, word in words.items()
        if any(one in held for one in _written(word))
    ]


async def test_nothing_of_a_mail_stands_in_clear_on_the_disk_or_in_a_log(practice, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    people = [await practice.enrol(), await practice.enrol()]
    async with programs(*people) as (gp, colleague):
        made = mail(gp.address, colleague.address, SUBJECT, WORDS, Message_ID="<MARQUE-ID-7355@cabinet.example>")
        made.add_attachment(INSIDE.encode() * 10_000, maintype="application", subtype="pdf", filename=FILE)
        await gp.sends(made, colleague.address)
        (read,) = await colleague.mails()
        answer = mail(colleague.address, gp.address, f"Re: {SUBJECT}", WORDS, In_Reply_To=read["Message-ID"])
        await colleague.sends(answer, gp.address)
        await gp.mails()
        with pytest.raises(smtplib.SMTPException):
            await gp.sends(mail("autre@example.org", colleague.address, SUBJECT, WORDS), colleague.address)
        words = {
            "subject": SUBJECT,
            "text": WORDS,
            "file": FILE,
            "octets": INSIDE,
            "id": "MARQUE-ID-7355",
            "address": colleague.address,
            "password": gp.password,
            "bare password": gp.password.replace("-", ""),
        }
        while_it_runs = await asyncio.to_thread(_found, people[0].folder, words)
        modes = {path.stat().st_mode & 0o077 for path in people[0].folder.rglob("mail.db*")}
    assert while_it_runs == []
    assert _found(people[0].folder, words) == []
    assert modes == {0}
    own = [record for record in caplog.records if not record.name.startswith(("asyncio", "sqlalchemy", "aiosqlite"))]
    said = "\n".join(record.getMessage() for record in own) + "\n".join(str(record.exc_info or "") for record in own)
    assert [name for name, word in words.items() if word in said and name != "address"] == []
