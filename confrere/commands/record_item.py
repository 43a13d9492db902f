"""One item of a record: its text, its results, where it comes from, and its files, saved where they are wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from confrere.commands import private_file, record_printed, record_views
from confrere.commands.in_record import Reader
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import ReadEvent
from messaging.protocol.body import Manifest
from record_bridge.client import consents, facts, index
from record_bridge.client.consents import KnownConsent
from record_bridge.client.documents import DOCUMENT, EVIDENCE
from record_bridge.consent.consent import Consent, Episode
from record_bridge.consent.states import By
from record_bridge.record.classes import RecordClass
from record_bridge.record.items import Author, Item

_FILES = {DOCUMENT: "record-file-document", EVIDENCE: "record-file-evidence"}


async def show(reader: Reader, typed: str, folder: str, output: Output) -> None:
    """Raises RecordError: item-unknown, item-ambiguous; ConfrereError: attachment-refused, file-unwritable."""
    words = output.words
    item = await index.item(reader.endpoint, reader.record, typed)
    readers = await reader.readers([item])
    opened = await reader.endpoint.reading.item(item.thread)
    event = opened[0][0] if opened is not None and opened[0] else None
    document = record_views.item_document(item, readers, words) | {
        "record": reader.record.hex(),
        "text": item.summary,
        "results": [result_of(result, words) for result in item.results],
        "sources": [source.hex() for source in item.sources],
        "files": [] if event is None else [file_of(manifest) for manifest in event.manifests],
    }
    document |= await _where_from(reader, item, event, words)
    refused = await save(reader.endpoint, item, event, document, Path(folder)) if folder and event is not None else []
    output.result(document, record_printed.item(document, words))
    if refused:
        raise ConfrereError("attachment-refused", names=", ".join(refused))


def result_of(result: Any, words: Words) -> dict[str, object]:
    return record_views.result_document(result, words) | {
        "range_words": record_views.range_words(result.low, result.high, words),
        "flag_words": record_views.flag_words(result, words),
    }


def file_of(manifest: Manifest) -> dict[str, object]:
    return {
        "name": manifest.name,
        "size": manifest.size,
        "media_type": manifest.media_type,
        "words": _FILES.get(manifest.name, "record-file-other"),
    }


# --- where it comes from ---


async def _where_from(reader: Reader, item: Item, event: ReadEvent | None, words: Words) -> dict[str, object]:
    """A note, a deposit, or something of an exchange that the patient agreed to file."""
    if not item.consent:
        written = event is not None and event.type == "record-note"
        origin = "note" if written else "deposit"
        who = item.author if item.deposited_by is None else Author(item.deposited_by, unproven=not item.deposited_by)
        said = words.say(f"record-from-{origin}", who=record_views.author_words(who, words))
        return {"from": origin, "consent": None, "basis": None, "from_words": said}
    found: dict[str, object] = {"from": "exchange", "consent": item.consent.hex(), "basis": None}
    consent = await _consent(reader, item.consent)
    if consent is None:
        return found | {"from_words": words.say("record-from-exchange-unread")}
    basis = "signed" if facts.basis_at(consent, item.received_ms) is By.PATIENT else "attested"
    scope = scope_words(consent.current.consent, words)
    said = words.say("record-from-exchange", basis=words.say(f"consent-basis-{basis}"), scope=scope)
    return found | {"basis": basis, "from_words": said}


def scope_words(consent: Consent, words: Words) -> str:
    if isinstance(consent.scope, Episode):
        return words.say("consent-scope-episode", label=consent.scope.label)
    return words.say("consent-scope-exchange")


async def _consent(reader: Reader, series: bytes) -> KnownConsent | None:
    """The consent with all its versions, where it can be asked for."""
    if not reader.online or RecordClass.NOTICES not in reader.feed.classes:
        return None
    try:
        known = (await consents.survey(reader.endpoint, reader.record)).known
    except Refusal as refused:
        if refused.category is not Category.UNREACHABLE:
            raise
        reader.online = False
        return None
    return next((one for one in known if one.series == series), None)


# --- files ---


async def save(
    endpoint: Endpoint, item: Item, event: ReadEvent, document: dict[str, Any], folder: Path
) -> list[str]:
    """Into a folder of the item's own, each verified whole first; the readable part of a document as well.

    Gives the names of what failed verification.
    """
    own, refused = folder / item.thread.hex()[:8], []
    for manifest, entry in zip(event.manifests, list(document["files"]), strict=True):
        try:
            path = await endpoint.attachments.download(manifest, own)
        except OSError:
            raise ConfrereError("file-unwritable", file=str(own)) from None
        except Refusal as failed:
            if failed.category is Category.UNREACHABLE:
                raise
            entry["error"] = failed.id
            refused.append(manifest.name)
            continue
        entry["path"] = str(path.resolve())
        if manifest.name == DOCUMENT and (pdf := _readable(path)):
            file = own / "document.pdf"
            document["files"].append(
                {
                    "name": file.name,
                    "size": len(pdf),
                    "media_type": "application/pdf",
                    "words": "record-file-readable",
                    "path": private_file.write(file, pdf),
                }
            )
    return refused


def _readable(path: Path) -> bytes | None:
    """The PDF inside a clinical document; None where it has none, or cannot be read."""
    from record_bridge.cda import read  # its parser is loaded only where a document is opened

    try:
        return read.read(path.read_bytes()).pdf
    except Refusal:
        return None
