"""smtplib, imaplib and poplib against a gateway process: what is submitted at one end is read at the other."""

from __future__ import annotations

import re
import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from tests.clients.gateway_process import PATIENCE, Gateway, Program, idling, told


def _mails(program: Program, folder: str = "INBOX") -> int:
    return len(program.when(0, folder))


def test_starttls_and_implicit_tls_on_one_port(gateway: Gateway, gp: Program, cardiologist: Program) -> None:
    """RFC 3207 and RFC 8314 section 3.3."""
    before = _mails(cardiologist)
    with smtplib.SMTP("127.0.0.1", gateway.smtp, timeout=PATIENCE) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        smtp.starttls(context=gateway.trust())
        smtp.login(gp.address, gp.password)
        smtp.send_message(gp.mail(cardiologist, "Par STARTTLS"))
    with gp.smtp() as smtp:
        smtp.send_message(gp.mail(cardiologist, "Par TLS"))
    uids = cardiologist.when(before + 2)
    subjects = [_read(cardiologist.octets(uid))["Subject"] for uid in uids[-2:]]
    assert sorted(subjects) == ["Par STARTTLS", "Par TLS"]


def test_a_mail_is_the_same_octets_by_imap_and_pop3(gp: Program, cardiologist: Program) -> None:
    before = _mails(cardiologist)
    mail = gp.mail(cardiologist, "Glycémie", "Très élevée :\n.\n..un point\n")
    mail.add_attachment(bytes(range(256)) * 300, "application", "pdf", filename="été.pdf")
    with gp.smtp() as smtp:
        smtp.send_message(mail)
    octets = cardiologist.octets(cardiologist.when(before + 1)[-1])
    pop3 = cardiologist.pop3()
    lines = pop3.retr(before + 1)[1]
    pop3.quit()
    assert b"\r\n".join([*lines, b""]) == octets
    read = _read(octets)
    assert read["Subject"] == "Glycémie"
    text = read.get_body()
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == "Très élevée :\n.\n..un point\n"
    (enclosed,) = read.iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()) == ("été.pdf", bytes(range(256)) * 300)


def test_append_to_sent_of_what_was_submitted_is_that_mail(gp: Program, cardiologist: Program) -> None:
    """RFC 4315 APPENDUID: the mail program's own copy makes no second mail."""
    sent = gp.folder_of("Sent")
    before, there = _mails(gp, sent), _mails(cardiologist)
    mail = gp.mail(cardiologist, "Une fois")
    with gp.smtp() as smtp:
        smtp.send_message(mail)
    with gp.imap() as imap:
        kind, said = imap.append(sent, "(\\Seen)", "", mail.as_bytes())
    assert kind == "OK"
    uids = gp.when(before + 1, sent)
    assert len(uids) == before + 1
    match = re.search(rb"APPENDUID \d+ (\d+)\]", said[0])
    assert match is not None
    assert int(match[1]) == uids[-1]
    assert len(cardiologist.when(there + 1)) == there + 1


def test_idle_is_woken_by_what_arrives(gp: Program, cardiologist: Program) -> None:
    """RFC 2177: the line is waited for, nothing is asked again."""
    with cardiologist.imap() as imap:
        held = int(imap.select("INBOX")[1][0])
        with idling(imap):
            with gp.smtp() as smtp:
                smtp.send_message(gp.mail(cardiologist, "Réveil"))
            assert int(told(imap, rb"\* (\d+) EXISTS")[1]) == held + 1


def test_a_reply_comes_back_into_the_conversation(gp: Program, cardiologist: Program) -> None:
    before = _mails(gp)
    there = _mails(cardiologist)
    with gp.smtp() as smtp:
        smtp.send_message(gp.mail(cardiologist, "Un avis ?"))
    question = _read(cardiologist.octets(cardiologist.when(there + 1)[-1]))
    answer = cardiologist.mail(gp, "Re: Un avis ?", In_Reply_To=question["Message-ID"])
    with cardiologist.smtp() as smtp:
        smtp.send_message(answer)
    told = _read(gp.octets(gp.when(before + 1)[-1]))
    sent = _read(gp.octets(gp.when(0, gp.folder_of("Sent"))[-1], gp.folder_of("Sent")))
    assert sent["Message-ID"] in told["References"]


def test_a_wrong_password_and_an_unknown_colleague(gateway: Gateway, gp: Program, cardiologist: Program) -> None:
    with (
        smtplib.SMTP_SSL("127.0.0.1", gateway.smtp, context=gateway.trust(), timeout=PATIENCE) as smtp,
        pytest.raises(smtplib.SMTPAuthenticationError) as refused,
    ):
        smtp.login(gp.address, "rien-de-tel")
    assert refused.value.smtp_code == 535
    with gp.smtp() as smtp, pytest.raises(smtplib.SMTPRecipientsRefused) as unknown:
        smtp.sendmail(gp.address, ["personne@confrere.localhost"], gp.mail(cardiologist).as_bytes())
    ((code, _),) = unknown.value.recipients.values()
    assert code == 550


def _read(octets: bytes) -> EmailMessage:
    return message_from_bytes(octets, policy=policy.default)
