"""`confrere deposit FILE --record CARD`: a document into a patient's record, by who deposits and reads nothing.

The card says which account is the record, the document says whose it is, and both must say the same patient before
anything leaves. The same command again finishes what was interrupted, and adds nothing to what is done.
"""

from __future__ import annotations

import argparse
from typing import Any

from confrere.commands import given, opening, record_views
from confrere.errors import ConfrereError
from confrere.output import Output
from confrere.words.catalogue import Words
from directory.accounts.bind import InviteeKind
from directory.errors import DirectoryError
from messaging.client.endpoint import Endpoint
from messaging.referral.clinical_xml import MAX_DOCUMENT
from record_bridge.client import cards, depositing
from record_bridge.client.depositing import Deposited
from record_bridge.record.card import RecordCard
from record_bridge.record.classes import parse_class

NAME = "deposit"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("file", metavar="FILE", help=words.say("deposit-flag-file-help"))
    parser.add_argument("--record", metavar="CARD", required=True, help=words.say("deposit-flag-record-help"))
    class_help = words.say("deposit-flag-class-help")
    parser.add_argument("--class", dest="class_", metavar="CLASS", default="", help=class_help)
    opening.add_profile_flags(parser, words)


async def run(arguments: argparse.Namespace, output: Output) -> None:
    octets = given.octets(arguments.file, MAX_DOCUMENT)
    if len(octets) > MAX_DOCUMENT:
        raise ConfrereError("file-too-long", file=arguments.file, limit=MAX_DOCUMENT)
    text = given.text(arguments.record)
    class_ = parse_class(arguments.class_) if arguments.class_ else None
    async with opening.opened(arguments, output) as endpoint:
        with opening.service_needed():
            await endpoint.connect()
            card = await cards.read(endpoint, text)
            done = await depositing.deposit(endpoint, octets, card, class_)
            signer = await _signer(endpoint, card)
        output.result(_document(done, signer, output.words), _words(done, signer, output.words))


async def _signer(endpoint: Endpoint, card: RecordCard) -> str | None:
    """Who handed the card out: a name, nothing for the patient, "" where no proof names anybody."""
    try:
        found = await endpoint.accounts.professional(card.account)
    except DirectoryError:
        return ""
    return None if found.kind is InviteeKind.PATIENT else found.name


def _document(done: Deposited, signer: str | None, words: Words) -> dict[str, Any]:
    card = done.document.card
    return {
        "item": done.thread.hex(),
        "record": done.record.hex(),
        "class": done.class_.slug,
        "already": done.already,
        "type": card.type.code,
        "title": card.attachment.title,
        "card_signed_by": signer,
        "results": [record_views.result_document(result, words) for result in card.results],
    }


def _words(done: Deposited, signer: str | None, words: Words) -> str:
    document = done.document
    told = {"patient": document.patient.display_name, "title": document.card.attachment.title}
    lines = [words.say("deposit-already" if done.already else "deposit-done", **told)]
    if document.card.results:
        abnormal = sum(result.abnormal for result in document.card.results)
        lines.append(words.say("deposit-results", count=len(document.card.results), abnormal=abnormal).rstrip())
    name = words.say("deposit-card-of-patient") if signer is None else words.say(
        "deposit-card-of", name=signer or words.say("author-unproven")
    )
    return "\n".join([*lines, name])
