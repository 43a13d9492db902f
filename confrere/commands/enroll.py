"""`confrere enroll`: a person or a structure, with the operator's code; an interrupted enrolment is finished by the
same command. Gives the recovery sheet, which is not in the way of the first message."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from confrere.commands import given, opening, passphrase, recovery
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.errors import Refusal
from messaging.client import enrolment, notices
from messaging.client.environment import Environment
from messaging.client.notices import Wishes
from messaging.client.service import Service
from messaging.profile.identity import Identity
from messaging.profile.store import Profile

NAME = "enroll"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("--server", metavar="URL", required=True, help=words.say("flag-server-help"))
    opening.add_profile_flags(parser, words)
    given.add_code_flags(parser, words).add_argument(
        "--invitation", metavar="FILE", default="", help=words.say("enroll-flag-invitation-help")
    )
    parser.add_argument("--sheet", metavar="FILE", default="", help=words.say("flag-sheet-help"))
    parser.add_argument("--notify", metavar="EMAIL", default=None, help=words.say("enroll-flag-notify-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    settings = opening.settings_of(arguments)
    environment = opening.environment_of(settings)
    folder = Path(arguments.profile)
    code, who, kept = await _invited(arguments, output, environment)
    secret = (
        passphrase.read(arguments, output)
        if Profile.exists(folder)
        else passphrase.choose(arguments, output, settings.passphrase.characters)
    )
    enrolled = await enrolment.enrol(
        arguments.server, folder, secret, code, opening.cost_of(settings), environment, kept
    )
    me = enrolled.identity
    sheet = recovery.sheet(replace(me, name=me.name or who), enrolled.recovery)
    if arguments.sheet:
        recovery.write_page(sheet, Path(arguments.sheet), output)
    if arguments.notify is not None:
        await _notify(me, arguments.notify, environment, output)
    say = output.words.say
    text = [_welcome(me, output), "", recovery.as_text(sheet, output)]
    if arguments.sheet:
        text.append(say("sheet-written", file=os.fspath(arguments.sheet)))
    document = {
        "address": me.address,
        "recovery": enrolled.recovery,
        "name": me.name,
        "profession": me.profession,
        "proof": "operator-code",
    }
    output.result(document, "\n".join(text))


async def _invited(
    arguments: argparse.Namespace, output: Output, environment: Environment
) -> tuple[str, str, dict[str, bytes]]:
    """The code; from a patient's invitation file also the name on the sheet, and what the profile keeps of it."""
    if not arguments.invitation:
        return given.code(arguments.code, arguments.code_file, output, NAME), "", {}
    from confrere.commands import invitation_file
    from record_bridge.record.identity import ATTESTATION

    found = invitation_file.read(arguments.invitation)
    async with Service(enrolment.verify_server(arguments.server), environment) as service:
        _, registrar_pk = await enrolment.pins_of(service)
    return found.code, invitation_file.verify(found, registrar_pk), {ATTESTATION: found.attestation}


def _welcome(me: Identity, output: Output) -> str:
    """With what to do next, where there is no mailbox to write to: a patient has a record, a depositor deposits."""
    if me.address:
        return output.words.say("enroll-done", name=me.name, address=me.address)
    if me.name:
        return output.words.say("enroll-done-depositor", name=me.name)
    return output.words.say("enroll-done-patient")


async def _notify(me: Identity, email: str, environment: Environment, output: Output) -> None:
    """Where content-free notices go. The enrolment stands also when this is refused."""
    try:
        async with Service(me.server, environment) as service:
            await service.log_in(me.account, me.device, me.signing, me.service_pk)
            await notices.ask(service, me.mailbox, Wishes(email, output.words.language), confirm=True)
    except Refusal as refused:
        output.note(output.words.say("enroll-notify-failed"))
        output.note(output.words.of(refused))
