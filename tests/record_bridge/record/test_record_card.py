"""record.md RD-6: the record card, its octets, its text, its forgeries."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

import pytest

from directory.errors import DirectoryError
from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from directory.primitives.labels import Label
from directory.primitives.signature import SigningKey
from messaging.referral.patient import Patient
from messaging.wire.limits import CLOCK_SKEW
from record_bridge.errors import RecordError
from record_bridge.record.card import MAX_CARD, PREFIX, RecordCard, build, from_text, parse, to_text

NOW = 1_795_000_000_000
KEY, OTHER = SigningKey(b"k" * 32), SigningKey(b"o" * 32)
CARD = RecordCard(
    b"r" * 16,
    NOW,
    NOW + 1000,
    Patient(
        StrictTraits("PAT-TROIS", "DOMINIQUE MARIE-LOUISE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215"),
        parse_ins("279035121518989", OID_TEST),
    ),
    b"a" * 16,
    b"d" * 16,
    b"h" * 32,
)


def key_of(account: bytes, device: bytes, head: bytes) -> bytes:
    if (account, device, head) != (CARD.account, CARD.device, CARD.head):
        raise DirectoryError("device-unknown")
    return KEY.public


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(RecordError) as error:
        call()
    return error.value.id


def test_rd_6_1_a_card_reads_back_and_verifies() -> None:
    raw = build(CARD, KEY)
    assert raw[:4] == b"CP1k"
    assert parse(raw).verify(key_of, NOW) == CARD
    assert "TROIS" not in repr(parse(raw)) + repr(CARD)


def test_rd_6_1_noise_is_refused() -> None:
    raw = build(CARD, KEY)
    for bad in (b"", raw[:-1], raw + b"\0", b"CP1x" + raw[4:], raw + bytes(MAX_CARD)):
        assert refused(lambda bad=bad: parse(bad)) == "record-card-malformed"
    for newer in (b"CP2k" + raw[4:], raw[:4] + b"\0\2" + raw[6:]):
        with pytest.raises(DirectoryError, match="protocol-newer"):
            parse(newer)


def test_rd_6_1_what_nobody_could_read_is_not_signed() -> None:
    assert refused(lambda: build(replace(CARD, not_after=NOW), KEY)) == "record-card-malformed"
    for field in ("record", "account", "device", "head"):
        with pytest.raises(RecordError):
            build(replace(CARD, **{field: b"short"}), KEY)
    long_name = replace(CARD.patient, traits=replace(CARD.patient.traits, birth_given_names="A " * 900))
    assert refused(lambda: build(replace(CARD, patient=long_name), KEY)) == "record-card-malformed"


def test_rd_6_2_the_text_is_one_line_and_survives_wrapping() -> None:
    text = to_text(build(CARD, KEY))
    assert text.startswith(PREFIX)
    assert len(text.splitlines()) == 1
    assert len(text) < 2900
    wrapped = "\n".join(text[at : at + 60] for at in range(0, len(text), 60))
    assert from_text(f"  {wrapped}\n").verify(key_of, NOW) == CARD


def test_rd_6_2_a_text_that_is_none() -> None:
    text = to_text(build(CARD, KEY))
    for bad in ("", PREFIX, text[1:], text.lower(), text + "=", text + "!", text[:-1], "x" * 10**6):
        assert refused(lambda bad=bad: from_text(bad)) == "record-card-malformed"


def test_rd_6_3_every_altered_octet_is_noticed() -> None:
    raw = build(CARD, KEY)
    for at in range(0, len(raw), 7):
        altered = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with pytest.raises((RecordError, DirectoryError)) as error:
            parse(altered).verify(key_of, NOW)
        assert error.value.id in {"record-card-malformed", "record-card-forged", "protocol-newer"}


def test_rd_6_3_another_signer_or_another_purpose_is_a_forgery() -> None:
    assert refused(lambda: parse(build(CARD, OTHER)).verify(key_of, NOW)) == "record-card-forged"
    stranger = replace(CARD, account=b"x" * 16)
    assert refused(lambda: parse(build(stranger, KEY)).verify(key_of, NOW)) == "record-card-forged"
    raw = build(CARD, KEY)
    moved = raw[:-64] + KEY.sign(Label.BIND, raw[:-64])
    assert refused(lambda: parse(moved).verify(key_of, NOW)) == "record-card-forged"


def test_rd_6_3_dates() -> None:
    card = parse(build(CARD, KEY))
    assert card.verify(key_of, NOW - CLOCK_SKEW) == CARD
    assert refused(lambda: card.verify(key_of, NOW - CLOCK_SKEW - 1)) == "record-card-early"
    assert card.verify(key_of, NOW + 999) == CARD
    assert refused(lambda: card.verify(key_of, NOW + 1000)) == "record-card-expired"


def test_rd_6_4_a_card_holds_no_key_that_opens_anything() -> None:
    raw = build(CARD, KEY)
    assert KEY.seed not in raw
    assert len(raw) < 1200
