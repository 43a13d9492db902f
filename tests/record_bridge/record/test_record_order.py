"""record.md RD-3 and RD-4: the order in which a record can be used, and results over time."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from decimal import Decimal

import pytest

from confrere.words.catalogue import LANGUAGES, words
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Author, Flag, Item, Result
from record_bridge.record.kinds import Kind
from record_bridge.record.order import DAY, RULES, SHOWN, by_kind, ordered, over_time, page
from record_bridge.record.results import MAX_POINTS, MAX_SERIES, same_unit, series_over_time

NOW = 1_795_000_000_000
HIGH = Result("2160-0", "Créatinine", Decimal("180"), "µmol/L", flag=Flag.HIGH)


def item(number: int, kind: Kind, days_ago: float = 1, **change: object) -> Item:
    class_ = RecordClass.REIMBURSEMENT if kind is Kind.REIMBURSEMENT else RecordClass.COMMON
    when = NOW - int(days_ago * DAY)
    made = Item(number.to_bytes(16, "big"), class_, kind, f"item {number}", Author("Dr Aubry"), when, when)
    return replace(made, **change)  # type: ignore[arg-type]


def places(*items: Item, unread: tuple[bytes, ...] = ()) -> list[tuple[int, str]]:
    return [(int.from_bytes(line.item.thread, "big"), line.place.name) for line in ordered(items, NOW, unread=unread)]


def test_rd_3_1_each_rule_in_its_turn() -> None:
    unread = item(6, Kind.IMAGING, 500)
    items = (
        item(10, Kind.SYNTHESIS, 1, replaced_by=b"x" * 16),
        item(9, Kind.REIMBURSEMENT, 0),
        item(8, Kind.LETTER, 0),
        item(7, Kind.REPORT, 89),
        unread,
        item(5, Kind.LABORATORY, 364, results=(HIGH,)),
        item(4, Kind.TREATMENT, 3000),
        item(3, Kind.ALLERGY, 9000),
        item(1, Kind.SYNTHESIS, 400),
        item(2, Kind.SYNTHESIS, 800),
    )
    assert places(*items, unread=(unread.thread,)) == [
        (1, "synthesis"),
        (3, "allergies"),
        (4, "treatments"),
        (5, "abnormal"),
        (6, "unread"),
        (7, "answers"),
        (8, "rest"),
        (2, "rest"),
        (9, "reimbursements"),
        (10, "replaced"),
    ]


@pytest.mark.parametrize(
    ("made", "place"),
    [
        (item(1, Kind.LABORATORY, 366, results=(HIGH,)), "rest"),
        (item(1, Kind.LABORATORY, 1, results=(replace(HIGH, flag=Flag.NORMAL),)), "rest"),
        (item(1, Kind.REPORT, 91), "rest"),
        (item(1, Kind.NOTE, 0), "rest"),
        (item(1, Kind.REIMBURSEMENT, 0), "reimbursements"),
        (item(1, Kind.ALLERGY, 0, replaced_by=b"x" * 16), "replaced"),
        (item(1, Kind.ALLERGY, 0, class_=RecordClass.MASKED), "allergies"),
    ],
)
def test_rd_3_1_the_edges_of_the_rules(made: Item, place: str) -> None:
    assert places(made) == [(1, place)]


def test_rd_3_1_an_unread_reimbursement_does_not_come_forward() -> None:
    made = item(1, Kind.REIMBURSEMENT)
    assert places(made, unread=(made.thread,)) == [(1, "reimbursements")]


def test_rd_3_2_the_same_items_give_one_order() -> None:
    chance = random.Random(3)
    items = [item(n, chance.choice(list(Kind)), chance.randint(0, 5)) for n in range(200)]
    first = ordered(items, NOW)
    for _ in range(5):
        chance.shuffle(items)
        assert ordered(items, NOW) == first
    assert len({line.item.thread for line in first}) == len(items)


def test_rd_3_2_a_place_is_headed_once_and_the_replaced_stand_last() -> None:
    assert SHOWN[-1].name == "replaced"
    assert set(SHOWN) == set(RULES)
    chance = random.Random(4)
    names = [name for _, name in places(*(item(n, chance.choice(list(Kind)), n) for n in range(100)))]
    assert names == sorted(names, key=[rule.name for rule in SHOWN].index)


def test_rd_3_3_pages_one_after_another_are_the_whole() -> None:
    chance = random.Random(5)
    items = [item(n, chance.choice(list(Kind)), n % 7) for n in range(130)]
    seen, offset = [], 0
    while offset is not None:
        shown = page(items, NOW, None, offset)
        assert shown.total == 130
        assert len(shown.lines) <= 50
        seen += shown.lines
        offset = shown.next_offset
    assert tuple(seen) == ordered(items, NOW)
    assert page(items, NOW, offset=1000).lines == ()
    letters = page(items, NOW, Kind.LETTER, size=1000)
    assert letters.total == len(letters.lines) == sum(one.kind is Kind.LETTER for one in items)
    assert page([], NOW) == page([], NOW, Kind.NOTE)


def test_rd_3_3_five_thousand_items_take_no_time() -> None:
    chance = random.Random(6)
    items = [item(n, chance.choice(list(Kind)), n % 3000) for n in range(5000)]
    start = time.process_time()
    page(items, NOW)
    assert time.process_time() - start < 0.5


def test_rd_3_4_groups_hold_every_item_once() -> None:
    chance = random.Random(7)
    items = [item(n, chance.choice(list(Kind)), n * 3) for n in range(100)]
    kinds = by_kind(items)
    assert [kind for kind, _ in kinds] == sorted((kind for kind, _ in kinds), key=list(Kind).index)
    months = over_time(items)
    assert [month for month, _ in months] == sorted({month for month, _ in months}, reverse=True)
    for groups in (kinds, months):
        assert sorted(one.thread for _, group in groups for one in group) == sorted(one.thread for one in items)


def report(number: int, value: str, unit: str = "µmol/L", days_ago: float = 0, **change: object) -> Item:
    result = Result("2160-0", "Créatinine", Decimal(value), unit, Decimal("50"), Decimal("100"))
    return item(number, Kind.LABORATORY, days_ago, results=(replace(result, **change),))  # type: ignore[arg-type]


def test_rd_4_1_one_series_for_each_code_and_unit() -> None:
    found = series_over_time([report(1, "80", days_ago=3), report(2, "120"), report(3, "9.0", "mg/L")])
    assert [(one.unit, [point.value for point in one.points]) for one in found] == [
        ("mg/L", [Decimal("9.0")]),
        ("µmol/L", [Decimal("80"), Decimal("120")]),
    ]
    assert [point.abnormal for point in found[1].points] == [False, True]
    assert (found[1].points[0].low, found[1].points[0].high) == (Decimal("50"), Decimal("100"))


def test_rd_4_1_two_spellings_of_a_unit_are_one_and_two_units_are_two() -> None:
    assert same_unit("µmol/l") == same_unit("μmol / L") == same_unit("umol/L") == "umol/L"
    assert same_unit("ml/min") == same_unit("mL/min")
    assert same_unit("mol") == "mol"
    assert len({same_unit(unit) for unit in ("mmol/L", "umol/L", "g/L", "mg/dL", "Mmol/L", "%", "")}) == 7


def test_rd_4_2_replaced_repeated_and_wordy_results_make_no_point() -> None:
    found = series_over_time(
        [
            report(1, "80", days_ago=2),
            report(2, "80", days_ago=2),
            replace(report(3, "81"), replaced_by=b"x" * 16),
            item(4, Kind.LABORATORY, results=(Result("2160-0", "Créatinine", None, text="trace"),)),
            item(5, Kind.LABORATORY, results=(Result("2160-0", "Créatinine", Decimal("NaN")),)),
        ]
    )
    assert [len(one.points) for one in found] == [1]


def test_rd_4_3_series_are_bounded_and_say_what_is_left_out() -> None:
    (one,) = series_over_time([report(n, str(n), days_ago=n) for n in range(MAX_POINTS + 20)])
    assert (len(one.points), one.omitted) == (MAX_POINTS, 20)
    assert one.points[-1].value == 0
    assert [point.date_ms for point in one.points] == sorted(point.date_ms for point in one.points)
    many = [report(n, "1", days_ago=n, code=f"c{n}") for n in range(MAX_SERIES + 5)]
    assert len(series_over_time(many)) == MAX_SERIES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_has_its_words(language: object) -> None:
    for rule in RULES:
        assert words(language, strict=True).say(rule.words)  # type: ignore[arg-type]
