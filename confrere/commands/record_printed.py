"""A record for a terminal: the same documents that `--json` gives, laid out for reading."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from confrere.commands import record_views
from confrere.words.catalogue import Words
from messaging.rendering.pages import day, size
from record_bridge.record.results import ResultSeries

_WIDTH = 88
_BARS = "▁▂▃▄▅▆▇█"
_SPARK = 40  # characters: the newest points
_ROWS = 12  # of a table of one analysis
Document = Mapping[str, Any]


def held(documents: Sequence[Document], words: Words) -> str:
    """The records that can be opened here."""
    if not documents:
        return words.say("record-none-held")
    lines = []
    for one in documents:
        patient = one["patient"]
        name = words.say("record-patient-unread")
        if patient:  # two patients of one name are told apart by when they were born
            name = f"{patient['name']} · {day(datetime.date.fromisoformat(patient['birth_date']), words.language)}"
        lines.append(f"{one['record'][:8]}  {name} · {one['keeper_words']}")
    return "\n".join([*lines, "", words.say("record-show-next")])


def page(document: Document, head: str, words: Words) -> str:
    """One page of a record in the order of use."""
    return "\n".join([head, *lines_of(document, words)])


def lines_of(document: Document, words: Words) -> list[str]:
    """The same without its head."""
    say = words.say
    lines = [say("record-line-head", record=document["record"][:8], keeper=document["keeper_words"])]
    if not document["lines"]:
        beyond = say("record-page-beyond", page=document["page"], count=document["total"])
        lines += ["", beyond if document["total"] else say("record-empty")]
    for place, group in groupby(document["lines"], key=lambda line: line["place_words"]):
        lines += ["", place]
        for line in group:
            lines += _line(line, words)
    if document["lines"]:
        lines += ["", say("record-count", count=document["total"], page=document["page"])]
    if document["next_page"]:
        lines.append(say("record-next-page", page=document["next_page"]))
    elif document["older"]:
        lines.append(say("record-older"))
    return lines


def _line(line: Document, words: Words) -> Iterator[str]:
    kind = line["kind_words"]
    about = kind if line["title"] == kind else f"{kind} · {line['title']}"
    yield f"  {line['item'][:8]}  {line['date_words']}  {about}"
    yield "            " + " · ".join(filter(None, [_who(line, words), read_by(line, words), _marks(line)]))
    for result in line["abnormal"]:
        yield f"            ! {result['words']}"
    for note in line["notes"]:
        yield f"            ! {note}"


def _who(line: Document, words: Words) -> str:
    behalf = words.say("export-on-behalf", mailbox=line["on_behalf_of"]) if line["on_behalf_of"] else ""
    return f"{line['author_words']} {behalf}".strip()


def read_by(line: Document, words: Words) -> str:
    if line["readers"] is None:
        return ""
    if not line["readers"]:
        return words.say("record-read-by-nobody")
    return words.say("record-read-by", names=", ".join(line["readers"]))


def _marks(line: Document) -> str:
    return line["class_words"] if line["class"] != "common" else ""


def item(document: Document, words: Words) -> str:
    """One item with all that is known of it."""
    say = words.say
    head = document["title"] if document["title"] == document["kind_words"] else (
        f"{document['kind_words']} · {document['title']}"
    )
    lines = [head, document["item"], f"{document['date_words']} · {_who(document, words)}"]
    lines += filter(None, [read_by(document, words), document["class_words"]])
    if document["replaced_by"]:
        lines.append(say("record-replaced", item=document["replaced_by"][:8]))
    if document["text"]:
        lines += ["", *(row for part in document["text"].split("\n") for row in _wrapped(part))]
    if document["results"]:
        lines += ["", *_results(document["results"], words)]
    lines += ["", *_wrapped(document["from_words"])]
    for file in document["files"]:
        path = f" → {file['path']}" if file.get("path") else ""
        lines.append(f"[{say(file['words'])} · {size(file['size'], words.language)}]{path}")
    return "\n".join(lines)


def _results(results: Sequence[Document], words: Words) -> Iterator[str]:
    rows = [
        (
            "!" if one["abnormal"] else " ",
            one["label"] or one["code"],
            one["text"] if one["value"] is None else _decimal(one["value"], words),
            one["unit"],
            one["range_words"],
            one["flag_words"],
        )
        for one in results
    ]
    yield from _table(rows)


def _decimal(value: str, words: Words) -> str:
    return value.replace(".", ",") if words.language == "fr" else value


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns as wide as their widest cell, the third right-aligned."""
    widths = [max((len(row[at]) for row in rows), default=0) for at in range(len(rows[0]) if rows else 0)]
    for row in rows:
        cells = [
            cell.rjust(width) if at == 2 else cell.ljust(width)  # the value
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


# --- over time ---


def over_time(series: Sequence[ResultSeries], words: Words) -> str:
    """Each analysis in its unit: a line of bars, then its newest values."""
    if not series:
        return words.say("record-no-results")
    return "\n\n".join("\n".join(_series(one, words)) for one in series)


def at_a_glance(series: Sequence[ResultSeries], words: Words) -> Iterator[str]:
    """One line each: its bars and its newest value."""
    rows = [
        (
            "  " + ("!" if one.points[-1].abnormal else " "),
            one.label,
            f"{record_views.number(one.points[-1].value, words)} {one.unit}",
            record_views.date(one.points[-1].date_ms, words),
            spark(one),
        )
        for one in series
    ]
    yield from _table(rows)


def _series(series: ResultSeries, words: Words) -> Iterator[str]:
    unit = f" ({series.unit})" if series.unit else ""
    yield f"{series.label}{unit} · LOINC {series.code}"
    yield f"  {spark(series)}"
    rows = [
        (
            "  " + ("!" if point.abnormal else " "),
            record_views.date(point.date_ms, words),
            record_views.number(point.value, words),
            record_views.range_words(point.low, point.high, words),
        )
        for point in reversed(series.points[-_ROWS:])
    ]
    yield from _table(rows)
    left_out = series.omitted + max(0, len(series.points) - _ROWS)
    if left_out:
        yield "  " + words.say("record-older-values", count=left_out)


def spark(series: ResultSeries) -> str:
    """The newest values as bars between their smallest and their greatest."""
    values = [float(point.value) for point in series.points[-_SPARK:]]
    low, high = min(values), max(values)
    if high == low:
        return _BARS[len(_BARS) // 2] * len(values)
    return "".join(_BARS[round((value - low) / (high - low) * (len(_BARS) - 1))] for value in values)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
