"""referral.md RF-1.4: the INS datamatrix as a scanner types it."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.errors import Refusal
from messaging.referral.datamatrix import GS, from_datamatrix, looks_like_datamatrix, to_datamatrix
from messaging.referral.patient import from_fhir

HEADER = "IS01" + "0" * 22
SCANNED = (
    f"{HEADER}S1279035121518989S21.2.250.1.213.1.4.10S3DOMINIQUE MARIE-LOUISE{GS}S4PAT-TROIS{GS}S5FS628-03-1979S751215"
)


def test_scanned_string_gives_the_same_patient_as_fhir(resource: dict[str, Any]) -> None:
    resource["name"].pop(0)
    assert from_datamatrix(SCANNED) == from_fhir(json.dumps(resource).encode())


@pytest.mark.parametrize("written", ["<GS>", "[GS]", "<gs>", "\\x1d", "\\u001d", "␝"])
def test_separator_written_as_text_is_tolerated(written: str) -> None:
    assert from_datamatrix(f"]d2{SCANNED.replace(GS, written)}\r\n") == from_datamatrix(SCANNED)


def test_printed_code_is_the_scanned_string() -> None:
    assert to_datamatrix(from_datamatrix(SCANNED)) == SCANNED
    assert looks_like_datamatrix(SCANNED)
    assert not looks_like_datamatrix('{"resourceType":"Patient"}')


def test_separator_after_a_field_of_greatest_length_is_tolerated() -> None:
    assert from_datamatrix(SCANNED.replace(".4.10S3", f".4.10{GS}S3")) == from_datamatrix(SCANNED)


def test_separator_after_every_field_and_any_order_are_tolerated() -> None:
    body = SCANNED.removeprefix(HEADER)
    assert from_datamatrix(HEADER + "S751215" + GS + body.removesuffix("S751215")) == from_datamatrix(SCANNED)


def test_absent_birth_place_is_a_warning() -> None:
    assert "patient-birth-place-missing" in from_datamatrix(SCANNED.removesuffix("S751215")).warnings


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "patient-unreadable"),
        (SCANNED.replace("IS01", "IS02"), "patient-unreadable"),
        (HEADER, "patient-unreadable"),
        (SCANNED.replace(GS, ""), "patient-unreadable"),
        (SCANNED + "S751215", "patient-unreadable"),
        (SCANNED + "S9X", "patient-unreadable"),
        (SCANNED + "\x00", "patient-unreadable"),
        (SCANNED.removesuffix("5"), "patient-unreadable"),
        (SCANNED.replace("28-03-1979", "03-28-1979"), "patient-traits-missing"),
        (SCANNED.replace("S5F", "S5X"), "patient-traits-missing"),
        (SCANNED.replace(f"S4PAT-TROIS{GS}", ""), "patient-traits-missing"),
        (SCANNED.replace(".4.10", f".4.2{GS}"), "patient-ins-malformed"),
        (SCANNED.replace(".4.10", f".4.8{GS}").replace("8989", "8988"), "patient-ins-key-wrong"),
    ],
)
def test_broken_code_is_refused(text: str, error: str) -> None:
    with pytest.raises(Refusal) as refused:
        from_datamatrix(text)
    assert refused.value.id == error
    assert "PAT" not in str(refused.value)


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(0, len(SCANNED)))
def test_no_string_crashes_the_reader(noise: str, at: int) -> None:
    with contextlib.suppress(Refusal):
        from_datamatrix(SCANNED[:at] + noise + SCANNED[at:])
