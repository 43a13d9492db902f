"""`confrere file THREAD`: have selected parts of an exchange filed into the patient's record, with a preview of exactly
what will be written; `--withdraw` takes a filing back, and without events to file `--status` says where each stands."""

from __future__ import annotations

import argparse
from typing import Any

from confrere.commands import opening
from confrere.commands.refer import read_patient
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from record_bridge.client import filing
from record_bridge.client.filing import KnownFiling, Prepared
from record_bridge.errors import RecordError
from record_bridge.filing.bodies import Withdrawn
from record_bridge.filing.preview import Line, Preview
from record_bridge.record.classes import parse_class

NAME = "file"
_UNKNOWN = dict.fromkeys(
    (
        *("clause", "field", "trait", "traits", "others", "reason", "limit", "act", "state", "which", "rule"),
        *("purpose", "rpps", "kind", "what", "part", "seconds", "class"),
    ),
    "…",
)


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("thread", metavar="THREAD", help=words.say("flag-thread-help"))
    parser.add_argument("--events", metavar="IDS", default="", help=words.say("file-flag-events-help"))
    parser.add_argument("--preview", action="store_true", help=words.say("file-flag-preview-help"))
    parser.add_argument("--patient", metavar="FILE", default="", help=words.say("file-flag-patient-help"))
    parser.add_argument("--class", dest="class_", metavar="CLASS", default="", help=words.say("file-flag-class-help"))
    parser.add_argument("--bridge", metavar="ADDRESS", default="", help=words.say("file-flag-bridge-help"))
    parser.add_argument("--again", action="store_true", help=words.say("file-flag-again-help"))
    parser.add_argument("--status", action="store_true", help=words.say("file-flag-status-help"))
    parser.add_argument("--withdraw", action="store_true", help=words.say("file-flag-withdraw-help"))
    opening.add_profile_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        await opening.fresh(endpoint, output)
        exchange = await endpoint.reading.exchange(arguments.thread)
        if arguments.status:
            _show(await filing.of_exchange(endpoint, exchange), output)
        elif arguments.withdraw:
            with opening.service_needed():
                await _withdraw(endpoint, exchange, output)
        else:
            with opening.service_needed():
                await _file(arguments, endpoint, exchange, output)


async def _file(arguments: argparse.Namespace, endpoint: Endpoint, exchange: Exchange, output: Output) -> None:
    events = filing.chosen(exchange, arguments.events.split(","))
    known = await filing.already(endpoint, exchange, {event.id for event in events})
    if known is not None and not arguments.again and not arguments.preview:
        output.result(_row(known, output.words), output.words.say("file-already") + "\n" + _text(known, output.words))
        return
    to = await filing.bridge(endpoint, arguments.bridge)
    more: dict[str, Any] = {}
    if arguments.patient:
        more["patient"] = read_patient(arguments.patient)
    if arguments.class_:
        more["class_"] = parse_class(arguments.class_)
    prepared = await filing.prepare(endpoint, exchange, events, to, **more)
    shown = preview_text(prepared.preview, output.words)
    if arguments.preview:
        output.result(_previewed(prepared), shown)
        return
    identifier = await filing.ask(endpoint, exchange, prepared)
    document = {"filing": identifier.hex(), "documents": len(prepared.units), **_previewed(prepared)}
    output.result(document, shown + "\n" + output.words.say("file-asked", documents=len(prepared.units)))


async def _withdraw(endpoint: Endpoint, exchange: Exchange, output: Output) -> None:
    open_ = [k for k in await filing.of_exchange(endpoint, exchange) if k.state.value not in ("rejected", "withdrawn")]
    if not open_:
        raise RecordError("filing-unknown")
    for known in open_:
        await filing.withdraw(endpoint, known, Withdrawn.MISTAKE)
    output.result({"withdrawn": [known.request.filing.hex() for known in open_]}, output.words.say("file-withdrawn"))


def _show(found: tuple[KnownFiling, ...], output: Output) -> None:
    words = output.words
    if not found:
        output.result([], words.say("file-none"))
        return
    output.result([_row(one, words) for one in found], "\n".join(_text(one, words) for one in found))


def _row(known: KnownFiling, words: Words) -> dict[str, Any]:
    return {
        "filing": known.request.filing.hex(),
        "state": known.state.value,
        "state_text": words.say(f"filing-state-{known.state.value}"),
        "events": [item.event.hex() for item in known.request.items],
        "documents": [
            {
                "n": one.n,
                "state": one.state.value,
                "reason": one.reason,
                "reason_text": reason_text(one.reason, words),
                "basis": one.basis.value if one.basis is not None else "",
                "item": one.record_thread.hex() if one.record_thread is not None else "",
                "document": one.document,
            }
            for one in known.receipts
        ],
    }


def _text(known: KnownFiling, words: Words) -> str:
    lines = [words.say("file-line", filing=known.request.filing.hex()[:8], state=_say_state(known, words))]
    for one in known.receipts:
        basis = words.say(f"consent-basis-{one.basis.value}") if one.basis is not None else ""
        reason = reason_text(one.reason, words)
        lines.append(
            "  " + "  ".join(filter(None, (words.say(f"filing-state-{one.state.value}"), basis, reason)))
        )
    return "\n".join(lines)


def _say_state(known: KnownFiling, words: Words) -> str:
    return words.say(f"filing-state-{known.state.value}")


def reason_text(reason: str, words: Words) -> str:
    """A receipt's reason in words; the facts that only the bridge knew are left open."""
    return words.say(f"error-{reason}", **_UNKNOWN) if reason else ""


def preview_text(preview: Preview, words: Words) -> str:
    """A preview as a person reads it: the very lines that the bridge compares."""
    blocks = [preview.header, *((*one.header, *one.sections) for one in preview.documents)]
    return "\n\n".join("\n".join(_line(line, words) for line in block) for block in blocks)


def _line(line: Line, words: Words) -> str:
    value = words.say(line.value) if line.said else line.value
    return f"{words.say(line.word)} : {value}"


def _previewed(prepared: Prepared) -> dict[str, Any]:
    return {
        "preview": prepared.preview.text,
        "record": prepared.request.record.hex(),
        "events": [item.event.hex() for item in prepared.request.items],
        "kinds": [unit.kind.value for unit in prepared.units],
    }
