"""ENVELOPE, BODY, BODYSTRUCTURE and the search text: RFC 3501 section 7.4.2, and messages that are odd."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.gateway.mail import addresses
from messaging.gateway.mail.describe import MOST_TEXT, describe
from tests.messaging.gateway.corpus import messages
from tests.messaging.gateway.imap.wire_values import Value, check_body, check_envelope, value


def envelope(octets: bytes) -> Value:
    return value(describe(octets)[0].envelope)


def structure(octets: bytes) -> Value:
    return value(describe(octets)[0].bodystructure)


def check(octets: bytes) -> None:
    described, text = describe(octets)
    check_envelope(value(described.envelope))
    check_body(value(described.body), extended=False)
    check_body(value(described.bodystructure), extended=True)
    assert octets.startswith(described.header)
    assert described.size == len(octets)
    assert text == text.casefold()


def test_rfc_3501_7_4_2_sender_and_reply_to_default_to_from() -> None:
    date, subject, *lists, in_reply_to, message_id = envelope(b"From: A <a@b>\r\nReply-To: \r\nSubject:\r\n\r\n")
    assert lists == [[[b"A", None, b"a", b"b"]]] * 3 + [None] * 3
    assert (date, subject, in_reply_to, message_id) == (None, b"", None, None)


def test_rfc_5322_3_4_groups() -> None:
    assert envelope(b"To: Team: a@b, c@d;, e@f\r\n\r\n")[5] == [
        [None, None, b"Team", None],
        [None, None, b"a", b"b"],
        [None, None, b"c", b"d"],
        [None, None, None, None],
        [None, None, b"e", b"f"],
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b'"Le Gall, A." <a@b>', (b"Le Gall, A.", None, b"a", b"b")),
        (b"a@b (the lab (night))", (b"the lab (night)", None, b"a", b"b")),
        (b"<@x,@y:a@b>", (None, b"@x,@y", b"a", b"b")),
        (b'"a b"@c', (None, None, b"a b", b"c")),
        (b"a@[192.0.2.1]", (None, None, b"a", b"[192.0.2.1]")),
        (b"=?utf-8?Q?=C3=A9?= =?utf-8?Q?t?= <a@b>", (b"=?utf-8?Q?=C3=A9?= =?utf-8?Q?t?=", None, b"a", b"b")),
        (b"J\xe9r\xf4me <j@b>", (b"J\xe9r\xf4me", None, b"j", b"b")),
        (b"nobody", (None, None, b"nobody", b"")),
        (b"A <a@b", (b"A", None, b"a", b"b")),
        (b"A <a@b> .evil.test @c", (b"A", None, b"a", b"b")),
    ],
)
def test_rfc_5322_addresses_raw(written: bytes, read: tuple[bytes | None, ...]) -> None:
    (one,) = addresses.read(written)
    assert (one.name, one.route, one.mailbox, one.host) == read


def test_two_from_fields_are_both_shown() -> None:
    assert [one[2] for one in envelope(b"From: real@x\r\nFrom: spoofed@x\r\n\r\n")[2]] == [b"real", b"spoofed"]


def test_raw_8_bit_headers_go_out_as_literals() -> None:
    assert b"{3}\r\n\xe9t\xe9" in describe(b"Subject: \xe9t\xe9\r\n\r\n")[0].envelope
    assert envelope(b"Subject: a\x00b\r\n\r\n")[1] == b"a\x80b"


def test_rfc_3501_7_4_2_bodystructure_of_a_usual_mail() -> None:
    octets = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na\r\nb\r\n\r\n"
        b'--b\r\nContent-Type: application/pdf; name="x.pdf"\r\n'
        b'Content-Disposition: attachment; filename="x y.pdf"\r\n'
        b"Content-Transfer-Encoding: base64\r\nContent-ID: <i>\r\nContent-Language: fr, de\r\n\r\nAAAA\r\n--b--\r\n"
    )
    text = [b"text", b"plain", [b"charset", b"utf-8"], None, None, b"7bit", 6, 2, None, None, None, None]
    file = [b"application", b"pdf", [b"name", b"x.pdf"], b"<i>", None, b"base64", 4, None]
    placed = [[b"attachment", [b"filename", b"x y.pdf"]], [b"fr", b"de"], None]
    assert structure(octets) == [text, [*file, *placed], b"mixed", [b"boundary", b"b"], None, None, None]
    assert value(describe(octets)[0].body) == [text[:8], file[:7], b"mixed"]


def test_rfc_3501_7_4_2_a_message_in_a_message() -> None:
    inner = structure(b"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\nx\r\n")
    assert inner[:2] == [b"message", b"rfc822"]
    assert inner[7][1] == b"s"
    assert inner[8][:2] == [b"text", b"plain"]
    assert inner[9:] == [3, None, None, None, None]


def test_an_encoded_message_and_an_empty_multipart_have_valid_structures() -> None:
    assert structure(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nAAAA")[:2] == [
        b"application",
        b"octet-stream",
    ]
    assert structure(b"Content-Type: multipart/mixed; boundary=b\n\n")[0][:2] == [b"text", b"plain"]


def test_rfc_2231_3_a_name_in_pieces_is_put_together() -> None:
    octets = b"Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9; filename*1=\"s.pdf\"; a*5=lost\r\n\r\n"
    assert structure(octets)[9] == [b"attachment", [b"filename*", b"utf-8''r%C3%A9s.pdf"]]


def test_search_text_is_decoded_visible_and_folded() -> None:
    octets = (
        b"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nw4lUw4k=\r\n--b\r\nContent-Type: text/html; charset=latin-1\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"<p>STRA=DFE <b>bo</b>ld<script>hidden</script>\r\n--b--\r\n"
    )
    text = describe(octets)[1]
    assert "été" in text
    assert "strasse bold" in text
    assert "hidden" not in text
    assert "<" not in text


def test_search_finds_a_forwarded_mail_a_file_and_a_report() -> None:
    """RFC 3501 section 6.4.4: all of these are in the body."""
    octets = (
        b"Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
        b"--a\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?Q?Gl=C3=A9mie?=\r\nFrom: l@x.test\r\n\r\nhi\r\n"
        b"--a\r\nContent-Type: application/pdf; name=Durand.pdf\r\n\r\n%PDF\r\n"
        b"--a\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; C@D.test\r\n--a--\r\n"
    )
    _, text = describe(octets)
    assert all(word in text for word in ("glémie", "l@x.test", "hi", "durand.pdf", "c@d.test"))
    assert "outer" not in text
    assert "%pdf" not in text


def test_search_text_is_bounded() -> None:
    for kind in (b"plain", b"html"):
        text = describe(b"Content-Type: text/" + kind + b"\r\n\r\n" + b"abc " * MOST_TEXT)[1]
        assert 0 < len(text) <= MOST_TEXT


@pytest.mark.parametrize(
    ("field", "expected"), [(b"<a@b>", "<a@b>"), (b" x <a@b> <c@d>", "<a@b>"), (b"a@b", ""), (b"<", "")]
)
def test_message_id_with_its_brackets(field: bytes, expected: str) -> None:
    assert describe(b"Message-ID: " + field + b"\r\n\r\n")[0].message_id == expected


def test_the_corpus_is_the_same_for_the_same_seed() -> None:
    assert messages(7, 200) == messages(7, 200)


@pytest.mark.parametrize("seed", range(3))
def test_every_odd_message_has_valid_output(seed: int) -> None:
    for octets in messages(seed, 150):
        check(octets)


@given(st.binary())
def test_any_octets_have_valid_output(octets: bytes) -> None:
    check(octets)
    check(b"From: " + octets)
    check(b"Content-Type: text/" + octets)
    check(b"Content-Disposition: " + octets)


@pytest.mark.parametrize(
    "octets",
    [
        *(b"To: " + shape * 100_000 for shape in (b"<", b"(", b'"', b":", b"a@b,", b"<@a", b";", b"\\", b"a b:;")),
        b"Content-Type: text/html\r\n\r\n" + b"<b>" * 300_000,
        b"Content-Type: text/html\r\n\r\n" + b"<table><tr><td>" * 50_000,
        b"Content-Type: text/html\r\n\r\n" + b"&" * 1_000_000,
        b"Content-Type: message/rfc822\r\nTo: a@b\r\n\r\n" * 10_000,
    ],
    ids=lambda octets: str(octets[-6:]),
)
def test_attack_shapes_are_described_in_time(octets: bytes) -> None:
    began = time.process_time()
    check(octets)
    assert time.process_time() - began < 4
