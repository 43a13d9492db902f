"""referral.md RF-4 to RF-6: states, turns and the fold of a case."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.errors import MessagingError
from messaging.referral.case import CaseEvent, CaseState, advance, fold
from messaging.referral.clinical import (
    Answer,
    Appointment,
    AppointmentStatus,
    Body,
    Question,
    ReferralRequest,
    Remark,
    StateChange,
)
from messaging.referral.states import OPEN, TRANSITIONS, Act, BusinessStatus, Side, Status, permitted, step
from messaging.referral.turn import TURNS, Phase, Turn, turn_words
from messaging.referral.urgency import Urgency

CASE = bytes(range(16))
OTHER = bytes(16)
REQUESTER, PERFORMER = Side.REQUESTER, Side.PERFORMER
HOUR = 3_600_000


def change(status: Status, business: BusinessStatus | None = None, due_ms: int | None = None) -> StateChange:
    return StateChange(CASE, status, Urgency.URGENT if status is Status.REQUESTED else None, business, due_ms)


REQUEST = change(Status.REQUESTED, due_ms=99 * HOUR)
RECEIVE, ACCEPT = change(Status.RECEIVED), change(Status.ACCEPTED)
ASK = change(Status.ACCEPTED, BusinessStatus.INFO_REQUESTED)
PROVIDE = change(Status.ACCEPTED, BusinessStatus.INFO_PROVIDED)
COMPLETE, DECLINE, CANCEL = change(Status.COMPLETED), change(Status.REJECTED), change(Status.CANCELLED)
NOTE = change(Status.COMPLETED, BusinessStatus.NOTED)
OFFER = Appointment(CASE, AppointmentStatus.PROPOSED, 10 * HOUR, 11 * HOUR, "Cabinet")


def played(*acts: tuple[Side | None, Body]) -> CaseState:
    return fold(CASE, [CaseEvent(side, "A", body, tick * HOUR, tick) for tick, (side, body) in enumerate(acts)])


def test_a_whole_case_and_whose_turn_it_is(request_body: ReferralRequest) -> None:
    story: list[tuple[Side, Body, Turn]] = [
        (REQUESTER, REQUEST, Turn.PERFORMER),
        (REQUESTER, request_body, Turn.PERFORMER),
        (PERFORMER, RECEIVE, Turn.PERFORMER),
        (PERFORMER, ACCEPT, Turn.PERFORMER),
        (PERFORMER, Question(CASE, "Traitement ?"), Turn.PERFORMER),
        (PERFORMER, ASK, Turn.REQUESTER),
        (REQUESTER, Answer(CASE, "Aucun."), Turn.REQUESTER),
        (REQUESTER, PROVIDE, Turn.PERFORMER),
        (PERFORMER, OFFER, Turn.REQUESTER),
        (REQUESTER, dataclasses.replace(OFFER, status=AppointmentStatus.BOOKED), Turn.PERFORMER),
        (PERFORMER, Answer(CASE, "Rassurant."), Turn.PERFORMER),
        (PERFORMER, COMPLETE, Turn.REQUESTER),
        (PERFORMER, Remark(CASE, "Entre nous."), Turn.REQUESTER),
        (REQUESTER, NOTE, Turn.NOBODY),
    ]
    state = CaseState(CASE)
    for tick, (side, body, turn) in enumerate(story):
        state = advance(state, CaseEvent(side, "A", body, tick * HOUR, tick))
        assert state.turn is turn, body
    assert (state.status, state.phase, state.refused) == (Status.COMPLETED, Phase.CLOSED, ())
    assert (state.urgency, state.request, len(state.answers)) == (Urgency.URGENT, request_body, 1)
    assert state.since_ms == 13 * HOUR


def test_tele_expertise_goes_from_requested_to_answered() -> None:
    assert played((REQUESTER, REQUEST), (PERFORMER, COMPLETE)).phase is Phase.ANSWERED


@pytest.mark.parametrize(
    ("acts", "error"),
    [
        (((PERFORMER, REQUEST),), "referral-not-your-turn"),
        (((REQUESTER, ACCEPT),), "referral-illegal-transition"),
        (((REQUESTER, REQUEST), (REQUESTER, ACCEPT)), "referral-not-your-turn"),
        (((REQUESTER, REQUEST), (REQUESTER, COMPLETE)), "referral-not-your-turn"),
        (((REQUESTER, REQUEST), (PERFORMER, CANCEL)), "referral-not-your-turn"),
        (((REQUESTER, REQUEST), (REQUESTER, REQUEST)), "referral-illegal-transition"),
        (((REQUESTER, REQUEST), (REQUESTER, CANCEL), (PERFORMER, ACCEPT)), "referral-illegal-transition"),
        (((REQUESTER, REQUEST), (PERFORMER, COMPLETE), (REQUESTER, CANCEL)), "referral-illegal-transition"),
        (((REQUESTER, REQUEST), (PERFORMER, COMPLETE), (PERFORMER, NOTE)), "referral-not-your-turn"),
        (
            ((REQUESTER, REQUEST), (PERFORMER, COMPLETE), (REQUESTER, NOTE), (REQUESTER, NOTE)),
            "referral-illegal-transition",
        ),
        (((REQUESTER, REQUEST), (None, ACCEPT)), "referral-not-your-turn"),
        (((REQUESTER, REQUEST), (PERFORMER, StateChange(OTHER, Status.ACCEPTED))), "referral-other-case"),
        (((PERFORMER, OFFER),), "referral-illegal-transition"),
        (
            ((REQUESTER, REQUEST), (REQUESTER, dataclasses.replace(OFFER, status=AppointmentStatus.BOOKED))),
            "referral-illegal-transition",
        ),
        (
            (
                (REQUESTER, REQUEST),
                (PERFORMER, OFFER),
                (REQUESTER, dataclasses.replace(OFFER, status=AppointmentStatus.BOOKED, end_ms=12 * HOUR)),
            ),
            "referral-illegal-transition",
        ),
        (
            ((REQUESTER, REQUEST), (PERFORMER, dataclasses.replace(OFFER, status=AppointmentStatus.CANCELLED))),
            "referral-illegal-transition",
        ),
    ],
)
def test_illegal_act_is_shown_and_has_no_effect(acts: tuple[tuple[Side | None, Body], ...], error: str) -> None:
    before, after = played(*acts[:-1]), played(*acts)
    assert [refused.reason for refused in after.refused] == [error]
    assert dataclasses.replace(after, refused=()) == before


def test_two_people_who_act_at_once_do_not_fork_the_case() -> None:
    state = played((REQUESTER, REQUEST), (REQUESTER, CANCEL), (PERFORMER, ACCEPT), (PERFORMER, COMPLETE))
    assert (state.status, len(state.refused)) == (Status.CANCELLED, 2)


def test_a_second_request_text_does_not_replace_the_first(request_body: ReferralRequest) -> None:
    other = dataclasses.replace(request_body, question="Autre")
    state = played((REQUESTER, REQUEST), (REQUESTER, request_body), (REQUESTER, other), (PERFORMER, other))
    assert state.request == request_body
    assert [refused.act for refused in state.refused] == ["referral-request"] * 2


def test_a_follow_up_question_reopens_the_case() -> None:
    again = change(Status.IN_PROGRESS, BusinessStatus.INFO_REQUESTED)
    state = played((REQUESTER, REQUEST), (PERFORMER, COMPLETE), (REQUESTER, NOTE), (REQUESTER, again))
    assert (state.status, state.turn, state.noted) == (Status.IN_PROGRESS, Turn.PERFORMER, False)
    reopened = played((REQUESTER, REQUEST), (PERFORMER, ASK), (PERFORMER, COMPLETE), (REQUESTER, again))
    assert reopened.phase is Phase.IN_PROGRESS  # what was asked before the answer is not asked any more


def test_the_requester_cannot_book_the_slot_that_the_requester_wished() -> None:
    booked = dataclasses.replace(OFFER, status=AppointmentStatus.BOOKED)
    wished = played((REQUESTER, REQUEST), (REQUESTER, OFFER), (REQUESTER, booked))
    assert (wished.phase, wished.turn, len(wished.refused)) == (Phase.SLOT_WISHED, Turn.PERFORMER, 1)
    assert played((REQUESTER, REQUEST), (REQUESTER, OFFER), (PERFORMER, booked)).appointment == booked


def test_an_overdue_case_is_overdue_for_whoever_has_the_turn() -> None:
    state = played((REQUESTER, REQUEST), (PERFORMER, ACCEPT))
    assert state.due_ms == 99 * HOUR
    assert not state.overdue(99 * HOUR)
    assert state.overdue(99 * HOUR + 1)
    assert not played((REQUESTER, REQUEST), (PERFORMER, COMPLETE)).overdue(10**15)


def test_every_phase_has_a_turn_and_every_status_a_way_in_and_its_acts() -> None:
    assert TURNS.keys() == set(Phase)
    assert set(TRANSITIONS.values()) == set(Status)
    assert {act for _, _, act in TRANSITIONS} == set(Act)
    for status, side, act in TRANSITIONS:
        assert act in permitted(status, side)
    assert permitted(Status.CANCELLED, REQUESTER) == permitted(Status.CANCELLED, PERFORMER) == ()


def test_an_open_case_always_has_somebody_who_can_move_it() -> None:
    for phase, turn in TURNS.items():
        if turn is Turn.NOBODY:
            continue
        status = {Phase.UNSENT: None, Phase.ANSWERED: Status.COMPLETED, Phase.DECLINED: Status.REJECTED}.get(
            phase, Status.ACCEPTED
        )
        assert permitted(status, Side(turn.value))


def test_turn_words_depend_on_who_reads() -> None:
    assert turn_words(Turn.REQUESTER, REQUESTER) == "referral-turn-yours"
    assert turn_words(Turn.REQUESTER, PERFORMER) == "referral-turn-theirs"
    assert turn_words(Turn.NOBODY, PERFORMER) == "referral-turn-nobody"


def test_step_refuses_with_the_act_and_nothing_else() -> None:
    with pytest.raises(MessagingError) as refused:
        step(Status.CANCELLED, PERFORMER, Act.ACCEPT)
    assert refused.value.facts == {"act": "accept"}


TIMES = st.integers(0, 5).map(lambda n: n * HOUR)
CASES = st.sampled_from((CASE, CASE, CASE, OTHER))
BODIES = st.one_of(
    st.builds(
        StateChange,
        CASES,
        st.sampled_from(Status),
        st.none() | st.sampled_from(Urgency),
        st.none() | st.sampled_from(BusinessStatus),
        st.none() | TIMES,
    ),
    st.builds(lambda c, s, t: Appointment(c, s, t, t + HOUR), CASES, st.sampled_from(AppointmentStatus), TIMES),
    st.builds(Question, CASES, st.just("?")),
    st.builds(Answer, CASES, st.just("!")),
    st.builds(Remark, CASES, st.just(".")),
)
EVENTS = st.lists(st.tuples(st.none() | st.sampled_from(Side), BODIES, TIMES), max_size=14).map(
    lambda acts: [CaseEvent(side, "A", body, time, tick) for tick, (side, body, time) in enumerate(acts)]
)


@settings(deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
def test_fold_is_deterministic_whatever_the_order_of_arrival(events: list[CaseEvent], shuffler: object) -> None:
    arrived = list(events)
    shuffler.shuffle(arrived)  # type: ignore[attr-defined]
    assert fold(CASE, arrived) == fold(CASE, events)


@settings(deadline=None)
@given(EVENTS)
def test_fold_of_a_longer_log_extends_the_shorter_one(events: list[CaseEvent]) -> None:
    for length in range(len(events)):
        shorter, longer = fold(CASE, events[:length]), fold(CASE, events[: length + 1])
        assert longer == advance(shorter, events[length])
        assert longer.refused[: len(shorter.refused)] == shorter.refused
        if len(longer.refused) > len(shorter.refused):
            assert dataclasses.replace(longer, refused=shorter.refused) == shorter


@settings(deadline=None)
@given(EVENTS)
def test_the_secretary_sees_the_same_turn_as_the_doctor(events: list[CaseEvent]) -> None:
    def logistics(state: CaseState) -> CaseState:
        return dataclasses.replace(state, request=None, answers=(), refused=())

    class_0 = [event for event in events if 0 in event.body.classes]
    assert logistics(fold(CASE, class_0)) == logistics(fold(CASE, events))


def test_specification_and_code_have_the_same_transitions() -> None:
    """RF-4: the table of the chapter is the table of the code."""
    chapter = (Path(__file__).parents[3] / "docs" / "spec" / "referral.md").read_text(encoding="utf-8")
    section = chapter.partition("## RF-4")[2].partition("## RF-5")[0]
    rows = [re.sub(r"\(.*?\)|, once", "", line).strip("| ").split("|") for line in section.splitlines() if "|" in line]
    written: set[tuple[str, str, str, str]] = set()
    for act, side, before, after in ([cell.strip() for cell in row] for row in rows[2:]):
        states = [status.value for status in OPEN] if before == "any open one" else before.split(", ")
        written |= {(act.replace(" ", "-"), side, state, state if after == "the same" else after) for state in states}
    coded = {
        (act.value, side.value, before.value if before else "", after.value)
        for (before, side, act), after in TRANSITIONS.items()
    }
    assert written == coded
