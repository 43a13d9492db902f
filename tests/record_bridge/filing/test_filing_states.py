"""The one table of the filing machine (docs/spec/filing.md FI-1)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record_bridge.errors import RecordError
from record_bridge.filing.states import FINAL, LEFT, OPEN, TRANSITIONS, Act, State, overall, permitted, step

SPEC = Path(__file__).parents[3] / "docs/spec/filing.md"


def test_fi_1_1_the_table_of_the_specification_is_the_codes() -> None:
    row = r"^\| ([a-z-]+) \| ([a-z, -]+|\(nothing\)) \| ([a-z-]+) \|$"
    rows = re.findall(row, SPEC.read_text(encoding="utf-8"), re.MULTILINE)
    written = {
        (None if before == "(nothing)" else State(before), Act(act)): State(after)
        for act, befores, after in rows
        if act in set(Act)
        for before in befores.split(", ")
    }
    assert written == dict(TRANSITIONS)


@pytest.mark.parametrize(("before", "act"), list(itertools.product((None, *State), Act)))
def test_fi_1_1_a_step_follows_the_table_or_is_refused(before: State | None, act: Act) -> None:
    if (before, act) in TRANSITIONS:
        assert step(before, act) is TRANSITIONS[before, act]
        assert act in permitted(before)
    else:
        with pytest.raises(RecordError, match="filing-illegal-transition"):
            step(before, act)


def test_fi_1_2_what_is_final_owes_nothing() -> None:
    assert {State.REJECTED, State.WITHDRAWN} == FINAL
    assert OPEN.isdisjoint(FINAL)
    assert OPEN | FINAL | {State.ACCEPTED} == set(State)


@given(st.lists(st.sampled_from(list(Act)), max_size=30))
def test_fi_1_3_nothing_is_accepted_that_did_not_leave_and_nothing_forgotten_that_may_have(acts: list[Act]) -> None:
    state: State | None = None
    submitted = False
    for act in acts:
        try:
            after = step(state, act)
        except RecordError:
            continue
        submitted = submitted or after is State.SUBMITTED
        assert submitted or after not in LEFT
        assert not (state is State.UNKNOWN and after is State.WITHDRAWN)
        state = after


@pytest.mark.parametrize(
    ("documents", "shown"),
    [
        ((), State.QUEUED),
        ((State.ACCEPTED, State.REJECTED), State.ACCEPTED),
        ((State.ACCEPTED, State.UNKNOWN, State.WITHDRAWN), State.UNKNOWN),
        ((State.WITHDRAWN, State.REJECTED), State.REJECTED),
        ((State.ACCEPTED, State.WAITING_IDENTITY), State.WAITING_IDENTITY),
    ],
)
def test_fi_1_4_a_filing_is_shown_as_its_least_settled_document(documents: tuple[State, ...], shown: State) -> None:
    assert overall(documents) is shown
