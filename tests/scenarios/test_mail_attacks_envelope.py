"""Envelopes: a thousand recipients, blind ones, and who learns of whom."""

from __future__ import annotations

import asyncio
import smtplib
from email.message import EmailMessage
from functools import partial

import pytest

from messaging.gateway.serving import gateway
from messaging.gateway.smtp.hall import Limits
from tests.scenarios.mail_practice import Program, mail, programs
from tests.scenarios.test_mail_withdrawn import smtp

pytestmark = pytest.mark.asyncio(loop_scope="session")
MOST = 2  # instead of 100, which takes a minute of enrolments


def answers(program: Program, made, to: list[str]) -> list[tuple[int, bytes]]:
    """What a program that goes on in any case is told: to each RCPT, and to DATA."""
    with smtp(program) as session:
        assert session.mail(program.address)[0] == 250
        return [*map(session.rcpt, to), session.data(made.as_bytes())]


async def test_rfc5321_4_5_3_1_10_one_recipient_too_many_is_refused_and_the_others_get_it_once(
    practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "SmtpLimits", partial(Limits, recipients=MOST))
    async with programs(*[await practice.enrol() for _ in range(MOST + 2)]) as (gp, *others):
        to = [one.address for one in others]
        made = mail(gp.address, ", ".join(to), "À tous", Message_ID="<tous@cabinet.example>")
        for _ in range(2):  # a program that was told 452 may come again with all of them
            *told, (code, _) = await asyncio.to_thread(answers, gp, made, to)
            assert [one for one, _ in told] == [250] * MOST + [452]
            assert told[-1][1].startswith(b"4.5.3 ")
            assert code == 250
        await gp.sends(mail(gp.address, to[-1], "Le reste"), to[-1])
        assert [one["Subject"] for one in await others[-1].mails()] == ["Le reste"]
        for one in others[:-1]:
            (read,) = await one.mails()
            assert {address.addr_spec for address in read["To"].addresses} == {*to[:-1]}
        answer = mail(to[0], gp.address, "Re", In_Reply_To=read["Message-ID"])
        await others[0].sends(answer, gp.address, *to[1:-1])
        for one in others[1:-1]:
            await one.mails(at_least=2)
        assert len(await gp.mails("Sent", at_least=2)) == 2


async def test_a_search_for_addresses_that_exist_ends(practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "SmtpLimits", partial(Limits, recipients=MOST))

    def search(program: Program) -> list[int]:
        with smtp(program) as session:
            session.mail(program.address)
            found = [session.rcpt(f"personne.{number}@confrere.localhost")[0] for number in range(MOST)]
            with pytest.raises(smtplib.SMTPServerDisconnected):
                session.rcpt(program.address)
            return found

    async with programs(await practice.enrol()) as (gp,):
        assert await asyncio.to_thread(search, gp) == [550] * (MOST - 1) + [421]


def all_that_it_knows(program: Program) -> set[bytes]:
    """The members of every thread that a gateway has seen, by its profile."""
    found = program.mailbox.endpoint.intake._threads.values()
    return {member.account for known in found for kept in known.epochs.values() for member in kept.commit.members}


def reply_to_all(program: Program, read: EmailMessage, subject: str) -> tuple[EmailMessage, list[str]]:
    """As mail programs make it: to who wrote and to all who are shown."""
    shown = [one.addr_spec for name in ("From", "To", "Cc") if read[name] for one in read[name].addresses]
    to = [address for address in dict.fromkeys(shown) if address != program.address]
    references = f"{read['References']} {read['Message-ID']}"
    return mail(program.address, ", ".join(to), subject, In_Reply_To=read["Message-ID"], References=references), to


async def test_ml_5_2_nobody_learns_of_a_blind_recipient_not_even_by_his_reply_to_all(practice) -> None:
    async with programs(*[await practice.enrol() for _ in range(4)]) as (gp, one, two, blind):
        made = mail(gp.address, one.address, "Discret", Cc=two.address, Bcc=f"Pour info <{blind.address}>")
        made["Resent-Bcc"] = blind.address
        await gp.sends(made, one.address, two.address, blind.address)
        (read,) = await blind.mails()
        answer, to = reply_to_all(blind, read, "Re: Discret, de l'ombre")
        await blind.sends(answer, *to)
        (told,) = await gp.mails()
        assert told["X-Confrere-Thread"] == read["X-Confrere-Thread"]
        # One of those who are seen answers to all, and adds a blind recipient of his own.
        (first,) = await one.mails()
        answer, to = reply_to_all(one, first, "Re: Discret")
        assert to == [gp.address, two.address]
        await one.sends(answer, *to, blind.address)
        await two.mails(at_least=2)
        await gp.mails(at_least=2)
        assert [mail["Subject"] for mail in await blind.mails(at_least=2)] == ["Discret", "Re: Discret"]
        mailbox, name = blind.mailbox.endpoint.identity.mailbox, blind.address.partition("@")[0].encode()
        for member in (one, two):
            assert mailbox not in all_that_it_knows(member) or member is one
            assert not [octets for octets in await member.octets() if name in octets or b"ombre" in octets]
        for sent in (gp, one):
            assert not [octets for octets in await sent.octets("Sent") if b"Bcc" in octets]
        assert len({mail["X-Confrere-Thread"] for mail in await two.mails()}) == 1
        known = {mail["X-Confrere-Thread"] for mail in await blind.mails()}
        assert len(known) == 2
        assert known.isdisjoint({mail["X-Confrere-Thread"] for mail in await two.mails()})
        ids = {mail["Message-ID"] for mail in (*await one.mails(), *await two.mails())}
        # The mail is the same one, and what he wrote himself is named to nobody.
        assert told["Message-ID"] not in ids | {str(mail["References"]) for mail in await two.mails()}
