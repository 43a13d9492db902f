"""A fictive patient and a consent about him."""

from __future__ import annotations

import datetime

import pytest

from directory.identity.ins import OID_TEST, Sex, StrictTraits, parse_ins
from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from record_bridge.consent.consent import Consent, Exchange
from record_bridge.consent.states import State


@pytest.fixture
def patient() -> Patient:
    return Patient(
        StrictTraits("PAT-TROIS", "DOMINIQUE MARIE-LOUISE", datetime.date(1979, 3, 28), Sex.FEMALE, "51215"),
        parse_ins("279035121518989", OID_TEST),
    )


@pytest.fixture
def consent(patient: Patient) -> Consent:
    return Consent(
        series=b"s" * 16,
        state=State.ACTIVE,
        scope=Exchange(b"c" * 16, (b"t" * 16,)),
        patient=patient,
        record=b"r" * 16,
        recorder=Party("Dr Aubry", "10000000007"),
        recorded_ms=1_795_000_000_000,
    )
