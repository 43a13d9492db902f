"""`confrere record claim`: the patient takes over the record that a professional opened, with the printed sheet."""

from __future__ import annotations

import argparse

from confrere.commands import given, opening
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from record_bridge.client import facts, holding
from record_bridge.record import sheet as sheets

NAME = "claim"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    opening.add_profile_flags(parser, words)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--sheet", metavar="CODE", default="", help=words.say("record-claim-flag-sheet-help"))
    group.add_argument("--sheet-file", metavar="FILE", default="", help=words.say("record-claim-flag-sheet-file-help"))


async def run(arguments: argparse.Namespace, output: Output) -> None:
    typed = given.code(arguments.sheet, arguments.sheet_file, output, "record claim")
    found = sheets.parse(typed)
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            await holding.attested_patient(endpoint)  # a professional's profile is told so before anything is asked
            former = await _keeper(endpoint, found.record)
            record = await holding.claim(endpoint, typed)
            patient = await holding.patient_of(endpoint, record)
    say = output.words.say
    document = {"record": record.hex(), "former_keeper": former or None, "past": "awaited"}
    text = [
        say("record-claim-done", name=patient.display_name if patient else ""),
        say("record-reference", record=record.hex()[:8]),
        say("record-claim-next", keeper=former or say("record-someone")),
        say("record-claim-sheet-spent"),
    ]
    output.result(document, "\n".join(text))


async def _keeper(endpoint: Endpoint, record: bytes) -> str:
    """Who keeps it until now; empty where that is not known, and the claim says why."""
    try:
        await endpoint.accounts.ensure([record])
    except Refusal as refused:
        if refused.category is Category.UNREACHABLE:
            raise
        return ""
    return (await facts.who(endpoint, endpoint.accounts.lookup(record).manager)).name
