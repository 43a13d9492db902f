"""`confrere record show`: what a record holds, what matters first; one item of it; results over time; a page to print.

Without anything it lists the records that can be opened here. Reading a record is said to the service first: the
patient sees who opened what, and why.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from confrere.commands import (
    given,
    in_record,
    opening,
    private_file,
    record_item,
    record_pages,
    record_printed,
    record_views,
)
from confrere.commands.in_record import Reader
from confrere.output import DONE, UNREACHABLE, Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from record_bridge.client import cards, holding
from record_bridge.record import order
from record_bridge.record.kinds import Kind, parse_kind
from record_bridge.record.order import PAGE
from record_bridge.record.results import series_over_time

NAME = "show"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    in_record.add_record(parser, words, positional=True)
    opening.add_profile_flags(parser, words)
    say = words.say
    parser.add_argument("--kind", metavar="KIND", default="", help=say("record-show-flag-kind-help"))
    pages = parser.add_mutually_exclusive_group()
    pages.add_argument("--page", metavar="N", type=_page, default=0, help=say("record-show-flag-page-help"))
    pages.add_argument("--all", action="store_true", help=say("record-show-flag-all-help"))
    views = parser.add_mutually_exclusive_group()
    views.add_argument("--item", metavar="ITEM", default="", help=say("record-flag-item-help"))
    views.add_argument(
        "--over-time", metavar="CODE", nargs="?", const="", default=None, help=say("record-show-flag-over-time-help")
    )
    views.add_argument("--card", metavar="FILE", default="", help=say("record-show-flag-card-help"))
    views.add_argument("--to", metavar="DIR", default="", help=say("record-show-flag-to-help"))
    parser.add_argument("--save", metavar="DIR", default="", help=say("record-show-flag-save-help"))
    in_record.add_purpose(parser, words)


def _page(typed: str) -> int:
    if int(typed) < 1:
        raise ValueError
    return int(typed)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    kind = parse_kind(arguments.kind) if arguments.kind else None
    chosen = (arguments.record, arguments.kind, arguments.item, arguments.card, arguments.to, arguments.save)
    named = any((*chosen, arguments.page, arguments.all, arguments.over_time is not None))
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        if not named:
            return await _list(endpoint, output, online=online)
        reader = await in_record.read(endpoint, arguments.record, arguments.purpose, output, online=online)
        if arguments.item:
            await record_item.show(reader, arguments.item, arguments.save, output)
        elif arguments.over_time is not None:
            await _over_time(reader, arguments.over_time, output)
        elif arguments.card:
            await _card(reader, arguments.card, output)
        elif arguments.to:
            await _write(reader, Path(arguments.to), kind, output)
        else:
            await _show(reader, kind, arguments.page or 1, output, whole=arguments.all)
        return reader.code


async def _list(endpoint: Endpoint, output: Output, *, online: bool) -> int:
    documents = [
        record_views.record_document(held, await in_record.keeper_of(endpoint, held), output.words)
        for held in await holding.held_records(endpoint)
    ]
    output.result(documents, record_printed.held(documents, output.words))
    return DONE if online else UNREACHABLE


async def _show(reader: Reader, kind: Kind | None, number: int, output: Output, *, whole: bool) -> None:
    words, offset = output.words, (number - 1) * PAGE
    items = await reader.everything() if whole else await reader.items(offset + PAGE)
    unread = await reader.unread(items)
    size = max(len(items), 1) if whole else PAGE
    now = reader.endpoint.environment.now()
    shown = order.page(items, now, kind, offset, unread=unread, size=size)
    readers = await reader.readers([line.item for line in shown.lines])
    head = record_views.record_document(reader.held, await reader.keeper(), words)
    older = await reader.feed.has_older()
    document = head | record_views.page_document(shown, offset, readers, words, older=older)
    output.result(document, record_printed.page(document, record_views.title_of_record(reader.held, words), words))
    if kind is None and number == 1:
        await reader.seen(items)


async def _over_time(reader: Reader, code: str, output: Output) -> None:
    found = record_views.chosen_series(series_over_time(await reader.everything()), code)
    document = [record_views.series_document(series) for series in found]
    output.result(document, record_printed.over_time(found, output.words))


async def _write(reader: Reader, folder: Path, kind: Kind | None, output: Output) -> None:
    file = await record_pages.write_record(reader, folder, kind, output.words)
    document = {"record": reader.record.hex(), "file": file}
    output.result(document, output.words.say("record-page-written", file=file))


async def _card(reader: Reader, file: str, output: Output) -> None:
    """The card on one line: to a file of one's own, or with "-" shown."""
    text = await cards.make(reader.endpoint, reader.record)
    document: dict[str, object] = {"record": reader.record.hex(), "card": text}
    if file == given.STANDARD_INPUT:
        output.result(document, text)
        return
    path = private_file.write(Path(file), text + "\n")
    output.result(document | {"file": path}, output.words.say("record-card-written", file=path))


