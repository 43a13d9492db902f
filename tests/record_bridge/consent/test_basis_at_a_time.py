"""Whose word it was when something was filed: a later signature of the patient makes no earlier attestation his."""

from __future__ import annotations

from dataclasses import replace

from record_bridge.client.consents import KnownConsent, Opened
from record_bridge.client.facts import basis_at
from record_bridge.consent.consent import Consent
from record_bridge.consent.series import Version, fold
from record_bridge.consent.states import By, State


def test_what_was_filed_on_an_attestation_is_never_said_to_be_signed(consent: Consent) -> None:
    attested = Version(replace(consent, state=State.ACTIVE), By.PROFESSIONAL, 10)
    signed = Version(replace(consent, state=State.ACTIVE, recorder=None), By.PATIENT, 20)
    opened = tuple(Opened(b"e", b"b", b"s", b"a", version) for version in (attested, signed))
    known = KnownConsent(consent.series, opened, fold((attested, signed)))
    assert known.current.by is By.PATIENT
    assert [basis_at(known, time) for time in (5, 10, 19, 20, 99)] == [*[By.PROFESSIONAL] * 3, *[By.PATIENT] * 2]
