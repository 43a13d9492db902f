"""One act in an open referral: the profile opened and fresh, the case found, the act judged, sent and answered for."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence

from confrere.commands import opening, sending
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.client.referrals import Step
from messaging.profile.outbox import Outgoing

Act = Callable[[Endpoint, Exchange, Step], Awaitable[Sequence[Outgoing]]]


def add_thread(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("thread", metavar="THREAD", help=words.say("flag-thread-help"))
    opening.add_profile_flags(parser, words)


async def play(arguments: argparse.Namespace, output: Output, act: Act, done: str) -> int:
    """Raises MessagingError thread-*, referral-*, mailbox-not-held, and what the service refuses."""
    async with opening.opened(arguments, output) as endpoint:
        online = await opening.fresh(endpoint, output)
        return await play_in(endpoint, arguments.thread, output, act, done, online=online)


async def play_in(endpoint: Endpoint, thread: str, output: Output, act: Act, done: str, *, online: bool) -> int:
    """The same in a profile that is open and fresh."""
    exchange = await endpoint.reading.exchange(thread)
    outgoing = await act(endpoint, exchange, Step(endpoint, exchange))
    document = {"thread": exchange.id.hex(), "case": exchange.case.case.hex() if exchange.case else None}
    return await sending.leave(endpoint, outgoing, output, online=online, done=done, document=document)
