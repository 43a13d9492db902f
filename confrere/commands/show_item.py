"""What of a patient's record is shown in an exchange: the lines, and one of them opened, for `confrere show`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from confrere.commands import in_consent, opening, views
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange

_EVENT = "record-share"


async def listed(endpoint: Endpoint, exchange: Exchange, words: Words) -> list[dict[str, Any]]:
    """As `--json` gives it; nothing without the rooms of a record where nothing was ever shown."""
    if not any(event.type == _EVENT for event in exchange.events):
        return []
    from record_bridge.client import shown

    return [
        {
            "item": one.item.thread.hex(),
            "kind": one.item.kind.value,
            "kind_words": words.say(one.item.kind.words),
            "title": one.item.title,
            "by": one.by,
            "until": views.iso(one.until_ms),
            "until_words": views.local(one.until_ms, words),
            "state": "over" if one.over else "open" if one.record else "others",
            "own": one.own,
        }
        for one in await shown.shown(endpoint, exchange)
    ]


def lines(shared: Sequence[dict[str, Any]], words: Words) -> list[str]:
    """The same for a terminal."""
    if not shared:
        return []
    found = ["", words.say("show-shared")]
    for one in shared:
        item = one["item"][: in_consent.SHORT]
        found.append("  " + words.say("show-shared-line", item=item, kind=one["kind_words"], title=one["title"]))
        match one["state"]:
            case "over":
                said = words.say("show-shared-over", name=one["by"])
            case "others":
                said = words.say("show-shared-others", name=one["by"])
            case _:
                said = words.say("show-shared-until", name=one["by"], time=one["until_words"])
        found.append("    " + said)
    return found


async def show(endpoint: Endpoint, exchange: Exchange, typed: str, folder: str, output: Output) -> None:
    """Open one line. Raises RecordError: share-unknown, share-over, share-withdrawn, and what reading it refuses;
    ConfrereError: action-unreachable, attachment-refused."""
    from confrere.commands import record_item, record_printed, record_views
    from record_bridge.client import shown

    words = output.words
    with opening.service_needed():
        one = await shown.find(endpoint, exchange, typed)
        events = await shown.open_item(endpoint, exchange, one)
        item = shown.read_item(one, events, in_consent.patient_of(exchange))
        event = events[0]
        document: dict[str, Any] = record_views.item_document(item, None, words) | {
            "thread": exchange.id.hex(),
            "text": item.summary,
            "results": [record_item.result_of(result, words) for result in item.results],
            "files": [record_item.file_of(manifest) for manifest in event.manifests],
            "signed_by": views.person(event.author.name, event.author.address, words),
            "shown_by": one.by,
            "until": views.iso(one.until_ms),
            "from_words": words.say("show-item-logged"),
        }
        refused = await record_item.save(endpoint, item, event, document, Path(folder)) if folder else []
    output.result(document, record_printed.item(document, words))
    if refused:
        raise ConfrereError("attachment-refused", names=", ".join(refused))
