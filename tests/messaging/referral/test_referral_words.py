"""Every word id that this room can ask for exists in both languages."""

from __future__ import annotations

import pytest

from confrere.words.catalogue import LANGUAGES, Language, Words
from messaging.referral.case import CaseEvent, fold
from messaging.referral.clinical import AppointmentStatus, Kind, Reason
from messaging.referral.states import Act, Side
from messaging.referral.turn import Phase, Turn, turn_words
from messaging.referral.urgency import Urgency, UrgencyPolicy, advice

FACTS: dict[str, dict[str, str | int]] = {
    "patient-unreadable": {"clause": "Patient.name"},
    "patient-ins-malformed": {"clause": "matricule"},
    "patient-ins-key-wrong": {},
    "patient-traits-missing": {"trait": "birth-name", "others": 2, "traits": "x"},
    "clinical-body-malformed": {"clause": "Task"},
    "referral-not-your-turn": {},
    "referral-illegal-transition": {},
    "referral-other-case": {},
    "referral-settings-invalid": {"setting": "x"},
    "document-unsafe": {"clause": "dtd"},
    "document-other-patient": {"trait": "ins"},
    "document-patient-unproven": {},
    "notice-malformed": {"field": "link"},
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_exist_for_every_id(language: Language, policy: UrgencyPolicy) -> None:
    words = Words(language, strict=True)
    ids = {f"referral-act-{act.value}" for act in Act}
    ids |= {f"referral-act-appointment-{status.value}" for status in AppointmentStatus}
    ids |= {f"referral-kind-{kind.value}" for kind in Kind}
    ids |= {f"referral-reason-{reason.value}" for reason in Reason}
    ids |= {phase.words for phase in Phase}
    ids |= {turn_words(turn, side) for turn in Turn for side in Side}
    ids |= {f"urgency-{urgency.value}" for urgency in Urgency}
    ids |= {"patient-ins-fictive", "patient-ins-key-doubtful", "patient-without-ins", "patient-birth-place-missing"}
    for word in sorted(ids):
        assert words.say(word)
    for error, facts in FACTS.items():
        assert words.say(f"error-{error}", **facts)
    for urgency in Urgency:
        told = advice(policy, urgency, "01 99 00 00 00")
        assert words.say(told.words, **told.facts)


@pytest.mark.parametrize(("language", "never"), [("fr", "ne remplace pas un appel"), ("en", "does not replace a call")])
def test_the_highest_level_says_15_the_telephone_and_that_it_is_no_call(
    language: Language, never: str, policy: UrgencyPolicy
) -> None:
    told = advice(policy, Urgency.STAT, "01 99 00 00 00")
    said = Words(language, strict=True).say(told.words, **told.facts)
    assert "01 99 00 00 00" in said
    assert " 15 " in said
    assert never in said


def test_missing_traits_are_said_in_words() -> None:
    say = Words("fr", strict=True).say
    one = say("error-patient-traits-missing", trait="birth-date", others=0, traits="")
    assert "il manque la date de naissance. " in one
    assert "et 2 autres traits" in say("error-patient-traits-missing", trait="sex", others=2, traits="")


def test_an_empty_case_is_the_requesters_to_send(case: bytes) -> None:
    events: list[CaseEvent] = []
    assert fold(case, events).phase is Phase.UNSENT
