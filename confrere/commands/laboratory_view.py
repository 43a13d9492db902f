"""What an attached laboratory report says, under its attachment: values with units, ranges and dates, as written.

A file is a stranger's: it is read behind the one door for XML, only where it is small, and whatever is wrong with it is
said in its place. A report about somebody else than the exchange's patient is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from confrere.commands import record_views, views
from confrere.words.catalogue import Words
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.protocol.body import Manifest
from record_bridge.cda import laboratory
from record_bridge.cda.values import Header
from record_bridge.consent.same_patient import same_patient
from record_bridge.errors import RecordError
from record_bridge.filing.deposited import result_of

LARGEST = 2 * 1024 * 1024  # octets of a file that is looked into
MOST = 20  # files of one exchange
_TYPES = ("application/xml", "text/xml")


async def add(endpoint: Endpoint, exchange: Exchange, document: dict[str, Any], words: Words, *, online: bool) -> None:
    """Put `laboratory` into the attachments of `views.show_document` that are reports."""
    left = MOST
    for event, shown in zip(exchange.events, document["events"], strict=True):
        for manifest, entry in zip(event.manifests, shown["attachments"], strict=True):
            if not looked_into(manifest) or "error" in entry or not left:
                continue
            left -= 1
            saved = entry.get("path")
            entry["laboratory"] = await _view(endpoint, exchange, manifest, saved, words, online=online)


async def _view(
    endpoint: Endpoint, exchange: Exchange, manifest: Manifest, saved: str | None, words: Words, *, online: bool
) -> dict[str, Any] | None:
    if saved is None and not online:
        return _problem("service-unreachable", words.say("laboratory-unreachable"))
    try:
        octets = Path(saved).read_bytes() if saved else await endpoint.attachments.fetch(manifest, LARGEST)
    except OSError:
        return None  # it was saved a moment ago and is gone: its owner moved it
    except Refusal as refused:
        if refused.category is Category.UNREACHABLE:
            return _problem("service-unreachable", words.say("laboratory-unreachable"))
        return _problem(refused.id, views.said(refused.id, words))
    return view(octets, exchange, words)


def looked_into(manifest: Manifest) -> bool:
    xml = manifest.media_type in _TYPES or manifest.name.lower().endswith(".xml")
    return xml and 0 < manifest.size <= LARGEST


def view(octets: bytes, exchange: Exchange, words: Words) -> dict[str, Any] | None:
    """What a file says, or why it is not shown; None for what is no report with results."""
    try:
        header, found = laboratory.read_report(octets)
    except RecordError as refused:
        if refused.id == "cda-not-a-document":
            return None
        return _unreadable(refused, words)
    if not found:
        return None
    try:
        return _shown(header, found, exchange, words)
    except (ValueError, ArithmeticError):  # dates and numbers that no calendar or screen has
        return _unreadable(RecordError("cda-unreadable", clause="results"), words)


def _shown(
    header: Header, found: Sequence[laboratory.Result], exchange: Exchange, words: Words
) -> dict[str, Any]:
    request = exchange.case.request if exchange.case is not None else None
    if request is not None and not same_patient(request.patient, header.patient):
        return _problem("document-of-another", words.say("error-document-of-another"))
    results = [record_views.result_document(result_of(one), words) for one in found]
    organisation = header.author.organisation or header.custodian or words.say("author-unproven")
    date = record_views.date(header.effective_ms, words)
    return {
        "laboratory": organisation,
        "patient": views.patient_line(header.patient, words),
        "date": views.iso(header.effective_ms),
        "heading": words.say("laboratory-results", count=len(results), laboratory=organisation, date=date),
        "results": results,
        "error": None,
        "message": "",
    }


def _unreadable(refused: Refusal, words: Words) -> dict[str, Any]:
    return _problem(refused.id, words.say("laboratory-unreadable", reason=words.of(refused)))


def _problem(error: str, message: str) -> dict[str, Any]:
    return {"results": [], "error": error, "message": message}


def lines(found: Mapping[str, Any] | None, words: Words) -> list[str]:
    """The same for a page or a terminal; a mark stands before what is out of its range."""
    if not found:
        return []
    if found["error"]:
        return [str(found["message"])]
    rows = [f"{'!' if one['abnormal'] else ' '} {one['words']}" for one in found["results"]]
    return [found["heading"], words.say("laboratory-patient", patient=found["patient"]), *rows]
