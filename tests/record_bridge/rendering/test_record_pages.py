"""Pages of a record: what people wrote is text, nothing comes from elsewhere, and charts say what was measured."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from confrere.commands import record_pages, record_printed
from confrere.words.catalogue import LANGUAGES, Words
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Author, Flag, Item, Result
from record_bridge.record.kinds import Kind
from record_bridge.record.results import Point, ResultSeries, series_over_time
from record_bridge.rendering import record_page
from record_bridge.rendering.charts import HEIGHT, WIDTH, chart
from record_bridge.rendering.claim_sheet import ClaimSheet, claim_page, claim_text
from record_bridge.rendering.record_page import (
    AnswerView,
    ExchangeView,
    LogLineView,
    LogView,
    PatientView,
    RecordView,
    SectionView,
)

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>"
DAY = 86_400_000
CODE = "04E24-05C8D-F58WG-DNDW1-HT8KY-F8MED-9BCJ0-WKQWD-6MHQQ-M"
FR = Words("fr", strict=True)


def item(**changes: object) -> Item:
    author = Author(SCRIPT, SCRIPT, "", SCRIPT)
    plain = Item(bytes(16), RecordClass.MASKED, Kind.NOTE, SCRIPT, author, 10 * DAY, 10 * DAY, SCRIPT)
    return replace(plain, **changes)  # type: ignore[arg-type]


def result(value: str, day: int, flag: Flag = Flag.NONE, unit: str = "mmol/L") -> Result:
    return Result("2823-3", SCRIPT, Decimal(value), unit, Decimal("3.5"), Decimal("5.1"), flag, day * DAY)


def record_view(words: Words) -> RecordView:
    items = [item(results=(result("4.1", 1),)), item(results=(result("6.2", 9, unit="mmol/L"),))]
    lines = tuple(record_pages.line_view(one, {one.thread: (SCRIPT,)}, words) for one in items)
    drawn = record_pages.charts(series_over_time(items), words)
    assert drawn
    return RecordView(SCRIPT, SCRIPT, SCRIPT, (SectionView(SCRIPT, lines, True),), drawn, SCRIPT, SCRIPT)


def pages(words: Words) -> dict[str, str]:
    record = record_view(words)
    answer = AnswerView(SCRIPT, SCRIPT, SCRIPT)
    exchange = ExchangeView(SCRIPT, SCRIPT, SCRIPT, SCRIPT, SCRIPT, True, SCRIPT, (answer,), (SCRIPT,))
    patient = PatientView(SCRIPT, SCRIPT, (SCRIPT,), (exchange,), record, SCRIPT)
    log = LogView(SCRIPT, SCRIPT, ((SCRIPT, (LogLineView(SCRIPT, SCRIPT),)),), SCRIPT, SCRIPT)
    sheet = ClaimSheet(SCRIPT, datetime.date(1950, 1, 2), SCRIPT, datetime.date(2026, 1, 2), CODE)
    return {
        "record": record_page.record_page(record, words.say, words.language),
        "patient": record_page.patient_page(patient, words.say, words.language),
        "log": record_page.log_page(log, words.say, words.language),
        "claim": claim_page(sheet, (FR, words)),
    }


def attributes(page: str) -> set[tuple[str, str]]:
    """Every attribute of every tag, as a browser reads them."""
    found: set[tuple[str, str]] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update((tag, name) for name, _ in attrs)

    Reader().feed(page)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["record", "patient", "log", "claim"])
def test_a_script_in_a_note_or_a_name_is_text_and_does_not_run(language: str, name: str) -> None:
    page = pages(Words(language, strict=True))[name]  # type: ignore[arg-type]
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert [name for _, name in attributes(page) if name.startswith("on")] == []


@pytest.mark.parametrize("name", ["record", "patient", "log", "claim"])
def test_a_page_stands_alone_and_may_load_nothing(name: str) -> None:
    page = pages(FR)[name]
    assert "Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"" in page
    assert {"src", "href", "action", "srcset", "data", "xlink:href"} & {name for _, name in attributes(page)} == set()
    styles = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    assert re.findall(r"url\(|@import|https?:", styles) == []
    assert "@page" in page
    assert "@media print" in page


def test_an_empty_record_a_patient_without_one_and_an_empty_log_have_their_words() -> None:
    record = record_page.record_page(RecordView("A", "B", "C", ()), FR.say, "fr")
    patient = record_page.patient_page(PatientView("A", "B", (), (), None), FR.say, "fr")
    log = record_page.log_page(LogView("A", "B", (), "limites"), FR.say, "fr")
    assert FR.say("record-empty") in record
    assert FR.say("patient-no-record").replace("'", "&#39;") in patient
    assert FR.say("patient-no-exchange") in patient
    assert FR.say("record-log-empty") in log


# --- the sheet ---


def test_the_sheet_is_french_first_then_the_language_asked_for() -> None:
    sheet = ClaimSheet("MARTIN Jeanne", datetime.date(1950, 1, 2), "Dr Morel", datetime.date(2026, 1, 2), CODE)
    english = Words("en", strict=True)
    page = claim_page(sheet, (FR, english))
    assert page.index(FR.say("claim-sheet-title")) < page.index(english.say("claim-sheet-title"))
    assert page.count('class="part"') == 2
    assert claim_page(sheet, (FR,)).count('class="part"') == 1


def test_the_sheet_shows_its_code_in_groups_and_as_a_square_and_says_that_it_opens_nothing() -> None:
    sheet = ClaimSheet("MARTIN Jeanne", datetime.date(1950, 1, 2), "Dr Morel", datetime.date(2026, 1, 2), CODE)
    page, text = claim_page(sheet, (FR,)), claim_text(sheet, FR)
    assert [group for group in CODE.split("-") if f"<td>{group}</td>" not in page] == []
    assert page.count("<svg") == 1
    assert FR.say("claim-sheet-alone").replace("'", "&#39;") in page
    assert CODE in text
    assert CODE not in repr(sheet)


# --- charts ---


def series(*points: tuple[int, str, str | None, str | None]) -> ResultSeries:
    def limit(typed: str | None) -> Decimal | None:
        return None if typed is None else Decimal(typed)

    made = tuple(
        Point(day * DAY, Decimal(value), limit(low), limit(high), False, bytes(16)) for day, value, low, high in points
    )
    return ResultSeries("2823-3", "Potassium", "mmol/L", made)


def drawn(one: ResultSeries):
    return chart(one, str, lambda ms: str(ms // DAY))


@pytest.mark.parametrize(
    "one",
    [
        series((1, "4.1", "3.5", "5.1"), (50, "4.4", "3.5", "5.1"), (60, "6.9", "3.5", "5.1")),
        series((1, "310", None, "450"), (2, "620", None, "450"), (9, "1240", None, "400")),
        series((1, "5", None, None), (2, "5", None, None)),
        series((1, "0", "0", None), (1, "0", "0", None)),
        series((1, "-3", None, "100000"), (2, "9", "-100000", None)),
        series((1, "4.1", "3.5", "5.1")),
    ],
)
def test_every_point_and_band_lies_inside_the_drawing(one: ResultSeries) -> None:
    made = drawn(one)
    assert len(made.dots) == len(one.points)
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in made.dots)
    for band in made.bands:
        places = [tuple(map(float, place.split(","))) for place in band.split()]
        assert len(places) == 4
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)
    assert all(abs(a.at - b.at) >= 14 for a, b in zip(made.levels, made.levels[1:], strict=False))


def test_greater_is_higher_later_is_further_right_and_each_range_has_its_band() -> None:
    made = drawn(series((1, "4", "3", "5"), (10, "6", "3", "5"), (40, "5", "3", "6")))
    first, second, third = made.dots
    assert first.x < second.x < third.x
    assert second.y < third.y < first.y
    assert third.x - second.x > second.x - first.x  # by date and not by place
    assert len(made.bands) == 2
    assert made.last == "5"


def test_bars_go_from_the_smallest_to_the_greatest_and_stay_level_for_one_value() -> None:
    rising = series((1, "1", None, None), (2, "4", None, None), (3, "8", None, None))
    assert record_printed.spark(rising) == "▁▄█"
    level = record_printed.spark(series((1, "5", None, None), (2, "5", None, None)))
    assert len(set(level)) == 1


def test_a_table_over_time_marks_what_the_laboratory_marked_and_keeps_its_unit() -> None:
    items = [item(results=(result("4.1", 1),)), item(results=(result("6.2", 9, Flag.HIGH),))]
    said = record_printed.over_time(series_over_time(items), FR)
    assert "(mmol/L)" in said
    newest, oldest = said.splitlines()[2:4]
    assert newest.lstrip().startswith("!")
    assert "6,2" in newest
    assert "3,5 – 5,1" in newest
    assert "!" not in oldest
