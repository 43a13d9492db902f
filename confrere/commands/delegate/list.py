"""`confrere delegate list`: who works for a mailbox, or opens a record, with what, until when."""

from __future__ import annotations

import argparse

from confrere.commands import delegated, opening, views
from confrere.commands.delegate.grant import RIGHTS
from confrere.commands.delegated import Entrusted
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.grants import FOREVER
from messaging.client.delegation import Mandate

NAME = "list"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    delegated.add_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            what = await delegated.chosen(endpoint, arguments)
            mandates = await endpoint.delegation.mandates(what.mailbox)
    document = [
        {
            "name": mandate.name,
            "address": mandate.address,
            "classes": [delegated.part_name(part, what) for part in mandate.classes],
            "rights": [name for name, right in RIGHTS.items() if mandate.rights & right],
            "until": None if mandate.not_after == FOREVER else views.iso(mandate.not_after),
        }
        for mandate in mandates
    ]
    none = output.words.say("delegate-record-none" if what.is_record else "delegate-none")
    lines = [_line(mandate, what, output.words) for mandate in mandates] or [none]
    output.result(document, "\n".join([*lines, output.words.say("not-publicly-verified")]))


def _line(mandate: Mandate, what: Entrusted, words: Words) -> str:
    classes = ", ".join(delegated.part_words(part, what, words) for part in mandate.classes)
    forever = mandate.not_after == FOREVER
    until = "" if forever else words.say("delegate-until", time=views.local(mandate.not_after, words))
    return " · ".join(filter(None, [f"{mandate.name} <{mandate.address}>", classes, until]))
