"""referral.md RF-3: urgency levels, their delays and the telephone."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from messaging.errors import MessagingError
from messaging.referral.document_types import read_document_types
from messaging.referral.urgency import Urgency, UrgencyPolicy, advice, due, read_policy, remind

CONFIG = Path(__file__).parents[3] / "config"
HOUR = 3_600_000


def settings(name: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / name).read_text(encoding="utf-8"))


def test_a_more_urgent_level_is_due_sooner(policy: UrgencyPolicy) -> None:
    waits = [due(policy, urgency, 0) for urgency in Urgency]
    assert waits == sorted(waits, reverse=True)
    assert due(policy, Urgency.URGENT, 5) == 72 * HOUR + 5
    assert all(0 < remind(policy, urgency, 0) <= due(policy, urgency, 0) for urgency in Urgency)


def test_the_highest_level_shows_the_telephone_and_15_and_asks(policy: UrgencyPolicy) -> None:
    told = advice(policy, Urgency.STAT, "01 99 00 00 00")
    assert (told.words, told.blocking) == ("urgency-call-first", True)
    assert (told.facts["telephone"], told.facts["emergency"]) == ("01 99 00 00 00", "15")
    assert advice(policy, Urgency.STAT).words == "urgency-call-first-no-telephone"


def test_the_other_levels_show_their_delay(policy: UrgencyPolicy) -> None:
    told = advice(policy, Urgency.ROUTINE, "01 99 00 00 00")
    assert (told.words, told.blocking, told.facts["days"]) == ("urgency-routine-expected", False, 14)
    assert "telephone" not in told.facts


@pytest.mark.parametrize(
    ("path", "value", "setting"),
    [
        (("emergency_number",), "quinze", "emergency_number"),
        (("emergency_number",), 15, "emergency_number"),
        (("asap",), None, "asap"),
        (("urgent", "answer_hours"), 0, "urgent.answer_hours"),
        (("urgent", "answer_hours"), True, "urgent.answer_hours"),
        (("urgent", "answer_hours"), "72", "urgent.answer_hours"),
        (("asap", "answer_hours"), 400, "asap.answer_hours"),
        (("routine", "remind_hours"), 10**9, "routine.remind_hours"),
        (("stat", "call_first"), False, "stat.call_first"),
        (("stat", "call_first"), "yes", "stat.call_first"),
    ],
)
def test_a_wrong_setting_is_named(path: tuple[str, ...], value: object, setting: str) -> None:
    table = copy.deepcopy(settings("urgency.toml"))
    (table if len(path) == 1 else table[path[0]])[path[-1]] = value
    with pytest.raises(MessagingError) as refused:
        read_policy(table)
    assert (refused.value.id, refused.value.facts["setting"]) == ("referral-settings-invalid", setting)


def test_document_types_have_a_code_and_both_labels() -> None:
    types = read_document_types(settings("document_types.toml"))
    assert {"laboratory": "11502-2", "letter": "96349-6"}.items() <= {t.name: t.code for t in types}.items()
    assert all(set(kind.labels) == {"fr", "en"} for kind in types)
    for broken in ({"x": {"loinc": "1-8", "fr": "X"}}, {"x": 3}):
        with pytest.raises(MessagingError, match="referral-settings-invalid"):
            read_document_types(broken)
