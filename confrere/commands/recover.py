"""`confrere recover`: reopen a mailbox from its recovery sheet in a new profile; print the sheet again; confirm it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from confrere.commands import given, opening, passphrase, recovery
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client import devices, enrolment
from messaging.errors import MessagingError

NAME = "recover"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    parser.add_argument("--server", metavar="URL", default="", help=words.say("flag-server-help"))
    given.add_code_flags(parser, words)
    parser.add_argument("--confirm", metavar="CODE", default="", help=words.say("recover-flag-confirm-help"))
    parser.add_argument("--sheet", metavar="FILE", default="", help=words.say("recover-flag-sheet-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    if sum(map(bool, (arguments.server, arguments.confirm, arguments.sheet))) != 1:
        raise given.wrong(output, NAME, "recover-one-of")
    if arguments.confirm:
        await _confirm(arguments, output)
    elif arguments.sheet:
        await _print_again(arguments, output)
    else:
        await _recover(arguments, output)


async def _recover(arguments: argparse.Namespace, output: Output) -> None:
    settings = opening.settings_of(arguments)
    code = given.code(arguments.code, arguments.code_file, output, NAME)
    secret = passphrase.choose(arguments, output, settings.passphrase.characters)
    me = await devices.recover(
        arguments.server,
        Path(arguments.profile),
        secret,
        code,
        opening.cost_of(settings),
        opening.environment_of(settings),
    )
    output.result(
        {"address": me.address, "name": me.name, "device": me.device.hex()},
        output.words.say("recover-done", name=me.name, address=me.address)
        if me.address
        else output.words.say("recover-done-account"),
    )


async def _confirm(arguments: argparse.Namespace, output: Output) -> None:
    typed = given.code(arguments.confirm, "", output, NAME)
    async with opening.opened(arguments, output) as endpoint:
        await enrolment.confirm_recovery(endpoint.profile, endpoint.identity, typed)
    output.result({"recovery_confirmed": True}, output.words.say("recover-confirmed"))


async def _print_again(arguments: argparse.Namespace, output: Output) -> None:
    """To a file, or with "-" to the terminal; until it was confirmed, for then the code is no longer here."""
    async with opening.opened(arguments, output) as endpoint:
        code = await endpoint.recovery_code()
        if not code:
            raise MessagingError("recovery-unknown")
        sheet = recovery.sheet(endpoint.identity, code)
    if arguments.sheet == given.STANDARD_INPUT:
        output.result({"recovery": code}, recovery.as_text(sheet, output))
        return
    recovery.write_page(sheet, Path(arguments.sheet), output)
    output.result({"sheet": arguments.sheet}, output.words.say("sheet-written", file=os.fspath(arguments.sheet)))
