"""consent.md CO-2: the transition table, by every act of everybody from every standing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from record_bridge.consent.states import FINAL, TRANSITIONS, Act, By, Standing, State, permitted, step
from record_bridge.errors import RecordError

SPEAKERS = (By.PATIENT, By.PROFESSIONAL)


def reachable() -> set[Standing | None]:
    found: set[Standing | None] = {None}
    while True:
        grown = found | {Standing(state, by) for (at, by, _), state in TRANSITIONS.items() if at in found}
        if grown == found:
            return found
        found = grown


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(RecordError) as refused:
        call()
    return refused.value.id


def test_co_2_1_every_standing_of_the_table_can_be_reached_and_every_state_is_in_it() -> None:
    assert {standing for standing, _, _ in TRANSITIONS} <= reachable()
    assert {standing.state for standing in reachable() if standing} == set(State)


def test_co_2_1_one_action_suffices_for_either_way() -> None:
    assert step(None, By.PROFESSIONAL, Act.AGREE) == Standing(State.ACTIVE, By.PROFESSIONAL)
    assert step(None, By.PATIENT, Act.AGREE) == Standing(State.ACTIVE, By.PATIENT)


@pytest.mark.parametrize("act", [Act.WITHDRAW, Act.OPPOSE])
def test_co_2_2_everybody_who_speaks_for_the_patient_closes_whatever_is_live(act: Act) -> None:
    for standing in reachable():
        if standing and standing.state in (State.PROPOSED, State.ACTIVE, State.LIMITED):
            for by in SPEAKERS:
                assert step(standing, by, act).state in (State.WITHDRAWN, State.OPPOSED)


@pytest.mark.parametrize("state", [State.OPPOSED, State.LIMITED])
def test_co_2_3_only_the_patient_opens_wider_what_he_signed(state: State) -> None:
    for act in (Act.AGREE, Act.LIMIT):
        signed = Standing(state, By.PATIENT)
        assert refusal(lambda s=signed, a=act: step(s, By.PROFESSIONAL, a)) == "consent-patient-only"
        assert step(signed, By.PATIENT, act).by is By.PATIENT
        assert step(Standing(state, By.PROFESSIONAL), By.PROFESSIONAL, act).by is By.PROFESSIONAL


def test_co_2_3_a_professional_does_not_prolong_what_the_patient_signed() -> None:
    signed = Standing(State.ACTIVE, By.PATIENT)
    assert refusal(lambda: step(signed, By.PROFESSIONAL, Act.RENEW)) == "consent-patient-only"
    assert step(signed, By.PATIENT, Act.RENEW) == signed


def test_co_2_3_the_patient_makes_an_attested_opposition_his_own() -> None:
    noted = step(None, By.PROFESSIONAL, Act.OPPOSE)
    own = step(noted, By.PATIENT, Act.OPPOSE)
    assert refusal(lambda: step(own, By.PROFESSIONAL, Act.AGREE)) == "consent-patient-only"


def test_co_2_4_an_end_is_final_for_the_series() -> None:
    for state in FINAL:
        for by in By:
            assert permitted(Standing(state, by), by) == ()
            assert refusal(lambda state=state, by=by: step(Standing(state, by), by, Act.AGREE)) == "consent-final"


def test_co_2_5_only_time_expires_and_time_does_nothing_else() -> None:
    assert {act for _, by, act in TRANSITIONS if by is By.TIME} == {Act.EXPIRE}
    assert {by for _, by, act in TRANSITIONS if act is Act.EXPIRE} == {By.TIME}


def test_co_2_1_what_is_not_in_the_table_is_refused_with_a_reason() -> None:
    for standing in reachable():
        for by in By:
            for act in Act:
                if (standing, by, act) not in TRANSITIONS:
                    assert refusal(lambda s=standing, b=by, a=act: step(s, b, a)) in {
                        "consent-final",
                        "consent-patient-only",
                        "consent-illegal-transition",
                    }


def test_menus_name_what_is_permitted() -> None:
    assert permitted(None, By.PROFESSIONAL) == (Act.PROPOSE, Act.AGREE, Act.LIMIT, Act.OPPOSE)
    assert permitted(None, By.PATIENT) == (Act.AGREE, Act.LIMIT, Act.OPPOSE)
    assert permitted(Standing(State.OPPOSED, By.PATIENT), By.PROFESSIONAL) == ()
