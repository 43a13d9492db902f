"""`confrere devices list`: every device of the person, the paper one included, with the one in use marked."""

from __future__ import annotations

import argparse

from confrere.commands import opening, views
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client import devices

NAME = "list"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    async with opening.opened(arguments, output) as endpoint:
        if not await opening.reach(endpoint):
            output.note(output.words.say("offline-note"))
        known = devices.list_devices(endpoint.accounts, endpoint.identity)
    document = [
        {
            "id": device.id,
            "kind": device.kind,
            "since": views.iso(device.since),
            "until": views.iso(device.until) if device.until is not None else None,
            "this": device.this,
        }
        for device in known
    ]
    output.result(document, "\n".join(_line(device, output.words) for device in known))


def _line(device: devices.KnownDevice, words: Words) -> str:
    say = words.say
    kind = say("device-kind-paper" if device.kind == "paper" else "device-kind-other")
    since = say("device-since", time=views.local(device.since, words))
    until = say("device-until", time=views.local(device.until, words)) if device.until is not None else ""
    return " · ".join(filter(None, [device.id[:12], kind, since, until, say("device-this") if device.this else ""]))
