"""Results over time: one series for each analysis in each unit, from all the reports of a record (record.md RD-4).

Nothing is converted and nothing is interpolated: 5.2 mmol/L and 0.94 g/L of one analysis are two series, each with the
ranges that its laboratories printed. A result that is no number stands in its report and in no series.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from record_bridge.record.items import Item, Result

MAX_POINTS = 500  # of one series, the newest
MAX_SERIES = 300  # of one record, those with the newest points

_LITRE = re.compile(r"(?<![A-Za-z])([cdmnpu]?)l(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Point:
    """One value with the range it was judged by, and the report it stands in."""

    date_ms: int
    value: Decimal
    low: Decimal | None
    high: Decimal | None
    abnormal: bool
    thread: bytes


@dataclass(frozen=True, slots=True)
class ResultSeries:
    """`label` and `unit` are as the newest report wrote them; points ascend in time."""

    code: str
    label: str
    unit: str
    points: tuple[Point, ...]
    omitted: int = 0  # older points that the bound left out


def series_over_time(items: Iterable[Item]) -> tuple[ResultSeries, ...]:
    """Series by the code's newest label, then unit; results of replaced reports and repeated ones count once."""
    found: dict[tuple[str, str], dict[tuple[int, Decimal], tuple[Result, Item]]] = {}
    for item in sorted(items, key=lambda item: (item.received_ms, item.thread)):
        if item.replaced_by:
            continue
        for result in item.results:
            if result.value is None or not result.value.is_finite() or not result.code:
                continue
            series = found.setdefault((result.code, same_unit(result.unit)), {})
            series.setdefault((result.date_ms or item.date_ms, result.value), (result, item))
    made = [_series(code, points) for (code, _), points in found.items()]
    made.sort(key=lambda series: -series.points[-1].date_ms)
    return tuple(sorted(made[:MAX_SERIES], key=lambda series: (series.label.casefold(), series.code, series.unit)))


def same_unit(unit: str) -> str:
    """A unit as units are compared: UCUM's two spellings of micro and of the litre are one; nothing else is."""
    compact = "".join(unit.split()).replace("µ", "u").replace("μ", "u")
    return _LITRE.sub(r"\1L", compact)


def _series(code: str, points: dict[tuple[int, Decimal], tuple[Result, Item]]) -> ResultSeries:
    dated = sorted(points.items(), key=lambda pair: pair[0])
    newest = dated[-1][1][0]
    made = tuple(
        Point(date_ms, value, result.low, result.high, result.abnormal, item.thread)
        for (date_ms, value), (result, item) in dated
    )
    return ResultSeries(code, newest.label, newest.unit, made[-MAX_POINTS:], max(0, len(made) - MAX_POINTS))
