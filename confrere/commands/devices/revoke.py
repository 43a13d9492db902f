"""`confrere devices revoke ID`: a lost device reads nothing new, in every mailbox of the person at once."""

from __future__ import annotations

import argparse

from confrere.commands import opening
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client import devices

NAME = "revoke"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("device", metavar="ID", help=words.say("devices-flag-id-help"))
    opening.add_profile_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            removed = await devices.revoke(
                arguments.device,
                endpoint.identity,
                endpoint.environment,
                endpoint.accounts,
                endpoint.keyring,
                endpoint.delegation,
            )
    output.result({"revoked": removed}, output.words.say("devices-revoked", id=removed[:12]))
