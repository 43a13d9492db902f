"""`confrere delegate revoke ADDRESS`: ends a mandate; from here on its holder's keys open nothing new."""

from __future__ import annotations

import argparse

from confrere.commands import addressing, delegated, opening
from confrere.output import Output
from confrere.words.catalogue import Words

NAME = "revoke"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("address", metavar="ADDRESS", help=words.say("delegate-flag-address-help"))
    opening.add_profile_flags(parser, words)
    delegated.add_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            what = await delegated.chosen(endpoint, arguments)
            colleague = await addressing.enrolled(endpoint, arguments.address)
            await endpoint.delegation.revoke(what.mailbox, colleague.mailbox)
    document = what.document | {"revoked": colleague.address, "name": colleague.name}
    said = "delegate-record-revoked" if what.is_record else "delegate-revoked"
    facts = {} if what.is_record else {"mailbox": what.address}
    output.result(document, output.words.say(said, name=colleague.name, **facts))
