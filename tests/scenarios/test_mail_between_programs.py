"""Two clinicians with mail programs alone: what one submits the other reads, byte for byte where it counts."""

from __future__ import annotations

import pytest

from confrere.commands import printed, views
from tests.scenarios.mail_practice import WORDS, mail, programs

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_mail_arrives_with_verified_fields_and_its_own_octets(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        sent = mail(gp.address, cardiologist.address, "Résultats", "Voici.\n", Message_ID="<un@cabinet.example>")
        sent.add_attachment(bytes(range(256)) * 900, "application", "pdf", filename="écho.pdf")
        await gp.sends(sent, cardiologist.address)
        (read,) = await cardiologist.mails()
        assert read["Subject"] == "Résultats"
        assert gp.address in read["From"]
        assert read["X-Confrere-Author"] == "proven"
        assert read.get_body(("plain",)).get_content().splitlines() == ["Voici."]
        (file,) = read.iter_attachments()
        assert file.get_filename() == "écho.pdf"
        assert file.get_content() == bytes(range(256)) * 900
        (copy,) = await gp.mails("Sent")
        assert copy["Message-ID"] == read["Message-ID"] != "<un@cabinet.example>"


async def test_a_reply_stays_in_its_thread(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        await gp.sends(mail(gp.address, cardiologist.address), cardiologist.address)
        (first,) = await cardiologist.mails()
        answer = mail(cardiologist.address, gp.address, "Re: Bonjour", "Oui.", In_Reply_To=first["Message-ID"])
        await cardiologist.sends(answer, gp.address)
        (reply,) = await gp.mails()
        (copy,) = await gp.mails("Sent")
        assert reply["In-Reply-To"] == copy["Message-ID"]
        assert reply["X-Confrere-Thread"] == first["X-Confrere-Thread"]


async def test_ml_5_6_what_a_reply_quotes_is_folded_where_it_is_shown_and_never_lost(practice) -> None:
    async with programs(await practice.enrol(), await practice.enrol()) as (gp, cardiologist):
        await gp.sends(
            mail(gp.address, cardiologist.address, text="Une question sur deux lignes ?\nLaquelle ?\n"),
            cardiologist.address,
        )
        (first,) = await cardiologist.mails()
        quoted = "Le 23/11/2026 à 10:00, Dr G a écrit :\n> Une question sur deux lignes ?\n> Laquelle ?\n"
        reply = mail(
            cardiologist.address, gp.address, "Re: Bonjour", f"Celle-ci.\n\n{quoted}", In_Reply_To=first["Message-ID"]
        )
        await cardiologist.sends(reply, gp.address)
        await gp.mails()
        (exchange,) = await gp.mailbox.endpoint.reading.exchanges()
        document = views.show_document(exchange, [], WORDS, gp.mailbox.endpoint.environment.now())
        folded, whole = printed.exchange(document, WORDS), printed.exchange(document, WORDS, quotes=True)
        assert "Celle-ci." in folded
        assert "3 lignes citées" in folded
        assert "> Laquelle ?" not in folded
        assert "> Laquelle ?" in whole
