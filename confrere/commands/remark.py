"""`confrere remark THREAD`: between doctors only; whoever holds a mailbox for less cannot open it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from confrere.commands import acting, given
from confrere.output import Output
from confrere.words.catalogue import Words
from messaging.client.endpoint import Endpoint
from messaging.client.reading import Exchange
from messaging.client.referrals import Step
from messaging.profile.outbox import Outgoing

NAME = "remark"


def configure(parser: argparse.ArgumentParser, words: Words) -> None:
    acting.add_thread(parser, words)
    given.add_text_flags(parser, words, required=True)


async def run(arguments: argparse.Namespace, output: Output) -> int:
    text = given.written(arguments)
    if not text.strip():
        raise given.wrong(output, NAME, "text-missing")

    async def act(endpoint: Endpoint, exchange: Exchange, step: Step) -> Sequence[Outgoing]:
        others = [mailbox for mailbox in exchange.sides if mailbox != exchange.main.mailbox]
        addresses = [(await endpoint.accounts.professional(mailbox)).address for mailbox in others]
        return await step.remark(text, addresses)

    return await acting.play(arguments, output, act, "remark-done")
