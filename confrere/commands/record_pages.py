"""A record, its log and a patient as pages to read and print: what was read, said, and handed to the templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from confrere.commands import private_file, record_log, record_views, views
from confrere.commands.in_record import Reader
from confrere.commands.record_log import Said
from confrere.commands.record_views import Readers
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from record_bridge.record import order
from record_bridge.record.items import Item, Result
from record_bridge.record.kinds import Kind
from record_bridge.record.order import Line
from record_bridge.record.results import ResultSeries, series_over_time
from record_bridge.rendering import record_page
from record_bridge.rendering.charts import Chart, chart
from record_bridge.rendering.record_page import (
    LineView,
    LogLineView,
    LogView,
    PatientView,
    RecordView,
    ResultView,
    SectionView,
)

FILES = {
    "record": {"fr": "dossier.html", "en": "record.html"},
    "log": {"fr": "journal.html", "en": "log.html"},
    "patient": {"fr": "patient.html", "en": "patient.html"},
}
MOST_CHARTS = 24
_URGENT = frozenset({"allergies", "abnormal"})
_SAID_WHOLE = frozenset({Kind.SYNTHESIS, Kind.ALLERGY, Kind.TREATMENT, Kind.NOTE})


async def write_record(reader: Reader, folder: Path, kind: Kind | None, words: Words) -> str:
    """All of it that can be read here, as one page; gives the file."""
    items = await reader.everything()
    shown = order.page(items, reader.endpoint.environment.now(), kind, size=max(len(items), 1))
    view = await record_view(reader, shown.lines, items, words)
    made = record_page.record_page(view, words.say, words.language)
    return private_file.write(folder / FILES["record"][words.language], made)


async def record_view(reader: Reader, lines: Sequence[Line], items: Sequence[Item], words: Words) -> RecordView:
    """`lines` are what the page shows, `items` what its charts are drawn from."""
    readers = await reader.readers([line.item for line in lines])
    patient = reader.held.patient
    complete = len(lines) >= len(items) and not await reader.feed.has_older()
    return RecordView(
        title=patient.display_name if patient else words.say("record-patient-unread"),
        about=record_views.identity_words(patient, words) if patient else reader.record.hex(),
        keeper=words.say(
            "record-line-head",
            record=reader.record.hex()[:8],
            keeper=record_views.keeper_words(await reader.keeper(), words),
        ),
        sections=tuple(
            SectionView(
                words.say(place.words),
                tuple(line_view(line.item, readers, words) for line in group),
                place.name in _URGENT,
            )
            for place, group in groupby(lines, key=lambda line: line.place)
        ),
        charts=charts(series_over_time(items), words),
        left_out="" if complete else words.say("record-page-left-out"),
        made=made_words(reader.endpoint, words),
    )


def made_words(endpoint: Endpoint, words: Words) -> str:
    me = endpoint.identity.name or words.say("record-author-patient")
    return words.say("record-page-made", person=me, time=views.local(endpoint.environment.now(), words))


def charts(series: Sequence[ResultSeries], words: Words) -> tuple[Chart, ...]:
    """The analyses that were measured more than once; those with a marked newest value first."""
    drawn = sorted((one for one in series if len(one.points) > 1), key=lambda one: not one.points[-1].abnormal)
    number: Callable[..., str] = lambda value: record_views.number(value, words)  # noqa: E731
    date: Callable[[int], str] = lambda ms: record_views.date(ms, words)  # noqa: E731
    return tuple(chart(one, number, date) for one in drawn[:MOST_CHARTS])


def line_view(item: Item, readers: Readers, words: Words) -> LineView:
    names = record_views.readers_of(item, readers)
    read = "" if names is None else (
        words.say("record-read-by", names=", ".join(names)) if names else words.say("record-read-by-nobody")
    )
    return LineView(
        reference=item.thread.hex()[:8],
        date=record_views.date(item.date_ms, words),
        kind=words.say(item.kind.words),
        title=record_views.title(item, words),
        author=record_views.who_words(item, words),
        readers=read,
        marks=(words.say(item.class_.words),) if item.class_.slug != "common" else (),
        abnormal=item.abnormal,
        text=item.summary if item.kind in _SAID_WHOLE or not item.results else "",
        results=tuple(_result(result, words) for result in item.results),
    )


def _result(result: Result, words: Words) -> ResultView:
    value = result.text if result.value is None else record_views.number(result.value, words)
    range_ = record_views.range_words(result.low, result.high, words)
    label = result.label or result.code
    return ResultView(label, value, result.unit, range_, record_views.flag_words(result, words))


async def write_log(reader: Reader, folder: Path, said: Sequence[Said], words: Words) -> str:
    patient = reader.held.patient
    days = groupby(said, key=lambda one: record_log.day_of(one, words))
    view = LogView(
        title=words.say("record-log-title"),
        about=views.patient_line(patient, words) if patient else reader.record.hex(),
        days=tuple((day, tuple(_log_line(one, words) for one in group)) for day, group in days),
        limits=words.say("record-log-limits"),
        made=words.say("record-log-made", time=views.local(reader.endpoint.environment.now(), words)),
    )
    made = record_page.log_page(view, words.say, words.language)
    return private_file.write(folder / FILES["log"][words.language], made)


def _log_line(one: Said, words: Words) -> LogLineView:
    return LogLineView(record_views.clock(one.line.time_ms), one.text, one.own)


def write_patient(view: PatientView, folder: Path, words: Words) -> str:
    made = record_page.patient_page(view, words.say, words.language)
    return private_file.write(folder / FILES["patient"][words.language], made)
