"""What a mail program submits, read or refused (docs/spec/mail.md ML-1)."""

from __future__ import annotations

import time

import pytest

from messaging.errors import MessagingError
from messaging.gateway.mail import submitted

HEAD = b"From: Anne <anne@cabinet.example>\r\nTo: luc@hopital.example\r\n"


def mail(fields: bytes = b"", body: bytes = b"Bonjour\r\n", head: bytes = HEAD) -> bytes:
    return head + fields + b"\r\n" + body


def clause(octets: bytes) -> str:
    with pytest.raises(MessagingError) as refused:
        submitted.read(octets)
    assert refused.value.id == "mail-malformed"
    return str(refused.value.facts["clause"])


def test_ml_1_1_an_ordinary_mail_is_read() -> None:
    read = submitted.read(
        mail(
            b"Cc: eva@labo.example, luc@hopital.example\r\nBcc: zoe@cabinet.example\r\n"
            b"Subject: =?utf-8?q?R=C3=A9sultats?=\r\nMessage-ID: <own@client>\r\nIn-Reply-To: <b@x>\r\n"
            b"References: <a@x>\r\n <b@x>\r\nDate: Mon, 3 Nov 2025 10:00:00 +0100\r\n"
            b"Disposition-Notification-To: anne@cabinet.example\r\nX-Confrere-Urgency: stat\r\n"
        )
    )
    assert (read.author, read.to, read.cc) == (
        "anne@cabinet.example",
        ("luc@hopital.example",),
        ("eva@labo.example", "luc@hopital.example"),
    )
    assert read.bcc == ("zoe@cabinet.example",)
    assert (read.subject, read.message_id, read.parents) == ("Résultats", "<own@client>", ("<b@x>", "<a@x>"))
    assert read.receipt_to == ("anne@cabinet.example",)
    assert read.own_fields == {"x-confrere-urgency": "stat"}
    assert (read.text, read.attachments, read.automatic) == ("Bonjour", (), False)


@pytest.mark.parametrize(
    ("octets", "named"),
    [
        (b"\r\nBonjour", "no header"),
        (b"", "no header"),
        (mail(head=b"To: luc@hopital.example\r\n"), "From"),
        (mail(head=b"From: nobody\r\n"), "From"),
        (mail(b"From: eve@evil.example\r\n"), "From"),
        (mail(head=b"From: a@x.example, b@x.example\r\n"), "Sender"),
        (mail(b"Sender: a@x.example, b@x.example\r\n"), "Sender"),
        (mail(b"Message-ID: <a@x>\r\nmessage-id : <b@x>\r\n"), "Message-Id"),
        (mail(b"Content-Type: text/plain\r\nContent-Type: text/html\r\n"), "Content-Type"),
        (mail(b"this is no field\r\n"), "header line"),
        (b" folded: from nothing\r\n" + mail(), "header line"),
        (mail(body=b"a\nb\r\n"), "CR LF"),
        (mail(body=b"a\rb\r\n"), "CR LF"),
        (mail(body=b"a\r\n.\r\n\n"), "CR LF"),
        (mail(body=b"a\0b"), "NUL"),
        (mail(b"X: y\r\n" * 501), "too many fields"),
        (mail(b"X: " + b"y" * 300_000 + b"\r\n"), "header size"),
    ],
)
def test_ml_1_2_what_two_readers_could_read_in_two_ways_is_refused(octets: bytes, named: str) -> None:
    assert named in clause(octets)


def test_rfc_5322_3_6_2_several_authors_have_one_sender() -> None:
    read = submitted.read(mail(b"Sender: b@x.example\r\n", head=b"From: a@x.example, b@x.example\r\n"))
    assert read.author == "b@x.example"


@pytest.mark.parametrize("fields", [b"Received: from x\r\n" * 51, b"X-Confrere-Event: 00\r\n"])
def test_ml_1_3_a_mail_that_passed_here_or_everywhere_is_a_loop(fields: bytes) -> None:
    with pytest.raises(MessagingError, match="mail-loop"):
        submitted.read(mail(fields))


def test_rfc_5321_6_3_fifty_relays_are_no_loop() -> None:
    assert submitted.read(mail(b"Received: from x\r\n" * 50)).text == "Bonjour"


@pytest.mark.parametrize(
    ("fields", "body", "text"),
    [
        (b"Content-Type: text/plain; charset=windows-1252\r\n", b"d\xe9j\xe0 \x80", "déjà €"),
        (b"Content-Type: text/plain; charset=iso-2022-jp\r\n", "日本".encode("iso-2022-jp"), "日本"),
        (b"Content-Type: text/plain; charset=x-unknown\r\n", b"abc", "abc"),
        (b"Content-Type: text/html\r\n", b"<p>Un<br>Deux</p><script>x()</script><p>Trois", "Un\nDeux\n\nTrois"),
        (b"", b"", ""),
        (b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n", b"Qm9uam91cg==", "Bonjour"),
    ],
)
def test_ml_1_4_text_is_read_in_its_charset_and_html_as_its_words(fields: bytes, body: bytes, text: str) -> None:
    assert submitted.read(mail(fields, body)).text == text


@pytest.mark.parametrize(
    ("delsp", "body", "text"),
    [
        (b"", b"Avis \r\nfavorable.\r\n\r\n From\r\n", "Avis favorable.\n\nFrom"),
        (b"; delsp=yes", b"Avis \r\nfavorable.\r\n", "Avisfavorable."),
        (b"", b"Oui. \r\n-- \r\nAnne\r\n", "Oui. \n-- \nAnne"),
        (b"", b"> Une \r\n> question ? \r\n>> plus \r\n>> loin\r\nNon.\r\n", "> Une question ? \n>> plus loin\nNon."),
        (b"", b"a \r\n\r\nb", "a \nb"),
    ],
)
def test_rfc_3676_4_soft_line_breaks_are_none(delsp: bytes, body: bytes, text: str) -> None:
    fields = b"Content-Type: text/plain; charset=utf-8; format=flowed" + delsp + b"\r\n"
    assert submitted.read(mail(fields, body)).text == text


def test_8_bit_headers_are_read_leniently() -> None:
    assert submitted.read(mail("Subject: déjà vu\r\n".encode("latin-1"))).subject == "déjà vu"


MIXED = b'Content-Type: multipart/mixed; boundary="b"\r\n'


def test_ml_1_4_attachments_are_decoded_and_their_names_stay_in_no_folder() -> None:
    body = (
        b"--b\r\n\r\nVoici.\r\n"
        b'--b\r\nContent-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        b"AAECAw==\r\n"
        b'--b\r\nContent-Disposition: attachment; filename="../../etc/passwd"\r\n\r\nroot\r\n'
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: dedans\r\n\r\nautre\r\n"
        b"--b\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n--b--\r\n"
    )
    read = submitted.read(mail(MIXED, body))
    assert read.text == "Voici."
    assert [(one.filename, one.octets) for one in read.attachments] == [
        ("winmail.dat", b"\0\1\2\3"),
        ("passwd", b"root"),
        ("part-3.eml", b"Subject: dedans\r\n\r\nautre"),
    ]


def test_uuencode_in_a_text_is_text() -> None:
    body = b"begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n"
    assert "begin 644 a.txt" in submitted.read(mail(body=body)).text


def test_a_thousand_recipients_and_ten_thousand_nested_parts_cost_little() -> None:
    many = b",\r\n ".join(b'"Dr %d, M" <d%d@hopital.example>' % (n, n) for n in range(1000))
    nested = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(10_000))
    began = time.process_time()
    read = submitted.read(mail(b"Cc: " + many + b"\r\n" + nested))
    assert len(read.cc) == 1000
    assert time.process_time() - began < 2


def test_hostile_html_costs_little() -> None:
    began = time.process_time()
    for markup in (b"<div>" * 100_000, b"<p " * 100_000, b"&" * 200_000, b"<!--" * 50_000):
        submitted.read(mail(b"Content-Type: text/html\r\n", markup))
    assert time.process_time() - began < 3


def test_no_part_of_a_mail_is_in_its_repr() -> None:
    assert "Bonjour" not in repr(submitted.read(mail()))
