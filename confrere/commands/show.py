"""`confrere show THREAD`: an exchange with all that could be verified, whose turn it is, and who can read it.

Showing is reading: the senders are told. With --save the attachments are fetched, verified whole, and only then named.
With --item a line of the patient's record that is shown in the exchange is opened, which the patient sees in the log.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from confrere.commands import file, laboratory_view, opening, printed, show_item, views
from confrere.errors import ConfrereError
from confrere.output import DONE, UNREACHABLE, Output
from confrere.settings import read_toml
from confrere.words.catalogue import Words
from directory.errors import Category, Refusal
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.referral import urgency
from messaging.referral.states import OPEN, Side
from messaging.referral.urgency import UrgencyPolicy
from record_bridge.client import filing

NAME = "show"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("thread", metavar="THREAD", help=words.say("flag-thread-help"))
    opening.add_profile_flags(parser, words)
    parser.add_argument("--item", metavar="ITEM", default="", help=words.say("show-flag-item-help"))
    parser.add_argument("--quotes", action="store_true", help=words.say("show-flag-quotes-help"))
    parser.add_argument("--save", metavar="DIR", default="", help=words.say("show-flag-save-help"))


async def run(arguments: argparse.Namespace, output: Output) -> int:
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        exchange = await endpoint.reading.exchange(arguments.thread)
        words = output.words
        if arguments.item:
            await show_item.show(endpoint, exchange, arguments.item, arguments.save, output)
            return DONE
        readers = [name or words.say("author-unproven") for name in await endpoint.reading.readers(exchange)]
        document = views.show_document(exchange, readers, words, endpoint.environment.now())
        refused = await _save(endpoint, exchange, document, Path(arguments.save)) if arguments.save else []
        await laboratory_view.add(endpoint, exchange, document, words, online=online)
        policy = urgency.read_policy(read_toml(opening.config_of(arguments) / "urgency.toml"))
        advice = await _advice(endpoint, exchange, policy, words, online)
        document["advice"] = advice
        shared = await show_item.listed(endpoint, exchange, words)
        document["shared"] = shared
        filings = [file.summary(one, words) for one in await filing.of_exchange(endpoint, exchange)]
        document["filings"] = filings
        filed = [str(one["words"]) for one in filings]
        text = printed.exchange(document, words, advice=advice, quotes=arguments.quotes)
        output.result(document, "\n".join([text, *show_item.lines(shared, words), *([""] if filed else []), *filed]))
        await endpoint.read_acknowledged(exchange)
        if online:
            await _tell(endpoint)
        if refused:
            raise ConfrereError("attachment-refused", names=", ".join(refused))
        return DONE if online else UNREACHABLE


async def _tell(endpoint: Endpoint) -> None:
    """Let the read acknowledgements leave now; if they cannot, they leave with the next verb."""
    try:
        await endpoint.dispatch.flush()
    except Refusal as refused:
        if refused.category is not Category.UNREACHABLE:
            raise


async def _save(endpoint: Endpoint, exchange: Exchange, document: dict[str, Any], folder: Path) -> list[str]:
    """Download every attachment into the document's `path`; gives the names of those that failed verification."""
    refused = []
    for event, shown in zip(exchange.events, document["events"], strict=True):
        for manifest, entry in zip(event.manifests, shown["attachments"], strict=True):
            try:
                entry["path"] = str((await endpoint.attachments.download(manifest, folder)).resolve())
            except OSError:
                raise ConfrereError("file-unwritable", file=str(folder)) from None
            except Refusal as failed:
                if failed.category is Category.UNREACHABLE:
                    raise
                entry["error"] = failed.id
                refused.append(manifest.name)
    return refused


async def _advice(endpoint: Endpoint, exchange: Exchange, policy: UrgencyPolicy, words: Words, online: bool) -> str:
    """The telephone and the emergency number, while an immediate case is open."""
    case = exchange.case
    if case is None or case.urgency is None or case.status not in OPEN or not policy.level(case.urgency).call_first:
        return ""
    telephone = ""
    if online and case.request is not None:
        other = case.request.performer if exchange.own_side is Side.REQUESTER else case.request.requester
        try:
            telephone = (await endpoint.addresses.by_rpps(other.rpps)).phone if other.rpps else ""
        except Refusal:
            telephone = ""
    told = urgency.advice(policy, case.urgency, telephone)
    return words.say(told.words, **told.facts)
