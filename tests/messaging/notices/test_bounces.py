"""RFC 3464 reports: what did not arrive is known by its return address, and hostile octets give nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.notices.bounce import LARGEST, Report, read_report
from messaging.notices.compose import Letterhead

TOKEN = bytes(range(200, 216))
RETURN = Letterhead("a@b.fr", bounces="bounces@retours.localhost").returns_to(TOKEN)

DSN = f"""\
Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: {RETURN}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

<j.teissier@mail.localhost>: host said: 550 5.1.1 User unknown

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 23 Nov 2026 08:00:00 +0100

Final-Recipient: rfc822; j.teissier@mail.localhost
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--B
Content-Type: message/rfc822

Subject: =?utf-8?q?Confr=C3=A8re?=

--B--
"""


def read(text: str, returned_to: str = "") -> Report | None:
    return read_report(text.replace("\n", "\r\n").encode(), returned_to)


def test_a_failure_gives_the_token_and_the_status_and_nothing_else() -> None:
    assert read(DSN) == Report(TOKEN, "5.1.1")
    assert read_report(DSN.encode()) == Report(TOKEN, "5.1.1")  # a pipe's line ends


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_return_address_is_where_mail_servers_put_it(header: str) -> None:
    forwarded = DSN.replace(f"To: {RETURN}", f"To: postmaster@retours.localhost\n{header}: {RETURN.upper()}")
    assert read(forwarded) == Report(TOKEN, "5.1.1")
    assert read(DSN.replace(f"To: {RETURN}\n", ""), RETURN) == Report(TOKEN, "5.1.1")


def test_a_token_inside_the_report_or_beside_the_envelope_does_not_count() -> None:
    assert read(DSN.replace(f"To: {RETURN}", "To: x@y.fr").replace("User unknown", RETURN)) is None
    assert read(DSN, "bounces@retours.localhost") is None


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ("Action: failed", "Action: FAILED ", "5.1.1"),
        ("Status: 5.1.1", "Status: 4.4.7 (delivery time expired)", "4.4.7"),
        ("Status: 5.1.1", "Status: 5.1.10", "5.1.10"),
        ("Status: 5.1.1", "Status: none of your business", "5.0.0"),
        ("Status: 5.1.1", "Status: 5.1.1.1", "5.0.0"),
        ("Status: 5.1.1\n", "", "5.0.0"),
    ],
)
def test_a_status_is_three_numbers_or_unknown(before: str, after: str, status: str) -> None:
    assert read(DSN.replace(before, after, 1)) == Report(TOKEN, status)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Action: failed", "Action: delayed"),
        ("Action: failed", "Action: delivered"),
        ("Action: failed", "Action: relayed"),
        ("Action: failed\n", ""),
        ("Action: failed", "Action: delivered\nAction: failed"),
        ("multipart/report; report-type=delivery-status", "multipart/mixed"),
        ("message/delivery-status", "message/disposition-notification"),
        ("message/delivery-status", "text/plain"),
    ],
)
def test_what_is_no_failure_is_not_counted(before: str, after: str) -> None:
    assert read(DSN.replace(before, after, 1)) is None


def test_an_absence_message_to_the_return_address_is_not_counted() -> None:
    assert read(f"From: j@x.fr\nTo: {RETURN}\nAuto-Submitted: auto-replied\nSubject: Absent\n\nAbsent.\n") is None


NESTED = "".join(f'Content-Type: multipart/report; boundary="b{n}"\n\n--b{n}\n' for n in range(4_000))
HOSTILE = {
    "nothing": b"",
    "no header": b"\r\n\r\n",
    "not text": bytes(range(256)) * 100,
    "deep": f"To: {RETURN}\n{NESTED}".encode(),
    "many parts": DSN.replace("--B\n", "--B\n\n--B\n" * 20_000, 1).encode(),
    "many recipients": DSN.replace("Action", "Final-Recipient: x\n\n" * 12_000 + "Action").encode(),
    "long line": DSN.replace("Status: ", "Status: " + "9." * 500_000).encode(),
    "many headers": (f"To: {RETURN}\n" + "To: x@y.fr\n" * 40_000).encode() + DSN.encode(),
    "odd charset": DSN.replace("us-ascii", "\udcff\udcfe").encode("utf-8", "surrogateescape"),
    "odd boundary": DSN.replace('"B"', '"' + "B" * 5_000 + '\\"').encode(),
    "megabytes": DSN.encode() + b"x" * 5_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_reports_end_soon_and_raise_nothing(name: str) -> None:
    before = time.process_time()
    found = read_report(HOSTILE[name])
    assert time.process_time() - before < 2.0
    assert found in (None, Report(TOKEN, "5.1.1"), Report(TOKEN, "5.0.0"))


def test_what_follows_the_report_is_not_needed() -> None:
    assert read_report(DSN.encode() + b"x" * 2 * LARGEST) == Report(TOKEN, "5.1.1")


@given(at=st.integers(0, len(DSN) - 1), noise=st.binary(max_size=20), cut=st.integers(0, 50))
def test_any_damage_is_either_the_same_report_or_none(at: int, noise: bytes, cut: int) -> None:
    raw = DSN.encode()
    found = read_report(raw[:at] + noise + raw[at + cut :])
    assert found is None or len(found.token) == 16
