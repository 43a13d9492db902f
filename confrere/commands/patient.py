"""`confrere patient`: everything about one patient on one page, for the doctor: exchanges and whose turn it is,
answers, what of them was filed or waits, results over time, and the record, what matters first."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confrere.commands import (
    about_patient,
    in_record,
    opening,
    record_pages,
    record_printed,
    record_views,
    views,
)
from confrere.commands.about_patient import Person
from confrere.commands.file import summary
from confrere.commands.in_record import Reader
from confrere.output import DONE, UNREACHABLE, Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange, ReadEvent
from messaging.referral.clinical import Answer
from record_bridge.client import filing
from record_bridge.client.filing import KnownFiling
from record_bridge.record import order
from record_bridge.record.items import Item
from record_bridge.record.order import PAGE, Page
from record_bridge.record.results import series_over_time
from record_bridge.rendering.record_page import AnswerView, ExchangeView, PatientView

NAME = "patient"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("who", metavar="PATIENT", nargs="?", default="", help=words.say("patient-flag-who-help"))
    opening.add_profile_flags(parser, words)
    parser.add_argument("--to", metavar="DIR", default="", help=words.say("patient-flag-to-help"))
    in_record.add_purpose(parser, words)


@dataclass(frozen=True, slots=True)
class Found:
    """What the page says. The record's part is empty where no record can be opened."""

    person: Person
    exchanges: tuple[dict[str, Any], ...]
    reader: Reader | None
    items: Sequence[Item]
    page: Page


async def run(arguments: argparse.Namespace, output: Output) -> int:
    words = output.words
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        known = await about_patient.people(endpoint)
        if not arguments.who:
            output.result(_listed(known), _list_text(known, words))
            return DONE if online else UNREACHABLE
        person = about_patient.choose(known, arguments.who)
        found = await _gather(endpoint, person, arguments.purpose, output, online=online)
        document = await _document(found, words)
        if arguments.to:
            file = record_pages.write_patient(await _view(endpoint, found, words), Path(arguments.to), words)
            output.result(document | {"file": file}, words.say("record-page-written", file=file))
        else:
            output.result(document, _text(document, found, words))
        return DONE if online and (found.reader is None or found.reader.online) else UNREACHABLE


# --- everybody ---


def _listed(known: Sequence[Person]) -> list[dict[str, object]]:
    return [
        {
            "patient": record_views.patient_document(one.patient),
            "record": one.held.record.hex() if one.held else None,
            "exchanges": [exchange.id.hex() for exchange in one.exchanges],
        }
        for one in known
    ]


def _list_text(known: Sequence[Person], words: Words) -> str:
    if not known:
        return words.say("patient-none")
    lines = []
    for one in known:
        record = words.say("patient-has-record", record=one.held.record.hex()[:8]) if one.held else ""
        exchanges = words.say("patient-count-exchanges", count=len(one.exchanges))
        lines.append(" · ".join(filter(None, [views.patient_line(one.patient, words), exchanges, record])))
    return "\n".join([*lines, "", words.say("patient-next")])


# --- one ---


async def _gather(endpoint: Endpoint, person: Person, purpose: str, output: Output, *, online: bool) -> Found:
    words, now = output.words, endpoint.environment.now()
    filings = await filing.all_filings(endpoint)
    exchanges = tuple(_exchange(one, filings, words, now) for one in person.exchanges)
    reader, items = None, []
    if person.held is not None:
        reader = await in_record.read(endpoint, person.held.record.hex(), purpose, output, online=online)
        items = await reader.items(PAGE)
    unread = await reader.unread(items) if reader else frozenset()
    return Found(person, exchanges, reader, items, order.page(items, now, unread=unread))


def _exchange(exchange: Exchange, filings: Sequence[KnownFiling], words: Words, now: int) -> dict[str, Any]:
    """One exchange as `inbox` has it, with the question, the answers, and what of it was filed or waits."""
    request = exchange.case.request if exchange.case else None
    mine = {kept.thread for kept in exchange.threads}
    return views.inbox_row(exchange, words, now) | {
        "question": request.question if request else "",
        "answers": [_answer(event, exchange, words) for event in exchange.events if isinstance(event.content, Answer)],
        "filings": [summary(one, words) for one in filings if one.request.thread in mine],
    }


def _answer(event: ReadEvent, exchange: Exchange, words: Words) -> dict[str, object]:
    return {
        "event": event.id.hex(),
        "author": event.author.name or words.say("author-unproven"),
        "time": views.iso(event.time),
        "time_words": views.local(event.time, words),
        "text": views.text_of(event, exchange, words),
    }


async def _document(found: Found, words: Words) -> dict[str, Any]:
    person, reader = found.person, found.reader
    record: dict[str, object] | None = None
    if reader is not None:
        readers = await reader.readers([line.item for line in found.page.lines])
        older = await reader.feed.has_older()
        record = record_views.record_document(reader.held, await reader.keeper(), words)
        record |= record_views.page_document(found.page, 0, readers, words, older=older)
    return {
        "patient": record_views.patient_document(person.patient),
        "exchanges": list(found.exchanges),
        "record": record,
        "results": [record_views.series_document(series) for series in series_over_time(found.items)],
    }


def _text(document: dict[str, Any], found: Found, words: Words) -> str:
    say, patient = words.say, found.person.patient
    lines = [views.patient_line(patient, words), *(f"! {say(warning)}" for warning in patient.warnings)]
    lines += ["", say("patient-exchanges")]
    for row in document["exchanges"]:
        late = say("exchange-overdue") if row["overdue"] else ""
        state = " · ".join(filter(None, [row["turn_words"], row["state_words"], late, row["from"]]))
        lines += [f"  {row['thread'][:12]}  {row['subject']}", f"      {state}"]
        for answer in row["answers"]:
            lines.append(f"      {answer['author']} · {answer['time_words']}")
            lines += [f"        {part}" for part in str(answer["text"]).split("\n") if part]
        lines += [f"      {one['words']}" for one in row["filings"]]
    if not document["exchanges"]:
        lines.append(f"  {say('patient-no-exchange')}")
    series = [one for one in series_over_time(found.items) if len(one.points) > 1]
    if series:
        lines += ["", say("record-over-time"), *record_printed.at_a_glance(series, words)]
    lines += ["", say("patient-record")]
    if document["record"] is None:
        lines.append(f"  {say('patient-no-record')}")
    else:
        lines += record_printed.lines_of(document["record"], words)
    return "\n".join(lines)


async def _view(endpoint: Endpoint, found: Found, words: Words) -> PatientView:
    patient, reader = found.person.patient, found.reader
    record = await record_pages.record_view(reader, found.page.lines, found.items, words) if reader else None
    return PatientView(
        title=patient.display_name,
        about=record_views.identity_words(patient, words),
        warnings=tuple(words.say(warning) for warning in patient.warnings),
        exchanges=tuple(_exchange_view(row, words) for row in found.exchanges),
        record=record,
        made=record_pages.made_words(endpoint, words),
    )


def _exchange_view(row: dict[str, Any], words: Words) -> ExchangeView:
    urgency = words.say(f"urgency-{row['urgency']}") if row["urgency"] else ""
    return ExchangeView(
        reference=row["thread"][:12],
        title=" · ".join(filter(None, [words.say("referral-kind-referral-request"), urgency])),
        who=row["from"],
        state=row["state_words"],
        turn=row["turn_words"],
        late=row["overdue"],
        question=row["question"],
        answers=tuple(AnswerView(one["author"], one["time_words"], one["text"]) for one in row["answers"]),
        filings=tuple(one["words"] for one in row["filings"]),
    )
