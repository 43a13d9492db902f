"""consent.md CO-3: versions of one consent in the order of the log."""

from __future__ import annotations

from dataclasses import replace

import pytest

from messaging.referral.clinical import Party
from messaging.referral.patient import Patient
from record_bridge.consent.consent import Consent, Exchange, Limits, Purpose
from record_bridge.consent.series import Version, fold, verify_version
from record_bridge.consent.states import Act, By, State
from record_bridge.errors import RecordError
from record_bridge.record.kinds import Kind

DOCTOR = Party("Dr Aubry")
LIMITS = Limits(frozenset({Kind.LETTER}))


def attested(consent: Consent, time_ms: int = 10, **change: object) -> Version:
    return Version(replace(consent, recorder=DOCTOR, **change), By.PROFESSIONAL, time_ms)  # type: ignore[arg-type]


def signed(consent: Consent, time_ms: int = 10, **change: object) -> Version:
    return Version(replace(consent, recorder=None, **change), By.PATIENT, time_ms)  # type: ignore[arg-type]


def refused(*versions: Version) -> tuple[str, ...]:
    return tuple(reason for _, reason in fold(versions).refused)


def test_co_3_1_the_last_version_that_counts_is_the_consent(consent: Consent) -> None:
    first, second = attested(consent), signed(consent, state=State.LIMITED, limits=LIMITS)
    series = fold([first, second, attested(consent, state=State.WITHDRAWN)])
    assert series.current.consent.state is State.WITHDRAWN
    assert series.refused == ()


def test_co_3_1_a_professional_does_not_lift_a_signed_opposition(consent: Consent) -> None:
    series = fold([attested(consent), signed(consent, state=State.OPPOSED), attested(consent)])
    assert series.standing.state is State.OPPOSED
    assert [reason for _, reason in series.refused] == ["consent-patient-only"]


def test_co_3_1_what_was_withdrawn_stays_withdrawn(consent: Consent) -> None:
    assert refused(attested(consent), attested(consent, state=State.WITHDRAWN), signed(consent)) == ("consent-final",)


def test_co_3_2_the_signature_decides_who_spoke(consent: Consent) -> None:
    posing = Version(replace(consent, recorder=None), By.PROFESSIONAL, 10)
    with pytest.raises(RecordError, match="consent-signer-wrong"):
        fold([posing])
    assert refused(attested(consent), posing) == ("consent-signer-wrong",)


def test_co_3_3_a_version_about_something_else_is_none(consent: Consent, patient: Patient) -> None:
    other = replace(patient, traits=replace(patient.traits, birth_name="AUTRE"))
    for change in (
        {"series": b"S" * 16},
        {"record": b"R" * 16},
        {"scope": Exchange(b"C" * 16)},
        {"patient": other},
    ):
        withdrawn = attested(consent, state=State.WITHDRAWN, **change)
        assert refused(attested(consent), withdrawn) == ("consent-series-broken",), change


def test_co_3_3_an_identity_may_gain_its_number(consent: Consent, patient: Patient) -> None:
    before = attested(consent, patient=replace(patient, ins=None))
    assert refused(before, attested(consent, state=State.LIMITED, limits=LIMITS)) == ()


def test_co_3_4_a_professional_adds_limits_to_what_the_patient_signed_and_nothing_else(consent: Consent) -> None:
    scope = Exchange(b"c" * 16, (), 1000)
    first = signed(consent, scope=scope)
    limited = {"state": State.LIMITED, "limits": LIMITS}
    assert refused(first, attested(consent, scope=scope, **limited)) == ()
    later = attested(consent, scope=replace(scope, end_ms=2000), **limited)
    assert refused(first, later) == ("consent-patient-only",)
    wider = attested(consent, scope=scope, purposes=frozenset(Purpose), **limited)
    assert refused(first, wider) == ("consent-patient-only",)


def test_co_3_5_a_later_end_is_a_renewal_and_only_before_the_end(consent: Consent) -> None:
    first = attested(consent, scope=Exchange(b"c" * 16, (), 1000))
    longer = replace(consent, scope=Exchange(b"c" * 16, (), 2000))
    assert verify_version(first, attested(longer, time_ms=999)) is Act.RENEW
    assert refused(first, attested(longer, time_ms=1000)) == ("consent-final",)


def test_co_3_5_an_expiry_may_be_written_down_once_its_date_has_passed(consent: Consent) -> None:
    scope = Exchange(b"c" * 16, (), 1000)
    first = signed(consent, scope=scope)
    assert refused(first, attested(consent, 1000, scope=scope, state=State.EXPIRED)) == ()
    assert refused(first, attested(consent, 999, scope=scope, state=State.EXPIRED)) == ("consent-illegal-transition",)


def test_no_version_is_no_consent() -> None:
    with pytest.raises(RecordError, match="consent-missing"):
        fold([])
