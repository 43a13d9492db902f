"""A fictive case: its patient, its parties and its urgency policy."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path

import pytest

from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.referral.clinical import Party, ReferralRequest
from messaging.referral.patient import Patient
from messaging.referral.urgency import Urgency, UrgencyPolicy, read_policy

CASE = bytes(range(16))
PATIENT = Patient(
    StrictTraits("PAT-TROIS", "DOMINIQUE MARIE-LOUISE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215"),
    parse_ins("279035121518989", OID_TEST),
)
CONFIG = Path(__file__).parents[3] / "config"


@pytest.fixture
def case() -> bytes:
    return CASE


@pytest.fixture
def patient() -> Patient:
    return PATIENT


@pytest.fixture
def request_body() -> ReferralRequest:
    return ReferralRequest(
        CASE,
        PATIENT,
        "Dyspnée d'effort depuis trois semaines.\nFaut-il une échographie ?",
        Urgency.URGENT,
        Party("Dr Aubry", "10000000007"),
        Party("Dr Teissier"),
        ("ECG", "Biologie"),
    )


@pytest.fixture
def policy() -> UrgencyPolicy:
    return read_policy(tomllib.loads((CONFIG / "urgency.toml").read_text(encoding="utf-8")))
