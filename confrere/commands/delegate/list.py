"""`confrere delegate list`: who works for a mailbox, with what, until when."""

from __future__ import annotations

import argparse

from confrere.commands import addressing, opening, views
from confrere.commands.delegate.grant import RIGHTS
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.grants import FOREVER
from messaging.client.delegation import Mandate

NAME = "list"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--mailbox", metavar="ADDRESS", default="", help=words.say("delegate-flag-mailbox-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            mailbox = addressing.held_mailbox(endpoint, arguments.mailbox)
            mandates = await endpoint.delegation.mandates(mailbox.mailbox)
    document = [
        {
            "name": mandate.name,
            "address": mandate.address,
            "classes": [views.CLASSES[class_] for class_ in mandate.classes],
            "rights": [name for name, right in RIGHTS.items() if mandate.rights & right],
            "until": None if mandate.not_after == FOREVER else views.iso(mandate.not_after),
        }
        for mandate in mandates
    ]
    lines = [_line(mandate, output.words) for mandate in mandates] or [output.words.say("delegate-none")]
    output.result(document, "\n".join([*lines, output.words.say("not-publicly-verified")]))


def _line(mandate: Mandate, words: Words) -> str:
    say = words.say
    classes = ", ".join(say(f"class-{views.CLASSES[class_]}") for class_ in mandate.classes)
    until = "" if mandate.not_after == FOREVER else say("delegate-until", time=views.local(mandate.not_after, words))
    return " · ".join(filter(None, [f"{mandate.name} <{mandate.address}>", classes, until]))
