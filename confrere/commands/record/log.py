"""`confrere record log`: the patient's log in words: who asked whom, who read what and why, what was filed on which
agreement, and what a log cannot show."""

from __future__ import annotations

import argparse
from pathlib import Path

from confrere.commands import in_record, opening, record_log, record_pages
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from record_bridge.client import facts
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass

NAME = "log"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    in_record.add_record(parser, words, positional=True)
    opening.add_profile_flags(parser, words)
    parser.add_argument("--to", metavar="DIR", default="", help=words.say("record-log-flag-to-help"))
    in_record.add_purpose(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    """Only with the service: each line is proven by what it gives out now."""
    words = output.words
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        reader = await in_record.read(endpoint, arguments.record, arguments.purpose, output, online=online)
        if not reader.online:
            raise ConfrereError("action-unreachable")
        if RecordClass.NOTICES not in reader.feed.classes:
            raise RecordError("record-log-closed")
        said = await record_log.say(reader, await facts.lines(endpoint, reader.record), words)
        document: dict[str, object] = {
            "record": reader.record.hex(),
            "lines": [record_log.document(one) for one in said],
            "limits": words.say("record-log-limits"),
        }
        if arguments.to:
            file = await record_pages.write_log(reader, Path(arguments.to), said, words)
            output.result(document | {"file": file}, words.say("record-page-written", file=file))
            return
    output.result(document, record_log.text(said, words))
