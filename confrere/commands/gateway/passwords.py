"""`confrere gateway passwords`: which mail programs have one, and when they used it; `--remove` withdraws one."""

from __future__ import annotations

import argparse

from confrere.commands import app_passwords, opening, views
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.gateway.access.app_passwords import Listed

NAME = "passwords"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--remove", metavar="NAME", default="", help=words.say("gateway-flag-remove-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    words = output.words
    async with app_passwords.opened(arguments, output) as (address, passwords):
        if arguments.remove:
            await passwords.remove(arguments.remove)
        listed = await passwords.names()
    document = {"user": address, "passwords": [_document(one) for one in listed]}
    lines = [_line(one, words) for one in listed] or [words.say("gateway-passwords-none")]
    removed = [words.say("gateway-password-removed", name=arguments.remove)] if arguments.remove else []
    output.result(document, "\n".join([*removed, *lines]))


def _document(one: Listed) -> dict[str, str | None]:
    used = None if one.last_used is None else views.iso(one.last_used)
    return {"name": one.name, "created": views.iso(one.created), "last_used": used}


def _line(one: Listed, words: Words) -> str:
    used = words.say("gateway-password-never") if one.last_used is None else views.local(one.last_used, words)
    return words.say("gateway-password-line", name=one.name, created=views.local(one.created, words), used=used)
