"""`confrere delegate revoke ADDRESS`: ends a mandate; from here on its holder's keys open nothing new."""

from __future__ import annotations

import argparse

from confrere.commands import addressing, opening
from confrere.output import Output
from confrere.words.catalogue import Words

NAME = "revoke"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("address", metavar="ADDRESS", help=words.say("delegate-flag-address-help"))
    opening.add_profile_flags(parser, words)
    parser.add_argument("--mailbox", metavar="ADDRESS", default="", help=words.say("delegate-flag-mailbox-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            mailbox = addressing.held_mailbox(endpoint, arguments.mailbox)
            colleague = await addressing.enrolled(endpoint, arguments.address)
            await endpoint.delegation.revoke(mailbox.mailbox, colleague.mailbox)
    output.result(
        {"mailbox": mailbox.address, "revoked": colleague.address, "name": colleague.name},
        output.words.say("delegate-revoked", name=colleague.name, mailbox=mailbox.address),
    )
