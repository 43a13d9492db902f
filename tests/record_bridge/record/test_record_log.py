"""record.md RD-5: the patient's log, a line a fact, in words."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from confrere.words.catalogue import LANGUAGES, words
from messaging.referral.clinical import Party
from messaging.wire.access import Purpose
from record_bridge.consent.states import By, State
from record_bridge.record.classes import RecordClass
from record_bridge.record.log import (
    HOUR,
    Access,
    Consented,
    Fact,
    Filed,
    Filing,
    LogAct,
    Mandate,
    Moved,
    Noticed,
    Who,
    fold,
)
from record_bridge.record.notice import About, Notice, NoticeAct, Reference

GP, CARDIOLOGIST = Who("Dr Aubry", b"g" * 16), Who("Dr Teissier", b"c" * 16)
SERIES = b"s" * 16
READ = Access(1000, CARDIOLOGIST, Purpose.EXCHANGE, (RecordClass.COMMON,), "Bilan rénal")


def notice(act: NoticeAct, time_ms: int = 500, *references: Reference) -> Noticed:
    return Noticed(time_ms, Notice(act, Party("Dr Aubry"), Party("Dr Teissier"), time_ms, tuple(references)), b"g" * 16)


ALL: tuple[Fact, ...] = (
    READ,
    *(notice(act, 600 + n) for n, act in enumerate(NoticeAct)),
    *(Filing(700 + n, GP, "Avis", filed, b"f" * 16, By.PATIENT) for n, filed in enumerate(Filed)),
    *(Consented(800 + n, GP, state, b"z" * 16, By.PROFESSIONAL, "cet échange") for n, state in enumerate(State)),
    Mandate(900, GP, CARDIOLOGIST, (RecordClass.COMMON,)),
    Mandate(901, GP, CARDIOLOGIST, (RecordClass.COMMON,), ended=True),
    Moved(902, GP, "Note", RecordClass.COMMON, RecordClass.MASKED),
    Moved(903, GP, "Note", RecordClass.MASKED, RecordClass.COMMON),
    Moved(904, GP, "Note", RecordClass.ANNOUNCEMENT, RecordClass.COMMON),
)


def test_rd_5_1_a_line_a_fact_the_newest_first_in_any_order_of_arrival() -> None:
    expected = fold(ALL)
    assert len(expected) == len(ALL)
    assert [line.time_ms for line in expected] == sorted((fact.time_ms for fact in ALL), reverse=True)
    shuffled = list(ALL) * 2
    random.Random(1).shuffle(shuffled)
    assert fold(shuffled) == expected
    assert {line.act for line in expected} == set(LogAct)


def test_rd_5_1_who_read_what_and_why() -> None:
    (line,) = fold([READ])
    assert (line.who, line.titles, line.classes) == (CARDIOLOGIST, ("Bilan rénal",), (RecordClass.COMMON,))
    assert (line.act, line.why, line.count) == (LogAct.READ, "record-purpose-exchange", 1)


def test_rd_5_1_what_was_filed_on_which_consent_and_whose_word_it_is() -> None:
    for basis, word in ((By.PATIENT, "consent-basis-signed"), (By.PROFESSIONAL, "consent-basis-attested")):
        (line,) = fold([Filing(1, GP, "Avis", Filed.ACCEPTED, SERIES, basis)])
        assert (line.who, line.titles, line.consent, line.basis) == (GP, ("Avis",), SERIES, word)


def test_rd_5_1_who_asked_whom() -> None:
    (line,) = fold([notice(NoticeAct.ASKED)])
    assert line.whom
    assert (line.who.name, line.who.account, line.whom.name) == ("Dr Aubry", b"g" * 16, "Dr Teissier")


def test_rd_5_2_readings_within_an_hour_are_one_line_with_everything_in_it() -> None:
    again = replace(READ, time_ms=1000 + HOUR - 1, title="Synthèse", classes=(RecordClass.EMERGENCY,))
    later = replace(READ, time_ms=1000 + HOUR)
    last, first = fold([later, again, READ])
    assert (first.count, first.titles, first.until_ms) == (2, ("Bilan rénal", "Synthèse"), 1000 + HOUR - 1)
    assert first.classes == (RecordClass.COMMON, RecordClass.EMERGENCY)
    assert (last.count, last.time_ms) == (1, 1000 + HOUR)


def test_rd_5_2_another_reader_purpose_or_behalf_is_another_line() -> None:
    others = [
        replace(READ, reader=GP),
        replace(READ, purpose=Purpose.EMERGENCY),
        replace(READ, on_behalf="Cabinet des Tilleuls"),
    ]
    assert len(fold([READ, *others])) == 4


def test_rd_5_2_an_endless_reader_does_not_slide_the_hour() -> None:
    facts = [replace(READ, time_ms=n * HOUR // 2) for n in range(1, 9)]
    assert [line.count for line in fold(facts)] == [2, 2, 2, 2]


def test_rd_5_3_a_notice_does_not_repeat_what_an_entry_proves() -> None:
    told = notice(NoticeAct.CONSENT_RECORDED, 500, Reference(About.SERIES, SERIES))
    entry = Consented(400, GP, State.ACTIVE, SERIES, By.PROFESSIONAL)
    assert [line.consent for line in fold([told, entry])] == [SERIES]
    assert len(fold([told])) == 1
    assert len(fold([told, replace(entry, consent=b"o" * 16)])) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_rd_5_4_every_line_has_a_sentence_and_the_log_says_what_it_does_not_show(language: object) -> None:
    said = words(language, strict=True)  # type: ignore[arg-type]
    facts = {"who": "A", "whom": "B", "what": "C", "why": "D", "basis": "E", "count": 2}
    for act in LogAct:
        assert said.say(f"record-log-{act.value}", **facts)
    for purpose in Purpose:
        assert said.say(f"record-purpose-{purpose.name.lower()}")
    assert said.say("record-log-limits")
