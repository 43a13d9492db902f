"""consent.md CO-4: does this consent permit this filing; one reason for each no."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from confrere.words.catalogue import LANGUAGES, words
from directory.identity.ins import OID_TEST, Sex, parse_ins
from messaging.referral.patient import Patient
from record_bridge.consent.consent import Consent, Episode, Exchange, Limits, Purpose, Told
from record_bridge.consent.permits import Target, governing, permits
from record_bridge.consent.same_patient import same_patient
from record_bridge.consent.series import Version
from record_bridge.consent.states import Act, By, State
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass
from record_bridge.record.kinds import Kind

NOW = 1_795_000_500_000
TARGET = Target(b"t" * 16, b"c" * 16)
AUTHOR = b"a" * 16


def ask(consent: Consent | None, patient: Patient, **change: Any) -> str:
    """`yes`, or why not."""
    asked: dict[str, Any] = {
        "record": b"r" * 16,
        "patient": patient,
        "target": TARGET,
        "author_account": AUTHOR,
        "kind": Kind.REPORT,
        "now_ms": NOW,
    }
    try:
        permits(consent, **({"by": By.PROFESSIONAL} | asked | change))
    except RecordError as refused:
        for language in LANGUAGES:
            words(language, strict=True).of(refused)  # every reason can be shown
        return refused.id
    return "yes"


def test_co_4_1_the_exchange_that_was_agreed_to(consent: Consent, patient: Patient) -> None:
    assert ask(consent, patient) == "yes"
    assert ask(None, patient) == "consent-missing"


def test_co_4_1_the_permit_says_which_of_the_two_ways_it_was(consent: Consent, patient: Patient) -> None:
    own = replace(consent, recorder=None)
    for value, by, basis in ((consent, By.PROFESSIONAL, "attested"), (own, By.PATIENT, "signed")):
        permit = permits(
            value,
            by,
            record=b"r" * 16,
            patient=patient,
            target=TARGET,
            author_account=AUTHOR,
            kind=Kind.REPORT,
            now_ms=NOW,
        )
        assert (permit.series, permit.words) == (b"s" * 16, f"consent-basis-{basis}")


def test_co_4_1_a_consent_that_poses_as_the_patients_is_refused(consent: Consent, patient: Patient) -> None:
    assert ask(replace(consent, recorder=None), patient) == "consent-signer-wrong"
    assert ask(consent, patient, by=By.PATIENT) == "consent-signer-wrong"


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (State.PROPOSED, "consent-proposed-only"),
        (State.WITHDRAWN, "consent-withdrawn"),
        (State.EXPIRED, "consent-expired"),
        (State.OPPOSED, "consent-opposed"),
    ],
)
def test_co_4_1_a_state_that_permits_nothing(consent: Consent, patient: Patient, state: State, reason: str) -> None:
    assert ask(replace(consent, state=state), patient) == reason


def test_co_4_1_another_record_or_exchange(consent: Consent, patient: Patient) -> None:
    assert ask(consent, patient, record=b"R" * 16) == "consent-other-record"
    assert ask(consent, patient, target=Target(b"t" * 16, b"C" * 16)) == "consent-other-exchange"
    assert ask(consent, patient, target=Target(b"T" * 16, b"c" * 16)) == "consent-other-exchange"
    whole_case = replace(consent, scope=Exchange(b"c" * 16))
    assert ask(whole_case, patient, target=Target(b"T" * 16, b"c" * 16)) == "yes"
    thread_alone = replace(consent, scope=Exchange(b"", (b"t" * 16,)))
    assert ask(thread_alone, patient) == "yes"


def test_co_4_1_an_episode_is_named_and_has_its_time(consent: Consent, patient: Patient) -> None:
    episode = replace(consent, scope=Episode(b"e" * 16, "Suivi", NOW, NOW + 10))
    named = replace(TARGET, episode=b"e" * 16)
    assert ask(episode, patient) == "consent-other-exchange"
    assert ask(episode, patient, target=named) == "yes"
    assert ask(episode, patient, target=named, now_ms=NOW - 1) == "consent-not-begun"
    assert ask(episode, patient, target=named, now_ms=NOW + 10) == "consent-expired"


def test_co_4_1_limits_and_purposes(consent: Consent, patient: Patient) -> None:
    for limits in (
        Limits(kinds=frozenset({Kind.REPORT})),
        Limits(professionals=frozenset({AUTHOR})),
        Limits(classes=frozenset({RecordClass.COMMON})),
    ):
        assert ask(replace(consent, state=State.LIMITED, limits=limits), patient) == "consent-limited"
    letters = replace(consent, state=State.LIMITED, limits=Limits(kinds=frozenset({Kind.LETTER})))
    assert ask(letters, patient) == "yes"
    assert ask(consent, patient, purpose=Purpose.SHARING) == "consent-other-purpose"


def test_co_4_2_another_patient(consent: Consent, patient: Patient) -> None:
    traits = patient.traits
    other_number = parse_ins("277076322082910", OID_TEST)
    for other in (
        replace(patient, ins=other_number),
        replace(patient, traits=replace(traits, birth_name="AUTRE")),
        replace(patient, traits=replace(traits, birth_date=datetime.date(1979, 3, 29))),
        replace(patient, traits=replace(traits, sex=Sex.MALE)),
        replace(patient, ins=None, traits=replace(traits, birth_given_names="JUMELLE")),
        replace(patient, ins=None, traits=replace(traits, birth_place="75056")),
    ):
        assert ask(consent, other) == "consent-other-patient"


def test_co_4_2_the_same_patient_written_otherwise(consent: Consent, patient: Patient) -> None:
    traits = patient.traits
    for same in (
        replace(patient, ins=None),
        replace(patient, usual_name="MARTIN"),
        replace(patient, traits=replace(traits, birth_name="Pat Trois", birth_given_names="Dominique")),
        replace(patient, traits=replace(traits, sex=Sex.UNKNOWN)),
        replace(patient, traits=replace(traits, birth_given_names="MARIE-LOUISE")),  # the number holds it together
    ):
        assert same_patient(same, patient)
        assert same_patient(patient, same)
        assert ask(consent, same) == "yes"


def test_co_4_3_an_opposition_is_not_passed_over_by_a_newer_series(consent: Consent) -> None:
    opposed = Version(replace(consent, state=State.OPPOSED), By.PROFESSIONAL, 1)
    agreed = Version(replace(consent, series=b"n" * 16), By.PROFESSIONAL, 2)
    withdrawn = Version(replace(consent, series=b"w" * 16, state=State.WITHDRAWN), By.PROFESSIONAL, 3)
    elsewhere = Version(replace(consent, scope=Exchange(b"X" * 16)), By.PROFESSIONAL, 4)
    assert governing([opposed, agreed, withdrawn], TARGET, NOW) is opposed
    assert governing([withdrawn, agreed, elsewhere], TARGET, NOW) is agreed
    assert governing([withdrawn, elsewhere], TARGET, NOW) is withdrawn
    assert governing([elsewhere], TARGET, NOW) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_act_purpose_and_sentence_has_its_words(language: Any) -> None:
    said = words(language, strict=True)
    for value in (*State, *Act, *Purpose, *Told):
        assert said.say(value.words)
