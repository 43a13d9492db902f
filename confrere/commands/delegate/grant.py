"""`confrere delegate grant`: entrust a mailbox to a colleague or secretary, or open a record to a colleague, in parts
that keys keep apart."""

from __future__ import annotations

import argparse
import datetime

from confrere.commands import addressing, delegated, given, opening
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.grants import FOREVER, Right

NAME = "grant"
RIGHTS = {"read": Right.READ, "send": Right.SEND_AS, "manage": Right.MANAGE}


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    say = words.say
    parser.add_argument("--to", metavar="ADDRESS", required=True, help=say("delegate-flag-to-help"))
    delegated.add_flags(parser, words)
    parser.add_argument("--classes", metavar="LIST", default="", help=say("delegate-flag-classes-help"))
    parser.add_argument(
        "--rights", metavar="LIST", type=_rights, default=("read", "send"), help=say("delegate-flag-rights-help")
    )
    parser.add_argument("--until", metavar="YYYY-MM-DD", type=given.day, help=say("delegate-flag-until-help"))
    parser.add_argument("--from-now-on", action="store_true", help=say("delegate-flag-from-now-on-help"))


def _rights(typed: str) -> tuple[str, ...]:
    names = [name.strip().lower() for name in typed.split(",")]
    if not set(names) <= set(RIGHTS):
        raise argparse.ArgumentTypeError(f"{typed!r} ({', '.join(RIGHTS)})")
    return tuple(name for name in RIGHTS if name in names)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    parts = delegated.parts_of(arguments, output)
    given.coming(arguments.until)
    rights = Right.READ
    for name in arguments.rights:
        rights |= RIGHTS[name]
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            what = await delegated.chosen(endpoint, arguments)
            colleague = await addressing.enrolled(endpoint, arguments.to)
            await endpoint.delegation.grant(
                what.mailbox,
                colleague.mailbox,
                tuple(parts),
                rights,
                history=not arguments.from_now_on,
                not_after=_end_of(arguments.until),
            )
    document = what.document | {
        "to": colleague.address,
        "name": colleague.name,
        "classes": [delegated.part_name(part, what) for part in parts],
        "rights": [name for name, right in RIGHTS.items() if rights & right],
        "until": arguments.until.isoformat() if arguments.until else None,
        "history": not arguments.from_now_on,
    }
    classes = ", ".join(delegated.part_words(part, what, output.words) for part in parts)
    said = "delegate-record-granted" if what.is_record else "delegate-granted"
    facts = {} if what.is_record else {"mailbox": what.address}
    output.result(document, output.words.say(said, name=colleague.name, classes=classes, **facts))


def _end_of(day: datetime.date | None) -> int:
    """The last moment of that day here, in ms UTC."""
    if day is None:
        return FOREVER
    after = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(days=1)
    return int(after.astimezone().timestamp() * 1000) - 1
