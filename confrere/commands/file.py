"""`confrere file THREAD`: have selected parts of an exchange filed into the patient's record, with a preview of exactly
what will be written; `--withdraw` takes a filing back, and without events to file `--status` says where each stands."""

from __future__ import annotations

import argparse
import contextlib
import datetime
from typing import Any

from confrere.commands import opening, views
from confrere.commands.refer import read_patient
from confrere.errors import ConfrereError
from confrere.output import DONE, UNREACHABLE, Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange, ReadEvent
from messaging.rendering.pages import day
from record_bridge.client import filing
from record_bridge.client.filing import KnownFiling, Prepared
from record_bridge.errors import RecordError
from record_bridge.filing.bodies import Withdrawn
from record_bridge.filing.preview import Line, Preview
from record_bridge.filing.states import State
from record_bridge.record.classes import RecordClass, parse_class

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


async def run(arguments: argparse.Namespace, output: Output) -> int:
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        exchange = await endpoint.reading.exchange(arguments.thread)
        if arguments.status:
            _show(await filing.of_exchange(endpoint, exchange), exchange, output)
            return DONE if online else UNREACHABLE
        if arguments.withdraw:
            with opening.service_needed():
                await _withdraw(endpoint, exchange, output)
        else:
            with opening.service_needed():
                await _file(arguments, endpoint, exchange, output)
        return DONE


async def _file(arguments: argparse.Namespace, endpoint: Endpoint, exchange: Exchange, output: Output) -> None:
    class_ = parse_class(arguments.class_ or RecordClass.COMMON.slug)
    if class_ in (RecordClass.NOTICES, RecordClass.REIMBURSEMENT):
        raise ConfrereError("filing-class-wrong")
    events = _chosen(exchange, arguments.events)
    if not arguments.again:
        found = await filing.of_exchange(endpoint, exchange)
        standing = {event for known in found for event in _standing(known)}
        new = [event for event in events if event.id not in standing]
        if not new and not arguments.preview:
            known = next(one for one in found if events[0].id in _standing(one))
            text = output.words.say("file-already") + "\n" + _text(known, exchange, output.words)
            output.result(_row(known, output.words), text)
            return
        events = new or events
    to = await filing.bridge(endpoint, arguments.bridge)
    more: dict[str, Any] = {}
    if arguments.patient:
        more["patient"] = read_patient(arguments.patient)
    if arguments.class_:
        more["class_"] = class_
    prepared = await filing.prepare(endpoint, exchange, events, to, **more)
    shown = preview_text(prepared.preview, output.words)
    if arguments.preview:
        output.result(_previewed(prepared), shown)
        return
    identifier = await filing.ask(endpoint, exchange, prepared)
    document = {"filing": identifier.hex(), "documents": len(prepared.units), **_previewed(prepared)}
    output.result(document, shown + "\n" + output.words.say("file-asked", documents=len(prepared.units)))


def _chosen(exchange: Exchange, typed: str) -> list[ReadEvent]:
    """What is to be filed, or why nothing can be. Raises ConfrereError: filing-nothing-answered,
    filing-events-unknown."""
    try:
        return filing.chosen(exchange, typed.split(","))
    except RecordError as refused:
        if refused.id != "filing-item-missing":
            raise
        answers = not typed.strip() or typed.strip().lower() == "answer"
        raise ConfrereError("filing-nothing-answered" if answers else "filing-events-unknown") from None


def _standing(known: KnownFiling) -> set[bytes]:
    """The events of a filing that are under way or in the record: document n is of its item n."""
    states = {one.n: one.state for one in known.receipts}
    gone = (State.REJECTED, State.WITHDRAWN)
    return {item.event for n, item in enumerate(known.request.items) if states.get(n) not in gone}


async def _withdraw(endpoint: Endpoint, exchange: Exchange, output: Output) -> None:
    open_ = [k for k in await filing.of_exchange(endpoint, exchange) if k.state.value not in ("rejected", "withdrawn")]
    if not open_:
        raise RecordError("filing-unknown")
    for known in open_:
        await filing.withdraw(endpoint, known, Withdrawn.MISTAKE)
    output.result({"withdrawn": [known.request.filing.hex() for known in open_]}, output.words.say("file-withdrawn"))


def _show(found: tuple[KnownFiling, ...], exchange: Exchange, output: Output) -> None:
    words = output.words
    if not found:
        output.result([], words.say("file-none"))
        return
    output.result([_row(one, words) for one in found], "\n".join(_text(one, exchange, words) for one in found))


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


def _text(known: KnownFiling, exchange: Exchange, words: Words) -> str:
    lines = [words.say("file-line", filing=known.request.filing.hex()[:8], state=_say_state(known, words))]
    for one in known.receipts:
        basis = words.say(f"consent-basis-{one.basis.value}") if one.basis is not None else ""
        reason = reason_text(one.reason, words)
        facts = (words.say(f"filing-state-{one.state.value}"), basis, reason)
        lines += [f"  {_what(known, one.n, exchange, words)}", "    " + " · ".join(filter(None, facts))]
    return "\n".join(lines)


def _what(known: KnownFiling, n: int, exchange: Exchange, words: Words) -> str:
    """What document n is made of, as its reader knows it: an answer or a letter, by whom, of when."""
    filed = known.request.items[n].event if n < len(known.request.items) else b""
    event = next((one for one in exchange.events if one.id == filed), None)
    if event is None:
        return words.say("filing-preview-document")
    title = words.say("filing-title-report" if event.type == "answer" else "filing-title-letter")
    author = event.author.name or words.say("author-unproven")
    return f"{title} · {author} · {views.local(event.time, words)}"


def summary(known: KnownFiling, words: Words) -> dict[str, object]:
    """Where a filing is and, where it waits or was refused, why."""
    state, count = words.say(f"filing-state-{known.state.value}"), len(known.request.items)
    why = next((reason_text(one.reason, words) for one in known.receipts if one.reason), "")
    said = words.say("patient-filing", state=state, count=count)
    return {
        "filing": known.request.filing.hex(),
        "state": known.state.value,
        "documents": count,
        "reason": why,
        "words": f"{said}. {why}" if why else said,
    }


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
    value = words.say(line.value) if line.said else _shown(line, words)
    return f"{words.say(line.word)} : {value}"


def _shown(line: Line, words: Words) -> str:
    """A value as people write it here; what the bridge compares stays as it is."""
    with contextlib.suppress(ValueError):
        if line.word == "filing-preview-date":
            return views.local(int(datetime.datetime.fromisoformat(line.value).timestamp() * 1000), words)
        if line.word == "filing-preview-birth":
            return day(datetime.date.fromisoformat(line.value), words.language)
    return line.value[:8] if line.word == "filing-preview-target" else line.value


def _previewed(prepared: Prepared) -> dict[str, Any]:
    return {
        "preview": prepared.preview.text,
        "record": prepared.request.record.hex(),
        "events": [item.event.hex() for item in prepared.request.items],
        "kinds": [unit.kind.value for unit in prepared.units],
    }
