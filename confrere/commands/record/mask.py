"""`confrere record mask ITEM`: moves an item to another part of the record; by default out of professionals' sight."""

from __future__ import annotations

import argparse

from confrere.commands import given, in_record, opening, record_views
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.grants import Right
from messaging.errors import MessagingError
from record_bridge.client import index, moving
from record_bridge.errors import RecordError
from record_bridge.record.classes import RecordClass, parse_class
from record_bridge.record.kinds import Kind

NAME = "mask"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("item", metavar="ITEM", help=words.say("record-flag-item-help"))
    opening.add_profile_flags(parser, words)
    in_record.add_record(parser, words, positional=False)
    sentence = words.say("record-mask-flag-class-help")
    parser.add_argument("--class", dest="class_", metavar="CLASS", default=RecordClass.MASKED.slug, help=sentence)
    in_record.add_purpose(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    into = parse_class(arguments.class_)
    if into is RecordClass.NOTICES:
        raise RecordError("record-class-unknown")
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            online = await opening.fresh(endpoint, output)
            if not online:
                raise MessagingError("service-unreachable")
            reader = await in_record.read(endpoint, arguments.record, arguments.purpose, output, online=online)
            item = await index.item(endpoint, reader.record, arguments.item)
            if not endpoint.keyring.may(reader.record, Right.MANAGE, into):
                raise RecordError("record-not-kept-here")
            before = item.class_
            if into is RecordClass.REIMBURSEMENT and item.kind is not Kind.REIMBURSEMENT:
                raise given.wrong(output, "record mask", "record-mask-class-wrong")
            if before is not into:
                await moving.move(endpoint, reader.record, item.thread, into)
                await reader.feed.refresh()
            readers = await reader.readers([item]) or {}
            names = list(readers.get(item.thread, ()))
    say = output.words.say
    title = record_views.title(item, output.words)
    text = [_said(before, into, title, output.words)]
    if into is RecordClass.MASKED and before is not into:
        text.append(say("record-mask-once-read", names=", ".join(names)) if names else say("record-mask-unread"))
    document = {
        "record": reader.record.hex(),
        "item": item.thread.hex(),
        "before": before.slug,
        "class": into.slug,
        "masked": into is RecordClass.MASKED,
        "read_before_by": names,
    }
    output.result(document, "\n".join(text))


def _said(before: RecordClass, into: RecordClass, title: str, words: Words) -> str:
    where = words.say(into.words)
    if before is into:
        return words.say("record-mask-already", title=title, where=where)
    if into is RecordClass.MASKED:
        return words.say("record-mask-done", title=title)
    if before is RecordClass.MASKED:
        return words.say("record-unmask-done", title=title, where=where)
    return words.say("record-move-done", title=title, where=where)
