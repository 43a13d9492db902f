"""Delivery status and disposition notifications (docs/spec/mail.md ML-6; RFC 3461, RFC 3464, RFC 8098)."""

from __future__ import annotations

import datetime
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confrere.words.catalogue import words
from messaging.gateway.mail import delivery_status, disposition, parts, submitted
from messaging.gateway.mail.delivery_status import Action, Recipient, Report
from messaging.gateway.mail.heading import Person

SAY = words("fr", strict=True).say
ZONE = datetime.timezone(datetime.timedelta(hours=1))
ANNE, LUC = Person("Anne Martin", "anne@cabinet.example"), Person("Luc Éon", "luc@hopital.example", "Cardiologue")
ORIGINAL = b"Message-ID: <a@cabinet.example>\r\nFrom: anne@cabinet.example\r\nSubject: Avis\r\n\r\nLe texte.\r\n"
REPORT = Report(
    seed=b"s" * 32,
    owner=ANNE,
    time=1_762_160_400_000,
    arrived=1_762_160_000_000,
    message_id="<a@cabinet.example>",
    subject="Avis\r\nBcc: eve@evil.example",
    octets=ORIGINAL,
    recipients=(
        Recipient("luc@hopital.example", Action.DELIVERED, "2.0.0"),
        Recipient("eva@labo.example", Action.FAILED, "5.1.1", "rfc822;eva+2Bx@labo.example", "N'a plus de compte."),
    ),
    ret="FULL",
    envid="env+3D1",
)


def read_disposition(octets: bytes) -> disposition.Disposition | None:
    return disposition.read(octets, parts.read(octets))


def test_rfc_3464_2_a_report_names_each_recipient_for_people_and_for_programs() -> None:
    octets = delivery_status.write(REPORT, SAY, ZONE)
    read = message_from_bytes(octets, policy=policy.default)
    assert (read.get_content_type(), read.get_param("report-type")) == ("multipart/report", "delivery-status")
    assert (read["In-Reply-To"], read["Auto-Submitted"]) == ("<a@cabinet.example>", "auto-replied")
    assert read["Bcc"] is None
    told, machine, returned = read.iter_parts()
    assert "eva@labo.example : non remis. N'a plus de compte." in told.get_content()
    overall, first, second = machine.get_payload()
    assert (overall["Original-Envelope-Id"], first["Action"], first["Status"]) == ("env=1", "delivered", "2.0.0")
    assert (second["Original-Recipient"], second["Action"]) == ("rfc822;eva+x@labo.example", "failed")
    assert ORIGINAL in octets
    assert returned.get_content_type() == "message/rfc822"


def test_rfc_3464_what_is_written_is_read() -> None:
    found = delivery_status.read(delivery_status.write(REPORT, SAY, ZONE))
    assert [(one.address, one.action, one.status) for one in found] == [
        (one.address, one.action, one.status) for one in REPORT.recipients
    ]


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, ret="HDRS"),
        replace(REPORT, ret=""),
        replace(REPORT, recipients=REPORT.recipients[:1]),
        replace(
            REPORT, recipients=(Recipient("x@y.example", Action.DELAYED, "4.4.1"),), retried_until=1_762_200_000_000
        ),
    ],
)
def test_ml_6_1_the_text_comes_back_only_where_it_failed_and_was_asked_for(report: Report) -> None:
    octets = delivery_status.write(report, SAY, ZONE)
    assert b"Le texte." not in octets
    assert b"text/rfc822-headers" in octets
    assert (b"Will-Retry-Until: " in octets) == (report.retried_until is not None)


def test_the_same_report_is_the_same_octets() -> None:
    assert delivery_status.write(REPORT, SAY, ZONE) == delivery_status.write(REPORT, SAY, ZONE)


def test_a_boundary_that_stands_in_the_returned_mail_is_not_used() -> None:
    planted = replace(REPORT, octets=ORIGINAL + b"--=_" + REPORT.seed.hex()[:40].encode() + b".0\r\n")
    read = message_from_bytes(delivery_status.write(planted, SAY, ZONE), policy=policy.default)
    assert len(list(read.iter_parts())) == 3


@pytest.mark.parametrize(
    ("notify", "told"),
    [
        ((), {Action.FAILED, Action.DELAYED}),
        (("NEVER",), set()),
        (("SUCCESS",), {Action.DELIVERED}),
        (("failure", "delay"), {Action.FAILED, Action.DELAYED}),
    ],
)
def test_ml_6_1_who_is_told_what(notify: tuple[str, ...], told: set[Action]) -> None:
    assert {action for action in Action if delivery_status.wanted(notify, action)} == told


@pytest.mark.parametrize(
    ("said", "meant"), [("a+2Bb", "a+b"), ("a+2", "a+2"), ("a+0D+0AX: y", "a X: y"), ("+zz", "+zz"), ("", "")]
)
def test_rfc_3461_4_xtext(said: str, meant: str) -> None:
    assert delivery_status.xtext(said) == meant


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_a_report_that_anybody_made_is_read_without_an_exception(octets: bytes) -> None:
    kind = b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    assert isinstance(delivery_status.read(kind + octets), tuple)
    assert delivery_status.read(octets) == ()


def mdn() -> bytes:
    return disposition.write(
        seed=b"k" * 32,
        reader=LUC,
        asker=ANNE,
        original="<a@cabinet.example>",
        subject="Avis",
        time=1_762_160_400_000,
        say=SAY,
        zone=ZONE,
    )


def test_rfc_8098_3_a_notification_says_who_displayed_what() -> None:
    read = message_from_bytes(mdn(), policy=policy.default)
    assert read.get_param("report-type") == "disposition-notification"
    assert read["From"].addresses[0].addr_spec == "luc@hopital.example"
    assert read["Disposition-Notification-To"] is None  # RFC 8098 section 2.1: none is asked for one
    assert b"Disposition: manual-action/MDN-sent-manually; displayed\r\n" in mdn()
    assert "Luc Éon a ouvert votre message « Avis »." in next(read.iter_parts()).get_content()


def test_ml_6_3_a_notification_that_a_program_submits_is_no_message() -> None:
    assert read_disposition(mdn()) == disposition.Disposition("<a@cabinet.example>", displayed=True)
    deleted = mdn().replace(b"; displayed", b"; deleted")
    assert read_disposition(deleted) == disposition.Disposition("<a@cabinet.example>", displayed=False)


@pytest.mark.parametrize(
    "octets",
    [
        ORIGINAL,
        mdn().replace(b"message/disposition-notification", b"text/plain"),
        mdn().replace(b"multipart/report", b"multipart/mixed"),
        mdn().replace(b"Original-Message-ID: <a@cabinet.example>", b"Original-Message-ID: none"),
        mdn().replace(b"Original-Message-ID: <a@cabinet.example>", b"Original-Message-ID: <a@x> <b@x>"),
    ],
)
def test_ml_6_3_anything_else_is(octets: bytes) -> None:
    assert read_disposition(octets) is None


@pytest.mark.parametrize(
    ("fields", "asks"),
    [
        (b"Disposition-Notification-To: Anne <Anne@cabinet.example>\r\n", True),
        (b"Disposition-Notification-To: eve@evil.example\r\n", False),
        (b"Disposition-Notification-To: anne@cabinet.example, eve@evil.example\r\n", False),
        (b"Disposition-Notification-To: anne@cabinet.example\r\nAuto-Submitted: auto-generated\r\n", False),
        (b"", False),
    ],
)
def test_ml_6_2_only_the_author_asks_and_for_himself(fields: bytes, asks: bool) -> None:
    read = submitted.read(b"From: anne@cabinet.example\r\n" + fields + b"\r\n")
    assert disposition.asked(read, {"anne@cabinet.example"}) is asks
