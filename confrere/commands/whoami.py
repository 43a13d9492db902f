"""`confrere whoami`: the person of this profile, how that was proven, and the mailboxes that can be acted for."""

from __future__ import annotations

import argparse

from confrere.commands import opening, views
from confrere.commands.reminding import remind
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.grants import Right
from directory.errors import Refusal
from directory.identity.rpps import is_rpps
from messaging.client.endpoint import Endpoint
from messaging.client.keyring import Held

NAME = "whoami"
RIGHTS = {Right.READ: "read", Right.SEND_AS: "send", Right.MANAGE: "manage"}


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.reach(endpoint)
        if not online:
            output.note(output.words.say("offline-note"))
        me = endpoint.identity
        keyring = endpoint.keyring
        mailboxes = [await _mailbox(endpoint, keyring.held[mailbox]) for mailbox in keyring.ordinary()]
        document = {
            "name": me.name,
            "address": me.address,
            "profession": me.profession,
            "rpps": await _rpps(endpoint),
            "proof": "operator-code",
            "publicly_verified": False,
            "recovery_confirmed": me.recovery_confirmed,
            "device": me.device.hex(),
            "service": me.server,
            "service_reference": me.service_pk.hex(),
            "registrar_reference": me.registrar_pk.hex(),
            "online": online,
            "mailboxes": mailboxes,
        }
        output.result(document, _text(document, mailboxes, output.words))
        await remind(endpoint, await endpoint.reading.exchanges(), output)


async def _mailbox(endpoint: Endpoint, held: Held) -> dict[str, object]:
    try:
        owner = (await endpoint.accounts.professional(held.mailbox)).name
    except Refusal:
        owner = ""
    return {
        "address": held.address,
        "name": owner,
        "own": held.mailbox == endpoint.identity.mailbox,
        "classes": [views.CLASSES[class_] for class_ in held.classes],
        "rights": [name for right, name in RIGHTS.items() if held.rights & right],
    }


async def _rpps(endpoint: Endpoint) -> str:
    try:
        identifier = (await endpoint.accounts.professional(endpoint.identity.account)).identifier
    except Refusal:
        return ""
    return identifier if is_rpps(identifier) else ""


def _text(document: dict[str, object], mailboxes: list[dict[str, object]], words: Words) -> str:
    say = words.say
    lines = [
        " · ".join(filter(None, [str(document["name"]), str(document["profession"])])) or say("whoami-patient"),
        *filter(None, [str(document["address"])]),
        say("whoami-proof"),
        say("not-publicly-verified"),
        say("whoami-recovery-confirmed" if document["recovery_confirmed"] else "whoami-recovery-open"),
        say("whoami-mailboxes" if mailboxes else "whoami-no-mailbox"),
    ]
    for mailbox in mailboxes:
        classes = mailbox["classes"]
        parts = ", ".join(say(f"class-{name}") for name in classes) if isinstance(classes, list) else ""
        lines.append(f"  {mailbox['name']} <{mailbox['address']}>{say('colon')} {parts}")
    return "\n".join(lines)
