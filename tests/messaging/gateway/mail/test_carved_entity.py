"""A mail travels without losing an octet (docs/spec/mail.md ML-2)."""

from __future__ import annotations

import base64
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.errors import MessagingError
from messaging.gateway.mail import entity, hole, parts
from messaging.gateway.mail.entity import Carved
from messaging.protocol import message
from messaging.protocol.body import Body
from tests.messaging.gateway.corpus import messages

ID = "<one@cabinet.example>"
PDF = bytes(range(256)) * 20


def filled(carved: Carved) -> bytes:
    return entity.fill(carved.entity, [file.octets for file in carved.files])


def lines(octets: bytes, width: int, newline: bytes = b"\r\n") -> bytes:
    whole = base64.b64encode(octets)
    return newline.join(whole[at : at + width] for at in range(0, len(whole), width)) + newline


def attachment(body: bytes, encoding: bytes = b"base64", name: bytes = b"lettre.pdf") -> bytes:
    return (
        b'Content-Type: application/pdf; name="%b"\r\nContent-Disposition: attachment;\r\n filename="%b"\r\n'
        b"Content-Transfer-Encoding: %b\r\n\r\n%b" % (name, name, encoding, body)
    )


def mixed(*held: bytes, kind: bytes = b"mixed", boundary: bytes = b"=_b") -> bytes:
    opened = b"".join(b"--%b\r\n%b\r\n" % (boundary, one) for one in held)
    return b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n%b--%b--\r\n' % (kind, boundary, opened, boundary)


HEAD = b"From: anne@cabinet.example\r\nSubject: =?utf-8?q?R=C3=A9sultats?=\r\nMIME-Version: 1.0\r\n"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nVoici la lettre."


@pytest.mark.parametrize("width", [76, 75, 64, 61, 998])
def test_ml_2_2_an_attachment_leaves_as_its_own_octets_and_comes_back_as_it_was(width: int) -> None:
    octets = HEAD + mixed(TEXT, attachment(lines(PDF, width)))
    carved = entity.carve(octets)
    assert [(file.filename, file.media_type, file.octets) for file in carved.files] == [
        ("lettre.pdf", "application/pdf", PDF)
    ]
    assert base64.b64encode(PDF)[:40] not in carved.entity
    assert filled(carved) == octets


def test_ml_2_2_every_client_reads_subject_and_text_of_what_travels() -> None:
    carved = entity.carve(HEAD + mixed(TEXT, attachment(lines(PDF, 76))))
    assert message.read(Body("message/rfc822", carved.entity)) == message.Message("Résultats", "Voici la lettre.")


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (lines(PDF, 76).replace(b"\r\n", b" \r\n"), b"base64"),
        (lines(PDF, 76).rstrip(b"=\r\n"), b"base64"),
        (b"\r\n" + lines(PDF, 76), b"base64"),
        (b"a=3D=\r\nb=3d", b"quoted-printable"),
    ],
)
def test_ml_2_3_what_cannot_be_encoded_again_stays_and_people_get_a_copy(body: bytes, encoding: bytes) -> None:
    octets = HEAD + mixed(TEXT, attachment(body, encoding))
    carved = entity.carve(octets)
    assert carved.entity == octets
    assert carved.files[0].octets in (PDF, PDF[: len(carved.files[0].octets)], b"a=b=")
    assert filled(carved) == octets


def test_ml_2_3_a_large_one_leaves_twice() -> None:
    body = lines(random.Random(1).randbytes(100_000), 76).replace(b"\r\n", b" \r\n")
    octets = HEAD + mixed(TEXT, attachment(body))
    carved = entity.carve(octets)
    assert [file.filename for file in carved.files] == ["lettre.pdf", "lettre.pdf.base64"]
    assert carved.files[1].octets == body
    assert len(carved.entity) < 2_000
    assert filled(carved) == octets


@pytest.mark.parametrize("kind", [b"signed", b"encrypted"])
def test_ml_2_4_what_is_signed_or_encrypted_stays_whole_where_it_is(kind: bytes) -> None:
    signature = attachment(lines(PDF, 64), name=b"smime.p7s").replace(
        b"application/pdf", b"application/pkcs7-signature"
    )
    inner = mixed(mixed(TEXT, attachment(lines(PDF, 76)), boundary=b"inner"), signature, kind=kind, boundary=b"outer")
    carved = entity.carve(HEAD + inner)
    assert inner in carved.entity
    assert [file.octets for file in carved.files] == [PDF]
    assert filled(carved) == HEAD + inner


def test_ml_2_4_a_large_file_leaves_even_what_is_signed_and_comes_back() -> None:
    scan = random.Random(2).randbytes(2_000_000)
    octets = HEAD + mixed(mixed(TEXT, attachment(lines(scan, 76)), boundary=b"in"), kind=b"signed", boundary=b"out")
    carved = entity.carve(octets)
    assert len(carved.entity) < 2_000
    assert filled(carved) == octets


def test_a_message_that_is_a_file_itself_leaves_its_other_fields_readable() -> None:
    octets = (
        b"Content-Type: application/pdf\r\nSubject: scan\r\nContent-Transfer-Encoding: base64\r\n"
        b"From: a@b.example\r\nContent-Disposition: attachment\r\n\r\n" + lines(PDF, 72)
    )
    carved = entity.carve(octets)
    assert message.read(Body("message/rfc822", carved.entity)).subject == "scan"
    assert [file.octets for file in carved.files] == [PDF]
    assert filled(carved) == octets


def test_ml_2_3_html_alone_has_its_words_beside_it_for_who_reads_plain_text() -> None:
    octets = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>D\xc3\xa9j\xc3\xa0 vu<p>Merci"
    carved = entity.carve(octets)
    assert carved.entity == octets
    assert [(file.filename, file.octets.decode()) for file in carved.files] == [("message.txt", "Déjà vu\n\nMerci")]
    assert filled(carved) == octets


def test_ml_2_1_what_must_not_travel_does_not() -> None:
    octets = (
        b"Received: from client\r\nBcc: zoe@cabinet.example,\r\n eva@labo.example\r\nFrom: anne@cabinet.example\r\n"
        b"X-Confrere-Author: proven\r\nMessage-ID: <own@client>\r\nresent-bcc : zoe@cabinet.example\r\n"
        b"Authentication-Results: x; dkim=pass\r\nReturn-Path: <x@y>\r\nDelivered-To: x@y\r\nX-Other:  kept \r\n\r\n"
        b"Bcc: in the body stays\r\n"
    )
    assert entity.travelling(octets, ID) == (
        b"Message-ID: <one@cabinet.example>\r\nFrom: anne@cabinet.example\r\nX-Other:  kept \r\n\r\n"
        b"Bcc: in the body stays\r\n"
    )


def test_ml_2_1_bcc_is_in_nothing_that_is_sent() -> None:
    octets = b"Bcc: zoe@cabinet.example\r\n" + HEAD + mixed(TEXT, attachment(lines(PDF, 76)))
    carved = entity.carve(entity.travelling(octets, ID))
    assert not [one for one in (carved.entity, *(file.octets for file in carved.files)) if b"zoe" in one]


def test_ml_2_5_too_many_files_leave_as_one() -> None:
    octets = HEAD + mixed(TEXT, *(attachment(lines(b"%d" % n, 76)) for n in range(60)))
    carved = entity.carve(octets)
    assert [(file.filename, file.octets) for file in carved.files] == [
        ("message.eml", octets),
        ("message.txt", b"Voici la lettre."),
    ]
    assert message.read(Body("message/rfc822", carved.entity)).subject == "Résultats"
    assert filled(carved) == octets


def test_ml_2_5_an_entity_fits_into_an_event_however_long_its_texts() -> None:
    words = b"Content-Type: text/plain\r\n\r\n" + b"mot " * 120_000
    octets = HEAD + mixed(words, words, words)
    carved = entity.carve(octets)
    assert len(carved.entity) <= entity.MAX_ENTITY
    assert filled(carved) == octets


def test_ml_2_5_a_header_that_no_event_can_hold_is_refused() -> None:
    with pytest.raises(MessagingError, match="mail-too-large"):
        entity.carve(b"X: " + b"y" * 1_000_000 + b"\r\n\r\nz")


def forged(file: object, size: object, more: str = "") -> bytes:
    field = f"Content-Type: message/external-body; access-type=x-confrere; file={file}; size={size}{more}\r\n\r\n"
    return field.encode() + b"Content-Type: application/pdf\r\n\r\n"


@pytest.mark.parametrize(
    "hole_",
    [
        forged(1, len(PDF)),
        forged(-1, len(PDF)),
        forged("999999999999999999999", len(PDF)),
        forged(0, len(PDF) - 1),
        forged("\N{ARABIC-INDIC DIGIT ZERO}", len(PDF)),
        forged(0, len(PDF), "; width=1; newline=crlf; tail=0"),
        forged(0, len(PDF), "; width=76; newline=cr; tail=0"),
        forged(0, len(PDF), "; width=76; newline=crlf; tail=99"),
        forged(0, len(PDF), "; skip=0"),
        forged(0, len(PDF), "; places=a"),
    ],
)
def test_ml_2_6_a_hole_that_does_not_fit_is_shown_as_it_is(hole_: bytes) -> None:
    octets = HEAD + mixed(TEXT, hole_)
    assert entity.fill(octets, [PDF]) == octets


def test_ml_2_6_a_file_claimed_by_two_holes_fills_neither() -> None:
    octets = HEAD + mixed(forged(0, len(PDF)), forged(0, len(PDF)))
    assert entity.fill(octets, [PDF]) == octets


def test_ml_2_6_a_hole_in_an_attached_message_or_in_a_file_is_not_filled() -> None:
    nested = b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n" + forged(0, len(PDF))
    octets = HEAD + mixed(TEXT, nested)
    assert entity.fill(octets, [PDF]) == octets
    once = HEAD + mixed(TEXT, forged(0, len(forged(1, 3))), forged(2, 9))
    assert entity.fill(once, [forged(1, 3), b"abc"]).count(b"x-confrere") == 2


@pytest.mark.parametrize("places", ["0 1 2", "5", "1 1", "9999"])
def test_ml_2_6_a_root_hole_with_forged_places_is_shown_as_it_is(places: str) -> None:
    octets = b"Subject: x\r\n" + forged(0, len(PDF), f'; places="{places}"')
    assert entity.fill(octets, [PDF]) == octets


def test_ml_2_6_a_forged_hole_that_somebody_submits_arrives_as_it_was() -> None:
    octets = HEAD + mixed(TEXT, attachment(lines(PDF, 76)), forged(0, len(PDF)), b"x")
    assert filled(entity.carve(octets)) == octets


def test_ml_2_2_a_submitted_hole_that_would_rob_a_file_of_its_place_makes_all_of_it_one_file() -> None:
    empty = forged(0, len(PDF)).partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    octets = HEAD + mixed(TEXT, attachment(lines(PDF, 76)), empty)
    carved = entity.carve(octets)
    assert carved.files[0].octets == octets
    assert filled(carved) == octets


def test_fill_carve_is_the_mail_for_a_corpus_of_odd_ones() -> None:
    for octets in messages(7, 400):
        assert filled(entity.carve(octets)) == octets


_TOKENS = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b"--b", b"--b--", b"--c", b" ", b"\0", b"=", b"QUJD", b"text \xe9"),
        *(b"\r\n\r\n", b"Subject: x\r\n", b"Content-Type: multipart/mixed; boundary=b\r\n\r\n", b"\r\n--b\r\n"),
        *(b"Content-Type: multipart/signed; boundary=c\r\n\r\n", b"\r\n--c\r\n", b"\r\n--b--\r\n"),
        *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Disposition: attachment\r\n", b"QUJDREVG\r\n" * 9),
        *(b"Content-Type: message/external-body; access-type=x-confrere; file=0; size=3\r\n\r\n",),
        *(b"Content-Type: message/rfc822\r\n\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_TOKENS | st.binary(max_size=8), max_size=40).map(b"".join))
def test_fill_carve_is_the_mail_whatever_the_octets(octets: bytes) -> None:
    assert filled(entity.carve(octets)) == octets


@settings(max_examples=200, deadline=None)
@given(
    st.lists(_TOKENS | st.binary(max_size=8), max_size=40).map(b"".join), st.lists(st.binary(max_size=4), max_size=3)
)
def test_ml_2_6_filling_a_strangers_octets_never_raises_and_puts_each_file_in_once(
    octets: bytes, files: list[bytes]
) -> None:
    assert len(entity.fill(octets, files)) <= len(octets) + 2 * sum(map(len, files)) + 64


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.integers(16, 100), st.sampled_from([b"\r\n", b"\n"]), st.integers(0, 3))
def test_base64_of_any_width_is_recognised_or_left(octets: bytes, width: int, newline: bytes, tail: int) -> None:
    written = lines(octets, width, newline).rstrip(b"\r\n") + newline * tail
    found = hole.recognise(written)
    assert found is None or hole.encode(*found) == written
    assert found is not None or len(base64.b64encode(octets)) < 2


def test_a_boundary_that_stands_in_an_attachment_is_no_harm() -> None:
    octets = HEAD + mixed(TEXT, attachment(b"x\r\n--=_b-not\r\ny", b"8bit"), attachment(lines(b"--=_b--", 76)))
    carved = entity.carve(octets)
    assert [file.octets for file in carved.files] == [b"x\r\n--=_b-not\r\ny", b"--=_b--"]
    assert filled(carved) == octets


def test_ten_thousand_nested_parts_travel() -> None:
    octets = HEAD + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(10_000)
    )
    began = time.process_time()
    assert filled(entity.carve(octets)) == octets
    assert time.process_time() - began < 2


def test_fifty_megabytes_leave_and_come_back() -> None:
    scan = bytes(30_000_000)
    octets = HEAD + mixed(TEXT, attachment(lines(scan, 76)))
    began = time.process_time()
    carved = entity.carve(octets)
    assert filled(carved) == octets
    assert time.process_time() - began < 15
    assert parts.read(carved.entity).children[1].media_type == hole.MEDIA_TYPE
