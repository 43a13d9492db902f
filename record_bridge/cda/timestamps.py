"""Instants as HL7 writes them (data type TS), CDA-2.7: a point in time in, its text out, and back.

Milliseconds UTC inside; a text without an offset is taken as the time that clocks in France show. It knows no now.
"""

from __future__ import annotations

import datetime
import re

_TS = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:(?P<hour>\d\d)(?P<minute>\d\d)(?:(?P<second>\d\d)(?:\.\d{1,4})?)?(?P<offset>[+-]\d{4})?)?",
    re.ASCII,
)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_FIRST_YEAR, _LAST_YEAR = 1850, 2200


def render(at_ms: int, offset_minutes: int) -> str:
    """`YYYYMMDDhhmmss+hhmm`, the clock `offset_minutes` east of UTC; ValueError outside 1850 to 2200 or 14 hours."""
    if abs(offset_minutes) > 14 * 60:
        raise ValueError("offset")
    try:
        shown = _EPOCH + datetime.timedelta(milliseconds=at_ms, minutes=offset_minutes)
    except OverflowError:
        raise ValueError("instant") from None
    if not _FIRST_YEAR <= shown.year <= _LAST_YEAR:
        raise ValueError("instant")
    sign, minutes = "-" if offset_minutes < 0 else "+", abs(offset_minutes)
    return f"{shown:%Y%m%d%H%M%S}{sign}{minutes // 60:02}{minutes % 60:02}"


def instant(text: str) -> int:
    """The first millisecond of what a TS of at least a day names; ValueError for anything else."""
    read = _TS.fullmatch(text)
    if read is None:
        raise ValueError("shape")
    year, month, date, hour, minute, second = (int(number or 0) for number in read.groups()[:6])
    local = datetime.datetime(year, month, date, hour, minute, second, tzinfo=datetime.UTC)
    if not _FIRST_YEAR <= local.year <= _LAST_YEAR:
        raise ValueError("year")
    clock = (local - _EPOCH) // datetime.timedelta(milliseconds=1)
    offset = _minutes(read["offset"]) if read["offset"] else paris_offset(clock - 3_600_000)
    return clock - offset * 60_000


def day(text: str) -> datetime.date:
    """The date that a TS begins with; ValueError as for `instant`."""
    instant(text)
    return datetime.date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def paris_offset(at_ms: int) -> int:
    """Minutes east of UTC in metropolitan France: 120 from the last Sunday of March to that of October, 01:00 UTC."""
    at = _EPOCH + datetime.timedelta(milliseconds=at_ms)
    return 120 if _last_sunday(at.year, 3) <= at < _last_sunday(at.year, 10) else 60


def _last_sunday(year: int, month: int) -> datetime.datetime:
    last = datetime.datetime(year, month, 31, 1, tzinfo=datetime.UTC)
    return last - datetime.timedelta(days=last.isoweekday() % 7)


def _minutes(offset: str) -> int:
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    if minutes > 14 * 60 or int(offset[3:5]) > 59:
        raise ValueError("offset")
    return -minutes if offset[0] == "-" else minutes
