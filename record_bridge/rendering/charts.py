"""Results over time as shapes to draw: where each point of a series stands, and the range that it was judged by.

Geometry only, in the units of the drawing; the template draws it as inline SVG and escapes what people wrote. Nothing
is interpolated but the line that joins two values, and no unit is converted.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from record_bridge.record.results import Point, ResultSeries

WIDTH, HEIGHT = 340, 132
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 54, 14, 26
_MARGIN = 0.12  # of the span, above and below

Number = Callable[[Decimal], str]
Date = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float
    abnormal: bool
    words: str  # its value and date, for who rests on it


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`line` and `bands` are SVG point lists; `last` is the newest value, in words, at its place."""

    title: str
    unit: str
    code: str
    line: str
    bands: tuple[str, ...]
    dots: tuple[Dot, ...]
    levels: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    last: str
    last_abnormal: bool
    last_y: float
    rows: tuple[tuple[str, str, bool], ...]  # date, value, abnormal: the newest first
    omitted: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM


def chart(series: ResultSeries, number: Number, date: Date) -> Chart:
    """The drawing of one series."""
    points = series.points
    low, high = _span(points)
    first, last = points[0].date_ms, points[-1].date_ms

    def x(point: Point) -> float:
        part = (point.date_ms - first) / (last - first) if last > first else 0.5
        return round(_LEFT + part * (WIDTH - _LEFT - _RIGHT), 1)

    def y(value: float) -> float:
        part = (value - low) / (high - low)
        return round(HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM), 1)

    newest = points[-1]
    values = sorted({points[0].value, newest.value, *_extremes(points)})
    return Chart(
        title=series.label or series.code,
        unit=series.unit,
        code=series.code,
        line=_points((x(point), y(float(point.value))) for point in points),
        bands=tuple(_bands(points, x, y, low, high)),
        dots=tuple(
            Dot(x(one), y(float(one.value)), one.abnormal, f"{date(one.date_ms)} · {number(one.value)} {series.unit}")
            for one in points
        ),
        levels=tuple(_apart([Tick(y(float(value)), number(value)) for value in values])),
        dates=tuple(Tick(x(one), date(one.date_ms)) for one in _ends(points)),
        last=number(newest.value),
        last_abnormal=newest.abnormal,
        last_y=y(float(newest.value)),
        rows=tuple((date(one.date_ms), number(one.value), one.abnormal) for one in reversed(points)),
        omitted=series.omitted,
    )


def _extremes(points: Sequence[Point]) -> tuple[Decimal, Decimal]:
    values = [point.value for point in points]
    return min(values), max(values)


def _span(points: Sequence[Point]) -> tuple[float, float]:
    """What the drawing shows: every value, and every limit near enough not to flatten them."""
    low, high = map(float, _extremes(points))
    width = (high - low) or abs(high) * 0.2 or 1.0
    for point in points:
        for limit in (point.low, point.high):
            if limit is not None and low - 2 * width <= float(limit) <= high + 2 * width:
                low, high = min(low, float(limit)), max(high, float(limit))
    margin = ((high - low) or width) * _MARGIN
    return low - margin, high + margin


def _bands(
    points: Sequence[Point], x: Callable[[Point], float], y: Callable[[float], float], low: float, high: float
) -> list[str]:
    """The laboratory's range behind its values: one area for each run of points with the same one."""
    found: list[str] = []
    runs: list[list[Point]] = []
    for point in points:
        if runs and (runs[-1][-1].low, runs[-1][-1].high) == (point.low, point.high):
            runs[-1].append(point)
        else:
            runs.append([point])
    for run, after in zip(runs, [*runs[1:], None], strict=True):
        first = run[0]
        if first.low is None and first.high is None:
            continue
        bottom = y(max(low, float(first.low)) if first.low is not None else low)
        top = y(min(high, float(first.high)) if first.high is not None else high)
        start, end = x(first), x(after[0]) if after else x(run[-1])
        if start == end:
            start, end = start - 12, end + 12
        found.append(_points([(start, top), (end, top), (end, bottom), (start, bottom)]))
    return found


def _ends(points: Sequence[Point]) -> tuple[Point, ...]:
    newest, first = points[-1], points[0]
    same = _day(newest.date_ms) == _day(first.date_ms)
    return (first,) if same else (first, newest)


def _day(ms: int) -> datetime.date:
    return (datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(milliseconds=ms)).date()


def _apart(ticks: Sequence[Tick]) -> list[Tick]:
    """Labels that do not touch: the first and the last, and what has room between."""
    kept: list[Tick] = []
    for tick in sorted(ticks, key=lambda tick: tick.at):
        if not kept or tick.at - kept[-1].at >= 14:
            kept.append(tick)
    return kept


def _points(places: object) -> str:
    return " ".join(f"{x},{y}" for x, y in places)  # type: ignore[attr-defined]
