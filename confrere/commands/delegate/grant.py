"""`confrere delegate grant`: entrust a mailbox to a colleague or secretary, in classes that keys keep apart."""

from __future__ import annotations

import argparse
import datetime

from confrere.commands import addressing, given, opening, views
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.grants import FOREVER, Right

NAME = "grant"
RIGHTS = {"read": Right.READ, "send": Right.SEND_AS, "manage": Right.MANAGE}


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    say = words.say
    parser.add_argument("--to", metavar="ADDRESS", required=True, help=say("delegate-flag-to-help"))
    parser.add_argument("--mailbox", metavar="ADDRESS", default="", help=say("delegate-flag-mailbox-help"))
    parser.add_argument(
        "--classes", metavar="LIST", type=_classes, default=("logistics",), help=say("delegate-flag-classes-help")
    )
    parser.add_argument(
        "--rights", metavar="LIST", type=_rights, default=("read", "send"), help=say("delegate-flag-rights-help")
    )
    parser.add_argument("--until", metavar="YYYY-MM-DD", type=given.day, help=say("delegate-flag-until-help"))
    parser.add_argument("--from-now-on", action="store_true", help=say("delegate-flag-from-now-on-help"))


def _classes(typed: str) -> tuple[str, ...]:
    return _listed(typed, views.CLASSES)


def _rights(typed: str) -> tuple[str, ...]:
    return _listed(typed, tuple(RIGHTS))


def _listed(typed: str, known: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip().lower() for name in typed.split(",")]
    if not set(names) <= set(known):
        raise argparse.ArgumentTypeError(f"{typed!r} ({', '.join(known)})")
    return tuple(name for name in known if name in names)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    names = [name for name in views.CLASSES if name in arguments.classes or name == "logistics"]
    rights = Right.READ
    for name in arguments.rights:
        rights |= RIGHTS[name]
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            mailbox = addressing.held_mailbox(endpoint, arguments.mailbox)
            colleague = await addressing.enrolled(endpoint, arguments.to)
            await endpoint.delegation.grant(
                mailbox.mailbox,
                colleague.mailbox,
                tuple(views.CLASSES.index(name) for name in names),
                rights,
                history=not arguments.from_now_on,
                not_after=_end_of(arguments.until),
            )
    say = output.words.say
    classes = ", ".join(say(f"class-{name}") for name in names)
    output.result(
        {
            "mailbox": mailbox.address,
            "to": colleague.address,
            "name": colleague.name,
            "classes": names,
            "rights": [name for name, right in RIGHTS.items() if rights & right],
            "until": arguments.until.isoformat() if arguments.until else None,
            "history": not arguments.from_now_on,
        },
        say("delegate-granted", name=colleague.name, mailbox=mailbox.address, classes=classes),
    )


def _end_of(day: datetime.date | None) -> int:
    """The last moment of that day here, in ms UTC."""
    if day is None:
        return FOREVER
    after = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(days=1)
    return int(after.astimezone().timestamp() * 1000) - 1
