"""SASL as it is read (RFC 4616, RFC 4954, XOAUTH2), and how many may be inside."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.gateway.entry import sasl
from messaging.gateway.entry.turnstile import Turnstile
from messaging.gateway.entry.wording import one_line


@pytest.mark.parametrize("identity", [b"", b"dr@a.example", b"DR@a.example"])
def test_rfc4616_2_plain(identity: bytes) -> None:
    found = sasl.plain(identity + b"\0dr@a.example\0p\xc3\xa9")
    assert (found.user, found.secret, found.bearer) == ("dr@a.example", "pé", False)
    assert "dr@" not in repr(found)


@pytest.mark.parametrize(
    "octets", [b"", b"\0u", b"u\0p", b"\0u\0p\0", b"other\0u\0p", b"\0\xff\0p", b"\0" * 5000, b"\0u\0\xff"]
)
def test_rfc4616_2_what_is_not_plain(octets: bytes) -> None:
    with pytest.raises(ValueError):
        sasl.plain(octets)


def test_xoauth2() -> None:
    found = sasl.xoauth2(b"user=dr@a.example\1auth=Bearer ya29.x\1\1")
    assert (found.user, found.secret, found.bearer) == ("dr@a.example", "ya29.x", True)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"user=u\1auth=Bearer t\1",
        b"user=u\1auth=Basic t\1\1",
        b"user=u\1auth=Bearer \1\1",
        b"u\1auth=Bearer t\1\1",
    ],
)
def test_what_is_not_xoauth2(octets: bytes) -> None:
    with pytest.raises(ValueError):
        sasl.xoauth2(octets)


@pytest.mark.parametrize("line", [b"YQ", b"Y Q==", b"*", b"YQ==YQ==", b"\xff", b"Y\0Q="])
def test_rfc4422_base64_is_strict(line: bytes) -> None:
    with pytest.raises(ValueError):
        sasl.decoded(line)


def test_rfc4954_4_a_lone_equals_sign_is_an_empty_response() -> None:
    assert sasl.decoded(b"=") == sasl.decoded(b"") == b""


def test_no_peer_takes_all_the_room_and_nobody_the_room_of_those_who_logged_in() -> None:
    turnstile = Turnstile(most=4, most_of_one=3, most_strangers=2)
    first, second = turnstile.enter("a"), turnstile.enter("a")
    assert first
    assert second
    assert turnstile.enter("b") is None  # two strangers
    first.known()
    first.known()
    third = turnstile.enter("a")
    assert third
    second.known()
    assert turnstile.enter("a") is None  # three of one peer
    fourth = turnstile.enter("b")
    assert fourth
    third.known()
    assert turnstile.enter("c") is None  # four in all
    for visit in (first, first, second, third, fourth):
        visit.leave()
    assert all(turnstile.enter("a") for _ in range(2))


@given(st.text(max_size=1000), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_sentence_is_one_line_that_fits_a_reply(text: str, utf8: bool) -> None:
    line = one_line(text, utf8=utf8)
    assert len(line.encode()) <= 400
    assert not any(c in line for c in "\r\n\0")
    assert utf8 or line.isascii()


def test_typography_becomes_ascii() -> None:
    assert one_line("L’œuvre\u202f: «\xa0reçue\xa0»\r\n–", utf8=False) == 'L\'oeuvre : "recue" -'
