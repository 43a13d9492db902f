"""`confrere gateway password`: an app password for one mail program, shown once. The gateway may run meanwhile."""

from __future__ import annotations

import argparse

from confrere.commands import app_passwords, opening
from confrere.output import Output
from confrere.words.catalogue import Words

NAME = "password"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--name", metavar="NAME", required=True, help=words.say("gateway-flag-name-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with app_passwords.opened(arguments, output) as (address, passwords):
        password = await passwords.add(arguments.name)
    said = output.words.say("gateway-password", user=address, password=password)
    output.result({"user": address, "password": password}, said)
