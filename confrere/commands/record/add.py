"""`confrere record add`: a note of one's own in a record: free text, a synthesis, treatments, allergies."""

from __future__ import annotations

import argparse

from confrere.commands import given, in_record, opening, sending
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.protocol.body import Body, EventType
from record_bridge.client import holding, posting
from record_bridge.errors import RecordError
from record_bridge.record import note
from record_bridge.record.classes import RecordClass, parse_class
from record_bridge.record.kinds import parse_kind
from record_bridge.record.note import NOTE_KINDS, Note

NAME = "add"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    text = parser.add_mutually_exclusive_group(required=True)
    say = words.say
    text.add_argument("--text", metavar="TEXT", default="", help=say("flag-text-help"))
    text.add_argument("--file", metavar="FILE", default="", help=say("flag-body-help"))
    parser.add_argument("--kind", metavar="KIND", default="note", help=say("record-add-flag-kind-help"))
    parser.add_argument("--class", dest="class_", metavar="CLASS", default="1", help=say("record-add-flag-class-help"))
    in_record.add_record(parser, words, positional=False)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    text = given.prose(given.text(arguments.file) if arguments.file else arguments.text)
    if not text.strip():
        raise given.wrong(output, "record add", "text-missing")
    if len(text) > note.MAX_TEXT:
        raise RecordError("record-note-too-long", limit=note.MAX_TEXT)
    kind, class_ = parse_kind(arguments.kind), parse_class(arguments.class_)
    if kind not in NOTE_KINDS.values():
        raise given.wrong(output, "record add", "record-add-kind-wrong")
    if class_ in (RecordClass.NOTICES, RecordClass.REIMBURSEMENT):
        raise given.wrong(output, "record add", "record-add-class-wrong")
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        held = await holding.choose(endpoint, arguments.record)
        said = note.write(Note(kind, text, endpoint.environment.now()))
        body = Body(note.MEDIA_TYPE, said)
        outgoing = await posting.put(endpoint, held.record, class_, EventType.RECORD_NOTE, body)
        document = {
            "record": held.record.hex(),
            "item": outgoing.thread.hex(),
            "kind": kind.value,
            "class": class_.slug,
        }
        return await sending.leave(
            endpoint, [outgoing], output, online=online, done="record-add-done", document=document
        )
