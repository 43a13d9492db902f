"""Printable pages: one self-contained HTML file each, without script, font or image from elsewhere.

Shared by the thread export and the recovery sheet: the templates, the words and the way a time is written. It
writes no file and reads no clock.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

Language = Literal["fr", "en"]
Say = Callable[..., str]  # (message id, **facts) -> sentence, in the page's language

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_MOMENT = {"fr": "%d/%m/%Y à %H:%M", "en": "%Y-%m-%d at %H:%M"}
_DAY = {"fr": "%d/%m/%Y", "en": "%Y-%m-%d"}
_SPACE = "\N{NO-BREAK SPACE}"  # no-break, between a number and its unit


def page(template: str, say: Say, language: Language, **values: object) -> str:
    """A template filled in. Every value is escaped; one that is missing is an error."""
    return _TEMPLATES.get_template(template).render(say=say, language=language, **values)


def moment(ms: int, language: Language, zone: datetime.tzinfo) -> str:
    """A time of day in that zone, with the zone's name: a legal document must not leave it open."""
    local = datetime.datetime.fromtimestamp(ms / 1000, zone)
    return f"{local.strftime(_MOMENT[language])} ({local.tzname()})"


def day(date: datetime.date, language: Language) -> str:
    """A date."""
    return date.strftime(_DAY[language])


def size(octets: int, language: Language) -> str:
    """A file size as people write it: 4,2 Mo, 4.2 MB."""
    units = ("o", "ko", "Mo", "Go") if language == "fr" else ("B", "kB", "MB", "GB")
    value, unit = float(octets), 0
    while value >= 999.5 and unit < len(units) - 1:
        value, unit = value / 1000, unit + 1
    written = f"{value:.1f}" if unit and value < 99.95 else f"{value:.0f}"
    return (written.replace(".", ",") if language == "fr" else written) + _SPACE + units[unit]
