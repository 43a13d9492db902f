"""What is entrusted to somebody, and in which parts: a mailbox by its address, or a patient's record."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from confrere.commands import addressing, views
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint

LOGISTICS = "logistics"


@dataclass(frozen=True, slots=True)
class Entrusted:
    """A mailbox with its address, or a record, which has none."""

    mailbox: bytes
    address: str
    is_record: bool

    @property
    def document(self) -> dict[str, object]:
        return {"record": self.mailbox.hex()} if self.is_record else {"mailbox": self.address}


def add_flags(parser: argparse.ArgumentParser, words: Words) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--mailbox", metavar="ADDRESS", default="", help=words.say("delegate-flag-mailbox-help"))
    group.add_argument("--record", metavar="RECORD", default="", help=words.say("delegate-flag-record-help"))


async def chosen(endpoint: Endpoint, arguments: argparse.Namespace) -> Entrusted:
    """Raises MessagingError("mailbox-not-held"); RecordError: record-unknown, record-ambiguous."""
    if not arguments.record:
        held = addressing.held_mailbox(endpoint, arguments.mailbox)
        return Entrusted(held.mailbox, held.address, False)
    from record_bridge.client import holding  # only here: a mailbox needs none of a record's rooms

    record = (await holding.choose(endpoint, arguments.record)).record
    return Entrusted(record, "", True)


def parts_of(arguments: argparse.Namespace, output: Output) -> list[int]:
    """The classes that were typed, or what is usual. Raises ConfrereError("usage"), record-class-unknown."""
    typed = str(arguments.classes)
    if not arguments.record:
        names = {name.strip().lower() for name in (typed or LOGISTICS).split(",")} | {LOGISTICS}
        if not names <= set(views.CLASSES):
            reason = f"--classes {typed!r} ({', '.join(views.CLASSES)})"
            raise ConfrereError("usage", reason=reason, command="confrere delegate grant")
        return [class_ for class_, name in enumerate(views.CLASSES) if name in names]
    from record_bridge.record.classes import PROFESSIONAL, RecordClass, parse_classes

    classes = parse_classes(typed) if typed else PROFESSIONAL
    return sorted(int(class_) for class_ in classes | {RecordClass.NOTICES})


def part_name(part: int, what: Entrusted) -> str:
    """As the JSON document has it."""
    if not what.is_record:
        return views.CLASSES[part]
    from record_bridge.record.classes import RecordClass

    return RecordClass(part).slug


def part_words(part: int, what: Entrusted, words: Words) -> str:
    if not what.is_record:
        return words.say(f"class-{views.CLASSES[part]}")
    from record_bridge.record.classes import RecordClass

    return words.say(RecordClass(part).words)
