"""A record as the JSON documents of `record` and `patient`, and the words of its values: values in, values out."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from confrere.commands import views
from confrere.words.catalogue import Words
from messaging.referral.patient import Patient
from messaging.rendering.pages import day
from record_bridge.client.holding import HeldRecord
from record_bridge.record.items import Author, Item, Result
from record_bridge.record.order import PAGE, Line, Page
from record_bridge.record.results import Point, ResultSeries

Readers = Mapping[bytes, tuple[str, ...]] | None


def date(ms: int, words: Words) -> str:
    """A day as people read it, in the zone of this machine."""
    return day(datetime.datetime.fromtimestamp(ms / 1000).date(), words.language)


def clock(ms: int) -> str:
    """The time of day in that zone."""
    return datetime.datetime.fromtimestamp(ms / 1000).strftime("%H:%M")


def number(value: Decimal, words: Words) -> str:
    plain = f"{value:f}"
    return plain.replace(".", ",") if words.language == "fr" else plain


# --- whose ---


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who keeps a record: the patient, or for now a professional, by name. `own` where that is who asks."""

    custodial: bool
    own: bool
    name: str = ""


def keeper_words(keeper: Keeper, words: Words) -> str:
    if not keeper.custodial:
        return words.say("record-kept-yours" if keeper.own else "record-kept-own")
    name = keeper.name or words.say("author-unproven")
    return words.say("record-kept-custodial", keeper=name)


def patient_document(patient: Patient | None) -> dict[str, object] | None:
    if patient is None:
        return None
    return {
        "name": patient.display_name,
        "birth_date": patient.traits.birth_date.isoformat(),
        "ins": patient.ins.matricule if patient.ins else None,
        "qualified": patient.qualified,
        "warnings": list(patient.warnings),
    }


def record_document(held: HeldRecord, keeper: Keeper, words: Words) -> dict[str, object]:
    return {
        "record": held.record.hex(),
        "patient": patient_document(held.patient),
        "custodial": held.custodial,
        "own": held.own,
        "keeper": keeper.name or None,
        "keeper_words": keeper_words(keeper, words),
    }


def title_of_record(held: HeldRecord, words: Words) -> str:
    return views.patient_line(held.patient, words) if held.patient else words.say("record-patient-unread")


def identity_words(patient: Patient, words: Words) -> str:
    """What stands under the name: birth date and INS."""
    number = f"INS {patient.ins.matricule}" if patient.ins else words.say("patient-without-ins")
    born = words.say("claim-sheet-born", date=day(patient.traits.birth_date, words.language))
    return f"{born} · {number}"


# --- lines ---


def author_words(author: Author, words: Words) -> str:
    """Name, profession and structure; a line without a name was written by the patient, whose proof names nobody."""
    nobody = "record-author-unproven" if author.unproven else "record-author-patient"
    who = author.name or ("" if author.structure else words.say(nobody))
    own = author.structure if author.structure != who else ""
    return ", ".join(filter(None, [who, author.profession, own]))


def who_words(item: Item, words: Words) -> str:
    """Who wrote it; of a document whose author is only named by it, also who put it there, which is proven."""
    who = author_words(item.author, words)
    if item.deposited_by is None or item.author.name == item.deposited_by:
        return who
    said = "record-filed-by" if item.consent else "record-deposited-by"  # only a bridge names a consent: it verified
    return words.say(said, author=who, name=depositor_words(item, words))


def depositor_words(item: Item, words: Words) -> str:
    return item.deposited_by or words.say("record-author-unproven")


def title(item: Item, words: Words) -> str:
    return item.title or words.say(item.kind.words)


def line_document(line: Line, readers: Readers, words: Words) -> dict[str, object]:
    item = line.item
    return item_document(item, readers, words) | {"place": line.place.name, "place_words": words.say(line.place.words)}


def item_document(item: Item, readers: Readers, words: Words) -> dict[str, object]:
    return {
        "item": item.thread.hex(),
        "kind": item.kind.value,
        "kind_words": words.say(item.kind.words),
        "title": title(item, words),
        "date": views.iso(item.date_ms),
        "date_words": date(item.date_ms, words),
        "received": views.iso(item.received_ms),
        "author": item.author.name,
        "author_words": who_words(item, words),
        "author_signed": item.deposited_by is None,
        "deposited_by": item.deposited_by,
        "on_behalf_of": item.on_behalf,
        "readers": readers_of(item, readers),
        "class": item.class_.slug,
        "class_words": words.say(item.class_.words),
        "masked": item.masked,
        "replaced_by": item.replaced_by.hex() or None,
        "abnormal": [result_document(result, words) for result in item.results if result.abnormal],
        "notes": [words.say(note) for note in item.notes],
    }


def readers_of(item: Item, readers: Readers) -> list[str] | None:
    """Who else opened it, by name; None where that is not known."""
    own = item.author.name if item.deposited_by is None else None  # whom a document names may well have read it
    return None if readers is None else [name for name in readers.get(item.thread, ()) if name != own]


def page_document(
    page: Page, offset: int, readers: Readers, words: Words, *, older: bool
) -> dict[str, object]:
    """`older` says that the service has more than this device brought in."""
    return {
        "page": offset // PAGE + 1,
        "total": page.total,
        "next_page": None if page.next_offset is None else page.next_offset // PAGE + 1,
        "older": older,
        "lines": [line_document(line, readers, words) for line in page.lines],
    }


# --- results ---


def result_document(result: Result, words: Words) -> dict[str, object]:
    return {
        "code": result.code,
        "label": result.label,
        "value": None if result.value is None else str(result.value),
        "unit": result.unit,
        "low": None if result.low is None else str(result.low),
        "high": None if result.high is None else str(result.high),
        "flag": result.flag.value or None,
        "abnormal": result.abnormal,
        "text": result.text,
        "date": views.iso(result.date_ms) if result.date_ms else None,
        "words": result_words(result, words),
    }


def result_words(result: Result, words: Words) -> str:
    """`Potassium 6,1 mmol/L (3,5 – 5,1) : élevé`."""
    said = result.text if result.value is None else f"{number(result.value, words)} {result.unit}".strip()
    range_ = range_words(result.low, result.high, words)
    whole = " ".join(filter(None, [result.label, said, f"({range_})" if range_ else ""]))
    return whole + words.say("colon") + " " + flag_words(result, words) if result.abnormal else whole


def flag_words(result: Result, words: Words) -> str:
    return words.say(f"record-flag-{result.flag.name.lower().replace('_', '-')}") if result.abnormal else ""


def range_words(low: Decimal | None, high: Decimal | None, words: Words) -> str:
    if low is not None and high is not None:
        return f"{number(low, words)} – {number(high, words)}"
    if low is not None:
        return f"≥ {number(low, words)}"
    return f"≤ {number(high, words)}" if high is not None else ""


def chosen_series(series: Sequence[ResultSeries], typed: str) -> list[ResultSeries]:
    """By code, or by a part of the label; all of them where nothing was typed."""
    wanted = typed.strip().casefold()
    return [one for one in series if not wanted or one.code.casefold() == wanted or wanted in one.label.casefold()]


def series_document(series: ResultSeries) -> dict[str, object]:
    return {
        "code": series.code,
        "label": series.label,
        "unit": series.unit,
        "omitted": series.omitted,
        "points": [_point_document(point) for point in series.points],
    }


def _point_document(point: Point) -> dict[str, object]:
    return {
        "date": views.iso(point.date_ms),
        "value": str(point.value),
        "low": None if point.low is None else str(point.low),
        "high": None if point.high is None else str(point.high),
        "abnormal": point.abnormal,
        "item": point.thread.hex(),
    }
